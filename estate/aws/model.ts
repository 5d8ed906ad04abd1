/** An AWS organisation as a scenario writes it. Everything is mutable: a drift changes it between two scans. */
export interface AwsEstate {
  /** Account that the scanner runs in. */
  hub: string;
  externalId: string;
  roleName: string;
  regions: string[];
  accounts: AwsAccount[];
}

export interface AwsAccount {
  id: string;
  name: string;
  state: 'ACTIVE' | 'SUSPENDED';
  /** Whether its role lets the scanner in. */
  trusts: boolean;
  clusters: EksSpec[];
}

export interface EksSpec {
  name: string;
  /** What is instructive about it. */
  sentence: string;
  region: string;
  publicAccess: boolean;
  privateAccess: boolean;
  publicCidrs: string[];
  /** Where the default route of its node subnets leads. */
  egress: 'none' | 'internet-gateway' | 'blocked-internet-gateway' | 'nat' | 'private-nat' | 'transit-gateway';
  /** PrivateLink services with an interface endpoint. */
  endpoints: string[];
  /** Node route tables that the S3 gateway endpoint is on: both, one or none. */
  s3: 'both' | 'one' | 'none';
  /** Range that the endpoints' security group admits on 443. */
  admits: string;
  /** The Ingress that an internet-facing balancer of its load balancer controller stands for; empty: it has none. */
  publicIngress: string;
  auditLog: boolean;
  networkPolicy: boolean;
}

export function eks(name: string, sentence: string, region: string, changes: Partial<EksSpec> = {}): EksSpec {
  return {
    name,
    sentence,
    region,
    publicAccess: false,
    privateAccess: true,
    publicCidrs: [],
    egress: 'none',
    endpoints: [
      'ec2',
      'ecr.api',
      'ecr.dkr',
      'sts',
      'eks',
      'elasticloadbalancing',
      'logs',
      'autoscaling',
      'ssm',
      'eks-auth',
    ],
    s3: 'both',
    admits: '10.0.0.0/16',
    publicIngress: '',
    auditLog: true,
    networkPolicy: true,
    ...changes,
  };
}
