import { given } from '#domain/collected.ts';
import {
  CLUSTER_GROUP,
  cluster,
  ENDPOINT_GROUP,
  ENDPOINTS,
  endpoint,
  endpointsWith,
  evidence,
  group,
  LOCAL,
  NO_PROXY,
  natGateway,
  network,
  networkInterface,
  nodeGroup,
  podIdentities,
  REGION,
  read,
  route,
  rule,
  subnet,
  table,
  template,
  vpc,
} from './builders.ts';

/** A closed cluster that leans on every part of the evidence: templates, Fargate, prefix lists, private NAT, blocked gateways. */
export const leaning = evidence({
  cluster: read(cluster({ securityGroupIds: given(['sg-extra']) })),
  nodeGroups: read([
    read(
      nodeGroup({
        instanceTypes: given(['t3.small']),
        launchTemplate: template({
          associatePublicAddress: given(false),
          setsProxy: given(true),
          noProxy: given(NO_PROXY),
        }),
      }),
    ),
  ]),
  fargateProfiles: read([read({ name: 'jobs', subnetIds: given(['subnet-1']) })]),
  podIdentityAssociations: podIdentities('app-1'),
  accessEntries: read([
    {
      principal: 'arn:aws:iam::111111111111:role/viewer',
      policies: read([{ name: 'AmazonEKSViewPolicy', scope: given('cluster') }]),
    },
  ]),
  vpcCni: {
    state: 'listed',
    configuration: read(given('{"enableNetworkPolicy":"true","env":{"ENABLE_PREFIX_DELEGATION":"true"}}')),
  },
  neighbours: [{ name: 'other', groups: read({ additional: [], own: given('sg-other') }) }],
  network: network({
    vpcs: read([
      vpc({
        routeTables: read([
          table({
            routes: [
              LOCAL,
              route('0.0.0.0/0', 'internet-gateway', 'igw-1'),
              route('198.51.100.0/24', 'nat-gateway', 'nat-1'),
              route('pl-1', 'nat-gateway', 'nat-1'),
            ],
          }),
        ]),
        endpoints: read([...ENDPOINTS, endpoint('sts'), endpoint('eks-auth')]),
      }),
    ]),
    subnets: read([1, 2].map((number) => subnet(number, { blockMode: given('block-bidirectional') }))),
    securityGroups: read([
      CLUSTER_GROUP,
      group('sg-extra', [rule({ prefixListIds: ['pl-1'] })]),
      group(ENDPOINT_GROUP.id, [rule({ prefixListIds: ['pl-1'] })]),
    ]),
    natGateways: read([natGateway('nat-1', 'private')]),
    prefixLists: read([{ id: 'pl-1', cidrs: ['10.0.0.0/16'] }]),
    loadBalancers: read({
      read: 2,
      facing: [
        {
          name: 'web',
          type: 'network',
          scheme: given('internet-facing'),
          vpcId: given('vpc-1'),
          subnetIds: ['subnet-1'],
          tags: read([{ key: 'team', value: 'web' }]),
          targets: read({ instanceIds: [], addresses: ['10.0.200.7'] }),
        },
      ],
    }),
    blockExclusions: read<{ resource: string; mode: string; state: string }[]>([]),
    offeredServices: read(
      ['ec2', 'ecr.api', 's3', 'sts', 'eks-auth'].map((name) => `com.amazonaws.ap-northeast-1.${name}`),
    ),
  }),
});

/** An open cluster: most controls fail. */
export const open = evidence({
  cluster: read(
    cluster({
      endpointPublicAccess: given(true),
      endpointPrivateAccess: given(false),
      enabledLogs: given([]),
      encryptedResources: given([]),
      version: given('1.27'),
      authenticationMode: given('CONFIG_MAP'),
      controlPlaneEgressMode: given('AWS_MANAGED'),
    }),
  ),
  vpcCni: { state: 'listed', configuration: read(given('{}')) },
  podIdentityAssociations: podIdentities('app-1', 'app-2', 'app-3'),
  rolePolicies: read<string[]>([]),
  neighbours: [{ name: 'lender', groups: read({ additional: ['sg-cluster'], own: given('sg-other') }) }],
  network: network({
    vpcs: read([
      vpc({
        dnsHostnames: read(given(false)),
        routeTables: read([table({ routes: [LOCAL, route('0.0.0.0/0', 'internet-gateway', 'igw-1')] })]),
        endpoints: read(endpointsWith('ec2', { privateDns: given(false) })),
      }),
    ]),
    subnets: read([
      subnet(1, { mapsPublicAddress: given(true), freeAddresses: given(3), tags: [] }),
      subnet(2, { zoneId: given('apne1-az1'), tags: [] }),
    ]),
    securityGroups: read([group('sg-cluster', [rule({ ranges: ['0.0.0.0/0'] })]), ENDPOINT_GROUP]),
  }),
});

/** A closed cluster without an endpoint for EC2: what is missing may be elsewhere, which more reads decide. */
export const lacking = evidence({
  podIdentityAssociations: podIdentities('app-1'),
  network: network({
    vpcs: read([vpc({ endpoints: read(endpointsWith('ec2')) })]),
    subnets: read([1, 2].map((number) => subnet(number, { tags: [] }))),
  }),
});

/** A cluster whose endpoint for EC2 is passed by: a resolver rule comes before its private name. */
const passedBy = evidence({
  network: network({ vpcs: read([vpc({ forwardedDomains: read([`ec2.${REGION}.amazonaws.com`]) })]) }),
});

const STS = `sts.${REGION}.amazonaws.com`;

/** A cluster that leaves through what stands in its own VPC: an instance, a list of AWS, and a private zone in place of private DNS. */
const within = evidence({
  nodeGroups: read([read(nodeGroup())]),
  fargateProfiles: read([read({ name: 'jobs', subnetIds: given(['subnet-1']) })]),
  network: network({
    vpcs: read([
      vpc({
        routeTables: read([
          table({
            routes: [
              LOCAL,
              route('0.0.0.0/0', 'instance', 'i-nat'),
              route('pl-aws', 'vpc-endpoint', 'vpce-of-another-account'),
            ],
          }),
        ]),
        endpoints: read([...ENDPOINTS, endpoint('sts', { privateDns: given(false) })]),
        hostedZones: read([STS]),
        serviceZones: [
          {
            name: STS,
            records: read([{ name: STS, type: 'CNAME', targets: ['vpce-sts-abc.sts.vpce.amazonaws.com'] }]),
          },
        ],
      }),
    ]),
    interfaces: read([networkInterface({ id: 'eni-nat', instanceId: given('i-nat') })]),
    prefixListOwners: read([{ id: 'pl-aws', name: given(`com.amazonaws.${REGION}.s3`), ownerId: given('AWS') }]),
  }),
});

export const eksSamples = [
  { kind: 'eks', name: 'a closed cluster', evidence: evidence() },
  { kind: 'eks', name: 'a closed cluster that leans on every part', evidence: leaning },
  { kind: 'eks', name: 'an open cluster', evidence: open },
  { kind: 'eks', name: 'a cluster without an endpoint for EC2', evidence: lacking },
  { kind: 'eks', name: 'a cluster whose endpoint for EC2 is passed by', evidence: passedBy },
  { kind: 'eks', name: 'a cluster that leaves through its own VPC', evidence: within },
] as const;
