import { describe, expect, test } from 'vitest';
import type { Json, World } from '#test/collectors/azure/world.ts';
import { HUB, rowOf, SPOKE, VNET } from '#test/collectors/azure/world.ts';
import { verdict } from './verdicts.ts';

type Row = readonly [title: string, change: (world: World) => void, status: string, reason: string];

const api = (extra: Json) => (world: World) => {
  world.properties['apiServerAccessProfile'] = { ...(world.properties['apiServerAccessProfile'] as Json), ...extra };
};
const noProfile = (world: World) => {
  delete world.properties['apiServerAccessProfile'];
};
const isPublic = (extra: Json) => api({ enablePrivateCluster: false, ...extra });
const set = (name: string, value: unknown) => (world: World) => {
  world.properties[name] = value;
};
const both =
  (...changes: readonly ((world: World) => void)[]) =>
  (world: World) => {
    for (const change of changes) change(world);
  };
const integrated = (delegations: unknown) => (world: World) => {
  api({ enableVnetIntegration: true, subnetId: `${VNET}/subnets/api` })(world);
  (rowOf(world, VNET)['subnets'] as Json[]).push({
    id: `${VNET}/subnets/API`,
    name: 'api',
    properties: { delegations },
  });
};
const connection = (status: unknown, subscription = SPOKE): Json => ({
  name: `from ${subscription}`,
  properties: {
    privateEndpoint: { id: `/subscriptions/${subscription}/x` },
    privateLinkServiceConnectionState: { status },
  },
});
const connections =
  (...list: Json[]) =>
  (world: World) => {
    world.connections = list;
  };

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'aks-api-private': [
    ['enablePrivateCluster true', api({}), 'PASS', 'holds'],
    ['the whole profile absent: a default public cluster', noProfile, 'FAIL', 'public-open'],
    ['the whole profile null', set('apiServerAccessProfile', null), 'FAIL', 'public-open'],
    ['enablePrivateCluster false', api({ enablePrivateCluster: false }), 'FAIL', 'public-open'],
    ['enablePrivateCluster null', api({ enablePrivateCluster: null }), 'FAIL', 'public-open'],
    [
      'VNet integration alone is a public front door',
      isPublic({ enableVnetIntegration: true, subnetId: '' }),
      'FAIL',
      'public-open',
    ],
    [
      'publicNetworkAccess Disabled does not override',
      both(isPublic({}), set('publicNetworkAccess', 'Disabled')),
      'FAIL',
      'public-open',
    ],
    [
      'a public name beside the private one stays private',
      set('fqdn', 'prod.hcp.westeurope.azmk8s.io'),
      'PASS',
      'holds',
    ],
    ['text instead of a boolean', api({ enablePrivateCluster: 'true' }), 'UNKNOWN', 'malformed-answer'],
    ['a profile that is a list', set('apiServerAccessProfile', []), 'UNKNOWN', 'malformed-answer'],
    ['a stopped cluster keeps its settings', set('powerState', { code: 'Stopped' }), 'PASS', 'holds'],
    [
      'Creating without settings',
      both(set('provisioningState', 'Creating'), noProfile),
      'UNKNOWN',
      'transitional-state',
    ],
    ['Creating with settings is judged', set('provisioningState', 'Creating'), 'PASS', 'holds'],
    ['Deleting is left alone', set('provisioningState', 'Deleting'), 'NOT_APPLICABLE', 'deleting'],
    ['Failed is judged', both(set('provisioningState', 'Failed'), noProfile), 'FAIL', 'public-open'],
  ],
  'aks-api-public-name': [
    ['disabled', api({ enablePrivateClusterPublicFQDN: false }), 'PASS', 'holds'],
    ['enabled', api({ enablePrivateClusterPublicFQDN: true }), 'FAIL', 'public-name'],
    ['absent: the service makes the name', api({ enablePrivateClusterPublicFQDN: undefined }), 'FAIL', 'public-name'],
    ['public cluster', isPublic({}), 'NOT_APPLICABLE', 'public-cluster'],
    ['malformed', api({ enablePrivateClusterPublicFQDN: 'no' }), 'UNKNOWN', 'malformed-answer'],
  ],
  'aks-api-private-dns-zone': [
    ['system', api({ privateDNSZone: 'System' }), 'PASS', 'holds'],
    [
      'own zone',
      api({ privateDNSZone: '/subscriptions/x/privateDnsZones/privatelink.westeurope.azmk8s.io' }),
      'PASS',
      'holds',
    ],
    ['sub-zone', api({ privateDNSZone: '/x/sub.privatelink.westeurope.azmk8s.io' }), 'PASS', 'holds'],
    [
      'VNet integration zone',
      api({ enableVnetIntegration: true, privateDNSZone: '/x/private.westeurope.azmk8s.io' }),
      'PASS',
      'holds',
    ],
    ['other zone', api({ privateDNSZone: '/x/corp.example' }), 'FAIL', 'other-zone'],
    ['zone of another region', api({ privateDNSZone: '/x/privatelink.eastus.azmk8s.io' }), 'FAIL', 'other-zone'],
    [
      'a name that only ends alike',
      api({ privateDNSZone: '/x/notprivatelink.westeurope.azmk8s.io' }),
      'FAIL',
      'other-zone',
    ],
    ['none', api({ privateDNSZone: 'none', enablePrivateClusterPublicFQDN: true }), 'FAIL', 'no-zone'],
    ['none without a public name', api({ privateDNSZone: 'none' }), 'UNKNOWN', 'conflicting-fields'],
    ['absent', api({ privateDNSZone: undefined }), 'UNKNOWN', 'absent-field'],
    ['public cluster', isPublic({}), 'NOT_APPLICABLE', 'public-cluster'],
  ],
  'aks-api-subnet-delegation': [
    ['no VNet integration', api({}), 'NOT_APPLICABLE', 'no-vnet-integration'],
    [
      'a network that AKS manages',
      api({ enableVnetIntegration: true, subnetId: '' }),
      'NOT_APPLICABLE',
      'managed-network',
    ],
    [
      'delegated to AKS',
      integrated([{ properties: { serviceName: 'microsoft.containerservice/managedclusters' } }]),
      'PASS',
      'holds',
    ],
    [
      'delegated to something else',
      integrated([{ properties: { serviceName: 'Microsoft.Web/serverFarms' } }]),
      'FAIL',
      'not-delegated',
    ],
    ['not delegated', integrated([]), 'FAIL', 'not-delegated'],
    ['no list of delegations', integrated(undefined), 'UNKNOWN', 'absent-field'],
    ['a list that is none', integrated('AKS'), 'UNKNOWN', 'malformed-answer'],
    [
      'the subnet cannot be read',
      api({ enableVnetIntegration: true, subnetId: `${VNET}/subnets/gone` }),
      'UNKNOWN',
      'not-found',
    ],
  ],
  'aks-api-authorized-ranges': [
    ['narrow ranges', isPublic({ authorizedIPRanges: ['203.0.113.0/24', '198.51.100.7'] }), 'PASS', 'holds'],
    ['the placeholder is no wildcard', isPublic({ authorizedIPRanges: ['0.0.0.0/32'] }), 'PASS', 'holds'],
    ['empty', isPublic({ authorizedIPRanges: [] }), 'FAIL', 'public-open'],
    ['absent', noProfile, 'FAIL', 'public-open'],
    ['everything', isPublic({ authorizedIPRanges: ['203.0.113.0/24', '0.0.0.0/0'] }), 'FAIL', 'range-too-wide'],
    ['just wider than the limit', isPublic({ authorizedIPRanges: ['203.0.0.0/15'] }), 'FAIL', 'range-too-wide'],
    ['no address', isPublic({ authorizedIPRanges: ['office'] }), 'UNKNOWN', 'unrecognised-value'],
    ['private cluster', api({ authorizedIPRanges: ['0.0.0.0/0'] }), 'NOT_APPLICABLE', 'private-cluster'],
    ['malformed list', isPublic({ authorizedIPRanges: '203.0.113.0/24' }), 'UNKNOWN', 'malformed-answer'],
  ],
  'aks-run-command': [
    ['disabled', api({}), 'PASS', 'holds'],
    ['false', api({ disableRunCommand: false }), 'FAIL', 'run-command-enabled'],
    ['absent', api({ disableRunCommand: undefined }), 'FAIL', 'run-command-enabled'],
    ['no profile', noProfile, 'FAIL', 'run-command-enabled'],
    ['malformed', api({ disableRunCommand: 1 }), 'UNKNOWN', 'malformed-answer'],
  ],
  'aks-private-endpoint-connections': [
    [
      'approved from a subscription in scope',
      connections(connection('Approved'), connection('approved', HUB)),
      'PASS',
      'holds',
    ],
    ['none', connections(), 'PASS', 'holds'],
    [
      'approved from elsewhere',
      connections(connection('Approved'), connection('Approved', '9')),
      'FAIL',
      'unexpected-connection',
    ],
    [
      'pending from elsewhere is only noted',
      connections(connection('Approved'), connection('Pending', '9')),
      'PASS',
      'holds',
    ],
    ['the only one is disconnected', connections(connection('Disconnected')), 'UNKNOWN', 'transitional-state'],
    ['an unknown state', connections(connection('Paused')), 'UNKNOWN', 'unrecognised-value'],
    ['no state', connections(connection(undefined)), 'UNKNOWN', 'absent-field'],
    ['public cluster', isPublic({}), 'NOT_APPLICABLE', 'public-cluster'],
  ],
  'aks-local-accounts': [
    ['disabled', set('disableLocalAccounts', true), 'PASS', 'holds'],
    ['false', set('disableLocalAccounts', false), 'FAIL', 'local-accounts-enabled'],
    ['absent', set('disableLocalAccounts', undefined), 'FAIL', 'local-accounts-enabled'],
    ['malformed', set('disableLocalAccounts', 'yes'), 'UNKNOWN', 'malformed-answer'],
  ],
};

