import type { AksAppliance } from '#domain/evidence/aks.ts';
import type { AzureFirewallEvidence } from '#domain/evidence/azure-firewall.ts';
import { type AddressRange, parseRange, toCidrs } from '#domain/net/cidr.ts';
import { type Egress, egressOf, type NetworkReach, openingOf } from '#domain/net/firewall/evaluate.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { declaredProof } from './shared/appliance-hop.ts';
import { CENTRAL_EGRESS_PARAMETER } from './shared/central-egress.ts';
import {
  CLUSTER_READ,
  derived,
  had,
  judged,
  networkOf,
  optional,
  outboundTypeOf,
  path,
  podCidrsOf,
  required,
  same,
  short,
  sourceOf,
} from './shared/cluster.ts';
import { defaultRoute, familiesOf, plainRoutes } from './shared/default-route.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';
import { type ReadRules, rulesOf } from './shared/firewall-rules.ts';
import { lookFirst, repairs, scopeArguments } from './shared/fix.ts';
import { isNatGateway } from './shared/nat-gateway.ts';
import { everySubnet, type SubnetCase } from './shared/subnets.ts';

const PARAMETERS = { centralEgress: CENTRAL_EGRESS_PARAMETER } as const;
type Subject = AksSubject<typeof PARAMETERS>;

export default defineAksControl({
  id: 'aks-egress-rules',
  title: 'The firewall in front lets out only what its rules name',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 003: only explicitly allowed destinations',
  reference:
    'Azure Firewall documentation, rule processing logic and policy rule sets; AKS documentation, limit-egress-traffic',
  remediation:
    'Replace the named rules by rules for the destinations that the cluster needs, and keep everything else denied.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/routeTables/read',
    'Microsoft.Network/azureFirewalls/read',
    'Microsoft.Network/firewallPolicies/read',
    'Microsoft.Network/firewallPolicies/ruleCollectionGroups/read',
    'Microsoft.Network/ipGroups/read',
  ],
  parameters: PARAMETERS,
  evaluate(subject) {
    if (subject.profile === 'private' && isNatGateway(outboundTypeOf(subject)))
      return notApplicable('profile-private', 'the profile "private" lets nodes leave through NAT');
    const parts = everySubnet(subject, (subnet) => judgeSubnet(subject, subnet));
    const applying = parts.filter(({ status }) => status !== 'NOT_APPLICABLE');
    if (applying.length === 0)
      return parts[0] ?? notApplicable('no-firewall', 'no subnet of the cluster is known to lead to a firewall');
    return combine(parts, [...new Set(applying.map(({ message }) => message))].join('; '));
  },
});

function judgeSubnet(subject: Subject, subnet: SubnetCase): Verdict {
  const answer = had(subnet.facts.routeTable);
  const none = notApplicable('no-firewall', `no default route of ${subnet.name} leads to an Azure Firewall`, [
    path([subnet.usedBy, subnet.id, 'no default route to a firewall'], subnet.source),
  ]);
  if (answer.kind === 'none') return none;
  const routes = plainRoutes(answer.table, podCidrsOf(subject));
  const hops = familiesOf(subject)
    .map((family) => defaultRoute(routes, family))
    .flatMap((found) => (found.kind === 'appliance' ? found.routes : []))
    .map(({ nextHopIp }) => nextHopIp ?? '');
  if (hops.length === 0) return none;
  const parts = [...new Set(hops)].map((address) => judged(() => judgeHop(subject, subnet, address, none)));
  return combine(parts, parts.map(({ message }) => message).join('; '));
}

function judgeHop(subject: Subject, subnet: SubnetCase, address: string, none: Verdict): Verdict {
  const owner = subnet.facts.nextHops.find((hop) => hop.address === address)?.owner;
  if (owner === undefined)
    return unknown('malformed-answer', `the next hop ${address} of ${subnet.name} was not looked up`);
  const way = (end: string) =>
    path([subnet.usedBy, subnet.id, `VirtualAppliance ${address}`, end], sourceOf(owner, subnet.source));
  const declared = subject.declaredEgress([subnet.id]);
  const accepted = pass(
    `${subnet.name} leaves through ${address}, which is declared as ${declared.value}`,
    [declaredProof(declared), way('declared')],
    'declared',
  );
  if (owner.state === 'unavailable')
    return declared.value === 'none' ? unknownBecause(owner, [way('not read')]) : accepted;
  const holder = owner.value;
  // Who sends into nothing lets nothing out; aks-egress-route fails it.
  if (holder.kind === 'nothing') return none;
  if (holder.kind === 'other') {
    if (declared.value !== 'none') return accepted;
    return unknown(
      'undecidable',
      `${subnet.name} leaves through ${short(holder.id)} (${holder.type}), whose rules cannot be read; azure.centralEgress (${declared.key}) declares it`,
      [way(holder.id)],
    );
  }
  return judgeFirewall(subject, subnet, holder, way(holder.id));
}

type Firewall = Extract<AksAppliance, { kind: 'azure-firewall' }>;

