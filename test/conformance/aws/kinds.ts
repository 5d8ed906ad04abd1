/**
 * Kinds of clusters, and what must be said of each. The verdicts are written down by hand from the EKS and VPC user guides, not computed by
 * the code that is under test.
 */
interface KindOf {
  readonly egress:
    | 'none'
    | 'internet-gateway'
    | 'nat'
    | 'private-nat'
    | 'split-nat'
    | 'egress-only'
    | 'transit-gateway'
    | 'vpn'
    | 'peering'
    | 'appliance'
    | 'prefix-list'
    | 'main-table';
  readonly endpoints: readonly string[];
  readonly open: 'private-dns' | 'no-private-dns';
  /** What the endpoints' group admits: the whole VPC, the first subnet only, nobody. */
  readonly group: 'vpc' | 'half' | 'closed';
  /** On how many of the two route tables the S3 gateway endpoint stands. */
  readonly s3Tables: 0 | 1 | 2;
  readonly publicAccess?: 'open' | 'narrow' | 'off';
  readonly privateAccess?: boolean;
  readonly expected: Readonly<
    Record<
      | 'eks-endpoint-public'
      | 'eks-endpoint-private'
      | 'eks-node-egress'
      | 'eks-vpc-endpoints'
      | 'eks-vpc-dns'
      | 'eks-subnet-zones'
      | 'eks-node-public-address',
      string
    >
  >;
}

const ALL = ['ec2', 'ecr.api', 'ecr.dkr'];
const complete = {
  endpoints: ALL,
  open: 'private-dns',
  group: 'vpc',
  s3Tables: 2,
  publicAccess: 'off',
  privateAccess: true,
} as const;
/** Of the private endpoint: the emulator names no security group of the cluster, so that nobody knows whether it admits the nodes. */
const verdicts = (api: string, path: string, egress: string, endpoints: string) => ({
  'eks-endpoint-public': api,
  'eks-endpoint-private': path,
  'eks-node-egress': egress,
  'eks-vpc-endpoints': endpoints,
  // Every VPC here has Amazon's DNS, two zones and subnets that give no public addresses.
  'eks-vpc-dns': 'PASS',
  'eks-subnet-zones': 'PASS',
  'eks-node-public-address': 'PASS',
});

const kinds = {
  closed: { ...complete, egress: 'none', expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'PASS') },
  'public-open': {
    ...complete,
    egress: 'none',
    publicAccess: 'open',
    expected: verdicts('FAIL', 'UNKNOWN', 'PASS', 'PASS'),
  },
  'public-narrow': {
    ...complete,
    egress: 'none',
    publicAccess: 'narrow',
    expected: verdicts('FAIL', 'UNKNOWN', 'PASS', 'PASS'),
  },
  'public-only': {
    ...complete,
    egress: 'none',
    publicAccess: 'open',
    privateAccess: false,
    expected: verdicts('FAIL', 'FAIL', 'PASS', 'PASS'),
  },
  // The emulator omits flags that were not given: nothing may be concluded.
  'flags-absent': {
    endpoints: ALL,
    open: 'private-dns',
    group: 'vpc',
    s3Tables: 2,
    egress: 'none',
    expected: verdicts('UNKNOWN', 'UNKNOWN', 'PASS', 'PASS'),
  },
  'internet-gateway': {
    ...complete,
    egress: 'internet-gateway',
    expected: verdicts('PASS', 'UNKNOWN', 'FAIL', 'PASS'),
  },
  nat: { ...complete, egress: 'nat', expected: verdicts('PASS', 'UNKNOWN', 'FAIL', 'PASS') },
  'split-nat': { ...complete, egress: 'split-nat', expected: verdicts('PASS', 'UNKNOWN', 'FAIL', 'PASS') },
  'egress-only': { ...complete, egress: 'egress-only', expected: verdicts('PASS', 'UNKNOWN', 'FAIL', 'PASS') },
  'private-nat': { ...complete, egress: 'private-nat', expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'PASS') },
  'transit-gateway': {
    ...complete,
    egress: 'transit-gateway',
    expected: verdicts('PASS', 'UNKNOWN', 'UNKNOWN', 'PASS'),
  },
  vpn: { ...complete, egress: 'vpn', expected: verdicts('PASS', 'UNKNOWN', 'UNKNOWN', 'PASS') },
  // An instance or a firewall behind an interface: where it sends the traffic is not visible.
  appliance: { ...complete, egress: 'appliance', expected: verdicts('PASS', 'UNKNOWN', 'UNKNOWN', 'PASS') },
  'prefix-list': { ...complete, egress: 'prefix-list', expected: verdicts('PASS', 'UNKNOWN', 'FAIL', 'PASS') },
  // The node subnet has no association: the main table of its VPC, which has the way out and not the gateway endpoint.
  'main-table': { ...complete, egress: 'main-table', expected: verdicts('PASS', 'UNKNOWN', 'FAIL', 'FAIL') },
  peering: { ...complete, egress: 'peering', expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'PASS') },
  'missing-ec2': {
    ...complete,
    egress: 'none',
    endpoints: ['ec2messages', 'ecr.api', 'ecr.dkr'],
    expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'FAIL'),
  },
  'missing-behind-transit': {
    ...complete,
    egress: 'transit-gateway',
    endpoints: ['ecr.api', 'ecr.dkr'],
    expected: verdicts('PASS', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN'),
  },
  'missing-behind-nat': {
    ...complete,
    egress: 'nat',
    endpoints: [],
    s3Tables: 0,
    expected: verdicts('PASS', 'UNKNOWN', 'FAIL', 'FAIL'),
  },
  's3-on-one-table': {
    ...complete,
    egress: 'none',
    s3Tables: 1,
    expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'FAIL'),
  },
  'group-half': { ...complete, egress: 'none', group: 'half', expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'FAIL') },
  'group-closed': {
    ...complete,
    egress: 'none',
    group: 'closed',
    expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'FAIL'),
  },
  'fips-twin': {
    ...complete,
    egress: 'none',
    endpoints: ['ec2-fips', 'ecr.api', 'ecr.dkr-fips'],
    // A FIPS endpoint serves the FIPS names only, and which of them the workloads use is not declared.
    expected: verdicts('PASS', 'UNKNOWN', 'PASS', 'UNKNOWN'),
  },
} as const satisfies Record<string, KindOf>;

export type Kind = keyof typeof kinds;
export const KINDS: Readonly<Record<Kind, KindOf>> = kinds;
