import { eksControls } from '#controls/eks/index.ts';
import { judge } from '#controls/judge.ts';
import type { CentralEgressDeclaration } from '#domain/central-egress.ts';
import { ABSENT, type Collected, collected, given, unavailable } from '#domain/collected.ts';
import type { EksCluster, EksEvidence, EksNodeGroup } from '#domain/evidence/eks.ts';
import type { EksAccessEntry } from '#domain/evidence/eks-access.ts';
import type { EksAcl } from '#domain/evidence/eks-acls.ts';
import type { EksAddon, EksPodIdentity } from '#domain/evidence/eks-addons.ts';
import type { EksInstance } from '#domain/evidence/eks-instances.ts';
import type { EksLoadBalancers } from '#domain/evidence/eks-load-balancers.ts';
import type {
  EksEndpoint,
  EksNetwork,
  EksRoute,
  EksRouteTable,
  EksSubnet,
  EksVpc,
  SecurityGroup,
  SecurityRule,
} from '#domain/evidence/eks-network.ts';
import type { EksInterface, EksNatGateway, EksPrefixListOwner } from '#domain/evidence/eks-paths.ts';
import type { ControlSettings, Profile } from '#domain/settings.ts';
import type { Verdict } from '#domain/verdict.ts';

/** A closed cluster that passes every control that applies to it; a test states only what differs. */

export const REGION = 'ap-northeast-1';
export const ACCOUNT = '111111111111';
const AT = '2026-11-24T00:00:00.000Z';

export const read = <T>(value: T, api = 'ec2:Describe'): Collected<T> => collected(value, { api, at: AT });
export const denied = (api = 'ec2:Describe') => unavailable('denied', `not allowed to call ${api}`, api);
export const malformed = { state: 'malformed', raw: '"text"' } as const;

/** What goes past a proxy in the usual cluster: its VPC, its Services, its nodes, the API, and the services with endpoints. */
export const NO_PROXY = [
  '169.254.169.254',
  '10.0.0.0/16',
  '172.20.0.0/16',
  '.internal',
  '.eks.amazonaws.com',
  `.${REGION}.amazonaws.com`,
];

export function cluster(change: Partial<EksCluster> = {}): EksCluster {
  return {
    status: given('ACTIVE'),
    version: given('1.33'),
    endpointPublicAccess: given(false),
    endpointPrivateAccess: given(true),
    publicAccessCidrs: given([]),
    subnetIds: given(['subnet-1', 'subnet-2']),
    securityGroupIds: given([]),
    clusterSecurityGroupId: given('sg-cluster'),
    vpcId: given('vpc-1'),
    controlPlaneEgressMode: given('CUSTOMER_ROUTED'),
    enabledLogs: given(['audit', 'authenticator']),
    encryptedResources: given(['secrets']),
    authenticationMode: given('API'),
    ipFamily: given('ipv4'),
    autoMode: ABSENT,
    remoteNodeNetworks: ABSENT,
    roleArn: given(`arn:aws:iam::${ACCOUNT}:role/cluster-role`),
    kind: 'cloud',
    creatorIsAdministrator: given(false),
    serviceCidrs: given(['172.20.0.0/16']),
    health: given([]),
    ...change,
  };
}

/** An instance that carries the cluster's tag and belongs to no managed group. */
export function instance(change: Partial<EksInstance> = {}): EksInstance {
  const { subnetId = 'subnet-1', groupIds = ['sg-cluster'] } = change;
  return {
    id: 'i-1',
    status: given('running'),
    nodeGroup: ABSENT,
    nodePool: ABSENT,
    subnetId,
    groupIds,
    publicAddress: false,
    interfaces: [{ subnetId, index: given(0), groupIds }],
    ...change,
  };
}

type AddonDescription = Extract<EksAddon['description'], { state: 'collected' }>['value'];

export function addon(change: Partial<AddonDescription> = {}): AddonDescription {
  return { version: given('v1.20.1-eksbuild.1'), roleArn: ABSENT, podIdentities: [], ...change };
}

export const podIdentities = (...serviceAccounts: string[]) =>
  read(serviceAccounts.map((serviceAccount) => ({ namespace: 'apps', serviceAccount })));

export const natGateway = (id: string, connectivity: string, subnetId = 'subnet-1'): EksNatGateway => ({
  id,
  connectivity,
  state: 'available',
  subnetId: given(subnetId),
});

