import { expect, test } from 'vitest';
import {
  closedWorld,
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
  type World,
} from '#test/collectors/azure/world.ts';
import { collectWorld, judgeSubject } from './verdicts.ts';

/**
 * Whatever single field of an open cluster's answers turns into nonsense: what failed may become unknown, and never passes. Fields that
 * merely vanish are another matter: many have a documented default.
 */

const AGW = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.Network/applicationGateways/agw`;
const REGISTRY = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.ContainerRegistry/registries/reg`;
const BALANCER = `${NODE_GROUP}/providers/Microsoft.Network/loadBalancers/kubernetes`;

function openWorld(): World {
  const world = closedWorld();
  Object.assign(world.properties, {
    disableLocalAccounts: false,
    agentPoolProfiles: [
      pool('a', { enableNodePublicIP: true, networkProfile: { allowedHostPorts: [{ portStart: 80, portEnd: 80 }] } }),
    ],
    apiServerAccessProfile: {
      enablePrivateCluster: true,
      enablePrivateClusterPublicFQDN: true,
      privateDNSZone: 'example.com',
      disableRunCommand: false,
      enableVnetIntegration: true,
      subnetId: NODES,
    },
    addonProfiles: { ingressApplicationGateway: { enabled: true, config: { effectiveApplicationGatewayId: AGW } } },
    bootstrapProfile: { artifactSource: 'Direct', containerRegistryId: REGISTRY },
  });
  Object.assign(world.properties['networkProfile'] as Json, {
    networkPolicy: 'none',
    loadBalancerSku: 'basic',
    staticEgressGatewayProfile: { enabled: true },
  });
  rowOf(world, TABLE)['routes'] = [route('d', '0.0.0.0/0', 'Internet'), route('c', '20.0.0.0/8', 'Internet')];
  Object.assign(subnetOf(world, NODES), {
    defaultOutboundAccess: true,
    serviceEndpoints: [{ service: 'Microsoft.Storage', provisioningState: 'Succeeded' }],
  });
  world.rows.push(
    row(AGW, { frontendIPConfigurations: [{ name: 'front', properties: { publicIPAddress: { id: '/x' } } }] }),
    row(REGISTRY, { publicNetworkAccess: 'Enabled' }),
    row(`${NODE_GROUP}/providers/Microsoft.Network/privateLinkServices/pls`, { visibility: { subscriptions: ['*'] } }),
    row(`${NODE_GROUP}/providers/Microsoft.Network/publicIPPrefixes/prefix`, {}),
    row(BALANCER, {
      frontendIPConfigurations: [
        { name: 'a', properties: { publicIPAddress: { id: '/x' }, loadBalancingRules: [{ id: `${BALANCER}/r` }] } },
      ],
    }),
  );
  world.connections.push({
    name: 'foreign',
    properties: {
      privateEndpoint: { id: '/subscriptions/far/x' },
      privateLinkServiceConnectionState: { status: 'Approved' },
    },
  });
  world.diagnostics = [{ name: 'd', properties: { workspaceId: '/w', logs: [{ category: 'audit', enabled: false }] } }];
  return world;
}

type Path = readonly (string | number)[];

function* pathsOf(value: unknown, path: Path): Generator<Path> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

function spoilt(path: Path, nonsense: unknown): World {
  const world = openWorld();
  let at = world as unknown as Json;
  for (const key of path.slice(0, -1)) at = at[key] as Json;
  at[path.at(-1) ?? ''] = nonsense;
  return world;
}

const settings = { profile: 'closed', controls: {} } as const;

async function statusesOf(world: World): Promise<ReadonlyMap<string, string>> {
  const [subject] = (await collectWorld(world)).subjects;
  if (subject === undefined) return new Map();
  return new Map([...judgeSubject(subject, settings)].map(([control, { status }]) => [control, status]));
}

test('a field that turns into nonsense never lets an open cluster pass', async () => {
  const open = openWorld();
  const before = await statusesOf(open);
  const failing = [...before].filter(([, status]) => status === 'FAIL').map(([control]) => control);
  expect(failing.length).toBeGreaterThan(15);
  const paths = [
    ...pathsOf(open.properties, ['properties']),
    ...open.rows.flatMap(({ properties }, index) => [...pathsOf(properties, ['rows', index, 'properties'])]),
    ...pathsOf(open.connections, ['connections']),
    ...pathsOf(open.diagnostics, ['diagnostics']),
  ].slice(1);
  const passed: string[] = [];
  for (const path of paths) {
    for (const nonsense of ['nonsense', 7]) {
      const after = await statusesOf(spoilt(path, nonsense));
      for (const control of failing)
        if (after.get(control) === 'PASS') passed.push(`${path.join('.')} = ${nonsense}: ${control}`);
    }
  }
  expect(passed).toEqual([]);
}, 60_000);
