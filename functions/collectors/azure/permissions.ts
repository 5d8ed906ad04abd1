/**
 * Every action the scanner may use on Azure: the custom role in `infra/azure/` grants exactly these (a test compares them).
 *
 * All are reads. `listClusterAdminCredential/action`, `listClusterUserCredential/action` and `runcommand/action` must never be added.
 * Resource Graph needs no action of its own: it returns the rows that these reads allow and says nothing about the others.
 */
export const permissions = [
  'Microsoft.Resources/subscriptions/read',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Management/managementGroups/read',
  'Microsoft.Management/managementGroups/descendants/read',
  'Microsoft.ContainerService/managedClusters/read',
  'Microsoft.ContainerService/managedClusters/agentPools/read',
  'Microsoft.ContainerService/managedClusters/privateEndpointConnections/read',
  'Microsoft.Network/virtualNetworks/read',
  'Microsoft.Network/virtualNetworks/subnets/read',
  'Microsoft.Network/routeTables/read',
  'Microsoft.Network/routeTables/routes/read',
  'Microsoft.Network/loadBalancers/read',
  'Microsoft.Network/publicIPAddresses/read',
  'Microsoft.Network/publicIPPrefixes/read',
  'Microsoft.Network/natGateways/read',
  'Microsoft.Network/networkSecurityGroups/read',
  'Microsoft.Network/azureFirewalls/read',
  'Microsoft.Network/firewallPolicies/read',
  'Microsoft.Network/firewallPolicies/ruleCollectionGroups/read',
  'Microsoft.Network/ipGroups/read',
  'Microsoft.Network/privateEndpoints/read',
  'Microsoft.Network/privateLinkServices/read',
  'Microsoft.Network/privateDnsZones/read',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks/read',
  'Microsoft.Network/virtualNetworkGateways/read',
  'Microsoft.Network/applicationGateways/read',
  'Microsoft.Network/networkInterfaces/read',
  'Microsoft.Network/networkSecurityPerimeters/read',
  'Microsoft.Network/networkSecurityPerimeters/profiles/read',
  'Microsoft.Network/networkSecurityPerimeters/profiles/accessRules/read',
  'Microsoft.Network/networkSecurityPerimeters/resourceAssociations/read',
  'Microsoft.Compute/virtualMachineScaleSets/read',
  'Microsoft.Compute/virtualMachineScaleSets/publicIPAddresses/read',
  'Microsoft.ContainerRegistry/registries/read',
  'Microsoft.KeyVault/vaults/read',
  'Microsoft.Insights/diagnosticSettings/read',
] as const;

export type AzurePermission = (typeof permissions)[number];
