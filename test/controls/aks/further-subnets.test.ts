import { describe, expect, test } from 'vitest';
import { type Json, NODE_GROUP, pool, route, row, rowOf, SPOKE, VNET } from '#test/collectors/azure/world.ts';
import { both, type Change, gateway, managed, nat, nodes, outbound, routes } from './changes.ts';
import { verdict } from './verdicts.ts';

type Row = readonly [title: string, control: string, change: Change, status: string, reason: string];

const subnets =
  (...list: readonly (readonly [name: string, extra: Json])[]): Change =>
  (world) => {
    for (const [name, extra] of list)
      (rowOf(world, VNET)['subnets'] as Json[]).push({
        id: `${VNET}/subnets/${name}`,
        name,
        properties: { provisioningState: 'Succeeded', addressPrefix: '10.1.9.0/24', ...extra },
      });
  };
const virtualNodes =
  (SubnetName: string, enabled = true): Change =>
  (world) => {
    world.properties['addonProfiles'] = { aciConnectorLinux: { enabled, config: { SubnetName } } };
  };
const MANAGED = `${NODE_GROUP}/providers/Microsoft.Network/virtualNetworks/aks-vnet`;
const managedNetwork =
  (properties: Json): Change =>
  (world) => {
    world.rows.push(
      row(MANAGED, {
        addressSpace: { addressPrefixes: ['10.224.0.0/12'] },
        virtualNetworkPeerings: [],
        subnets: [
          {
            id: `${MANAGED}/subnets/aks-subnet`,
            properties: { provisioningState: 'Succeeded', addressPrefix: '10.224.0.0/16', ...properties },
          },
        ],
      }),
    );
  };
const oneHomeless: Change = (world) => {
  world.properties['agentPoolProfiles'] = [pool('a'), pool('b', { vnetSubnetID: undefined, podSubnetID: undefined })];
};
const hub =
  (addressPrefixes: string[] | undefined): Change =>
  (world) => {
    const [peering] = rowOf(world, VNET)['virtualNetworkPeerings'] as Json[];
    (peering?.['properties'] as Json)['remoteAddressSpace'] =
      addressPrefixes === undefined ? undefined : { addressPrefixes };
    (peering?.['properties'] as Json)['remoteVirtualNetwork'] = {
      id: '/subscriptions/far/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/far',
    };
  };
const toPublic = routes(route('default', '0.0.0.0/0', 'VirtualAppliance', '21.0.0.4'));
const ranges =
  (...authorizedIPRanges: string[]): Change =>
  (world) => {
    world.properties['apiServerAccessProfile'] = { authorizedIPRanges };
  };
const REGISTRY = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.ContainerRegistry/registries/reg`;
const PERIMETER = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.Network/networkSecurityPerimeters/nsp`;
const perimeter =
  (prefixes: string[], accessMode = 'Enforced', profile = true): Change =>
  (world) => {
    world.properties['bootstrapProfile'] = { artifactSource: 'Cache', containerRegistryId: REGISTRY };
    world.rows.push(
      row(REGISTRY, { publicNetworkAccess: 'SecuredByPerimeter' }),
      row(`/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.Network/privateEndpoints/pe`, {
        subnet: { id: `${VNET}/subnets/nodes` },
        privateLinkServiceConnections: [
          { properties: { privateLinkServiceId: REGISTRY, privateLinkServiceConnectionState: { status: 'Approved' } } },
        ],
      }),
      row(`${PERIMETER}/resourceAssociations/a`, {
        privateLinkResource: { id: REGISTRY },
        profile: { id: `${PERIMETER}/profiles/p` },
        accessMode,
      }),
      ...(profile ? [row(`${PERIMETER}/profiles/p`, {})] : []),
      row(`${PERIMETER}/profiles/p/accessRules/r`, { direction: 'Inbound', addressPrefixes: prefixes }),
    );
  };

const ROUTE = 'aks-egress-route';
const RANGES = 'aks-api-authorized-ranges';
const ENDPOINTS = 'aks-private-endpoints';