/** Of an instance in the first node subnet, without a public address. */
export const networkInterface = (change: Partial<EksInterface> = {}): EksInterface => ({
  id: 'eni-1',
  subnetId: 'subnet-1',
  type: given('interface'),
  description: '',
  instanceId: given('i-1'),
  sourceDestCheck: given(true),
  publicAddress: false,
  ...change,
});

export function nodeGroup(change: Partial<EksNodeGroup> = {}): EksNodeGroup {
  return {
    name: 'workers',
    status: given('ACTIVE'),
    subnetIds: given(['subnet-1', 'subnet-2']),
    instanceTypes: given(['m5.2xlarge']),
    maxSize: given(3),
    health: given([]),
    remoteAccess: ABSENT,
    remoteAccessGroupId: ABSENT,
    launchTemplate: { use: 'none' },
    ...change,
  };
}

type TemplateContent = Extract<
  Extract<EksNodeGroup['launchTemplate'], { use: 'template' }>['content'],
  { state: 'collected' }
>['value'];

export function template(change: Partial<TemplateContent> = {}): EksNodeGroup['launchTemplate'] {
  const content: TemplateContent = {
    associatePublicAddress: ABSENT,
    instanceType: ABSENT,
    securityGroupIds: [],
    setsProxy: ABSENT,
    noProxy: ABSENT,
    ...change,
  };
  return { use: 'template', id: 'lt-1', version: '3', content: read(content, 'ec2:DescribeLaunchTemplateVersions') };
}

export function subnet(number: number, change: Partial<EksSubnet> = {}): EksSubnet {
  return {
    id: `subnet-${number}`,
    vpcId: 'vpc-1',
    ownerId: given(ACCOUNT),
    zoneId: given(`apne1-az${number}`),
    cidr: `10.0.${number}.0/24`,
    ipv6Cidrs: [],
    freeAddresses: given(200),
    mapsPublicAddress: given(false),
    blockMode: ABSENT,
    tags: [{ key: 'kubernetes.io/role/internal-elb', value: '1' }],
    ...change,
  };
}

export const route = (
  destination: string,
  targetKind: EksRoute['targetKind'],
  targetId: string,
  state = 'active',
): EksRoute => ({
  destination,
  targetKind,
  targetId,
  state,
});

export const LOCAL = route('10.0.0.0/16', 'local', 'local');

export function table(change: Partial<EksRouteTable> = {}): EksRouteTable {
  return {
    id: 'rtb-1',
    vpcId: 'vpc-1',
    main: true,
    subnetIds: ['subnet-1', 'subnet-2'],
    unsettledSubnetIds: [],
    routes: [LOCAL],
    ...change,
  };
}

export function endpoint(service: string, change: Partial<EksEndpoint> = {}): EksEndpoint {
  return {
    id: `vpce-${service}`,
    vpcId: 'vpc-1',
    serviceName: `com.amazonaws.${REGION}.${service}`,
    state: 'available',
    type: 'Interface',
    privateDns: given(true),
    privateDnsOnlyForInboundResolver: ABSENT,
    addressType: given('ipv4'),
    groupIds: ['sg-endpoints'],
    subnetIds: ['subnet-1', 'subnet-2'],
    routeTableIds: [],
    requesterManaged: given(false),
    serviceRegion: ABSENT,
    policy: ABSENT,
    dnsNames: [],
    ...change,
  };
}

export const s3Gateway = (change: Partial<EksEndpoint> = {}): EksEndpoint =>
  endpoint('s3', {
    type: 'Gateway',
    privateDns: given(false),
    groupIds: [],
    subnetIds: [],
    routeTableIds: ['rtb-1'],
    ...change,
  });

export const ENDPOINTS: readonly EksEndpoint[] = [
  endpoint('ec2'),
  endpoint('ecr.api'),
  endpoint('ecr.dkr'),
  s3Gateway(),
];

/** The usual endpoints with one of them changed or, without a change, left out. */
export function endpointsWith(service: string, change?: Partial<EksEndpoint>): EksEndpoint[] {
  return ENDPOINTS.flatMap((entry) =>
    entry.id === `vpce-${service}` ? (change === undefined ? [] : [{ ...entry, ...change }]) : [entry],
  );
}

