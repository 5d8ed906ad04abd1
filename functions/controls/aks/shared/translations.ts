import type { AzureFirewallEvidence } from '#domain/evidence/azure-firewall.ts';
import { parseRange } from '#domain/net/cidr.ts';
import { FAMILIES, overlaps, PUBLIC } from '#domain/net/firewall/sets.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, unknown, type Verdict } from '#domain/verdict.ts';
import { fact, had, judgedEach, optional, type ReadCluster, required, same, short, sourceOf } from './cluster.ts';
import { type Translation, translationsOf } from './firewall-rules.ts';
import { lookFirst, repairs, scopeArguments } from './fix.ts';
import { heldInside, isReached } from './inside.ts';
import { type Side, sidesOf } from './rule-sides.ts';

/** Firewalls in reach whose translations lead to a balancer, a node or a pod of the cluster. A translation of somebody else's says nothing. */
export function judgeTranslations(subject: ReadCluster): readonly Verdict[] {
  return judgedEach(() =>
    had(subject.evidence.firewalls).flatMap((firewall) => judgedEach(() => ofFirewall(subject, firewall))),
  );
}

function ofFirewall(subject: ReadCluster, firewall: AzureFirewallEvidence): readonly Verdict[] {
  const { own, inherited } = translationsOf(firewall);
  return [
    ...own.flatMap((entry) => judgedEach(() => judgeTranslation(subject, firewall, entry))),
    ...inherited.flatMap((entry) => judgedEach(() => judgeInherited(subject, entry))),
  ];
}

function judgeTranslation(
  subject: ReadCluster,
  firewall: AzureFirewallEvidence,
  { name, rule }: Translation,
): readonly Verdict[] {
  if (rule.kind.state !== 'given' || !same(rule.kind.value, 'nat'))
    return [unknown('unrecognised-value', `${name} is a rule of a kind that is not known`)];
  const { as, doubts } = sidesOf(rule, name, firewall.ipGroups);
  const isOpen = (side: Side) =>
    overlaps(as(side).sources, INTERNET_RANGES) && overlaps(as(side).destinations, INTERNET_RANGES);
  if (!isOpen('possible')) return [];
  const target = required(rule.translatedTo, `translated address of ${name}`);
  const proof: readonly Proof[] = [
    fact(
      `${name}: ${listed(rule.destinations)} port ${listed(rule.ports)} leads to ${target}, from ${listed(rule.sources)}`,
      'natRuleCollections',
      target,
      sourceOf(subject.evidence.firewalls, subject.source),
    ),
  ];
  if (parseRange(target) === undefined)
    return [
      unknown(
        'undecidable',
        `the firewall rule ${name} publishes ${target}, a name: whether it is this cluster cannot be seen`,
        proof,
      ),
    ];
  const holder = heldInside(subject, target);
  if (holder === undefined) return [];
  if (!firewall.nextHop && !isReached(firewall.connection, holder))
    return [
      unknown(
        'undecidable',
        `the firewall rule ${name} publishes ${target}, which is also an address of this cluster (${holder.what}): whether it is the same network cannot be seen`,
        proof,
      ),
    ];
  const [doubt] = doubts;
  if (!isOpen('certain') && doubt !== undefined)
    return [
      unknown(
        doubt.reason,
        `whether the firewall rule ${name} lets the internet in to ${target} is not known: ${doubt.message}`,
        proof,
      ),
    ];
  return [
    fail(
      'firewall-translation',
      `the firewall ${short(firewall.id)} publishes ${target} (${holder.what}) to the internet by the rule ${name}`,
      proof,
      translationFix(firewall),
    ),
  ];
}

/** Azure documents that translations of a parent are not inherited; one that would open the cluster is still worth a look. */
function judgeInherited(subject: ReadCluster, { name, rule }: Translation): readonly Verdict[] {
  const target = optional(rule.translatedTo, `translated address of ${name}`);
  const holder = target === undefined ? undefined : heldInside(subject, target);
  if (holder === undefined) return [];
  return [
    unknown(
      'undecidable',
      `the parent policy's rule ${name} would publish ${target} (${holder.what}); translations of a parent are documented not to be inherited`,
    ),
  ];
}

/** A rule for private sources or for a private address of the firewall matches nothing that comes from the internet. */
const INTERNET_RANGES = FAMILIES.flatMap((family) => PUBLIC[family]);

const listed = (field: Translation['rule']['sources']): string =>
  field.state === 'given' ? field.value.join(', ') : 'what it does not show';

/** Who else comes in by the rule is not known here. */
function translationFix({ id, policyId }: AzureFirewallEvidence): ReturnType<typeof repairs> {
  const policy = optional(policyId, 'firewallPolicy.id');
  const show =
    policy === undefined
      ? `az network firewall show ${scopeArguments(id)} --name ${shellQuote(short(id))} --query natRuleCollections`
      : `az network firewall policy rule-collection-group list ${scopeArguments(policy)} --policy-name ${shellQuote(short(policy))}`;
  return repairs([lookFirst(show, 'Find out who comes in by the named rule before it is taken out.')]);
}
