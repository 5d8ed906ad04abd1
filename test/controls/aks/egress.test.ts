import { describe, expect, test } from 'vitest';
import {
  FIREWALL,
  HUB,
  HUB_VNET,
  type Json,
  NODES,
  PODS,
  pool,
  route,
  row,
  rowOf,
  SPOKE,
  subnetOf,
  TABLE,
  VNET,
  type World,
} from '#test/collectors/azure/world.ts';
import { verdict } from './verdicts.ts';

type Change = (world: World) => void;
type Row = readonly [title: string, change: Change, status: string, reason: string];

const network =
  (extra: Json): Change =>
  (world) => {
    Object.assign(world.properties['networkProfile'] as Json, extra);
  };
const outbound = (outboundType: unknown) => network({ outboundType });
const routes =
  (...list: Json[]): Change =>
  (world) => {
    rowOf(world, TABLE)['routes'] = list;
  };
const table =
  (extra: Json): Change =>
  (world) => {
    Object.assign(rowOf(world, TABLE), extra);
  };
const nodes =
  (extra: Json): Change =>
  (world) => {
    Object.assign(subnetOf(world, NODES), extra);
  };
const both =
  (...changes: readonly Change[]): Change =>
  (world) => {
    for (const change of changes) change(world);
  };
const without =
  (id: string): Change =>
  (world) => {
    world.rows = world.rows.filter((entry) => entry['id'] !== id);
  };
const toFirewall = route('default', '0.0.0.0/0', 'VirtualAppliance', '10.0.1.4');
const gateway: Change = (world) => {
  (rowOf(world, VNET)['subnets'] as Json[]).push({
    id: `${VNET}/subnets/GatewaySubnet`,
    name: 'GatewaySubnet',
    properties: {},
  });
};
const managed: Change = (world) => {
  world.properties['agentPoolProfiles'] = [pool('a', { vnetSubnetID: undefined, podSubnetID: undefined })];
};
const nat = { natGateway: { id: '/subscriptions/x/natGateways/nat' } };

