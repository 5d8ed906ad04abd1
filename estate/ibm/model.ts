export interface IbmEstate {
  accounts: IbmAccount[];
}

export interface IbmAccount {
  id: string;
  name: string;
  apiKey: string;
  /** What the classic API answers: the account's VRF and service endpoints. */
  privateNetwork: 'connected' | 'vrf-only' | 'not-ready';
  clusters: IksSpec[];
}

export interface IksSpec {
  id: string;
  name: string;
  /** What is instructive about it. */
  sentence: string;
  kind: 'classic' | 'vpc';
  openshift: boolean;
  region: string;
  privateEndpoint: boolean;
  publicEndpoint: boolean;
  publicGateway: boolean;
  /** Outbound traffic protection: the workers' security group lets out to private destinations only. */
  outboundProtection: boolean;
  /** A Service of type LoadBalancer with a public address. */
  publicLoadBalancer: boolean;
}

export function iks(id: string, name: string, sentence: string, changes: Partial<IksSpec> = {}): IksSpec {
  return {
    id,
    name,
    sentence,
    kind: 'classic',
    openshift: false,
    region: 'jp-tok',
    privateEndpoint: true,
    publicEndpoint: false,
    publicGateway: false,
    outboundProtection: true,
    publicLoadBalancer: false,
    ...changes,
  };
}
