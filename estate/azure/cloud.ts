import type { Playground } from '../faults.ts';
import { type LoopbackAnswer, type LoopbackServer, startJson } from '../http.ts';
import { classicRules, NODE_GROUP_OF_ADDRESSES, policyRules } from './firewall.ts';
import type { AksSpec, AzureEstate, AzureSubscription } from './model.ts';

type Json = Readonly<Record<string, unknown>>;

/** Resource Manager and Resource Graph on loopback, after their public REST description. */
export function startAzure(estate: AzureEstate, playground: Playground): Promise<LoopbackServer> {
  return startJson(async ({ url, body, method }) => {
    const subscription = /^\/subscriptions\/([^/]+)/.exec(url.pathname)?.[1] ?? '';
    const fault = await playground.meet('azure', `${method} ${operationOf(url.pathname)}`, [subscription]);
    return fault === undefined ? answer(url, body, estate) : faulty(fault);
  });
}

function operationOf(path: string): string {
  const last = path.split('/').at(-1) ?? '';
  return /^subscriptions$/i.test(last) || /[a-z]/i.test(last) ? last : path;
}

function faulty(kind: string): LoopbackAnswer {
  if (kind === 'hang') return undefined;
  if (kind === 'truncate') return { body: null, text: '{"value": [' };
  const refused = (status: number, code: string, headers: Readonly<Record<string, string>> = {}) => ({
    status,
    headers,
    body: { error: { code, message: `${code}: simulated` } },
  });
  if (kind === 'throttle') return refused(429, 'TooManyRequests', { 'retry-after': '1' });
  return kind === 'expire' ? refused(401, 'ExpiredAuthenticationToken') : refused(403, 'AuthorizationFailed');
}

function answer(url: URL, body: string, { subscriptions, tenant }: AzureEstate): LoopbackAnswer {
  const path = url.pathname;
  if (path === '/subscriptions') {
    return {
      body: {
        value: subscriptions.map(({ id, name, state }) => ({
          id: `/subscriptions/${id}`,
          subscriptionId: id,
          tenantId: tenant,
          displayName: name,
          state,
        })),
      },
    };
  }
  const subscription = subscriptions.find(({ id }) => path.startsWith(`/subscriptions/${id}/`));
  if (/\/managedClusters$/i.test(path))
    return { body: { value: subscription?.clusters.map((spec) => clusterOf(spec, subscription)) ?? [] } };
  if (path.endsWith('/Microsoft.ResourceGraph/resources')) return { body: graph(body, subscriptions) };
  if (path.endsWith('/diagnosticSettings'))
    return {
      body: {
        value: [
          {
            name: 'audit',
            properties: {
              workspaceId: '/subscriptions/0/workspace',
              logs: [{ category: 'kube-audit', enabled: true }],
            },
          },
        ],
      },
    };
  if (path.endsWith('/privateEndpointConnections')) return { body: { value: [] } };
  const policy = /\/firewallPolicies\/fwp-([^/]+)\/ruleCollectionGroups$/i.exec(path)?.[1];
  if (policy !== undefined)
    return {
      body: { value: policyRules(network(subscription?.id ?? '', 'ipGroups', `nodes-${policy}`).toLowerCase()) },
    };
  return { status: 404, body: { error: { code: 'NotFound', message: `${path} is not simulated` } } };
}

/** Understands the one query form that scans use, on the two tables. */
function graph(body: string, all: readonly AzureSubscription[]): Json {
  const { query, subscriptions = [] } = JSON.parse(body) as { query: string; subscriptions?: string[] };
  const asked = all.filter(({ id }) => subscriptions.includes(id));
  const rows = query.startsWith('resourcecontainers')
    ? asked.flatMap(groupsOf)
    : asked.flatMap((subscription) => subscription.clusters.flatMap((spec) => networkOf(spec, subscription.id)));
  const types = [...query.matchAll(/'([^']+)'/g)].map(([, type = '']) => type.toLowerCase());
  const data = rows.filter(({ type }) => types.includes(String(type)));
  return { totalRecords: data.length, count: data.length, data, resultTruncated: 'false', facets: [] };
}

