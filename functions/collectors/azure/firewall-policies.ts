import { type Collected, collected, type Field, unavailable } from '#domain/collected.ts';
import type { AzureFirewallGroup } from '#domain/evidence/azure-firewall.ts';
import type { Arm } from './arm.ts';
import { objects, reference } from './facts.ts';
import { groupOf } from './firewall-rules.ts';
import { type GraphRow, listOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

const POLICIES = 'Microsoft.Network/firewallPolicies/read';
const GROUPS = 'Microsoft.Network/firewallPolicies/ruleCollectionGroups/read';
/** Azure allows a policy one parent level; more than this is a circle that the ids do not show. */
const MOST_LEVELS = 20;

export type ReadGroups = (policy: GraphRow) => Promise<Collected<AzureFirewallGroup[]>>;

/** Resource Graph carries no rules of policies: one list for each policy. */
export async function readRuleGroups(
  arm: Arm,
  policy: GraphRow,
  at: () => string,
): Promise<Collected<AzureFirewallGroup[]>> {
  const { items, trouble } = await arm.list(GROUPS, `${policy.path}/ruleCollectionGroups?api-version=2024-05-01`);
  if (trouble !== undefined) return unavailable(trouble.reason, trouble.message, GROUPS);
  const groups = objects(items, groupOf);
  if (groups.state !== 'given')
    return unavailable(
      'malformed-answer',
      `${policy.id}: an entry of its rule collection groups is not an object`,
      GROUPS,
    );
  const named = listOf(policy.properties['ruleCollectionGroups']).length;
  if (groups.value.length < named)
    return unavailable(
      'truncated',
      `${policy.id} names ${named} rule collection groups, and its list shows ${groups.value.length}`,
      GROUPS,
    );
  return collected(groups.value, { api: GROUPS, at: at() });
}

/** The policy with its parents, the farthest first. One that cannot be read leaves the order, and so the meaning of all rules, unknown. */
export async function policiesOf(
  policyId: Field<string>,
  snapshot: NetworkSnapshot,
  read: ReadGroups,
): Promise<Collected<{ id: string; groups: AzureFirewallGroup[] }[]>> {
  const chain: { id: string; groups: AzureFirewallGroup[] }[] = [];
  let next = policyId;
  while (next.state === 'given') {
    const id = next.value;
    if (chain.length >= MOST_LEVELS || chain.some((entry) => entry.id === id))
      return unavailable('malformed-answer', `the parents of the firewall policy ${id} lead in a circle`, POLICIES);
    const row = snapshot.find(id, POLICIES);
    if (row.state === 'unavailable') return row;
    const groups = await read(row.value);
    if (groups.state === 'unavailable') return groups;
    chain.unshift({ id, groups: groups.value });
    next = reference(row.value.properties['basePolicy']);
  }
  if (next.state === 'malformed')
    return unavailable('malformed-answer', `a reference to a firewall policy is ${next.raw}`, POLICIES);
  return collected(chain, snapshot.source(POLICIES));
}
