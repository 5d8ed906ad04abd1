export interface AzureEstate {
  tenant: string;
  subscriptions: AzureSubscription[];
}

export interface AzureSubscription {
  id: string;
  name: string;
  state: 'Enabled' | 'Disabled';
  clusters: AksSpec[];
}

export interface AksSpec {
  name: string;
  /** What is instructive about it. */
  sentence: string;
  region: string;
  privateApi: boolean;
  vnetIntegration: boolean;
  outboundType: string;
  /** Default route of the node subnets' route table; none: the table has no default route. */
  defaultRoute: 'firewall' | 'internet' | 'none';
  /** Whether the firewall that the route names exists. */
  firewall: boolean;
  /** nothing: it denies everything; policy: a policy of real rules; everything: it lets everything out. */
  firewallRules: 'nothing' | 'policy' | 'everything';
  artifactSource: 'Cache' | 'Direct';
  poolsWithPublicAddress: string[];
  publicFrontend: boolean;
}

export function aks(name: string, sentence: string, region: string, changes: Partial<AksSpec> = {}): AksSpec {
  return {
    name,
    sentence,
    region,
    privateApi: true,
    vnetIntegration: false,
    outboundType: 'userDefinedRouting',
    defaultRoute: 'firewall',
    firewall: true,
    firewallRules: 'nothing',
    artifactSource: 'Direct',
    poolsWithPublicAddress: [],
    publicFrontend: false,
    ...changes,
  };
}