const network = (subscription: string, type: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg-network/providers/Microsoft.Network/${type}/${name}`;
const nodeGroup = (subscription: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/MC_rg-aks_${name}`;

function row(id: string, properties: Json): Json {
  const [, , subscriptionId, , resourceGroup, , provider, type] = id.split('/');
  return {
    id,
    name: id.split('/').at(-1),
    type: `${provider}/${type}`.toLowerCase(),
    location: 'japaneast',
    resourceGroup,
    subscriptionId,
    tags: null,
    sku: null,
    properties: { provisioningState: 'Succeeded', ...properties },
  };
}

function groupsOf({ id, clusters }: AzureSubscription): readonly Json[] {
  const groups = ['rg-network', ...clusters.map(({ name }) => `MC_rg-aks_${name}`)];
  return groups.map((name) => ({
    id: `/subscriptions/${id}/resourceGroups/${name}`,
    name,
    type: 'microsoft.resources/subscriptions/resourcegroups',
    subscriptionId: id,
    properties: { provisioningState: 'Succeeded' },
  }));
}

function clusterOf(spec: AksSpec, { id }: AzureSubscription): Json {
  const subnet = `${network(id, 'virtualNetworks', `vnet-${spec.name}`)}/subnets/nodes`;
  const pool = (name: string) => ({
    name,
    mode: name === 'system' ? 'System' : 'User',
    osType: 'Linux',
    enableNodePublicIP: spec.poolsWithPublicAddress.includes(name),
    vnetSubnetID: subnet,
  });
  return {
    id: `/subscriptions/${id}/resourcegroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/${spec.name}`,
    name: spec.name,
    location: spec.region,
    type: 'Microsoft.ContainerService/ManagedClusters',
    sku: { name: 'Base', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion: '1.33',
      nodeResourceGroup: `MC_rg-aks_${spec.name}`,
      disableLocalAccounts: true,
      ...apiServer(spec),
      networkProfile: {
        outboundType: spec.outboundType,
        loadBalancerSku: 'standard',
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        networkPolicy: 'cilium',
        networkDataplane: 'cilium',
        podCidr: '10.244.0.0/16',
        podCidrs: ['10.244.0.0/16'],
        ipFamilies: ['IPv4'],
      },
      bootstrapProfile: { artifactSource: spec.artifactSource },
      agentPoolProfiles: [pool('system'), pool('work')],
    },
  };
}

function apiServer({ privateApi, vnetIntegration }: AksSpec): Json {
  if (!privateApi && !vnetIntegration) return {};
  return {
    apiServerAccessProfile: {
      enablePrivateCluster: privateApi,
      enableVnetIntegration: vnetIntegration,
      disableRunCommand: true,
      ...(privateApi ? { enablePrivateClusterPublicFQDN: false, privateDNSZone: 'system' } : {}),
    },
  };
}

/** An address of its own for each firewall, inside the cluster's network. */
function firewallAddress(name: string): string {
  return `10.1.1.${4 + [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 240, 0)}`;
}

function networkOf(spec: AksSpec, subscription: string): readonly Json[] {
  const vnet = network(subscription, 'virtualNetworks', `vnet-${spec.name}`);
  const table = network(subscription, 'routeTables', `rt-${spec.name}`);
  const policy = network(subscription, 'firewallPolicies', `fwp-${spec.name}`);
  const subnet = `${vnet}/subnets/nodes`;
  const balancer = `${nodeGroup(subscription, spec.name)}/providers/Microsoft.Network/loadBalancers/kubernetes`;
  const address = `${nodeGroup(subscription, spec.name)}/providers/Microsoft.Network/publicIPAddresses/pip-${spec.name}`;
  const routes = {
    firewall: [
      {
        name: 'default',
        properties: {
          addressPrefix: '0.0.0.0/0',
          nextHopType: 'VirtualAppliance',
          nextHopIpAddress: firewallAddress(spec.name),
        },
      },
    ],
    internet: [{ name: 'default', properties: { addressPrefix: '0.0.0.0/0', nextHopType: 'Internet' } }],
    none: [],
  }[spec.defaultRoute];
  return [
    row(vnet, {
      addressSpace: { addressPrefixes: ['10.1.0.0/16'] },
      subnets: [
        {
          id: subnet,
          name: 'nodes',
          properties: {
            provisioningState: 'Succeeded',
            addressPrefix: '10.1.0.0/24',
            routeTable: { id: table },
            defaultOutboundAccess: false,
          },
        },
      ],
      virtualNetworkPeerings: [],
    }),
    row(table, { disableBgpRoutePropagation: true, subnets: [{ id: subnet }], routes }),
    ...(spec.firewall
      ? [
          row(network(subscription, 'azureFirewalls', `fw-${spec.name}`), {
            threatIntelMode: 'Alert',
            ...classicRules(spec),
            ...(spec.firewallRules === 'policy' ? { firewallPolicy: { id: policy } } : {}),
            ipConfigurations: [
              {
                name: 'fw',
                properties: {
                  privateIPAddress: firewallAddress(spec.name),
                  subnet: { id: `${vnet}/subnets/AzureFirewallSubnet` },
                },
              },
            ],
          }),
        ]
      : []),
    ...(spec.firewallRules === 'policy'
      ? [
          row(policy, {
            threatIntelMode: 'Alert',
            ruleCollectionGroups: [{ id: `${policy}/ruleCollectionGroups/aks` }],
          }),
          row(network(subscription, 'ipGroups', `nodes-${spec.name}`), NODE_GROUP_OF_ADDRESSES),
        ]
      : []),
    ...(spec.publicFrontend
      ? [
          row(balancer, {
            frontendIPConfigurations: [
              {
                id: `${balancer}/frontendIPConfigurations/a1`,
                name: 'a1',
                properties: {
                  publicIPAddress: { id: address },
                  loadBalancingRules: [{ id: `${balancer}/loadBalancingRules/a1-TCP-443` }],
                },
              },
            ],
          }),
          {
            ...row(address, { ipAddress: '203.0.113.10' }),
            tags: { 'k8s-azure-service': 'shop/frontend', 'k8s-azure-cluster-name': 'kubernetes' },
          },
        ]
      : []),
  ];
}
