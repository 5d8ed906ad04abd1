import type { Dimension } from '#domain/control.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';

/** A way in or out that no dimension looks at. */
export interface Limit {
  /** As the composite's message and README.md name it. */
  readonly name: string;
  readonly what: string;
}

interface Scope {
  /** What the controls of a dimension look at, in words. */
  readonly lookedAt: Readonly<Partial<Record<Dimension, string>>>;
  readonly limits: readonly Limit[];
}

const DNS: Limit = { name: 'DNS', what: 'names that a resolver of the network forwards to the internet' };

/** What a closed verdict covers, and what it does not: nobody should read more into it than was looked at. */
export const SCOPES: Readonly<Partial<Record<SubjectKind, Scope>>> = {
  eks: {
    lookedAt: {
      'API exposure': 'API endpoint',
      'node egress': 'routes of nodes and pods, VPC endpoints',
      'inbound exposure': 'node addresses, security groups, load balancers',
    },
    limits: [
      {
        name: 'the control plane’s own exit',
        what: 'calls of the control plane that leave by AWS’s network (eks-control-plane-egress judges them)',
      },
      DNS,
      {
        name: 'connected networks',
        what: 'what peered VPCs, transit gateways, VPNs and on-premises networks pass on in either direction',
      },
      {
        name: 'front doors of internal balancers',
        what: 'CloudFront VPC origins, Global Accelerator, API Gateway VPC links, VPC Lattice and PrivateLink services that lead to an internal balancer',
      },
      { name: 'operators’ sessions', what: 'Systems Manager sessions and EC2 Instance Connect endpoints' },
      {
        name: 'AWS services as an exit',
        what: 'data that leaves through the API of an AWS service, such as a bucket of another account',
      },
    ],
  },
  aks: {
    lookedAt: {
      'API exposure': 'API server, private endpoint connections',
      'node egress': 'outbound type, routes, firewall rules, egress gateways',
      'inbound exposure': 'node addresses, load balancers, managed ingress, Private Link services',
    },
    limits: [
      { name: 'run command', what: 'az aks command invoke, which needs no network path (aks-run-command judges it)' },
      DNS,
      {
        name: 'connected networks',
        what: 'what peered networks, ExpressRoute, VPNs and on-premises networks pass on in either direction',
      },
      {
        name: 'front doors of internal balancers',
        what: 'Front Door origins over Private Link, API Management and Bastion that lead to an internal address',
      },
      {
        name: 'the firewall’s built-in rules',
        what: 'infrastructure rules and threat intelligence of Azure Firewall, which stand in no rule collection',
      },
      {
        name: 'Azure services as an exit',
        what: 'data that leaves through the API of an Azure service, such as a storage account of another tenant',
      },
    ],
  },
  iks: {
    lookedAt: {
      'API exposure': 'service endpoints of the master',
      'node egress': 'public VLANs, gateways and routes of the workers',
      'inbound exposure': 'load balancers of the cluster',
    },
    limits: [
      {
        name: 'IBM’s private network',
        what: 'whoever is inside IBM Cloud and reaches the private endpoint (iks-context-restrictions judges that)',
      },
      DNS,
      {
        name: 'connected networks',
        what: 'what Transit Gateway, Direct Link, VPNs and on-premises networks pass on in either direction',
      },
      {
        name: 'IBM services as an exit',
        what: 'data that leaves through the API of an IBM Cloud service, such as a bucket of another account',
      },
    ],
  },
  kubernetes: {
    lookedAt: {
      'inbound exposure': 'Services, Ingresses and Gateways',
      'in-cluster isolation': 'default deny, Services, network plugin',
    },
    limits: [],
  },
};
