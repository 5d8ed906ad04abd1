import { parseArmId } from '#domain/arm-id.ts';
import { type Collected, collected, type Field, unavailable } from '#domain/collected.ts';
import type { AksCluster, AksDependency, AksEvidence } from '#domain/evidence/aks.ts';
import { networkOf, peersOf } from './connection.ts';
import { dig, reference, text, value } from './facts.ts';
import { listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';
import { perimeterOf } from './perimeters.ts';
import type { AzurePermission } from './permissions.ts';

/**
 * What private endpoints in the node networks and their peers lead to, with the target's own public access, and what the cluster
 * itself names (its image registry, its key vault).
 */
export function dependencies(
  cluster: AksCluster,
  subnetIds: readonly string[],
  snapshot: NetworkSnapshot,
): AksEvidence['dependencies'] {
  const api = 'Microsoft.Network/privateEndpoints/read';
  const trouble = snapshot.troubles[0];
  if (trouble !== undefined) return unavailable(trouble.reason, trouble.message, api);
  const own = new Set(subnetIds.map(networkOf));
  const peers = [...own].flatMap((network) => peersOf(network, snapshot).networks.map((peer) => peer.id));
  const reachable = new Set([...own, ...peers]);
  const items = new Map<string, AksDependency>();
  const add = (id: string): AksDependency => {
    const item = items.get(id) ?? {
      id,
      publicNetworkAccess: publicAccess(id, snapshot),
      endpoints: [],
      perimeter: perimeterOf(id, snapshot),
    };
    items.set(id, item);
    return item;
  };
  for (const id of named(cluster)) add(id);
  for (const row of snapshot.ofType('microsoft.network/privateendpoints')) {
    const subnet = value(reference(row.properties['subnet']));
    if (subnet === undefined || !reachable.has(networkOf(subnet))) continue;
    for (const { target, status } of connections(row.properties)) add(target).endpoints.push({ id: row.id, status });
  }
  const complete = own.size > 0 && [...reachable].every((network) => snapshot.row(network) !== undefined);
  const others = Object.keys(READABLE)
    .flatMap((type) => snapshot.ofType(type))
    .map(({ id }) => id)
    .filter((id) => !items.has(id))
    .sort();
  return collected(
    { complete, items: [...items.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), others },
    snapshot.source(api),
  );
}

function named(cluster: AksCluster): string[] {
  const registry = cluster.bootstrap.state === 'given' ? value(cluster.bootstrap.value.containerRegistryId) : undefined;
  const kms = cluster.keyVaultKms.state === 'given' ? cluster.keyVaultKms.value : undefined;
  const vault = kms !== undefined && value(kms.enabled) === true ? value(kms.keyVaultId) : undefined;
  return [registry, vault].filter((id) => id !== undefined);
}

function connections(properties: Readonly<Record<string, unknown>>): { target: string; status: Field<string> }[] {
  return [
    ...listOf(properties['privateLinkServiceConnections']),
    ...listOf(properties['manualPrivateLinkServiceConnections']),
  ].flatMap((entry) => {
    const inner = recordOf(recordOf(entry)['properties']);
    const target = inner['privateLinkServiceId'];
    if (typeof target !== 'string') return [];
    return [{ target: target.toLowerCase(), status: text(dig(inner['privateLinkServiceConnectionState'], 'status')) }];
  });
}

/** Read for the kinds of service that the scanner's role covers; anything else cannot be seen. */
const READABLE: Readonly<Record<string, AzurePermission>> = {
  'microsoft.containerregistry/registries': 'Microsoft.ContainerRegistry/registries/read',
  'microsoft.keyvault/vaults': 'Microsoft.KeyVault/vaults/read',
};

function publicAccess(id: string, snapshot: NetworkSnapshot): Collected<Field<string>> {
  const type = parseArmId(id)?.type || 'unknown type';
  const api = READABLE[type];
  if (api === undefined)
    return unavailable(
      'not-scanned',
      `the scanner's role does not read ${type}`,
      'Microsoft.Network/privateEndpoints/read',
    );
  const row = snapshot.find(id, api);
  return row.state === 'unavailable' ? row : collected(text(row.value.properties['publicNetworkAccess']), row.source);
}
