import { describe, expect, test } from 'vitest';
import {
  FIREWALL,
  HUB,
  HUB_VNET,
  type Json,
  route,
  row,
  rowOf,
  SPOKE,
  TABLE,
  VNET,
} from '#test/collectors/azure/world.ts';
import { both, type Change, managed, network, nodes, outbound, routes, toFirewall, without } from './changes.ts';
import { verdict } from './verdicts.ts';

type Row = readonly [title: string, change: Change, status: string, reason: string];

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
      'no peerings, and the firewall does not show its subnet: matched by address',
      (world) => {
        rowOf(world, VNET)['virtualNetworkPeerings'] = [];
        rowOf(world, FIREWALL)['ipConfigurations'] = [{ properties: { privateIPAddress: '10.0.1.4' } }];
      },
      'PASS',
      'holds',
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
    [
      'dual stack: the IPv6 default leads to nothing that is known',
      both(
        network({ ipFamilies: ['IPv4', 'IPv6'] }),
        routes(toFirewall, route('v6', '::/0', 'VirtualAppliance', 'fd00::4')),
      ),
      'FAIL',
      'next-hop-unknown',
    ],
    ['another outbound type', outbound('none'), 'NOT_APPLICABLE', 'other-outbound-type'],
  ];
  test.each(ROWS)('%s', async (_title, change, status, reason) => {
    expect(await verdict('aks-egress-firewall', { change })).toMatchObject({ status, reason });
  });

  test('a hub outside the scan leaves the firewall, the route and the rules undecided', async () => {
    const situation = { subscriptions: [SPOKE] };
    expect(await verdict('aks-egress-firewall', situation)).toMatchObject({ status: 'UNKNOWN', reason: 'not-scanned' });
    expect(await verdict('aks-egress-route', situation)).toMatchObject({
      status: 'UNKNOWN',
      reason: 'not-scanned',
      message: expect.stringContaining('azure.centralEgress'),
    });
    expect(await verdict('aks-egress-rules', situation)).toMatchObject({ status: 'UNKNOWN', reason: 'not-scanned' });
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
    [
      'a public prefix to another appliance',
      routes(toFirewall, route('x', '20.1.0.0/16', 'VirtualAppliance', '10.0.9.9')),
      'UNKNOWN',
      'undecidable',
    ],
    [
      'a public prefix to the network gateway',
      routes(toFirewall, route('x', '20.1.0.0/16', 'VirtualNetworkGateway')),
      'UNKNOWN',
      'undecidable',
    ],
    [
      'private prefixes to the gateway and public ones to the same firewall',
      routes(
        toFirewall,
        route('lan', '10.0.0.0/8', 'VirtualNetworkGateway'),
        route('same', '20.1.0.0/16', 'VirtualAppliance', '10.0.1.4'),
        route('dropped', '30.0.0.0/8', 'None'),
      ),
      'PASS',
      'holds',
    ],
    [
      'a route to the internet inside a public pod range',
      both(network({ podCidrs: ['20.0.0.0/8'] }), past('20.1.0.0/16')),
      'FAIL',
      'route-past-firewall',
    ],
    ['route table unread', without(TABLE), 'UNKNOWN', 'not-found'],
    ['service endpoints malformed', nodes({ serviceEndpoints: 'all' }), 'UNKNOWN', 'malformed-answer'],
    [
      'no pools, so no subnets are known',
      (world) => {
        world.properties['agentPoolProfiles'] = null;
      },
      'UNKNOWN',
      'absent-field',
    ],
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
