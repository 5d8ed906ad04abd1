// Least-privilege role of the scanner and its assignment, for a management group.
// az deployment mg create --management-group-id <group> --location westeurope --template-file infra/azure/role.bicep --parameters principalId=<object id>
targetScope = 'managementGroup'

@description('Object id of the service principal (or managed identity) that Ringfence signs in as.')
param principalId string

// The same list as `permissions` in functions/collectors/azure/permissions.ts; a test compares both.
var actions = [
  'Microsoft.Resources/subscriptions/read'
  'Microsoft.Resources/subscriptions/resourceGroups/read'
  'Microsoft.Management/managementGroups/read'
  'Microsoft.Management/managementGroups/descendants/read'
  'Microsoft.ContainerService/managedClusters/read'
  'Microsoft.ContainerService/managedClusters/agentPools/read'
  'Microsoft.ContainerService/managedClusters/privateEndpointConnections/read'
  'Microsoft.Network/virtualNetworks/read'
  'Microsoft.Network/virtualNetworks/subnets/read'
  'Microsoft.Network/routeTables/read'
  'Microsoft.Network/routeTables/routes/read'
  'Microsoft.Network/loadBalancers/read'
  'Microsoft.Network/publicIPAddresses/read'
  'Microsoft.Network/publicIPPrefixes/read'
  'Microsoft.Network/natGateways/read'
  'Microsoft.Network/networkSecurityGroups/read'
  'Microsoft.Network/azureFirewalls/read'
  'Microsoft.Network/firewallPolicies/read'
  'Microsoft.Network/firewallPolicies/ruleCollectionGroups/read'
  'Microsoft.Network/ipGroups/read'
  'Microsoft.Network/privateEndpoints/read'
  'Microsoft.Network/privateLinkServices/read'
  'Microsoft.Network/privateDnsZones/read'
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks/read'
  'Microsoft.Network/virtualNetworkGateways/read'
  'Microsoft.Network/applicationGateways/read'
  'Microsoft.Network/networkInterfaces/read'
  'Microsoft.Network/networkSecurityPerimeters/read'
  'Microsoft.Network/networkSecurityPerimeters/profiles/read'
  'Microsoft.Network/networkSecurityPerimeters/profiles/accessRules/read'
  'Microsoft.Network/networkSecurityPerimeters/resourceAssociations/read'
  'Microsoft.Compute/virtualMachineScaleSets/read'
  'Microsoft.Compute/virtualMachineScaleSets/publicIPAddresses/read'
  'Microsoft.ContainerRegistry/registries/read'
  'Microsoft.KeyVault/vaults/read'
  'Microsoft.Insights/diagnosticSettings/read'
]

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, 'ringfence-scanner')
  properties: {
    roleName: 'Ringfence Scanner'
    description: 'Reads what Ringfence needs to judge AKS clusters. Read actions only.'
    type: 'CustomRole'
    assignableScopes: [managementGroup().id]
    permissions: [
      {
        actions: actions
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, principalId, role.id)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role.id
  }
}

output roleDefinitionId string = role.id
