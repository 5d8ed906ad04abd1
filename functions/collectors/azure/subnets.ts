import { type Collected, collected, type Field, given, unavailable } from '#domain/collected.ts';
import {
  type AksCluster,
  type AksEvidence,
  type AksNodeGroup,
  type AksRouteTable,
  type AksSecurityRule,
  type AksSubnetFacts,
  VIRTUAL_NODES,
} from '#domain/evidence/aks.ts';
import { applianceAt } from './appliances.ts';
import { networkOf, peersOf, prefixesOf } from './connection.ts';
import { flag, id, objects, reference, text, texts, value } from './facts.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

type Json = Readonly<Record<string, unknown>>;

export interface SubnetUse {
  readonly id: string;
  readonly usedBy: string[];
}

/** Outbound types under which a network that AKS made is judged too: the other ones leave it by what AKS put there. */
const JUDGED_WHEN_MANAGED = ['userdefinedrouting', 'none', 'block'];

/**
 * Every subnet that a pool names, once, with who uses it: pods with a subnet of their own leave through that one, and so do virtual nodes
 * and second interfaces. Hosted nodes and those of node auto-provisioning belong to no pool. A pool without a subnet lives in the network
 * that AKS made in the node resource group.
 */
export function subnetsOf(
  cluster: AksCluster,
  group: Collected<Pick<AksNodeGroup, 'machineSubnets' | 'networks'>>,
  snapshot: NetworkSnapshot,
): SubnetUse[] {
  const uses = new Map<string, SubnetUse>();
  const add = (subnet: Field<string>, user: string) => {
    const key = value(subnet);
    if (key === undefined) return;
    const use = uses.get(key) ?? { id: key, usedBy: [] };
    if (!use.usedBy.includes(user)) use.usedBy.push(user);
    uses.set(key, use);
  };
  const pools = value(cluster.pools) ?? [];
  for (const pool of pools) {
    add(pool.nodeSubnetId, `nodes of ${pool.name}`);
    add(pool.podSubnetId, `pods of ${pool.name}`);
    for (const { subnetId } of value(pool.secondaryInterfaces) ?? [])
      add(subnetId, `second interfaces of ${pool.name}`);
  }
  for (const subnet of value(cluster.hostedSubnetIds) ?? []) add(subnet, 'hosted nodes');
  const { machineSubnets, networks } = group.state === 'collected' ? group.value : { machineSubnets: [], networks: [] };
  const managed = networks.flatMap(({ subnets }) => subnets);
  const inManaged = managed.filter((subnet) => machineSubnets.includes(subnet));
  const type = cluster.network.state === 'given' ? value(cluster.network.value.outboundType) : undefined;
  if (JUDGED_WHEN_MANAGED.includes(type?.toLowerCase() ?? ''))
    for (const pool of pools.filter(({ nodeSubnetId }) => nodeSubnetId.state === 'absent'))
      for (const subnet of inManaged.length > 0 ? inManaged : managed) add(given(subnet), `nodes of ${pool.name}`);
  for (const subnet of machineSubnets)
    if (!uses.has(subnet) && !managed.includes(subnet)) add(given(subnet), 'nodes outside the pools');
  for (const subnet of virtualNodeSubnets(cluster, [...uses.keys()], snapshot)) add(given(subnet), VIRTUAL_NODES);
  return [...uses.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The add-on names its subnet without the network, which is that of the nodes. A subnet that was not seen there is kept as unread. */
function virtualNodeSubnets(
  { virtualNodes }: AksCluster,
  known: readonly string[],
  snapshot: NetworkSnapshot,
): readonly string[] {
  const settings = value(virtualNodes);
  const name = settings === undefined ? undefined : value(settings.subnetName);
  if (settings === undefined || value(settings.enabled) !== true || name === undefined) return [];
  if (name.startsWith('/subscriptions/')) return [name.toLowerCase()];
  const candidates = [...new Set(known.map(networkOf))].map((network) => `${network}/subnets/${name}`.toLowerCase());
  const seen = candidates.filter((id) => snapshot.subnet(id).state === 'collected');
  return seen.length > 0 ? seen : candidates.slice(0, 1);
}

export function subnetFacts(subnetId: string, snapshot: NetworkSnapshot): Collected<AksSubnetFacts> {
  const found = snapshot.subnet(subnetId);
  if (found.state === 'unavailable') return found;
  const properties = found.value;
  const routeTableId = reference(properties['routeTable']);
  const routeTable = routeTableOf(routeTableId, snapshot);
  const securityGroupId = reference(properties['networkSecurityGroup']);
  const hops =
    routeTable.state === 'collected' && routeTable.value.kind === 'table'
      ? applianceAddresses(routeTable.value.table)
      : [];
  const network = networkOf(subnetId);
  return collected(
    {
      provisioningState: text(properties['provisioningState']),
      prefixes: prefixesOfSubnet(properties),
      privateRanges: privateRanges(network, snapshot),
      routeTableId,
      routeTable,
      natGatewayId: reference(properties['natGateway']),
      securityGroupId,
      securityRules: securityRules(securityGroupId, snapshot),
      defaultOutboundAccess: flag(properties['defaultOutboundAccess']),
      serviceEndpoints: objects(properties['serviceEndpoints'], (endpoint) => ({
        service: text(endpoint['service']),
        provisioningState: text(endpoint['provisioningState']),
      })),
      gateways: gatewaysOf(network, snapshot),
      nextHops: hops.map((address) => ({ address, owner: applianceAt(address, network, snapshot) })),
    },
    found.source,
  );
}

function prefixesOfSubnet(properties: Json): Field<string[]> {
  const [one, many] = [text(properties['addressPrefix']), texts(properties['addressPrefixes'])];
  if (one.state === 'malformed') return one;
  if (one.state === 'absent' || many.state === 'malformed') return many;
  return given([...new Set([one.value, ...(value(many) ?? [])])]);
}

/** Peerings repeat the address space of the other side, which may lie outside the scan. One that does not leaves the list unknown. */
function privateRanges(network: string, snapshot: NetworkSnapshot): Field<string[]> {
  const own = prefixesOf(snapshot.row(network)?.properties['addressSpace']);
  const peers = peersOf(network, snapshot);
  const spaces = peers.networks.map(({ id: peer, ranges }) =>
    ranges.length > 0 ? ranges : prefixesOf(snapshot.row(peer)?.properties['addressSpace']),
  );
  if (own.length === 0 || !peers.told || spaces.some((space) => space.length === 0)) return { state: 'absent' };
  return given([...own, ...spaces.flat()]);
}

/** The subnet of the API server itself. */
export function apiServerSubnet({ apiServer }: AksCluster, snapshot: NetworkSnapshot): AksEvidence['apiServerSubnet'] {
  const profile = value(apiServer);
  const named = profile === undefined || value(profile.enableVnetIntegration) !== true ? undefined : profile.subnetId;
  const subnetId = named === undefined ? undefined : value(named);
  if (subnetId === undefined)
    return collected({ kind: 'none' as const }, snapshot.source('Microsoft.ContainerService/managedClusters/read'));
  const found = snapshot.subnet(subnetId);
  if (found.state === 'unavailable') return found;
  const delegations = objects(found.value['delegations'], (delegation) =>
    String(recordOf(delegation['properties'])['serviceName'] ?? 'unnamed'),
  );
  return collected({ kind: 'subnet' as const, id: subnetId, delegations }, found.source);
}

function routeTableOf(tableId: Field<string>, snapshot: NetworkSnapshot): AksSubnetFacts['routeTable'] {
  const api = 'Microsoft.Network/routeTables/read';
  if (tableId.state === 'absent')
    return collected({ kind: 'none' as const }, snapshot.source('Microsoft.Network/virtualNetworks/subnets/read'));
  if (tableId.state === 'malformed')
    return unavailable('malformed-answer', `the reference to the route table is ${tableId.raw}`, api);
  const row = snapshot.find(tableId.value, api);
  if (row.state === 'unavailable') return row;
  const { properties } = row.value;
  const table: AksRouteTable = {
    provisioningState: text(properties['provisioningState']),
    disableBgpPropagation: flag(properties['disableBgpRoutePropagation']),
    subnets: objects(properties['subnets'], (subnet) => String(subnet['id'] ?? 'unnamed').toLowerCase()),
    routes: objects(properties['routes'], (route) => {
      const inner = recordOf(route['properties']);
      return {
        name: typeof route['name'] === 'string' ? route['name'] : 'unnamed',
        prefix: text(inner['addressPrefix']),
        nextHopType: text(inner['nextHopType']),
        nextHopIp: text(inner['nextHopIpAddress']),
      };
    }),
  };
  return collected({ kind: 'table' as const, table }, row.source);
}

function applianceAddresses(table: AksRouteTable): string[] {
  const addresses = (value(table.routes) ?? [])
    .filter(({ nextHopType }) => value(nextHopType)?.toLowerCase() === 'virtualappliance')
    // Only wide routes can make up a default route; kubenet writes a narrow one for every node.
    .filter(({ prefix }) => /\/[0-8]$/.test(value(prefix) ?? ''))
    .map(({ nextHopIp }) => value(nextHopIp))
    .filter((address) => address !== undefined && address !== '');
  return [...new Set(addresses as string[])].sort();
}

function securityRules(groupId: Field<string>, snapshot: NetworkSnapshot): AksSubnetFacts['securityRules'] {
  const api = 'Microsoft.Network/networkSecurityGroups/read';
  if (groupId.state === 'absent')
    return collected({ state: 'given', value: [] }, snapshot.source('Microsoft.Network/virtualNetworks/subnets/read'));
  if (groupId.state === 'malformed')
    return unavailable('malformed-answer', `the reference to the security group is ${groupId.raw}`, api);
  const row = snapshot.find(groupId.value, api);
  if (row.state === 'unavailable') return row;
  return collected(objects(row.value.properties['securityRules'], securityRule), row.source);
}

function securityRule(rule: Json): AksSecurityRule {
  const inner = recordOf(rule['properties']);
  const both = (one: string, many: string) =>
    [inner[one], ...listOf(inner[many])].filter((entry) => typeof entry === 'string' && entry !== '') as string[];
  const priority = inner['priority'];
  return {
    name: typeof rule['name'] === 'string' ? rule['name'] : 'unnamed',
    direction: text(inner['direction']),
    access: text(inner['access']),
    priority:
      typeof priority === 'number'
        ? { state: 'given', value: priority }
        : { state: 'malformed', raw: String(priority) },
    protocol: text(inner['protocol']),
    destinations: both('destinationAddressPrefix', 'destinationAddressPrefixes'),
    destinationPorts: both('destinationPortRange', 'destinationPortRanges'),
    sources: both('sourceAddressPrefix', 'sourceAddressPrefixes'),
    sourcePorts: both('sourcePortRange', 'sourcePortRanges'),
  };
}

/** What may bring routes into the network by BGP: a gateway or route server in it, or a peering that uses the other side's gateway. */
function gatewaysOf(network: string, snapshot: NetworkSnapshot): string[] {
  const row = snapshot.row(network);
  const own = listOf(row?.properties['subnets'])
    .map((subnet) => id(recordOf(subnet)['id']))
    .map((subnet) => value(subnet) ?? '')
    .filter((subnet) => /\/subnets\/(?:gatewaysubnet|routeserversubnet)$/.test(subnet));
  const peered = listOf(row?.properties['virtualNetworkPeerings'])
    .map(recordOf)
    .filter((peering) => recordOf(peering['properties'])['useRemoteGateways'] === true)
    .map((peering) => `peering ${String(peering['name'])} uses the remote gateway`);
  const gateways = snapshot
    .ofType('microsoft.network/virtualnetworkgateways')
    .filter((gateway) => ipConfigurations(gateway).some((subnet) => networkOf(subnet) === network))
    .map((gateway) => gateway.id);
  return [...own, ...peered, ...gateways].sort();
}

function ipConfigurations(row: GraphRow): string[] {
  return listOf(row.properties['ipConfigurations'])
    .map((configuration) => recordOf(recordOf(recordOf(configuration)['properties'])['subnet'])['id'])
    .filter((subnet) => typeof subnet === 'string');
}
