import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';
import { ApplicationGateway, EndpointConnection, Frontend, GatewayInFront, PrivateLinkService } from './aks-inbound.ts';
import { AzureFirewall } from './azure-firewall.ts';

/**
 * What is known about one AKS cluster (source: Azure Resource Manager, `Microsoft.ContainerService/managedClusters`, and the network
 * resources that Azure Resource Graph returns). Every ARM id is in lower case: ARM itself answers in changing spellings.
 */

const text = fieldSchema(v.string());
const flag = fieldSchema(v.boolean());
const texts = fieldSchema(v.array(v.string()));

const ApiServer = v.strictObject({
  enablePrivateCluster: flag,
  enableVnetIntegration: flag,
  /** The subnet of the API server with VNet integration; absent (ARM sends an empty text) where AKS manages the network. */
  subnetId: text,
  enablePublicName: flag,
  privateDnsZone: text,
  authorizedRanges: texts,
  disableRunCommand: flag,
});

const NetworkProfile = v.strictObject({
  outboundType: text,
  loadBalancerSku: text,
  networkPlugin: text,
  networkPolicy: text,
  networkDataplane: text,
  podCidrs: texts,
  ipFamilies: texts,
  /** Ids of `effectiveOutboundIPs` of the load balancer profile and of the NAT gateway profile. */
  loadBalancerOutboundIps: texts,
  natGatewayOutboundIps: texts,
  staticEgressGateway: flag,
});

const Pool = v.strictObject({
  name: v.string(),
  mode: text,
  osType: text,
  enableNodePublicIp: flag,
  nodePublicIpPrefixId: text,
  nodeSubnetId: text,
  podSubnetId: text,
  /** Further interfaces of every node (preview), each in a subnet of its own and perhaps with a public address. */
  secondaryInterfaces: fieldSchema(v.array(v.strictObject({ subnetId: text, publicAddress: flag }))),
  /** `allowedHostPorts` as `80/TCP` or `30000-32767/UDP`. */
  hostPorts: texts,
});

const ClusterFacts = v.strictObject({
  provisioningState: text,
  powerState: text,
  location: text,
  fqdn: text,
  publicNetworkAccess: text,
  disableLocalAccounts: flag,
  nodeResourceGroup: text,
  /** `Auto`: nodes are also created outside the pools. */
  nodeProvisioningMode: text,
  hostedSystemPools: flag,
  /** Subnets of hosted nodes, which no pool names. */
  hostedSubnetIds: fieldSchema(v.array(text)),
  httpProxy: flag,
  /** absent: the answer carried no `apiServerAccessProfile`, which is how a default public cluster is returned. */
  apiServer: fieldSchema(ApiServer),
  network: fieldSchema(NetworkProfile),
  pools: fieldSchema(v.array(Pool)),
  bootstrap: fieldSchema(v.strictObject({ artifactSource: text, containerRegistryId: text })),
  keyVaultKms: fieldSchema(v.strictObject({ enabled: flag, keyVaultId: text, networkAccess: text })),
  webAppRouting: fieldSchema(v.strictObject({ enabled: flag, defaultController: text, gatewayMode: text })),
  httpApplicationRouting: flag,
  /** Enabled parts of the ingress profile that are none of the known ones. */
  unknownIngress: texts,
  meshGateways: fieldSchema(v.array(v.strictObject({ enabled: flag, mode: text }))),
  /** Virtual nodes run pods in a subnet of the nodes' network, of which only the bare name is given. */
  virtualNodes: fieldSchema(v.strictObject({ enabled: flag, subnetName: text })),
  applicationGatewayAddon: fieldSchema(v.strictObject({ enabled: flag, gatewayId: text })),
});

const Route = v.strictObject({ name: v.string(), prefix: text, nextHopType: text, nextHopIp: text });

const RouteTable = v.strictObject({
  provisioningState: text,
  disableBgpPropagation: flag,
  /** Every subnet that the table is associated with: a change of it changes them all. */
  subnets: texts,
  routes: fieldSchema(v.array(Route)),
});

const SecurityRule = v.strictObject({
  name: v.string(),
  direction: text,
  access: text,
  priority: fieldSchema(v.number()),
  protocol: text,
  /** `destinationAddressPrefix` and `destinationAddressPrefixes` together; the same for sources and ports. */
  destinations: v.array(v.string()),
  destinationPorts: v.array(v.string()),
  sources: v.array(v.string()),
  sourcePorts: v.array(v.string()),
});

/** Who holds the private address that a route names as its next hop. */
const Appliance = v.variant('kind', [
  v.strictObject({
    kind: v.literal('azure-firewall'),
    id: v.string(),
    provisioningState: text,
    policyId: text,
    /** The firewall's own mode, or that of its policy when it has one. */
    threatIntelMode: collectedSchema(text),
    publicIps: collectedSchema(v.array(v.string())),
    /** Whether the peerings of the node network were given and name the firewall's network. */
    connection: v.picklist(['same-network', 'peered', 'by-address-only', 'not-connected']),
  }),
  v.strictObject({
    kind: v.literal('other'),
    id: v.string(),
    type: v.string(),
    /** Public addresses on the same interface or balancer. */
    publicIps: v.array(v.string()),
  }),
  v.strictObject({ kind: v.literal('nothing'), searched: v.string() }),
]);

