/** The reads, as `needs` of controls and `doctor` name them, with the access that each wants (docs/setup-ibm.md). */
export const permissions = [
  'iam:token',
  'account:read',
  'classic:isConnectedToPrivateEndpointService',
  'containers:getClusters',
  'containers:getCluster',
  'containers:getWorkers',
  'containers:getAlbs',
  'containers:getAuditWebhook',
  'containers:getSecurityGroups',
  'containers:getVlanSpanning',
  'vpc:getSubnet',
  'vpc:listRoutes',
  'vpc:listFloatingIps',
  'vpc:listSecurityGroups',
  'vpc:listLoadBalancers',
  'vpc:listPoolMembers',
  'cbr:listRules',
  'cbr:getZones',
  'resource-controller:listInstances',
  'enterprise:listAccounts',
] as const;

export type IbmRead = (typeof permissions)[number];