const ROUTE: readonly Row[] = [
  ['1 no route table', nodes({ routeTable: null }), 'FAIL', 'no-route-table'],
  [
    '1 the pod subnet alone has none',
    (world) => {
      subnetOf(world, PODS)['routeTable'] = undefined;
    },
    'FAIL',
    'no-route-table',
  ],
  ['1 subnet unreadable', without(VNET), 'UNKNOWN', 'not-found'],
  ['1 route table unreadable', without(TABLE), 'UNKNOWN', 'not-found'],
  ['2 default to an appliance', () => undefined, 'PASS', 'holds'],
  ['2 enum values in other case', routes(route('d', '0.0.0.0/0', 'virtualappliance', '10.0.1.4')), 'PASS', 'holds'],
  [
    '2 next hop is a public address',
    routes(route('d', '0.0.0.0/0', 'VirtualAppliance', '20.1.2.3')),
    'FAIL',
    'next-hop-not-private',
  ],
  ['2 next hop without an address', routes(route('d', '0.0.0.0/0', 'VirtualAppliance')), 'UNKNOWN', 'absent-field'],
  ['2a default to the internet', routes(route('d', '0.0.0.0/0', 'Internet')), 'FAIL', 'default-route-internet'],
  [
    '2b default to the network gateway',
    routes(route('d', '0.0.0.0/0', 'VirtualNetworkGateway')),
    'FAIL',
    'default-route-network-gateway',
  ],
  ['2c black hole', routes(route('d', '0.0.0.0/0', 'None')), 'FAIL', 'black-hole'],
  [
    '2d two halves',
    routes(
      route('a', '0.0.0.0/1', 'VirtualAppliance', '10.0.1.4'),
      route('b', '128.0.0.0/1', 'VirtualAppliance', '10.0.1.4'),
    ),
    'PASS',
    'holds',
  ],
  ['2d one half only', routes(route('a', '0.0.0.0/1', 'VirtualAppliance', '10.0.1.4')), 'FAIL', 'no-default-route'],
  [
    '2d halves to the internet override the default',
    routes(toFirewall, route('a', '0.0.0.0/1', 'Internet'), route('b', '128.0.0.0/1', 'Internet')),
    'FAIL',
    'default-route-internet',
  ],
  ['2e an emptied table', routes(), 'FAIL', 'no-default-route'],
  [
    '2e no default, but BGP may bring one',
    both(routes(), table({ disableBgpRoutePropagation: false }), gateway),
    'UNKNOWN',
    'undecidable',
  ],
  [
    '2e no default, propagation on, no gateway',
    both(routes(), table({ disableBgpRoutePropagation: false })),
    'FAIL',
    'no-default-route',
  ],
  ['2e no default, gateway, propagation off', both(routes(), gateway), 'FAIL', 'no-default-route'],
  [
    '3 a carve-out does not fail the default',
    routes(toFirewall, route('x', '20.9.0.0/16', 'Internet')),
    'PASS',
    'holds',
  ],
  ['4 propagation on is a caveat', table({ disableBgpRoutePropagation: false }), 'PASS', 'holds'],
  ['6 dual stack without ::/0', network({ ipFamilies: ['IPv4', 'IPv6'] }), 'FAIL', 'no-default-route-ipv6'],
  [
    '6 dual stack with ::/0',
    both(
      network({ ipFamilies: ['IPv4', 'ipv6'] }),
      routes(toFirewall, route('6', '::/0', 'VirtualAppliance', 'fd00::4')),
    ),
    'PASS',
    'holds',
  ],
  ['7 NAT gateway beside the route', nodes(nat), 'UNKNOWN', 'conflicting-fields'],
  ['8 subnet updating', nodes({ provisioningState: 'Updating' }), 'UNKNOWN', 'transitional-state'],
  ['8 route table updating', table({ provisioningState: 'Updating' }), 'UNKNOWN', 'transitional-state'],
  [
    'kubenet pod routes are no default route',
    both(
      network({ networkPlugin: 'kubenet' }),
      routes(route('aks-node-1', '10.244.0.0/24', 'VirtualAppliance', '10.1.0.4')),
    ),
    'FAIL',
    'no-default-route',
  ],
  [
    'kubenet pod routes beside the default',
    both(
      network({ networkPlugin: 'kubenet' }),
      routes(toFirewall, route('aks-node-1', '10.244.0.0/24', 'VirtualAppliance', '10.1.0.4')),
    ),
    'PASS',
    'holds',
  ],
  [
    'a pool without a subnet',
    (world) => {
      world.properties['agentPoolProfiles'] = [pool('a'), pool('b', { vnetSubnetID: undefined })];
    },
    'UNKNOWN',
    'conflicting-fields',
  ],
  ['an unknown kind of next hop', routes(route('d', '0.0.0.0/0', 'Quantum')), 'UNKNOWN', 'unrecognised-value'],
  ['routes absent', table({ routes: undefined }), 'UNKNOWN', 'absent-field'],
  ['a route malformed', table({ routes: ['x'] }), 'UNKNOWN', 'malformed-answer'],
  ['another outbound type', outbound('loadBalancer'), 'NOT_APPLICABLE', 'other-outbound-type'],
];

describe('aks-egress-route', () => {
  test.each(ROUTE)('%s', async (_title, change, status, reason) => {
    expect(await verdict('aks-egress-route', { change })).toMatchObject({ status, reason });
  });

  test.each(ROUTE.filter(([, , , reason]) => reason !== 'other-outbound-type'))(
    'the outbound type follows: %s',
    async (_title, change, status) => {
      expect(await verdict('aks-outbound-type', { change })).toMatchObject({ status });
    },
  );

  test('forced tunnelling is accepted where it is declared', async () => {
    const change = routes(route('d', '0.0.0.0/0', 'VirtualNetworkGateway'));
    expect(await verdict('aks-egress-route', { change, parameters: { acceptNetworkGateway: true } })).toMatchObject({
      status: 'PASS',
    });
  });

  test('the caveat of BGP propagation is in the proof', async () => {
    const found = await verdict('aks-egress-route', { change: table({ disableBgpRoutePropagation: false }) });
    expect(found.proof.some(({ line }) => line.includes('BGP propagation is on'))).toBe(true);
  });

  test('a failed route comes with its repair', async () => {
    const found = await verdict('aks-egress-route', { change: routes() });
    expect(found).toMatchObject({
      fix: {
        commands: [
          expect.stringContaining(
            'az network route-table route create --resource-group rg-net --route-table-name rt-nodes',
          ),
        ],
      },
    });
  });
});

const isolated = both(network({ outboundType: 'none' }), (world) => {
  world.properties['bootstrapProfile'] = { artifactSource: 'Cache' };
});