function judgeFirewall(subject: Subject, subnet: SubnetCase, { id, connection }: Firewall, way: Proof): Verdict {
  const name = short(id);
  if (connection === 'not-connected')
    return unknown('undecidable', `${name} has the address, but its network is not peered with the nodes' network`, [
      way,
    ]);
  const firewall = had(subject.evidence.firewalls).find((entry) => entry.id === id);
  if (firewall === undefined) return unknown('malformed-answer', `the rules of ${name} were not looked up`, [way]);
  const rules = rulesOf(firewall);
  const sources = sourcesOf(subject, subnet);
  if (sources === undefined)
    return unknown('malformed-answer', `the address ranges of ${subnet.name} or of its pods cannot be read`, [way]);
  const least = egressOf(rules.least, sources.certain);
  const opening = openingOf(least);
  if (opening !== undefined)
    return fail(
      'allow-any',
      `the firewall ${name} lets ${subnet.name} reach ${opening.what} (${opening.rules.join(', ')})`,
      [...opening.rules.map((rule) => derived(`${rule} allows ${opening.what}`)), way, LIMIT],
      narrowingFix(firewall),
    );
  const most = egressOf(rules.most, sources.possible);
  if (openingOf(most) !== undefined) return inDoubt(name, rules, way);
  return pass(nothingOrNamed(name, most), [
    way,
    ...allowedLines(most),
    ...rules.doubts.map(({ message }) => derived(`not read, and not decisive: ${message}`)),
    LIMIT,
  ]);
}

const LIMIT = derived(
  "not looked at: the firewall's own infrastructure rules and what threat intelligence adds to the denials",
);

function inDoubt(name: string, { doubts }: ReadRules, way: Proof): Verdict {
  const [first] = doubts;
  const why = doubts.map(({ message }) => message).join('; ') || 'whether pods keep their own addresses is not known';
  return unknown(first?.reason ?? 'undecidable', `what the firewall ${name} lets out is not known: ${why}`, [
    ...doubts.map(({ message }) => derived(message)),
    way,
  ]);
}

/** Plugins that send pods without a subnet of their own out by the addresses of their nodes (AKS documentation, CNI overview). */
const BY_NODE_ADDRESSES = ['azure', 'kubenet'];

interface Sources {
  /** Nodes, and pods with a subnet of their own. */
  readonly certain: readonly AddressRange[];
  /** With another plugin, pods may keep the addresses of their own range. */
  readonly possible: readonly AddressRange[];
}

function sourcesOf(subject: Subject, { facts, name }: SubnetCase): Sources | undefined {
  const own = required(facts.prefixes, `addressPrefix of ${name}`).map(parseRange);
  const plugin = optional(networkOf(subject).networkPlugin, 'networkProfile.networkPlugin') ?? 'kubenet';
  const pods = BY_NODE_ADDRESSES.some((known) => same(plugin, known)) ? [] : podCidrsOf(subject).map(parseRange);
  const certain = own.filter((range) => range !== undefined);
  const possible = [...own, ...pods].filter((range) => range !== undefined);
  return own.length === 0 || possible.length < own.length + pods.length ? undefined : { certain, possible };
}

function nothingOrNamed(name: string, { network, application }: Egress): string {
  const rules = new Set([
    ...network.flatMap((reach) => reach.rules),
    ...application.flatMap(({ targets }) => targets.map(({ rule }) => rule)),
  ]);
  return rules.size === 0
    ? `the firewall ${name} lets nothing out`
    : `the firewall ${name} lets out only what ${rules.size} ${rules.size === 1 ? 'rule names' : 'rules name'}`;
}

/** What is allowed, one line for each rule or group of rules with the same destinations. */
function allowedLines({ network, application }: Egress): readonly Proof[] {
  const lines = new Set<string>();
  for (const reach of network) {
    if (reach.allowed.length === 0 && reach.names.length === 0) continue;
    lines.add(`allowed: ${reach.protocol} ${portsOf(reach)} to ${destinationsOf(reach)} (${reach.rules.join(', ')})`);
  }
  for (const { protocol, port, targets } of application)
    for (const { target, rule } of targets) lines.add(`allowed: ${protocol}:${port} to ${target} (${rule})`);
  return [...lines].map(derived);
}

function portsOf({ protocol, ports }: NetworkReach): string {
  if (protocol !== 'tcp' && protocol !== 'udp') return 'traffic';
  return ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
}

const MOST_BLOCKS = 8;

function destinationsOf({ allowed, names }: NetworkReach): string {
  const blocks = allowed.flatMap(toCidrs);
  const shown =
    blocks.length > MOST_BLOCKS ? [...blocks.slice(0, MOST_BLOCKS), `${blocks.length - MOST_BLOCKS} more`] : blocks;
  return [...shown, ...names].join(', ');
}

/** Other networks may stand behind the same firewall: nothing is taken away here, what the cluster needs is looked up first. */
function narrowingFix({ id, policyId }: AzureFirewallEvidence): ReturnType<typeof repairs> {
  const policy = optional(policyId, 'firewallPolicy.id');
  const show =
    policy === undefined
      ? `az network firewall show ${scopeArguments(id)} --name ${shellQuote(short(id))}`
      : `az network firewall policy rule-collection-group list ${scopeArguments(policy)} --policy-name ${shellQuote(short(policy))}`;
  return repairs(
    [lookFirst(show, 'Find out who else uses the named rules; then narrow them to destinations like the ones below.')],
    [
      '// What AKS itself needs (AKS documentation, outbound-rules-control-egress); add the registries and services of your workloads.',
      'ruleCollections: [',
      "  { ruleCollectionType: 'FirewallPolicyFilterRuleCollection', name: 'aks', priority: 200, action: { type: 'Allow' }, rules: [",
      "    { ruleType: 'ApplicationRule', name: 'aks', sourceAddresses: [nodeRange], fqdnTags: ['AzureKubernetesService'], protocols: [{ protocolType: 'Https', port: 443 }] }",
      '  ] }',
      ']',
    ].join('\n'),
  );
}
