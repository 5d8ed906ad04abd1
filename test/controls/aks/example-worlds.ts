import {
  FIREWALL,
  type Json,
  NODE_GROUP,
  NODES,
  pool,
  route,
  row,
  rowOf,
  SPOKE,
  subnetOf,
  VNET,
} from '#test/collectors/azure/world.ts';
import { both, type Change, network, routes, toFirewall } from './changes.ts';

/** Worlds in which the controls over AKS fail that pass in the closed one, or pass that do not apply there. */

const set =
  (name: string, value: unknown): Change =>
  (world) => {
    world.properties[name] = value;
  };
const api =
  (extra: Json): Change =>
  (world) => {
    Object.assign(world.properties['apiServerAccessProfile'] as Json, extra);
  };
const inGroup = (type: string, name: string) => `${NODE_GROUP}/providers/Microsoft.Network/${type}/${name}`;
const NET = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers`;
const REGISTRY = `${NET}/Microsoft.ContainerRegistry/registries/reg`;
const ADDRESS = inGroup('publicIPAddresses', 'kubernetes-a1');
const BALANCER = inGroup('loadBalancers', 'kubernetes');

const publicEverywhere: Change = both(
  api({ enablePrivateClusterPublicFQDN: true, privateDNSZone: '/x/corp.example' }),
  network({ loadBalancerSku: 'basic', networkPolicy: 'none', staticEgressGatewayProfile: { enabled: true } }),
  routes(toFirewall, route('x', '20.1.2.4/32', 'Internet')),
  set('agentPoolProfiles', [
    pool('a', {
      enableNodePublicIP: true,
      podSubnetID: undefined,
      networkProfile: { allowedHostPorts: [{ portStart: 80, portEnd: 80, protocol: 'TCP' }] },
    }),
  ]),
  set('ingressProfile', { webAppRouting: { enabled: true, nginx: { defaultIngressControllerType: 'External' } } }),
  (world) => {
    Object.assign(rowOf(world, FIREWALL), { threatIntelMode: 'Off' });
    const link = { visibility: { subscriptions: ['*'] }, autoApproval: { subscriptions: [] } };
    const open = { publicIPAddress: { id: ADDRESS }, loadBalancingRules: [{ id: `${BALANCER}/loadBalancingRules/r` }] };
    const front = { id: `${BALANCER}/frontendIPConfigurations/a1`, name: 'a1', properties: open };
    world.rows.push(
      row(inGroup('publicIPPrefixes', 'aks-gw'), {}),
      row(inGroup('privateLinkServices', 'pls'), link),
      row(BALANCER, { frontendIPConfigurations: [front] }),
      row(ADDRESS, { ipAddress: '20.9.9.9' }, { tags: { 'k8s-azure-service': 'shop/web' } }),
    );
    world.connections = ['9'].map((subscription) => ({
      name: `from ${subscription}`,
      properties: {
        privateEndpoint: { id: `/subscriptions/${subscription}/x` },
        privateLinkServiceConnectionState: { status: 'Approved' },
      },
    }));
  },
);

/** The subnet of the API server, delegated to the service named. */
const integrated = (serviceName: string): Change =>
  both(api({ enableVnetIntegration: true, subnetId: `${VNET}/subnets/api` }), (world) => {
    (rowOf(world, VNET)['subnets'] as Json[]).push({
      id: `${VNET}/subnets/api`,
      name: 'api',
      properties: { delegations: [{ properties: { serviceName } }] },
    });
  });

const registry =
  (publicNetworkAccess: string): Change =>
  (world) => {
    const connection = { privateLinkServiceId: REGISTRY, privateLinkServiceConnectionState: { status: 'Approved' } };
    world.properties['bootstrapProfile'] = { artifactSource: 'Cache', containerRegistryId: REGISTRY };
    world.rows.push(
      row(REGISTRY, { publicNetworkAccess }),
      row(`${NET}/Microsoft.Network/privateEndpoints/pe`, {
        subnet: { id: `${VNET}/subnets/endpoints` },
        privateLinkServiceConnections: [{ properties: connection }],
      }),
    );
  };

export const EXAMPLE_WORLDS: readonly Change[] = [
  publicEverywhere,
  both(integrated('Microsoft.Web/serverFarms'), registry('Enabled')),
  both(
    integrated('Microsoft.ContainerService/managedClusters'),
    registry('Disabled'),
    network({ outboundType: 'none' }),
  ),
  api({ enablePrivateCluster: false, authorizedIPRanges: ['203.0.113.0/24'] }),
  (world) => {
    world.properties['agentPoolProfiles'] = [pool('a', { podSubnetID: undefined })];
    Object.assign(subnetOf(world, NODES), { defaultOutboundAccess: null, routeTable: undefined });
  },
];