const TYPE: readonly Row[] = [
  ['loadBalancer', outbound('loadBalancer'), 'FAIL', 'load-balancer'],
  ['LoadBalancer in other case', outbound('LOADBALANCER'), 'FAIL', 'load-balancer'],
  ['absent is loadBalancer', outbound(undefined), 'FAIL', 'load-balancer'],
  [
    'no network profile',
    (world) => {
      delete world.properties['networkProfile'];
    },
    'FAIL',
    'load-balancer',
  ],
  ['userDefinedRouting with its route', () => undefined, 'PASS', 'holds'],
  ['managedNATGateway', outbound('managedNATGateway'), 'FAIL', 'nat-gateway'],
  ['managedNATGatewayV2', outbound('managedNATGatewayV2'), 'FAIL', 'nat-gateway'],
  ['userAssignedNATGateway', outbound('userAssignedNATGateway'), 'FAIL', 'nat-gateway'],
  ['none, isolated', isolated, 'PASS', 'holds'],
  ['none, not isolated', outbound('none'), 'FAIL', 'artifacts-direct'],
  [
    'none, subnet open',
    both(isolated, nodes({ defaultOutboundAccess: true, routeTable: null })),
    'FAIL',
    'default-outbound-access',
  ],
  ['none, NAT gateway on the subnet', both(isolated, nodes(nat)), 'FAIL', 'nat-gateway'],
  ['block in a managed network', both(outbound('block'), managed), 'PASS', 'holds'],
  ['block with a NAT gateway', both(outbound('block'), nodes(nat)), 'FAIL', 'nat-gateway'],
  ['a value of the future', outbound('teleport'), 'UNKNOWN', 'unrecognised-value'],
  ['not a text', outbound(7), 'UNKNOWN', 'malformed-answer'],
  [
    'migration: outbound addresses still in effect',
    network({ loadBalancerProfile: { effectiveOutboundIPs: [{ id: '/x/ip' }] } }),
    'UNKNOWN',
    'conflicting-fields',
  ],
];

describe('aks-outbound-type', () => {
  test.each(TYPE)('%s', async (_title, change, status, reason) => {
    expect(await verdict('aks-outbound-type', { change })).toMatchObject({ status, reason });
  });

  test.each(['managedNATGateway', 'userAssignedNATGateway'])('profile private allows %s', async (type) => {
    expect(await verdict('aks-outbound-type', { change: outbound(type), profile: 'private' })).toMatchObject({
      status: 'PASS',
    });
    for (const control of [
      'aks-egress-firewall',
      'aks-egress-carve-outs',
      'aks-network-isolated',
      'aks-subnet-default-outbound',
    ]) {
      expect(await verdict(control, { change: outbound(type), profile: 'private' })).toMatchObject({
        status: 'NOT_APPLICABLE',
      });
    }
  });
});

const firewall =
  (extra: Json): Change =>
  (world) => {
    Object.assign(rowOf(world, FIREWALL), extra);
  };
const POLICY = `/subscriptions/${HUB}/resourceGroups/rg-hub/providers/Microsoft.Network/firewallPolicies/p`;

