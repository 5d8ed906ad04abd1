import type { Field } from '#domain/collected.ts';
import type {
  AzureFirewallCollection,
  AzureFirewallEvidence,
  AzureFirewallRule,
} from '#domain/evidence/azure-firewall.ts';
import {
  type Action,
  type ApplicationRule,
  type FirewallRules,
  inOrder,
  type NatRule,
  type NetworkRule,
  type Placed,
} from '#domain/net/firewall/rules.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { had, required, short } from './cluster.ts';
import { type Doubt, type Side, sidesOf } from './rule-sides.ts';

/**
 * A firewall's rules in the order of their evaluation, twice: as little as they can let out, and as much. The two differ where a part of a
 * rule could not be read; a verdict counts where both agree.
 */
export interface ReadRules {
  readonly least: FirewallRules;
  readonly most: FirewallRules;
  /** What keeps the two apart. */
  readonly doubts: readonly Doubt[];
}

interface Written {
  readonly name: string;
  readonly action: Action | undefined;
  readonly rule: AzureFirewallRule;
}

type Kind = 'nat' | 'network' | 'application';

export function rulesOf(firewall: AzureFirewallEvidence): ReadRules {
  const doubts: Doubt[] = [];
  const doubt = (reason: UnknownReason, message: string) => doubts.push({ reason, message });
  const written = writtenIn(firewall, doubt);
  const compiled = (bound: 'least' | 'most'): FirewallRules => ({
    nat: written.nat.map(({ name, rule }): NatRule => {
      const side = sidesOf(rule, name, firewall.ipGroups).as(bound === 'least' ? 'possible' : 'certain');
      return { name, ...side, translatedTo: '' };
    }),
    network: written.network.map(({ name, action, rule }): NetworkRule => {
      const acts = action ?? (bound === 'least' ? 'deny' : 'allow');
      const side = sidesOf(rule, name, firewall.ipGroups).as(sure(acts, bound));
      return { name, action: acts, ...side };
    }),
    application: written.application.map(({ name, action, rule }): ApplicationRule => {
      const acts = action ?? (bound === 'least' ? 'deny' : 'allow');
      const side = sidesOf(rule, name, firewall.ipGroups).asApplication(sure(acts, bound));
      return { name, action: acts, ...side };
    }),
  });
  for (const { name, action, rule } of [...written.network, ...written.application]) {
    if (action === undefined) doubt('unrecognised-value', `the collection of ${name} has no action that is known`);
    doubts.push(...sidesOf(rule, name, firewall.ipGroups).doubts);
  }
  for (const { name, rule } of written.nat) doubts.push(...sidesOf(rule, name, firewall.ipGroups).doubts);
  return { least: compiled('least'), most: compiled('most'), doubts };
}

/** What surely lets out, or at most denies, is the least; the other way round the most. */
function sure(action: Action, bound: 'least' | 'most'): Side {
  return (action === 'allow') === (bound === 'least') ? 'certain' : 'possible';
}

/** Translations that lead into networks behind the firewall: its own, those of its policy, and apart from them those of parents. */
export function translationsOf(firewall: AzureFirewallEvidence): {
  readonly own: readonly Translation[];
  readonly inherited: readonly Translation[];
} {
  const policies = had(firewall.policies);
  const inPolicy = (list: typeof policies) =>
    list.flatMap(({ id, groups }) =>
      groups.flatMap((group) =>
        required(group.collections, `ruleCollections of ${short(id)}/${group.name}`).flatMap((collection) =>
          translationsIn(collection, `${short(id)}/${group.name}`),
        ),
      ),
    );
  const classic =
    policies.length > 0 && firewall.nat.state === 'absent'
      ? []
      : required(firewall.nat, `natRuleCollections of ${short(firewall.id)}`);
  return {
    own: [...classic.flatMap((entry) => translationsIn(entry, short(firewall.id))), ...inPolicy(policies.slice(-1))],
    inherited: inPolicy(policies.slice(0, -1)),
  };
}

export interface Translation {
  readonly name: string;
  readonly rule: AzureFirewallRule;
}

function translationsIn(collection: AzureFirewallCollection, where: string): readonly Translation[] {
  return required(collection.rules, `rules of ${where}/${collection.name}`)
    .filter(({ kind }) => kind.state !== 'given' || !['network', 'application'].includes(kind.value))
    .map((rule) => ({ name: `${where}/${collection.name}/${rule.name}`, rule }));
}

type Report = (reason: UnknownReason, message: string) => void;

function writtenIn(firewall: AzureFirewallEvidence, report: Report): Readonly<Record<Kind, readonly Written[]>> {
  const policies = had(firewall.policies);
  const placed: Record<Kind, Placed<Written>[]> = { nat: [], network: [], application: [] };
  const last = policies.length - 1;
  policies.forEach(({ id, groups }, layer) => {
    for (const group of groups) {
      const where = `${short(id)}/${group.name}`;
      for (const collection of required(group.collections, `ruleCollections of ${where}`)) {
        const place = {
          layer,
          group: required(group.priority, `priority of ${where}`),
          collection: required(collection.priority, `priority of ${where}/${collection.name}`),
        };
        for (const [kind, rules] of byKind(collection, where, report))
          if (kind !== 'nat' || layer === last) placed[kind].push({ ...place, rules });
      }
    }
  });
  const classic: Readonly<Record<Kind, Field<AzureFirewallCollection[]>>> = {
    nat: firewall.nat,
    network: firewall.network,
    application: firewall.application,
  };
  for (const kind of ['nat', 'network', 'application'] as const) {
    // Beside a policy the firewall's own lists are empty, and may be left out.
    if (policies.length > 0 && classic[kind].state === 'absent') continue;
    for (const collection of required(classic[kind], `${kind}RuleCollections of ${short(firewall.id)}`)) {
      const where = `${short(firewall.id)}/${collection.name}`;
      placed[kind].push({
        layer: policies.length,
        group: 0,
        collection: required(collection.priority, `priority of ${where}`),
        rules: byKind(collection, short(firewall.id), report).flatMap(([, rules]) => rules),
      });
    }
  }
  return { nat: inOrder(placed.nat), network: inOrder(placed.network), application: inOrder(placed.application) };
}

function byKind(
  collection: AzureFirewallCollection,
  where: string,
  report: Report,
): readonly (readonly [Kind, readonly Written[]])[] {
  const action = actionOf(collection.action);
  const kinds: Record<Kind, Written[]> = { nat: [], network: [], application: [] };
  for (const rule of required(collection.rules, `rules of ${where}/${collection.name}`)) {
    const name = `${where}/${collection.name}/${rule.name}`;
    const kind = rule.kind.state === 'given' ? rule.kind.value : undefined;
    if (kind === 'nat' || kind === 'network' || kind === 'application') kinds[kind].push({ name, action, rule });
    else {
      // Whatever it is, it may let everything out.
      report('unrecognised-value', `${name} is a rule of a kind that is not known`);
      kinds.network.push({ name, action: undefined, rule });
    }
  }
  return Object.entries(kinds) as [Kind, Written[]][];
}

function actionOf(field: Field<string>): Action | undefined {
  const word = field.state === 'given' ? field.value.toLowerCase() : undefined;
  return word === 'allow' || word === 'deny' ? word : undefined;
}