const ROWS: readonly Row[] = [
  [
    'virtual nodes in a subnet without a table',
    ROUTE,
    both(virtualNodes('aci'), subnets(['aci', {}])),
    'FAIL',
    'no-route-table',
  ],
  ['virtual nodes in a subnet that was not seen', ROUTE, virtualNodes('aci'), 'UNKNOWN', 'not-found'],
  [
    'virtual nodes that are switched off',
    ROUTE,
    both(virtualNodes('aci', false), subnets(['aci', {}])),
    'PASS',
    'holds',
  ],
  ['virtual nodes that name no subnet', ROUTE, virtualNodes(''), 'UNKNOWN', 'not-found'],
  ['the network that AKS made, without a table', ROUTE, both(managed, managedNetwork({})), 'FAIL', 'no-route-table'],
  ['the network that AKS made, not shown', ROUTE, managed, 'UNKNOWN', 'conflicting-fields'],
  [
    'a managed network with a NAT gateway under outbound none',
    'aks-subnet-default-outbound',
    both(managed, managedNetwork(nat), outbound('none')),
    'FAIL',
    'nat-gateway',
  ],
  ['one pool without a known subnet', 'aks-egress-carve-outs', oneHomeless, 'UNKNOWN', 'absent-field'],
  ['one pool without a known subnet', 'aks-egress-firewall', oneHomeless, 'UNKNOWN', 'absent-field'],
  ['one pool without a known subnet', 'aks-egress-rules', oneHomeless, 'UNKNOWN', 'absent-field'],
  ['a NAT gateway behind the route', 'aks-subnet-default-outbound', nodes(nat), 'PASS', 'holds'],
  [
    'a default that may be learned, without a table',
    ROUTE,
    both(gateway, nodes({ routeTable: null })),
    'UNKNOWN',
    'undecidable',
  ],
  [
    'a next hop in a public range that a peered network holds',
    ROUTE,
    both(hub(['21.0.0.0/16']), toPublic),
    'UNKNOWN',
    'not-scanned',
  ],
  [
    'a next hop in a public range that nobody holds',
    ROUTE,
    both(hub(['10.0.0.0/16']), toPublic),
    'FAIL',
    'next-hop-not-private',
  ],
  [
    'a next hop in a public range, and a peer without its ranges',
    ROUTE,
    both(hub(undefined), toPublic),
    'UNKNOWN',
    'absent-field',
  ],
  ['everybody in Azure', RANGES, ranges('AzureCloud'), 'FAIL', 'everybody-in-azure'],
  [
    'everybody in a region, beside an address',
    RANGES,
    ranges('203.0.113.7/32', 'AzureCloud.westeurope'),
    'FAIL',
    'everybody-in-azure',
  ],
  ['a service', RANGES, ranges('AzureDevOps', '203.0.113.7/32'), 'PASS', 'holds'],
  ['a tag that nobody knows', RANGES, ranges('AzureEverything'), 'UNKNOWN', 'unrecognised-value'],
  ['a perimeter without public ranges', ENDPOINTS, perimeter(['10.0.0.0/8']), 'PASS', 'holds'],
  ['a perimeter that admits a public range', ENDPOINTS, perimeter(['203.0.113.0/24']), 'UNKNOWN', 'undecidable'],
  ['a perimeter that is still learning', ENDPOINTS, perimeter([], 'Learning'), 'UNKNOWN', 'undecidable'],
  ['a perimeter whose profile was not seen', ENDPOINTS, perimeter([], 'Enforced', false), 'UNKNOWN', 'not-found'],
];

describe('further subnets, ranges and perimeters', () => {
  test.each(ROWS)('%s (%s)', async (_title, control, change, status, reason) => {
    expect(await verdict(control, { change })).toMatchObject({ status, reason });
  });

  test('a learned default is accepted by either word', async () => {
    const change = both(gateway, nodes({ routeTable: null }));
    for (const parameters of [{ acceptNetworkGateway: true }, { centralEgress: 'inspection' }])
      expect(await verdict(ROUTE, { change, parameters })).toMatchObject({ status: 'PASS', reason: 'declared' });
  });

  test('a load balancer behind a route to the firewall: what really happens, and one safe command', async () => {
    expect(await verdict('aks-outbound-type', { change: outbound('loadBalancer') })).toMatchObject({
      status: 'FAIL',
      reason: 'load-balancer',
      message: expect.stringContaining('routes its default to 10.0.1.4, and that route comes first'),
      fix: { commands: [expect.stringMatching(/--outbound-type userDefinedRouting$/)] },
    });
    expect(await verdict('aks-outbound-type', { change: both(outbound('loadBalancer'), routes()) })).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining('nodes leave through a public load balancer'),
      fix: { checkFirst: [expect.stringContaining('0.0.0.0/0 to the firewall')] },
    });
  });
});
