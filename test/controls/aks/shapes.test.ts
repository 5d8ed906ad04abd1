import { describe, expect, test } from 'vitest';
import { closedWorld, type Json, type World } from '#test/collectors/azure/world.ts';
import { collectWorld, judgeSubject, verdictsOf } from './verdicts.ts';

/** Bodies as ARM has sent them between 2019 and 2026: what a control may conclude from each, and what it may not. */

const SETTINGS = { profile: 'closed', controls: {} } as const;

async function statuses(properties: Json, cluster: Json = {}): Promise<Readonly<Record<string, string>>> {
  const world: World = closedWorld();
  world.cluster = { ...world.cluster, ...cluster };
  world.properties = properties;
  const { subjects } = await collectWorld(world);
  const [subject] = subjects;
  if (subject === undefined) throw new Error('not collected');
  return Object.fromEntries([...judgeSubject(subject, SETTINGS)].map(([id, { status }]) => [id, status]));
}

describe('a body of 2019: kubenet, no API server profile, no outbound type', () => {
  const old: Json = {
    provisioningState: 'Succeeded',
    kubernetesVersion: '1.14.8',
    dnsPrefix: 'old',
    fqdn: 'old-1234.hcp.westeurope.azmk8s.io',
    agentPoolProfiles: [
      {
        name: 'agentpool',
        count: 3,
        vmSize: 'Standard_DS2_v2',
        osDiskSizeGB: 100,
        maxPods: 110,
        type: 'AvailabilitySet',
        osType: 'Linux',
      },
    ],
    nodeResourceGroup: 'MC_rg-aks_prod_westeurope',
    enableRBAC: true,
    networkProfile: {
      networkPlugin: 'kubenet',
      podCidr: '10.244.0.0/16',
      serviceCidr: '10.0.0.0/16',
      dnsServiceIP: '10.0.0.10',
      dockerBridgeCidr: '172.17.0.1/16',
      loadBalancerSku: 'Basic',
    },
  };
  test('is public, leaves through the default balancer and enforces no policy', async () => {
    expect(await statuses(old)).toMatchObject({
      'aks-api-private': 'FAIL',
      'aks-api-authorized-ranges': 'FAIL',
      'aks-outbound-type': 'FAIL',
      'aks-egress-route': 'NOT_APPLICABLE',
      'aks-load-balancer-sku': 'FAIL',
      'aks-network-policy': 'FAIL',
      'aks-node-public-ip': 'PASS',
      'aks-subnet-default-outbound': 'NOT_APPLICABLE',
    });
  });
  test('without any profile at all it still crashes nothing', async () => {
    const bare = await statuses({ provisioningState: 'Succeeded', agentPoolProfiles: null });
    expect(Object.entries(bare).filter(([, status]) => status === 'PASS')).toEqual([
      ['aks-managed-ingress', 'PASS'],
      ['aks-audit-log', 'PASS'],
    ]);
  });
});

test('Automatic: VNet integration, node auto-provisioning and a hosted system pool do not make it private', async () => {
  const found = await statuses(
    {
      provisioningState: 'Succeeded',
      nodeResourceGroup: 'MC_rg-aks_prod_westeurope',
      apiServerAccessProfile: { enableVnetIntegration: true, subnetId: '' },
      nodeProvisioningProfile: { mode: 'Auto', defaultNodePools: 'Auto' },
      hostedSystemProfile: { enabled: true },
      agentPoolProfiles: [],
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkDataplane: 'cilium',
        networkPolicy: 'cilium',
        outboundType: 'managedNATGateway',
        loadBalancerSku: 'standard',
      },
    },
    { sku: { name: 'Automatic', tier: 'Standard' } },
  );
  expect(found).toMatchObject({
    'aks-api-private': 'FAIL',
    'aks-outbound-type': 'FAIL',
    'aks-node-public-ip': 'PASS',
    'aks-network-policy': 'PASS',
  });
});

test.each([
  'Creating',
  'Updating',
  'Upgrading',
  'Failed',
  'Canceled',
  'Stopping',
  'Starting',
  'Deleting',
  'Hibernating',
])('state %s: nothing passes that would not pass otherwise', async (state) => {
  const world = closedWorld();
  const found = await statuses({ ...world.properties, provisioningState: state });
  const usual = await statuses(world.properties);
  expect(Object.entries(found).filter(([id, status]) => status === 'PASS' && usual[id] !== 'PASS')).toEqual([]);
});

test.each(['outboundType', 'loadBalancerSku', 'networkPolicy'])('a future value of %s is UNKNOWN', async (field) => {
  const verdicts = await verdictsOf({
    change: (world) => {
      (world.properties['networkProfile'] as Json)[field] = 'of2031';
    },
  });
  const id =
    {
      outboundType: 'aks-outbound-type',
      loadBalancerSku: 'aks-load-balancer-sku',
      networkPolicy: 'aks-network-policy',
    }[field] ?? '';
  expect(verdicts.get(id)).toMatchObject({ status: 'UNKNOWN', reason: 'unrecognised-value' });
});

test('every id and enum value in capitals changes no verdict', async () => {
  const world = closedWorld();
  const shout = (value: unknown): unknown => {
    if (typeof value === 'string') return value.toUpperCase();
    if (Array.isArray(value)) return value.map(shout);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shout(inner)]));
  };
  expect(await statuses(shout(world.properties) as Json)).toEqual(await statuses(world.properties));
});

test('the uid is the ARM id in lower case', async () => {
  const world = closedWorld();
  const { subjects } = await collectWorld(world);
  expect(subjects[0]?.resource).toEqual({
    uid: String(world.cluster['id']).toLowerCase(),
    type: 'azure.aks.cluster',
    provider: 'azure',
    account: '11111111-1111-1111-1111-111111111111',
    region: 'westeurope',
    name: 'prod',
  });
});