export function rule(change: Partial<SecurityRule> = {}): SecurityRule {
  return {
    protocol: 'tcp',
    fromPort: given(443),
    toPort: given(443),
    ranges: [],
    groupIds: [],
    prefixListIds: [],
    ...change,
  };
}

/** What a group that nobody changed lets out. */
export const LET_OUT = rule({ protocol: '-1', fromPort: ABSENT, toPort: ABSENT, ranges: ['0.0.0.0/0'] });

export function group(id: string, ingress: SecurityRule[], name = id): SecurityGroup {
  return { id, name, vpcId: 'vpc-1', ingress, egress: given([LET_OUT]) };
}

export const CLUSTER_GROUP = group('sg-cluster', [
  rule({ protocol: '-1', fromPort: ABSENT, toPort: ABSENT, groupIds: ['sg-cluster'] }),
]);
export const ENDPOINT_GROUP = group('sg-endpoints', [rule({ ranges: ['10.0.0.0/16'] })]);

/** The default ACL of a VPC: everything in both directions. */
export function acl(change: Partial<EksAcl> = {}): EksAcl {
  return {
    id: 'acl-1',
    vpcId: 'vpc-1',
    subnetIds: ['subnet-1', 'subnet-2'],
    rules: [aclRule({ egress: true }), aclRule({ egress: false })],
    ...change,
  };
}

export function aclRule(change: Partial<EksAcl['rules'][number]> = {}): EksAcl['rules'][number] {
  return {
    number: 100,
    egress: true,
    action: 'allow',
    protocol: '-1',
    block: '0.0.0.0/0',
    fromPort: ABSENT,
    toPort: ABSENT,
    ...change,
  };
}

export function vpc(change: Partial<EksVpc> = {}): EksVpc {
  return {
    id: 'vpc-1',
    ownerId: given(ACCOUNT),
    dhcpOptionsId: given('dopt-1'),
    primaryRange: given('10.0.0.0/16'),
    ranges: ['10.0.0.0/16'],
    blockMode: ABSENT,
    dnsSupport: read(given(true), 'ec2:DescribeVpcAttribute'),
    dnsHostnames: read(given(true), 'ec2:DescribeVpcAttribute'),
    nameServers: read(['AmazonProvidedDNS'], 'ec2:DescribeDhcpOptions'),
    routeTables: read([table()], 'ec2:DescribeRouteTables'),
    endpoints: read([...ENDPOINTS], 'ec2:DescribeVpcEndpoints'),
    hostedZones: read<string[]>([], 'route53:ListHostedZonesByVPC'),
    serviceZones: [],
    profiles: read<string[]>([], 'route53profiles:ListProfileAssociations'),
    forwardedDomains: read<string[]>([], 'route53resolver:ListResolverRuleAssociations'),
    ...change,
  };
}

export function network(change: Partial<EksNetwork> = {}): EksNetwork {
  return {
    vpcs: read([vpc()], 'ec2:DescribeVpcs'),
    subnets: read([subnet(1), subnet(2)], 'ec2:DescribeSubnets'),
    securityGroups: read([CLUSTER_GROUP, ENDPOINT_GROUP], 'ec2:DescribeSecurityGroups'),
    loadBalancers: read<EksLoadBalancers>({ read: 0, facing: [] }, 'elasticloadbalancing:DescribeLoadBalancers'),
    networkAcls: read([acl()], 'ec2:DescribeNetworkAcls'),
    natGateways: read<EksNatGateway[]>([], 'ec2:DescribeNatGateways'),
    interfaces: read<EksInterface[]>([], 'ec2:DescribeNetworkInterfaces'),
    prefixLists: read<{ id: string; cidrs: string[] }[]>([], 'ec2:GetManagedPrefixListEntries'),
    prefixListOwners: read<EksPrefixListOwner[]>([], 'ec2:DescribeManagedPrefixLists'),
    blockExclusions: unavailable('not-scanned', 'not asked', 'ec2:DescribeVpcBlockPublicAccessExclusions'),
    offeredServices: read<string[]>([], 'ec2:DescribeVpcEndpointServices'),
    privateNames: read<{ service: string; names: string[] }[]>([], 'ec2:DescribeVpcEndpointServices'),
    instanceTypes: read(
      [
        { name: 'm5.2xlarge', interfaces: 4, addressesPerInterface: 15 },
        { name: 't3.small', interfaces: 3, addressesPerInterface: 4 },
        { name: 'm5.large', interfaces: 3, addressesPerInterface: 10 },
      ],
      'ec2:DescribeInstanceTypes',
    ),
    ...change,
  };
}