const SubnetFacts = v.strictObject({
  provisioningState: text,
  /** Address ranges of the subnet itself. */
  prefixes: texts,
  /** Address space of its network and of the peered ones: private here, whatever registry the ranges belong to. */
  privateRanges: texts,
  /** Id of the route table; absent is a positive read of "none". */
  routeTableId: text,
  routeTable: collectedSchema(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('none') }),
      v.strictObject({ kind: v.literal('table'), table: RouteTable }),
    ]),
  ),
  natGatewayId: text,
  securityGroupId: text,
  securityRules: collectedSchema(fieldSchema(v.array(SecurityRule))),
  defaultOutboundAccess: flag,
  serviceEndpoints: fieldSchema(v.array(v.strictObject({ service: text, provisioningState: text }))),
  /** Why routes may be learned by BGP here (a gateway, a route server, a peering that uses a remote gateway); empty: nothing of the kind. */
  gateways: v.array(v.string()),
  nextHops: v.array(v.strictObject({ address: v.string(), owner: collectedSchema(Appliance) })),
});

const NodeGroup = v.strictObject({
  id: v.string(),
  frontends: fieldSchema(v.array(Frontend)),
  privateLinkServices: v.array(PrivateLinkService),
  /** Scale sets and network interfaces in the group that give an instance its own public address. */
  instanceAddresses: v.array(v.string()),
  /** Network interfaces in the group that do not show their addresses. */
  unreadInterfaces: v.array(v.string()),
  /** Public IP prefixes in the group: a static egress gateway leaves by one. */
  publicPrefixes: v.array(v.string()),
  /** Subnets of the machines and scale sets in the group: node auto-provisioning may choose one that no pool names. */
  machineSubnets: v.array(v.string()),
  /** Networks that AKS made, where the cluster did not bring its own. */
  networks: v.array(v.strictObject({ id: v.string(), ranges: v.array(v.string()), subnets: v.array(v.string()) })),
});

const Dependency = v.strictObject({
  id: v.string(),
  publicNetworkAccess: collectedSchema(text),
  /** Private endpoints towards it in the node networks and their peers. */
  endpoints: v.array(v.strictObject({ id: v.string(), status: text })),
  /** The network security perimeter around it. `not-shown`: no association is among what was read, which proves none. */
  perimeter: v.variant('kind', [
    v.strictObject({ kind: v.literal('not-shown') }),
    v.strictObject({
      kind: v.literal('associated'),
      id: v.string(),
      accessMode: text,
      rules: collectedSchema(v.array(v.strictObject({ name: v.string(), direction: text, prefixes: texts }))),
    }),
  ]),
});

const DiagnosticSetting = v.strictObject({
  name: v.string(),
  logs: fieldSchema(v.array(v.strictObject({ category: text, categoryGroup: text, enabled: flag }))),
  destinations: v.array(v.string()),
});

/** How virtual nodes are named among the users of a subnet. */
export const VIRTUAL_NODES = 'pods of virtual nodes';

export const AksEvidence = v.strictObject({
  /** ARM id of the cluster, for the proof and the fix. */
  id: v.string(),
  cluster: collectedSchema(ClusterFacts),
  /** One entry for every subnet that a pool names for its nodes or its pods, and for those of hosted and self-made nodes. */
  subnets: v.array(
    v.strictObject({ id: v.string(), usedBy: v.array(v.string()), facts: collectedSchema(SubnetFacts) }),
  ),
  /** The subnet that the API server with VNet integration lives in, where it is the organisation's own. */
  apiServerSubnet: collectedSchema(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('none') }),
      v.strictObject({ kind: v.literal('subnet'), id: v.string(), delegations: texts }),
    ]),
  ),
  nodeGroup: collectedSchema(NodeGroup),
  applicationGateway: collectedSchema(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('none') }),
      v.strictObject({ kind: v.literal('gateway'), gateway: ApplicationGateway }),
    ]),
  ),
  /** Everything that private endpoints in reach lead to, and what the cluster itself names. */
  dependencies: collectedSchema(
    v.strictObject({
      complete: v.boolean(),
      items: v.array(Dependency),
      /** Registries and key vaults that were read and that no private endpoint in reach leads to. */
      others: v.array(v.string()),
    }),
  ),
  /** Firewalls that a default route leads to, and those in the node networks and their peers. */
  firewalls: collectedSchema(v.array(AzureFirewall)),
  /** Application gateways in the node networks and their peers, and those with machines of the cluster behind them. */
  gateways: collectedSchema(v.array(GatewayInFront)),
  diagnosticSettings: collectedSchema(v.array(DiagnosticSetting)),
  /** `not-private`: the call was spared, because only a private cluster has such connections. */
  privateEndpointConnections: collectedSchema(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('not-private') }),
      v.strictObject({ kind: v.literal('connections'), connections: v.array(EndpointConnection) }),
    ]),
  ),
  /** Subscriptions of the scan: what is expected to be seen. */
  subscriptions: v.array(v.string()),
});
export type AksEvidence = v.InferOutput<typeof AksEvidence>;

export type AksCluster = v.InferOutput<typeof ClusterFacts>;
export type AksApiServer = v.InferOutput<typeof ApiServer>;
export type AksNetworkProfile = v.InferOutput<typeof NetworkProfile>;
export type AksPool = v.InferOutput<typeof Pool>;
export type AksRoute = v.InferOutput<typeof Route>;
export type AksRouteTable = v.InferOutput<typeof RouteTable>;
export type AksSecurityRule = v.InferOutput<typeof SecurityRule>;
export type AksAppliance = v.InferOutput<typeof Appliance>;
export type AksSubnetFacts = v.InferOutput<typeof SubnetFacts>;
export type AksNodeGroup = v.InferOutput<typeof NodeGroup>;
export type AksDependency = v.InferOutput<typeof Dependency>;
export type AksDiagnosticSetting = v.InferOutput<typeof DiagnosticSetting>;
