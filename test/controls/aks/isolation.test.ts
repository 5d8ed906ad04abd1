import { describe, expect, test } from 'vitest';
import {
  type Json,
  NODE_GROUP,
  NODES,
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

const set =
  (name: string, value: unknown): Change =>
  (world) => {
    world.properties[name] = value;
  };
const network =
  (extra: Json): Change =>
  (world) => {
    Object.assign(world.properties['networkProfile'] as Json, extra);
  };
const both =
  (...changes: readonly Change[]): Change =>
  (world) => {
    for (const change of changes) change(world);
  };
const cache = set('bootstrapProfile', { artifactSource: 'Cache' });
const none = network({ outboundType: 'none' });
const GROUP = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.Network/networkSecurityGroups/nsg`;
const rule = (name: string, priority: number, access: string, destination: string, extra: Json = {}): Json => ({
  name,
  properties: {
    direction: 'Outbound',
    access,
    priority,
    protocol: '*',
    sourceAddressPrefix: '*',
    sourcePortRange: '*',
    destinationAddressPrefix: destination,
    destinationPortRange: '*',
    ...extra,
  },
});
const openSubnet =
  (extra: Json = {}): Change =>
  (world) => {
    world.properties['agentPoolProfiles'] = [pool('a', { podSubnetID: undefined })];
    Object.assign(subnetOf(world, NODES), { defaultOutboundAccess: null, routeTable: undefined, ...extra });
  };
const egressGateway = network({ staticEgressGatewayProfile: { enabled: true } });
const rules = (...list: Json[]): Change =>
  both(openSubnet({ networkSecurityGroup: { id: GROUP } }), (world) => {
    world.rows.push(row(GROUP, { securityRules: list }));
  });
const REGISTRY = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.ContainerRegistry/registries/reg`;
const registry =
  (publicNetworkAccess: unknown): Change =>
  (world) => {
    world.properties['bootstrapProfile'] = { artifactSource: 'Cache', containerRegistryId: REGISTRY };
    world.rows.push(row(REGISTRY, { publicNetworkAccess }));
  };
const endpoint =
  (status: string, network = VNET): Change =>
  (world) => {
    world.rows.push(
      row(`/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.Network/privateEndpoints/pe`, {
        subnet: { id: `${network}/subnets/endpoints` },
        privateLinkServiceConnections: [
          {
            properties: { privateLinkServiceId: REGISTRY.toUpperCase(), privateLinkServiceConnectionState: { status } },
          },
        ],
      }),
    );
  };
const diagnostics =
  (...logs: Json[]): Change =>
  (world) => {
    world.diagnostics = [{ name: 'd', properties: { workspaceId: '/w', logs } }];
  };

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'aks-network-isolated': [
    ['cache, none, private, no node addresses', both(cache, none), 'PASS', 'holds'],
    ['cache with block', both(cache, network({ outboundType: 'block' })), 'PASS', 'holds'],
    ['direct', both(set('bootstrapProfile', { artifactSource: 'Direct' }), none), 'FAIL', 'artifacts-direct'],
    ['absent is direct', none, 'FAIL', 'artifacts-direct'],
    ['a public API server', both(cache, none, set('apiServerAccessProfile', null)), 'FAIL', 'public-open'],
    [
      'node public addresses',
      both(cache, none, set('agentPoolProfiles', [pool('a', { enableNodePublicIP: true })])),
      'FAIL',
      'node-public-ip',
    ],
    [
      'an unknown source',
      both(set('bootstrapProfile', { artifactSource: 'Mirror' }), none),
      'UNKNOWN',
      'unrecognised-value',
    ],
    ['another outbound type', cache, 'NOT_APPLICABLE', 'other-outbound-type'],
  ],
  'aks-subnet-default-outbound': [
    ['a private subnet', () => undefined, 'PASS', 'holds'],
    ['implicit access', openSubnet(), 'FAIL', 'default-outbound-access'],
    ['implicit access, outbound none', both(openSubnet(), none), 'FAIL', 'default-outbound-access'],
    ['closed by its route', openSubnet({ routeTable: { id: TABLE } }), 'PASS', 'holds'],
    ['closed by a deny rule', rules(rule('deny', 4000, 'Deny', 'Internet')), 'PASS', 'holds'],
    [
      'an inner allow does not open it',
      rules(
        rule('in', 100, 'Allow', 'VirtualNetwork'),
        rule('lan', 110, 'Allow', '10.0.0.0/8'),
        rule('deny', 4000, 'Deny', '*'),
      ),
      'PASS',
      'holds',
    ],
    [
      'the inner network reaches as far as a route to the internet',
      both(rules(rule('in', 100, 'Allow', 'VirtualNetwork'), rule('deny', 4000, 'Deny', 'Internet')), (world) => {
        subnetOf(world, NODES)['routeTable'] = { id: TABLE };
        rowOf(world, TABLE)['routes'] = [route('d', '0.0.0.0/0', 'Internet')];
      }),
      'FAIL',
      'default-outbound-access',
    ],
    [
      'an allow before the deny',
      rules(
        rule('deny', 4000, 'Deny', 'Internet'),
        rule('web', 200, 'Allow', 'Internet', { destinationPortRange: '443' }),
      ),
      'FAIL',
      'default-outbound-access',
    ],
    [
      'a deny of one port only',
      rules(rule('deny', 4000, 'Deny', 'Internet', { destinationPortRange: '80' })),
      'FAIL',
      'default-outbound-access',
    ],
    [
      'an inbound deny',
      rules(rule('deny', 4000, 'Deny', 'Internet', { direction: 'Inbound' })),
      'FAIL',
      'default-outbound-access',
    ],
    ['security group unread', openSubnet({ networkSecurityGroup: { id: GROUP } }), 'UNKNOWN', 'not-found'],
    ['NAT gateway with none', both(none, openSubnet({ natGateway: { id: '/x/nat' } })), 'FAIL', 'nat-gateway'],
    [
      'managed network',
      set('agentPoolProfiles', [pool('a', { vnetSubnetID: undefined, podSubnetID: undefined })]),
      'NOT_APPLICABLE',
      'managed-network',
    ],
  ],
  'aks-static-egress-gateway': [
    ['absent', () => undefined, 'PASS', 'holds'],
    ['disabled', network({ staticEgressGatewayProfile: { enabled: false } }), 'PASS', 'holds'],
    ['enabled, nothing public in sight', egressGateway, 'UNKNOWN', 'undecidable'],
    ['a gateway pool alone', set('agentPoolProfiles', [pool('gw', { mode: 'Gateway' })]), 'UNKNOWN', 'undecidable'],
    [
      'enabled, a public prefix in the group',
      both(egressGateway, (world) => {
        world.rows.push(row(`${NODE_GROUP}/providers/Microsoft.Network/publicIPPrefixes/aks-gw`, {}));
      }),
      'FAIL',
      'public-prefix',
    ],
    [
      'enabled, group unread',
      both(egressGateway, (world) => {
        world.groups = [];
      }),
      'UNKNOWN',
      'not-found',
    ],
    ['malformed', network({ staticEgressGatewayProfile: { enabled: 'no' } }), 'UNKNOWN', 'malformed-answer'],
    ['no network profile', set('networkProfile', null), 'UNKNOWN', 'absent-field'],
  ],
  'aks-private-endpoints': [
    ['nothing declared', () => undefined, 'NOT_APPLICABLE', 'no-dependencies'],
    ['endpoint approved, public access off', both(registry('Disabled'), endpoint('Approved')), 'PASS', 'holds'],
    ['public access on', both(registry('Enabled'), endpoint('Approved')), 'FAIL', 'public-network-access'],
    ['no endpoint', registry('Disabled'), 'FAIL', 'no-private-endpoint'],
    ['endpoint pending', both(registry('Disabled'), endpoint('Pending')), 'FAIL', 'no-private-endpoint'],
    [
      'endpoint in a network out of reach',
      both(registry('Disabled'), endpoint('Approved', `${VNET}-other`)),
      'FAIL',
      'no-private-endpoint',
    ],
    ['public access absent', both(registry(undefined), endpoint('Approved')), 'UNKNOWN', 'absent-field'],
    [
      'key vault reached publicly',
      set('securityProfile', { azureKeyVaultKms: { enabled: true, keyVaultNetworkAccess: 'Public' } }),
      'FAIL',
      'key-vault-public',
    ],
  ],
  'aks-network-policy': [
    ['cilium', () => undefined, 'PASS', 'holds'],
    ['calico', network({ networkPolicy: 'Calico' }), 'PASS', 'holds'],
    ['azure', network({ networkPolicy: 'azure' }), 'PASS', 'holds'],
    ['the text "none"', network({ networkPolicy: 'none' }), 'FAIL', 'no-policy-engine'],
    ['absent', network({ networkPolicy: undefined }), 'FAIL', 'no-policy-engine'],
    ['cilium without its data plane', network({ networkDataplane: 'azure' }), 'UNKNOWN', 'conflicting-fields'],
    ['own network plugin', network({ networkPolicy: 'none', networkPlugin: 'none' }), 'UNKNOWN', 'undecidable'],
    ['a future engine', network({ networkPolicy: 'ebpf2' }), 'UNKNOWN', 'unrecognised-value'],
  ],
  'aks-audit-log': [
    ['kube-audit', () => undefined, 'PASS', 'holds'],
    ['kube-audit-admin', diagnostics({ category: 'kube-audit-admin', enabled: true }), 'PASS', 'holds'],
    ['category group', diagnostics({ categoryGroup: 'allLogs', enabled: true }), 'PASS', 'holds'],
    ['disabled', diagnostics({ category: 'kube-audit', enabled: false }), 'FAIL', 'audit-log-off'],
    ['other categories', diagnostics({ category: 'guard', enabled: true }), 'FAIL', 'audit-log-off'],
    [
      'nowhere to go',
      (world) => {
        world.diagnostics = [{ name: 'd', properties: { logs: [{ category: 'kube-audit', enabled: true }] } }];
      },
      'FAIL',
      'audit-log-off',
    ],
    [
      'no setting',
      (world) => {
        world.diagnostics = [];
      },
      'FAIL',
      'audit-log-off',
    ],
    ['malformed', diagnostics({ category: 'kube-audit', enabled: 'yes' }), 'UNKNOWN', 'malformed-answer'],
  ],
};

