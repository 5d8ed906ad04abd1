import { createHttpHeaders, type HttpClient, type PipelineResponse } from '@azure/core-rest-pipeline';

/** A small Azure tenant as ARM and Resource Graph show it: raw bodies, in the spellings that ARM really mixes. */
export interface World {
  cluster: Json;
  properties: Json;
  /** Rows of `resources` and of `resourcecontainers`. */
  rows: Json[];
  groups: Json[];
  diagnostics: Json[];
  connections: Json[];
  /** Rule collection groups by the id of their firewall policy. */
  ruleGroups: Record<string, Json[]>;
  subscriptions: Json[];
}

export interface Json {
  [key: string]: unknown;
}

export const SPOKE = '11111111-1111-1111-1111-111111111111';
export const HUB = '22222222-2222-2222-2222-222222222222';
const CLUSTER_ID = `/subscriptions/${SPOKE}/resourcegroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/prod`;
const network = (subscription: string, group: string, type: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/${type}/${name}`;
export const VNET = network(SPOKE, 'rg-net', 'virtualNetworks', 'spoke');
export const HUB_VNET = network(HUB, 'rg-hub', 'virtualNetworks', 'hub');
export const NODES = `${VNET}/subnets/nodes`;
export const PODS = `${VNET}/subnets/pods`;
export const TABLE = network(SPOKE, 'rg-net', 'routeTables', 'rt-nodes');
export const FIREWALL = network(HUB, 'rg-hub', 'azureFirewalls', 'fw');
export const NODE_GROUP = `/subscriptions/${SPOKE}/resourceGroups/MC_rg-aks_prod_westeurope`;

export function row(id: string, properties: Json, extra: Json = {}): Json {
  const [, , subscriptionId, , resourceGroup, , provider, ...rest] = id.split('/');
  const type = `${provider}/${rest.filter((_, index) => index % 2 === 0).join('/')}`.toLowerCase();
  return {
    id,
    name: id.split('/').at(-1),
    type,
    location: 'westeurope',
    resourceGroup,
    subscriptionId,
    tags: null,
    sku: null,
    properties,
    ...extra,
  };
}

const group = (id: string): Json => ({
  id,
  name: id.split('/').at(-1),
  type: 'microsoft.resources/subscriptions/resourcegroups',
  subscriptionId: id.split('/')[2],
  properties: { provisioningState: 'Succeeded' },
});

export function pool(name: string, extra: Json = {}): Json {
  return {
    name,
    mode: 'System',
    osType: 'Linux',
    enableNodePublicIP: false,
    vnetSubnetID: NODES,
    podSubnetID: PODS,
    ...extra,
  };
}

export const route = (name: string, addressPrefix: string, nextHopType: string, nextHopIpAddress?: string): Json => ({
  name,
  properties: {
    provisioningState: 'Succeeded',
    addressPrefix,
    nextHopType,
    ...(nextHopIpAddress === undefined ? {} : { nextHopIpAddress }),
  },
});

function subnet(id: string, extra: Json = {}): Json {
  return {
    id,
    name: id.split('/').at(-1),
    properties: {
      provisioningState: 'Succeeded',
      addressPrefix: '10.1.0.0/24',
      routeTable: { id: TABLE.replace('resourceGroups', 'resourcegroups') },
      defaultOutboundAccess: false,
      ...extra,
    },
  };
}

/** Closed in every respect: private API, user-defined routing through a hub firewall, an internal balancer, audit collected. */
export function closedWorld(): World {
  const properties: Json = {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    nodeResourceGroup: 'MC_rg-aks_prod_westeurope',
    privateFQDN: 'prod-abc.privatelink.westeurope.azmk8s.io',
    disableLocalAccounts: true,
    apiServerAccessProfile: {
      enablePrivateCluster: true,
      enablePrivateClusterPublicFQDN: false,
      privateDNSZone: 'system',
      disableRunCommand: true,
    },
    networkProfile: {
      outboundType: 'userDefinedRouting',
      loadBalancerSku: 'Standard',
      networkPlugin: 'azure',
      networkPluginMode: 'overlay',
      networkPolicy: 'cilium',
      networkDataplane: 'cilium',
      podCidr: '10.244.0.0/16',
      podCidrs: ['10.244.0.0/16'],
      ipFamilies: ['IPv4'],
    },
    agentPoolProfiles: [pool('system'), pool('work', { mode: 'User' })],
  };
  const balancer = `${NODE_GROUP}/providers/Microsoft.Network/loadBalancers/kubernetes-internal`;
  return {
    cluster: {
      id: CLUSTER_ID,
      name: 'prod',
      location: 'westeurope',
      type: 'Microsoft.ContainerService/ManagedClusters',
      sku: { name: 'Base', tier: 'Standard' },
    },
    properties,
    rows: [
      row(VNET, {
        provisioningState: 'Succeeded',
        addressSpace: { addressPrefixes: ['10.1.0.0/16'] },
        subnets: [subnet(NODES), subnet(PODS)],
        virtualNetworkPeerings: [
          {
            name: 'to-hub',
            properties: {
              remoteVirtualNetwork: { id: HUB_VNET },
              remoteAddressSpace: { addressPrefixes: ['10.0.0.0/16'] },
              useRemoteGateways: false,
            },
          },
        ],
      }),
      row(HUB_VNET, {
        addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
        subnets: [{ id: `${HUB_VNET}/subnets/AzureFirewallSubnet`, name: 'AzureFirewallSubnet', properties: {} }],
        virtualNetworkPeerings: [],
      }),
      row(TABLE, {
        provisioningState: 'Succeeded',
        disableBgpRoutePropagation: true,
        subnets: [{ id: NODES }, { id: PODS }],
        routes: [route('default', '0.0.0.0/0', 'VirtualAppliance', '10.0.1.4')],
      }),
      row(FIREWALL, {
        provisioningState: 'Succeeded',
        threatIntelMode: 'Alert',
        natRuleCollections: [],
        networkRuleCollections: [],
        applicationRuleCollections: [],
        ipConfigurations: [
          {
            name: 'fw',
            properties: {
              privateIPAddress: '10.0.1.4',
              subnet: { id: `${HUB_VNET}/subnets/AzureFirewallSubnet` },
              publicIPAddress: { id: network(HUB, 'rg-hub', 'publicIPAddresses', 'pip-fw') },
            },
          },
        ],
      }),
      row(network(HUB, 'rg-hub', 'publicIPAddresses', 'pip-fw'), { ipAddress: '20.1.2.3' }),
      row(balancer, {
        frontendIPConfigurations: [
          {
            id: `${balancer}/frontendIPConfigurations/aaa`,
            name: 'aaa',
            properties: {
              privateIPAddress: '10.1.0.9',
              subnet: { id: NODES },
              loadBalancingRules: [{ id: `${balancer}/loadBalancingRules/aaa-TCP-80` }],
            },
          },
        ],
      }),
    ],
    groups: [
      group(NODE_GROUP),
      group(`/subscriptions/${SPOKE}/resourceGroups/rg-net`),
      group(`/subscriptions/${HUB}/resourceGroups/rg-hub`),
    ],
    diagnostics: [
      {
        name: 'audit',
        properties: { workspaceId: '/subscriptions/x/workspace', logs: [{ category: 'kube-audit', enabled: true }] },
      },
    ],
    connections: [
      {
        name: 'own',
        properties: {
          privateEndpoint: { id: network(SPOKE, 'mc', 'privateEndpoints', 'kube-apiserver') },
          privateLinkServiceConnectionState: { status: 'Approved' },
        },
      },
    ],
    ruleGroups: {},
    subscriptions: [SPOKE, HUB].map((id) => ({
      subscriptionId: id,
      displayName: id.slice(0, 1) === '1' ? 'spoke' : 'hub',
      state: 'Enabled',
    })),
  };
}

export function rowOf(world: World, id: string): Json {
  const found = world.rows.find((entry) => String(entry['id']).toLowerCase() === id.toLowerCase());
  if (found === undefined) throw new Error(`the world has no row ${id}`);
  return found['properties'] as Json;
}

export function subnetOf(world: World, id: string): Json {
  const found = (rowOf(world, VNET)['subnets'] as Json[]).find((entry) => entry['id'] === id);
  if (found === undefined) throw new Error(`the world has no subnet ${id}`);
  return found['properties'] as Json;
}

/** Answers ARM requests from the world, without a socket. */
export function worldClient(world: World): HttpClient {
  return {
    sendRequest(request) {
      const { pathname } = new URL(request.url);
      const answer = (status: number, body: unknown): Promise<PipelineResponse> =>
        Promise.resolve({
          request,
          status,
          headers: createHttpHeaders({ 'content-type': 'application/json' }),
          bodyAsText: JSON.stringify(body),
        });
      if (pathname === '/subscriptions') return answer(200, { value: world.subscriptions });
      if (/\/managedClusters$/i.test(pathname)) {
        return answer(200, {
          value: pathname.includes(SPOKE) ? [{ ...world.cluster, properties: world.properties }] : [],
        });
      }
      if (pathname.endsWith('/Microsoft.ResourceGraph/resources')) {
        const { query, subscriptions } = JSON.parse(String(request.body)) as { query: string; subscriptions: string[] };
        const table = query.startsWith('resourcecontainers') ? world.groups : world.rows;
        const data = table.filter((entry) => subscriptions.includes(String(entry['id']).split('/')[2] ?? ''));
        return answer(200, {
          totalRecords: data.length,
          count: data.length,
          data,
          resultTruncated: 'false',
          facets: [],
        });
      }
      const policy = /^(.*)\/ruleCollectionGroups$/.exec(pathname)?.[1];
      const groups = policy === undefined ? undefined : world.ruleGroups[policy];
      if (groups !== undefined) return answer(200, { value: groups });
      if (pathname.endsWith('/diagnosticSettings')) return answer(200, { value: world.diagnostics });
      if (pathname.endsWith('/privateEndpointConnections')) return answer(200, { value: world.connections });
      return answer(404, { error: { code: 'NotFound', message: pathname } });
    },
  };
}
