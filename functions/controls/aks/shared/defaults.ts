import { pickDefaults } from '../../shared/documented-defaults.ts';

/** What ARM leaves out of its answers, and what that means. */
export const aksDefaults = pickDefaults({
  'cluster.apiServer': {
    value: 'a public cluster',
    source: 'ARM managedClusters: a default public cluster is returned without the profile',
  },
  'cluster.apiServer.enablePrivateCluster': { value: 'false', source: 'ARM managedClusters, apiServerAccessProfile' },
  'cluster.apiServer.enableVnetIntegration': { value: 'false', source: 'ARM managedClusters, apiServerAccessProfile' },
  'cluster.apiServer.enablePublicName': {
    value: 'true',
    source: 'AKS documentation, private-clusters: the public FQDN is created unless it is disabled',
  },
  'cluster.apiServer.authorizedRanges': {
    value: 'every address',
    source: 'AKS documentation, api-server-authorized-ip-ranges',
  },
  'cluster.apiServer.disableRunCommand': { value: 'false', source: 'AKS documentation, access-private-cluster' },
  'cluster.disableLocalAccounts': { value: 'false', source: 'ARM managedClusters, disableLocalAccounts' },
  'cluster.network.outboundType': { value: 'loadBalancer', source: 'AKS documentation, egress-outboundtype' },
  'cluster.network.networkPolicy': { value: 'none', source: 'ARM managedClusters, networkProfile' },
  'cluster.network.networkPlugin': { value: 'kubenet', source: 'ARM managedClusters, networkProfile' },
  'cluster.network.ipFamilies': { value: 'IPv4', source: 'ARM managedClusters, networkProfile' },
  'cluster.network.loadBalancerOutboundIps': {
    value: 'none',
    source: 'ARM managedClusters, networkProfile.loadBalancerProfile',
  },
  'cluster.network.natGatewayOutboundIps': {
    value: 'none',
    source: 'ARM managedClusters, networkProfile.natGatewayProfile',
  },
  'cluster.network.staticEgressGateway': {
    value: 'false',
    source: 'ARM managedClusters, networkProfile.staticEgressGatewayProfile',
  },
  'cluster.bootstrap': { value: 'Direct', source: 'AKS documentation, concepts-network-isolated' },
  'cluster.bootstrap.artifactSource': { value: 'Direct', source: 'AKS documentation, concepts-network-isolated' },
  'cluster.pools.enableNodePublicIp': { value: 'false', source: 'ARM agentPoolProfiles, enableNodePublicIP' },
  'cluster.pools.nodePublicIpPrefixId': { value: 'none', source: 'ARM agentPoolProfiles, nodePublicIPPrefixID' },
  'cluster.pools.hostPorts': { value: 'none', source: 'ARM agentPoolProfiles, networkProfile.allowedHostPorts' },
  'cluster.pools.mode': { value: 'no gateway', source: 'ARM agentPoolProfiles, mode: gateway pools name their mode' },
  'cluster.pools.nodeSubnetId': { value: 'a network that AKS manages', source: 'ARM agentPoolProfiles, vnetSubnetID' },
  'cluster.pools.podSubnetId': { value: 'the subnet of the nodes', source: 'ARM agentPoolProfiles, podSubnetID' },
  'cluster.nodeProvisioningMode': { value: 'Manual', source: 'ARM managedClusters, nodeProvisioningProfile' },
  'cluster.webAppRouting': { value: 'off', source: 'ARM managedClusters, ingressProfile.webAppRouting' },
  'cluster.webAppRouting.enabled': { value: 'false', source: 'ARM managedClusters, ingressProfile.webAppRouting' },
  'cluster.webAppRouting.defaultController': {
    value: 'AnnotationControlled',
    source: 'AKS documentation, app-routing',
  },
  'cluster.webAppRouting.gatewayMode': { value: 'off', source: 'ARM managedClusters, ingressProfile.webAppRouting' },
  'cluster.httpApplicationRouting': { value: 'off', source: 'ARM managedClusters, addonProfiles' },
  'cluster.unknownIngress': { value: 'none', source: 'ARM managedClusters, ingressProfile' },
  'cluster.meshGateways': { value: 'none', source: 'ARM managedClusters, serviceMeshProfile' },
  'cluster.applicationGatewayAddon': { value: 'off', source: 'ARM managedClusters, addonProfiles' },
  'cluster.applicationGatewayAddon.enabled': { value: 'false', source: 'ARM managedClusters, addonProfiles' },
  'subnets.facts.natGatewayId': { value: 'none', source: 'ARM subnets, natGateway' },
  'subnets.facts.serviceEndpoints': { value: 'none', source: 'ARM subnets, serviceEndpoints' },
  'subnets.facts.defaultOutboundAccess': {
    value: 'true',
    source: 'Azure documentation, default outbound access of subnets made before 31 March 2026',
  },
  'nodeGroup.privateLinkServices.visibility': {
    value: 'role assignments only',
    source: 'AKS documentation, internal-lb: connect Azure Private Link service',
  },
  'nodeGroup.privateLinkServices.autoApproval': {
    value: 'none',
    source: 'AKS documentation, internal-lb: connect Azure Private Link service',
  },
});