describe('aks-egress-firewall', () => {
  const ROWS: readonly Row[] = [
    ['a working firewall', () => undefined, 'PASS', 'holds'],
    ['the firewall was deleted, its network is readable', without(FIREWALL), 'FAIL', 'next-hop-unknown'],
    ['the hub network cannot be read', both(without(FIREWALL), without(HUB_VNET)), 'UNKNOWN', 'not-scanned'],
    ['failed', firewall({ provisioningState: 'Failed' }), 'FAIL', 'wrong-state'],
    ['updating', firewall({ provisioningState: 'Updating' }), 'UNKNOWN', 'transitional-state'],
    ['state absent', firewall({ provisioningState: undefined }), 'UNKNOWN', 'absent-field'],
    ['threat intelligence off', firewall({ threatIntelMode: 'Off' }), 'FAIL', 'threat-intelligence-off'],
    [
      'mode on the policy',
      both(firewall({ threatIntelMode: 'Off', firewallPolicy: { id: POLICY } }), (world) => {
        world.rows.push(row(POLICY, { threatIntelMode: 'Deny' }));
      }),
      'PASS',
      'holds',
    ],
    [
      'policy turned off',
      both(firewall({ firewallPolicy: { id: POLICY } }), (world) => {
        world.rows.push(row(POLICY, { threatIntelMode: 'off' }));
      }),
      'FAIL',
      'threat-intelligence-off',
    ],
    ['policy unreadable', firewall({ firewallPolicy: { id: POLICY } }), 'UNKNOWN', 'not-found'],
    [
      "another network's firewall with the same address",
      (world) => {
        rowOf(world, VNET)['virtualNetworkPeerings'] = [];
      },
      'UNKNOWN',
      'undecidable',
    ],
    [
      'peerings not told: matched by address',
      (world) => {
        delete rowOf(world, VNET)['virtualNetworkPeerings'];
      },
      'PASS',
      'holds',
    ],
    [
      'firewall of a virtual hub',
      firewall({ ipConfigurations: undefined, hubIPAddresses: { privateIPAddress: '10.0.1.4' } }),
      'PASS',
      'holds',
    ],
    [
      'a third-party appliance',
      both(without(FIREWALL), (world) => {
        world.rows.push(
          row(`/subscriptions/${HUB}/resourceGroups/rg-hub/providers/Microsoft.Network/loadBalancers/nva`, {
            frontendIPConfigurations: [
              { properties: { privateIPAddress: '10.0.1.4', subnet: { id: `${HUB_VNET}/subnets/nva` } } },
            ],
          }),
        );
      }),
      'UNKNOWN',
      'undecidable',
    ],
    ['no default route', routes(), 'NOT_APPLICABLE', 'no-appliance'],
    ['another outbound type', outbound('none'), 'NOT_APPLICABLE', 'other-outbound-type'],
  ];
  test.each(ROWS)('%s', async (_title, change, status, reason) => {
    expect(await verdict('aks-egress-firewall', { change })).toMatchObject({ status, reason });
  });

  test('a hub outside the scan is not-scanned, and the route itself still passes', async () => {
    const situation = { subscriptions: [SPOKE] };
    expect(await verdict('aks-egress-firewall', situation)).toMatchObject({ status: 'UNKNOWN', reason: 'not-scanned' });
    expect(await verdict('aks-egress-route', situation)).toMatchObject({ status: 'PASS' });
  });
});

describe('aks-egress-carve-outs', () => {
  const past = (prefix: string) => routes(toFirewall, route('x', prefix, 'Internet'));
  const ROWS: readonly Row[] = [
    ['none', () => undefined, 'PASS', 'holds'],
    ["the firewall's own address", past('20.1.2.3/32'), 'PASS', 'holds'],
    ['a single foreign address', past('20.1.2.4/32'), 'FAIL', 'route-past-firewall'],
    ['a prefix', past('20.1.0.0/16'), 'FAIL', 'route-past-firewall'],
    ['a service tag', past('AzureCloud'), 'FAIL', 'route-past-firewall'],
    [
      'halves to the internet',
      routes(toFirewall, route('a', '0.0.0.0/1', 'Internet'), route('b', '128.0.0.0/1', 'Internet')),
      'FAIL',
      'route-past-firewall',
    ],
    [
      'a service endpoint',
      nodes({ serviceEndpoints: [{ service: 'Microsoft.Storage', provisioningState: 'Succeeded' }] }),
      'FAIL',
      'service-endpoint',
    ],
    ['route table unread', without(TABLE), 'UNKNOWN', 'not-found'],
    ['service endpoints malformed', nodes({ serviceEndpoints: 'all' }), 'UNKNOWN', 'malformed-answer'],
    ['a managed network cannot be customised', managed, 'NOT_APPLICABLE', 'managed-network'],
  ];
  test.each(ROWS)('%s', async (_title, change, status, reason) => {
    expect(await verdict('aks-egress-carve-outs', { change })).toMatchObject({ status, reason });
  });

  test('declared prefixes and services are allowed', async () => {
    const change = both(
      past('Storage.WestEurope'),
      nodes({ serviceEndpoints: [{ service: 'Microsoft.Storage', provisioningState: 'Succeeded' }] }),
    );
    expect(
      await verdict('aks-egress-carve-outs', {
        change,
        parameters: { prefixes: ['storage.westeurope'], serviceEndpoints: ['microsoft.storage'] },
      }),
    ).toMatchObject({ status: 'PASS' });
  });

  test('a single address in front of an unreadable hub is undecided', async () => {
    expect(
      await verdict('aks-egress-carve-outs', { change: past('20.1.2.3/32'), subscriptions: [SPOKE] }),
    ).toMatchObject({ status: 'UNKNOWN', reason: 'not-scanned' });
  });
});
