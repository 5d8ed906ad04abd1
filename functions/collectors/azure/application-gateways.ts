import { collected, type Field, given, unavailable } from '#domain/collected.ts';
import type { AksCluster, AksEvidence } from '#domain/evidence/aks.ts';
import type { AksApplicationGateway } from '#domain/evidence/aks-inbound.ts';
import { connectionTo, networkOf } from './connection.ts';
import { dig, objects, reference, value } from './facts.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

type Json = Readonly<Record<string, unknown>>;

const API = 'Microsoft.Network/applicationGateways/read';

/** The gateway that the ingress add-on manages; it may stand in any resource group. */
export function applicationGateway(cluster: AksCluster, snapshot: NetworkSnapshot): AksEvidence['applicationGateway'] {
  const gatewayId = addonGateway(cluster);
  if (gatewayId === undefined)
    return collected({ kind: 'none' as const }, snapshot.source('Microsoft.ContainerService/managedClusters/read'));
  const row = snapshot.find(gatewayId, API);
  if (row.state === 'unavailable') return row;
  const gateway = gatewayOf(row.value);
  return typeof gateway === 'string'
    ? unavailable('absent-field', gateway, API)
    : collected({ kind: 'gateway' as const, gateway }, row.source);
}

function addonGateway({ applicationGatewayAddon: addon }: AksCluster): string | undefined {
  return addon.state === 'given' ? value(addon.value.gatewayId) : undefined;
}

/** Gateways in the networks of the nodes and around them, and those with machines of the node resource group behind them. */
export function gatewaysInFront(
  cluster: AksCluster,
  networks: readonly string[],
  snapshot: NetworkSnapshot,
): AksEvidence['gateways'] {
  const trouble = snapshot.troubles[0];
  if (trouble !== undefined) return unavailable(trouble.reason, trouble.message, API);
  const group = `/resourcegroups/${(value(cluster.nodeResourceGroup) ?? '').toLowerCase()}/`;
  const found: Extract<AksEvidence['gateways'], { state: 'collected' }>['value'] = [];
  for (const row of snapshot.ofType('microsoft.network/applicationgateways')) {
    if (row.id === addonGateway(cluster)) continue;
    const backends = backendsOf(row);
    const connection = connectionTo(homesOf(row), networks, snapshot);
    const machines = (value(backends) ?? []).some((backend) => backend.includes(group));
    if (connection === 'not-connected' && !machines) continue;
    // It shows neither where it stands nor what stands behind it: nothing brings it near this cluster.
    if (connection === 'by-address-only' && backends.state === 'absent') continue;
    const gateway = gatewayOf(row);
    if (typeof gateway === 'string') return unavailable('absent-field', gateway, API);
    found.push({ gateway, connection, backends });
  }
  return collected(found, snapshot.source(API));
}

function homesOf({ properties }: GraphRow): string[] {
  return [...listOf(properties['gatewayIPConfigurations']), ...listOf(properties['frontendIPConfigurations'])]
    .map((entry) => value(reference(dig(entry, 'properties', 'subnet'))))
    .filter((subnet) => subnet !== undefined)
    .map(networkOf);
}

function backendsOf({ properties }: GraphRow): Field<string[]> {
  const pools = objects(properties['backendAddressPools'], (pool) => recordOf(pool['properties']));
  if (pools.state !== 'given') return pools;
  const backends = pools.value.flatMap((pool) => [
    ...listOf(pool['backendAddresses'])
      .map(recordOf)
      .flatMap(({ ipAddress, fqdn }) => [ipAddress, fqdn]),
    ...listOf(pool['backendIPConfigurations']).map((entry) => recordOf(entry)['id']),
  ]);
  return given(backends.filter((backend) => typeof backend === 'string').map((backend) => backend.toLowerCase()));
}

/** The gateway, or why its answer says too little. */
function gatewayOf(row: GraphRow): AksApplicationGateway | string {
  const { properties } = row;
  const shown = objects(properties['frontendIPConfigurations'], (frontend) => frontend);
  if (shown.state !== 'given' || shown.value.length === 0) return `${row.id} shows no frontends`;
  const listeners = listenersOf(row);
  const frontends = shown.value.map((frontend) => ({
    name: nameOf(frontend),
    isPublic: isPublic(frontend),
    listeners: listeners(frontend),
  }));
  const vague = frontends.find((frontend) => frontend.isPublic === undefined);
  if (vague !== undefined) return `frontend ${vague.name} of ${row.id} shows neither address`;
  return {
    id: row.id,
    frontends: frontends.map((frontend) => ({ ...frontend, isPublic: frontend.isPublic === true })),
    firewall:
      reference(properties['firewallPolicy']).state === 'given' ||
      recordOf(properties['webApplicationFirewallConfiguration'])['enabled'] === true,
  };
}

/** Public, private, or undefined where the answer shows neither of the two. */
function isPublic(frontend: Json): boolean | undefined {
  const properties = recordOf(frontend['properties']);
  const address = reference(properties['publicIPAddress']);
  const inner = reference(properties['subnet']).state === 'given' || typeof properties['privateIPAddress'] === 'string';
  return address.state === 'given' ? true : address.state === 'absent' && inner ? false : undefined;
}

type Listeners = AksApplicationGateway['frontends'][number]['listeners'];

/** Listeners of HTTP and, since 2023, of TCP and TLS. Each names its frontend, and each frontend its listeners: either is enough. */
const LISTENERS = ['httpListeners', 'listeners'] as const;

function listenersOf({ id, properties }: GraphRow): (frontend: Json) => Listeners {
  const lists = LISTENERS.map((kind) => objects(properties[kind], (listener) => listener));
  const own = (frontend: Json) => LISTENERS.map((kind) => dig(frontend['properties'], kind));
  const silent =
    lists.every(({ state }) => state === 'absent') &&
    listOf(properties['frontendIPConfigurations']).every((frontend) =>
      own(recordOf(frontend)).every((list) => list === undefined || list === null),
    );
  if (silent) return () => ({ kind: 'not-shown' });
  const broken = lists.find(({ state }) => state === 'malformed');
  return (frontend) => {
    if (broken?.state === 'malformed') return { kind: 'shown', names: broken };
    const key = (
      typeof frontend['id'] === 'string' ? frontend['id'] : `${id}/frontendipconfigurations/${nameOf(frontend)}`
    ).toLowerCase();
    const naming = lists
      .flatMap((list) => value(list) ?? [])
      .filter((listener) => {
        const end = reference(dig(listener['properties'], 'frontendIPConfiguration'));
        // A listener that names no frontend may stand on any.
        return end.state !== 'given' || end.value === key;
      })
      .map(nameOf);
    const named = own(frontend).flatMap((list) => listOf(list).map((entry) => nameOf(recordOf(entry))));
    return { kind: 'shown', names: given([...new Set([...naming, ...named])].sort()) };
  };
}

function nameOf(entry: Json): string {
  if (typeof entry['name'] === 'string') return entry['name'];
  return typeof entry['id'] === 'string' ? (entry['id'].split('/').at(-1) ?? 'unnamed') : 'unnamed';
}
