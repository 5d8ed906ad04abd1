import { describe, expect, test } from 'vitest';
import {
  FIREWALL,
  type Json,
  NODE_GROUP,
  PODS,
  pool,
  route,
  row,
  rowOf,
  subnetOf,
  TABLE,
  VNET,
} from '#test/collectors/azure/world.ts';
import {
  both,
  type Change,
  gateway,
  managed,
  nat,
  network,
  nodes,
  outbound,
  routes,
  table,
  toFirewall,
  without,
} from './changes.ts';
import { verdict } from './verdicts.ts';

type Row = readonly [title: string, change: Change, status: string, reason: string];

const extraSubnet =
  (name: string, properties: Json): Change =>
  (world) => {
    (rowOf(world, VNET)['subnets'] as Json[]).push({ id: `${VNET}/subnets/${name}`, name, properties });
  };
const machine =
  (subnet: string, attached = true): Change =>
  (world) => {
    world.rows.push(
      row(`${NODE_GROUP}/providers/Microsoft.Network/networkInterfaces/aks-nap-1`, {
        ...(attached ? { virtualMachine: { id: `${NODE_GROUP}/x/aks-nap-1` } } : {}),
        ipConfigurations: [
          { properties: { privateIPAddress: '10.1.9.4', subnet: { id: `${VNET}/subnets/${subnet}` } } },
        ],
      }),
    );
  };

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
  [
    '1 the subnet of hosted nodes has none',
    both(extraSubnet('hosted', { provisioningState: 'Succeeded' }), (world) => {
      world.properties['hostedSystemProfile'] = { enabled: true, systemNodeSubnetID: `${VNET}/subnets/hosted` };
    }),
    'FAIL',
    'no-route-table',
  ],
  [
    '1 a subnet that node auto-provisioning chose has none',
    both(extraSubnet('nap', { provisioningState: 'Succeeded' }), machine('nap')),
    'FAIL',
    'no-route-table',
  ],
  [
    '1 an interface of a private endpoint sends nothing',
    both(extraSubnet('pe', {}), machine('pe', false)),
    'PASS',
    'holds',
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
      (world) => {
        (rowOf(world, FIREWALL)['ipConfigurations'] as Json[]).push({ properties: { privateIPAddress: 'fd00::4' } });
      },
    ),
    'PASS',
    'holds',
  ],
  ['7 NAT gateway beside the route: the route comes first', nodes(nat), 'PASS', 'holds'],
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

  test('what one control accepts, the control that takes over its verdict does not refuse', async () => {
    const change = routes(route('d', '0.0.0.0/0', 'VirtualNetworkGateway'));
    const situation = { change, parameters: { acceptNetworkGateway: true }, of: 'aks-egress-route' };
    expect(await verdict('aks-outbound-type', situation)).toMatchObject({ status: 'PASS' });
    expect(await verdict('aks-outbound-type', { change })).toMatchObject({
      status: 'FAIL',
      reason: 'default-route-network-gateway',
    });
  });

  test('the outbound type says what decided and how to repair that', async () => {
    const found = await verdict('aks-outbound-type', { change: routes() });
    expect(found.proof[0]?.hops?.at(-1)).toBe('no route for 0.0.0.0/0');
    expect(found).toMatchObject({
      message: 'subnet nodes (rt-nodes) has no route for 0.0.0.0/0; subnet pods (rt-nodes) has no route for 0.0.0.0/0',
      remediation: expect.stringMatching(/^Associate a route table/),
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
            'az network route-table route create --subscription 11111111-1111-1111-1111-111111111111 --resource-group rg-net --route-table-name rt-nodes',
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
    'UNKNOWN',
    'absent-field',
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