for (const [control, rows] of Object.entries(ROWS)) {
  describe(control, () => {
    test.each(rows)('%s', async (_title, change, status, reason) => {
      expect(await verdict(control, { change })).toMatchObject({ status, reason });
    });
  });
}

test('no zone at all is informational', async () => {
  const found = await verdict('aks-api-private-dns-zone', {
    change: api({ privateDNSZone: 'none', enablePrivateClusterPublicFQDN: true }),
  });
  expect(found).toMatchObject({ status: 'FAIL', severity: 'INFORMATIONAL' });
});

test('the limit of authorized ranges is a parameter', async () => {
  const change = isPublic({ authorizedIPRanges: ['203.0.0.0/15'] });
  expect(await verdict('aks-api-authorized-ranges', { change, parameters: { widestPrefix: 15 } })).toMatchObject({
    status: 'PASS',
  });
});

test('declared subscriptions may connect', async () => {
  const change = connections(connection('Approved', '9'));
  expect(
    await verdict('aks-private-endpoint-connections', { change, parameters: { subscriptions: ['9'] } }),
  ).toMatchObject({ status: 'PASS' });
});

test('a state other than Succeeded marks the verdict as provisional', async () => {
  const found = await verdict('aks-api-private', { change: set('provisioningState', 'Updating') });
  expect(found.proof.at(-1)?.line).toBe('provisioningState is Updating: the verdict is provisional');
});