export function evidence(change: Partial<EksEvidence> = {}): EksEvidence {
  return {
    arn: `arn:aws:eks:${REGION}:${ACCOUNT}:cluster/shop`,
    name: 'shop',
    account: ACCOUNT,
    region: REGION,
    partition: 'aws',
    cluster: read(cluster(), 'eks:DescribeCluster'),
    nodeGroups: read([read(nodeGroup(), 'eks:DescribeNodegroup')], 'eks:ListNodegroups'),
    fargateProfiles: read<never[]>([], 'eks:ListFargateProfiles'),
    instances: read<EksInstance[]>([], 'ec2:DescribeInstances'),
    addons: read(['vpc-cni', 'coredns'], 'eks:ListAddons'),
    vpcCni: { state: 'listed', configuration: read(given('{"enableNetworkPolicy":"true"}'), 'eks:DescribeAddon') },
    addonDescriptions: [{ name: 'vpc-cni', description: read(addon(), 'eks:DescribeAddon') }],
    podIdentityAssociations: read<EksPodIdentity[]>([], 'eks:ListPodIdentityAssociations'),
    rolePolicies: read(['AmazonEKSClusterPolicy'], 'iam:ListAttachedRolePolicies'),
    accessEntries: read<EksAccessEntry[]>([], 'eks:ListAccessEntries'),
    neighbours: [],
    network: network(),
    ...change,
  };
}

/** Shorthands for the parts that tests change most. */
export const withCluster = (change: Partial<EksCluster>): EksEvidence =>
  evidence({ cluster: read(cluster(change), 'eks:DescribeCluster') });
export const withNetwork = (change: Partial<EksNetwork>): EksEvidence => evidence({ network: network(change) });
export const withVpc = (change: Partial<EksVpc>): EksEvidence => withNetwork({ vpcs: read([vpc(change)]) });
export const withRoutes = (...routes: EksRoute[]): EksEvidence =>
  withVpc({ routeTables: read([table({ routes: [LOCAL, ...routes] })]) });
export const withEndpoints = (...endpoints: EksEndpoint[]): EksEvidence => withVpc({ endpoints: read(endpoints) });
export const withGroups = (...groups: SecurityGroup[]): EksEvidence =>
  withNetwork({
    securityGroups: read(
      [CLUSTER_GROUP, ENDPOINT_GROUP].filter(({ id }) => !groups.some((own) => own.id === id)).concat(groups),
    ),
  });
export const withNodeGroup = (change: Partial<EksNodeGroup>): EksEvidence =>
  evidence({ nodeGroups: read([read(nodeGroup(change))]) });

export interface Options {
  readonly profile?: Profile;
  readonly settings?: ControlSettings;
  /** What `aws.centralEgress` declares. */
  readonly centralEgress?: CentralEgressDeclaration;
}

/** All verdicts, by the ids of their controls, as `judge` gives them. */
export function verdicts(
  of: EksEvidence,
  profile: Profile = 'closed',
  controls: Readonly<Record<string, ControlSettings>> = {},
  declared?: CentralEgressDeclaration,
) {
  const resource = {
    uid: of.arn,
    type: 'aws.eks.cluster',
    provider: 'aws',
    account: ACCOUNT,
    region: REGION,
    name: of.name,
  } as const;
  const judged = judge({ kind: 'eks', resource, evidence: of }, eksControls, {
    profile,
    controls,
    ...(declared === undefined ? {} : { centralEgress: { aws: declared } }),
  });
  return new Map<string, Verdict>(judged.map(({ control, verdict }) => [control.id, verdict]));
}

export function verdictOf(id: string, of: EksEvidence, options: Options = {}): Verdict {
  const { profile = 'closed', settings = {}, centralEgress } = options;
  const verdict = verdicts(of, profile, { [id]: settings }, centralEgress).get(id);
  if (verdict === undefined) throw new Error(`no control ${id}`);
  return verdict;
}

/** `STATUS reason`, for tables of cases. */
export function outcome(id: string, of: EksEvidence, options: Options = {}): string {
  const { status, reason } = verdictOf(id, of, options);
  return `${status} ${reason}`;
}
