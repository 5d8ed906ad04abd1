import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { AksEvidence } from '#domain/evidence/aks.ts';
import type { AzureFirewallCollection, AzureFirewallEvidence } from '#domain/evidence/azure-firewall.ts';
import { connectionTo, networkOf, peersOf } from './connection.ts';
import { reference, texts, value } from './facts.ts';
import { policiesOf, type ReadGroups } from './firewall-policies.ts';
import { classicCollections } from './firewall-rules.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

/** Firewalls that a default route leads to, and those that stand where they could publish the cluster, with their rules. */
export async function firewallsOf(
  subnets: AksEvidence['subnets'],
  networks: readonly string[],
  snapshot: NetworkSnapshot,
  read: ReadGroups,
): Promise<Collected<AzureFirewallEvidence[]>> {
  const api = 'Microsoft.Network/azureFirewalls/read';
  const trouble = snapshot.troubles[0];
  if (trouble !== undefined) return unavailable(trouble.reason, trouble.message, api);
  const hops = nextHops(subnets);
  // A firewall of a virtual hub shows no subnet: it matters where a peering leads to a network that nobody can read.
  const hubs = networks.some((network) =>
    peersOf(network, snapshot).networks.some(({ id }) => snapshot.row(id) === undefined),
  );
  const found = snapshot
    .ofType('microsoft.network/azurefirewalls')
    .map((row) => ({ row, connection: connectionTo(homesOf(row), networks, snapshot), nextHop: hops.has(row.id) }))
    .filter(
      ({ connection, nextHop }) =>
        nextHop || (connection !== 'not-connected' && (connection !== 'by-address-only' || hubs)),
    );
  const firewalls = await Promise.all(
    found.map(async ({ row, connection, nextHop }) => {
      const policyId = reference(row.properties['firewallPolicy']);
      const policies = await policiesOf(policyId, snapshot, read);
      const rules = {
        nat: classicCollections(row.properties['natRuleCollections'], 'nat'),
        network: classicCollections(row.properties['networkRuleCollections'], 'network'),
        application: classicCollections(row.properties['applicationRuleCollections'], 'application'),
      };
      const groups = policies.state === 'collected' ? policies.value.flatMap((policy) => policy.groups) : [];
      const collections = [
        ...Object.values(rules).flatMap((list) => value(list) ?? []),
        ...groups.flatMap((group) => value(group.collections) ?? []),
      ];
      return {
        id: row.id,
        connection,
        nextHop,
        policyId,
        policies,
        ...rules,
        ipGroups: ipGroups(collections, snapshot),
      };
    }),
  );
  return collected(
    firewalls.sort((a, b) => (a.id < b.id ? -1 : 1)),
    snapshot.source(api),
  );
}

function nextHops(subnets: AksEvidence['subnets']): ReadonlySet<string> {
  return new Set(
    subnets.flatMap(({ facts }) =>
      facts.state === 'collected'
        ? facts.value.nextHops.flatMap(({ owner }) =>
            owner.state === 'collected' && owner.value.kind === 'azure-firewall' ? [owner.value.id] : [],
          )
        : [],
    ),
  );
}

function homesOf(row: GraphRow): string[] {
  return listOf(row.properties['ipConfigurations'])
    .map((entry) => value(reference(recordOf(recordOf(entry)['properties'])['subnet'])))
    .filter((subnet) => subnet !== undefined)
    .map(networkOf);
}

/** Sources and destinations spell an IP group by its id. */
function ipGroups(
  collections: readonly AzureFirewallCollection[],
  snapshot: NetworkSnapshot,
): AzureFirewallEvidence['ipGroups'] {
  const named = collections
    .flatMap(({ rules }) => value(rules) ?? [])
    .flatMap(({ sources, destinations }) => [...(value(sources) ?? []), ...(value(destinations) ?? [])])
    .filter((entry) => entry.startsWith('/subscriptions/'));
  return [...new Set(named)].sort().map((id) => {
    const row = snapshot.find(id, 'Microsoft.Network/ipGroups/read');
    return {
      id,
      addresses: row.state === 'unavailable' ? row : collected(texts(row.value.properties['ipAddresses']), row.source),
    };
  });
}