for (const [control, list] of Object.entries(ROWS)) {
  describe(control, () => {
    test.each(list)('%s', async (_title, change, status, reason) => {
      expect(await verdict(control, { change })).toMatchObject({ status, reason });
    });
  });
}

test('a declared dependency without an endpoint fails, and is found in any spelling', async () => {
  const change: Change = (world) => {
    world.rows.push(row(REGISTRY, { publicNetworkAccess: 'Disabled' }));
  };
  expect(
    await verdict('aks-private-endpoints', { change, parameters: { dependencies: [REGISTRY.toUpperCase()] } }),
  ).toMatchObject({ status: 'FAIL', reason: 'no-private-endpoint' });
});

test('a declared dependency that cannot be read is undecided without an endpoint', async () => {
  const dependencies = [REGISTRY];
  expect(await verdict('aks-private-endpoints', { parameters: { dependencies } })).toMatchObject({
    status: 'UNKNOWN',
    reason: 'not-scanned',
    message: expect.stringContaining('itself cannot be read'),
  });
  const storage = [REGISTRY.replace('Microsoft.ContainerRegistry/registries', 'Microsoft.Storage/storageAccounts')];
  expect(await verdict('aks-private-endpoints', { parameters: { dependencies: storage } })).toMatchObject({
    status: 'UNKNOWN',
    reason: 'not-scanned',
  });
});

test('an unreadable peer leaves a missing endpoint undecided', async () => {
  const change: Change = (world) => {
    const peerings = rowOf(world, VNET)['virtualNetworkPeerings'] as Json[];
    peerings.push({
      name: 'far',
      properties: {
        remoteVirtualNetwork: {
          id: '/subscriptions/far/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/far',
        },
      },
    });
  };
  expect(await verdict('aks-private-endpoints', { change, parameters: { dependencies: [REGISTRY] } })).toMatchObject({
    status: 'UNKNOWN',
    reason: 'not-scanned',
  });
});
