import { type Collected, collected, type Field, given, unavailable } from '#domain/collected.ts';
import type {
  AksCluster,
  AksEvidence,
  AksNodeGroup,
  AksRouteTable,
  AksSecurityRule,
  AksSubnetFacts,
} from '#domain/evidence/aks.ts';
import { applianceAt } from './appliances.ts';
import { flag, id, objects, reference, text, value } from './facts.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

type Json = Readonly<Record<string, unknown>>;

export interface SubnetUse {
  readonly id: string;
  readonly usedBy: string[];
}

/**
 * Every subnet that a pool names, once, with who uses it: pods with a subnet of their own leave through that one. Hosted nodes and those of
 * node auto-provisioning belong to no pool.
 */
export function subnetsOf(
  { pools, hostedSubnetIds }: AksCluster,
  group: Collected<Pick<AksNodeGroup, 'machineSubnets'>>,
): SubnetUse[] {
  const uses = new Map<string, SubnetUse>();
  const add = (subnet: Field<string>, user: string) => {
    const key = value(subnet);
    if (key === undefined) return;
    const use = uses.get(key) ?? { id: key, usedBy: [] };
    use.usedBy.push(user);
    uses.set(key, use);
  };
  for (const pool of value(pools) ?? []) {
    add(pool.nodeSubnetId, `nodes of ${pool.name}`);
    add(pool.podSubnetId, `pods of ${pool.name}`);
  }
  for (const subnet of value(hostedSubnetIds) ?? []) add(subnet, 'hosted nodes');
  for (const subnet of group.state === 'collected' ? group.value.machineSubnets : [])
    if (!uses.has(subnet)) add(given(subnet), 'nodes outside the pools');
  return [...uses.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
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

export const networkOf = (subnetId: string): string => subnetId.replace(/\/subnets\/[^/]+$/i, '').toLowerCase();

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
