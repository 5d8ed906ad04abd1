import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint, EksNetwork, EksRoute, EksSubnet, SecurityRule } from '#domain/evidence/eks-network.ts';
import {
  acl,
  CLUSTER_GROUP,
  cluster,
  denied,
  ENDPOINT_GROUP,
  ENDPOINTS,
  endpoint,
  endpointsWith,
  evidence,
  group,
  instance,
  LET_OUT,
  LOCAL,
  malformed,
  natGateway,
  network,
  nodeGroup,
  outcome,
  REGION,
  read,
  route,
  rule,
  subnet,
  table,
  template,
  verdictOf,
  vpc,
  withCluster,
  withNetwork,
  withNodeGroup,
} from './builders.ts';

/** Networks that look closed, or working, and are not: each was or could be a PASS that nobody read. */

const EGRESS = 'eks-node-egress';
const ENDPOINTS_ID = 'eks-vpc-endpoints';
const IGW = route('0.0.0.0/0', 'internet-gateway', 'igw-1');

const leaving = (routes: readonly EksRoute[], change: Partial<EksNetwork> = {}, endpoints = [...ENDPOINTS]) =>
  evidence({
    network: network({
      vpcs: read([vpc({ routeTables: read([table({ routes: [LOCAL, ...routes] })]), endpoints: read(endpoints) })]),
      ...change,
    }),
  });

describe('a prefix list that leads to an endpoint', () => {
  const toEndpoint = (id: string) => route('pl-1', 'vpc-endpoint', id);
  const everywhere = { prefixLists: read([{ id: 'pl-1', cidrs: ['0.0.0.0/1', '128.0.0.0/1'] }]) };
  const balancer = endpoint('appliance', { id: 'vpce-gwlb', type: 'GatewayLoadBalancer' });

  test.each([
    ['of a gateway endpoint', leaving([toEndpoint('vpce-s3')], everywhere), 'PASS holds'],
    [
      'of a Gateway Load Balancer, behind which an appliance decides',
      leaving([toEndpoint('vpce-gwlb')], everywhere, [...ENDPOINTS, balancer]),
      'UNKNOWN undecidable',
    ],
    ['that no list of endpoints knows', leaving([toEndpoint('vpce-9')], everywhere), 'UNKNOWN undecidable'],
    [
      'while endpoints could not be read',
      evidence({
        network: network({
          vpcs: read([
            vpc({ routeTables: read([table({ routes: [LOCAL, toEndpoint('vpce-s3')] })]), endpoints: denied() }),
          ]),
        }),
      }),
      'UNKNOWN denied',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(EGRESS, of)).toBe(expected);
  });
});

describe('VPC Block Public Access', () => {
  const blocked = (mode: string, routes: readonly EksRoute[], change: Partial<EksNetwork> = {}) =>
    leaving(routes, {
      subnets: read([subnet(1, { blockMode: given(mode) }), subnet(2, { blockMode: given(mode) })]),
      ...change,
    });
  const exclusion = (mode: string, state: string) => ({
    blockExclusions: read([{ resource: 'subnet-1', mode, state }]),
  });
  const NONE = { blockExclusions: read<{ resource: string; mode: string; state: string }[]>([]) };
  const NAT = route('0.0.0.0/0', 'nat-gateway', 'nat-1');
  const EIGW = route('::/0', 'egress-only-gateway', 'eigw-1');
  const nat = { natGateways: read([natGateway('nat-1', 'public')]) };
  const BIDIRECTIONAL = 'block-bidirectional';

  test.each([
    [
      'an exclusion of a mode nobody knows',
      blocked(BIDIRECTIONAL, [IGW], exclusion('allow-all', 'create-complete')),
      'UNKNOWN unrecognised-value',
    ],
    [
      'an exclusion that tells no mode',
      blocked(BIDIRECTIONAL, [IGW], exclusion('absent', 'create-complete')),
      'UNKNOWN unrecognised-value',
    ],
    [
      'an exclusion on its way in',
      blocked(BIDIRECTIONAL, [IGW], exclusion('allow-egress', 'create-in-progress')),
      'UNKNOWN transitional-state',
    ],
    [
      'an exclusion on its way out',
      blocked(BIDIRECTIONAL, [IGW], exclusion('allow-egress', 'delete-in-progress')),
      'UNKNOWN transitional-state',
    ],
    [
      'an exclusion that was disabled',
      blocked(BIDIRECTIONAL, [IGW], exclusion('allow-egress', 'disable-complete')),
      'PASS holds',
    ],
    [
      'an exclusion that never came',
      blocked(BIDIRECTIONAL, [IGW], exclusion('allow-egress', 'create-failed')),
      'PASS holds',
    ],
    ['inbound only leaves NAT alone', blocked('block-ingress', [NAT], nat), 'FAIL internet-route'],
    ['inbound only leaves an egress-only gateway alone', blocked('block-ingress', [EIGW]), 'FAIL internet-route'],
    ['both directions stop an egress-only gateway', blocked(BIDIRECTIONAL, [EIGW], NONE), 'PASS holds'],
    ['both directions stop NAT', blocked(BIDIRECTIONAL, [NAT], { ...nat, ...NONE }), 'PASS holds'],
  ] as const)('%s', (_case, of, expected) => {
    expect(outcome(EGRESS, of)).toBe(expected);
  });

  test('the VPC states the mode where its subnets do not', () => {
    const of = (change: Partial<EksSubnet>) =>
      evidence({
        network: network({
          vpcs: read([vpc({ blockMode: given(BIDIRECTIONAL), routeTables: read([table({ routes: [LOCAL, IGW] })]) })]),
          subnets: read([subnet(1, change), subnet(2, change)]),
          ...NONE,
        }),
      });
    expect(outcome(EGRESS, of({}))).toBe('PASS holds');
    expect(outcome(EGRESS, of({ blockMode: given('off') }))).toBe('FAIL internet-route');
  });
});

describe('a subnet that EC2 does not show', () => {
  const withGone = withNodeGroup({ subnetIds: given(['subnet-1', 'subnet-2', 'subnet-gone']) });

  test.each([EGRESS, ENDPOINTS_ID])('%s does not pass without it', (id) => {
    expect(verdictOf(id, withGone)).toMatchObject({
      status: 'UNKNOWN',
      reason: 'not-found',
      message: 'subnet-gone, where nodes may be, is not shown by EC2',
    });
  });

  test('a FAIL on the others stands', () => {
    const open = { ...withGone, network: leaving([IGW]).network };
    expect(outcome(EGRESS, open)).toBe('FAIL internet-route');
  });
});

describe('the address type of an endpoint', () => {
  const ec2With = (
    change: Partial<EksEndpoint>,
    ipFamily = given('ipv4') as ReturnType<typeof given<string>> | typeof ABSENT,
  ) =>
    evidence({
      cluster: read(cluster({ ipFamily })),
      network: network({
        vpcs: read([vpc({ endpoints: read(endpointsWith('ec2', change)) })]),
        subnets: read([1, 2].map((number) => subnet(number, { ipv6Cidrs: [`2001:db8:0:${number}::/64`] }))),
        securityGroups: read([
          CLUSTER_GROUP,
          group('sg-endpoints', [rule({ ranges: ['10.0.0.0/16', '2001:db8::/56'] })]),
        ]),
      }),
    });

  test.each([
    ['IPv6 alone, nodes of IPv4', ec2With({ addressType: given('ipv6') }), 'FAIL address-family'],
    ['IPv6 alone, nodes of IPv6', ec2With({ addressType: given('ipv6') }, given('ipv6')), 'PASS holds'],
    ['IPv6 alone, family not told', ec2With({ addressType: given('ipv6') }, ABSENT), 'UNKNOWN absent-field'],
    ['both families', ec2With({ addressType: given('dualstack') }), 'PASS holds'],
    ['not told, as before 2022', ec2With({ addressType: ABSENT }), 'PASS holds'],
    ['nobody knows', ec2With({ addressType: given('ipv8') }), 'UNKNOWN unrecognised-value'],
    ['of another type', ec2With({ addressType: malformed }), 'UNKNOWN malformed-answer'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ENDPOINTS_ID, of)).toBe(expected);
  });

  test('in an IPv6 cluster a dualstack endpoint must admit the IPv6 ranges of the nodes too', () => {
    const of = ec2With({ addressType: given('dualstack') }, given('ipv6'));
    const narrow = { ...of, network: { ...of.network, securityGroups: read([CLUSTER_GROUP, ENDPOINT_GROUP]) } };
    expect(outcome(ENDPOINTS_ID, of)).toBe('PASS holds');
    expect(verdictOf(ENDPOINTS_ID, narrow)).toMatchObject({
      reason: 'port-443-closed',
      message: expect.stringContaining('2001:db8:0:1::/64'),
    });
  });
});

describe('what the groups of the nodes let out', () => {
  const out = (...egress: readonly Partial<SecurityRule>[]): EksEvidence =>
    evidence({
      nodeGroups: read([read(nodeGroup({ launchTemplate: template({ securityGroupIds: ['sg-nodes'] }) }))]),
      network: network({
        vpcs: read([
          vpc({
            routeTables: read([table({ routes: [LOCAL, route('pl-s3', 'vpc-endpoint', 'vpce-s3')] })]),
          }),
        ]),
        securityGroups: read([
          CLUSTER_GROUP,
          ENDPOINT_GROUP,
          { ...group('sg-nodes', []), egress: given(egress.map((change) => rule(change))) },
        ]),
      }),
    });
  const toS3 = { prefixListIds: ['pl-s3'] };

  test.each([
    ['everything', out(LET_OUT), 'PASS holds'],
    ['nothing', out(), 'FAIL node-egress-443-closed'],
    ['port 443 to the group of the endpoints and to S3', out({ groupIds: ['sg-endpoints'] }, toS3), 'PASS holds'],
    ['port 443 to the endpoints, not to S3', out({ groupIds: ['sg-endpoints'] }), 'FAIL node-egress-443-closed'],
    ['port 443 to the subnets of the endpoints and to S3', out({ ranges: ['10.0.0.0/16'] }, toS3), 'PASS holds'],
    ['port 443 to one of their two subnets', out({ ranges: ['10.0.1.0/24'] }, toS3), 'FAIL node-egress-443-closed'],
    [
      'port 53 alone',
      out({ fromPort: given(53), toPort: given(53), ranges: ['0.0.0.0/0'] }),
      'FAIL node-egress-443-closed',
    ],
    [
      'port 443 to some public ranges, which S3 may be in',
      out({ groupIds: ['sg-endpoints'], ranges: ['52.216.0.0/15'] }),
      'UNKNOWN undecidable',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ENDPOINTS_ID, of)).toBe(expected);
  });

  test('an answer without outbound rules is not one without outbound traffic', () => {
    const silent = evidence({
      network: network({ securityGroups: read([{ ...CLUSTER_GROUP, egress: ABSENT }, ENDPOINT_GROUP]) }),
    });
    expect(outcome(ENDPOINTS_ID, silent)).toBe('PASS holds');
  });
});

describe('private zones by other names than the service’s own', () => {
  const withoutEc2 = (zone: string) =>
    evidence({
      network: network({ vpcs: read([vpc({ endpoints: read(endpointsWith('ec2')), hostedZones: read([zone]) })]) }),
    });

  test.each([
    ['the domain above it', `${REGION}.amazonaws.com`, 'UNKNOWN undecidable'],
    ['all of AWS', 'amazonaws.com', 'UNKNOWN undecidable'],
    ['a name that only ends alike', `myec2.${REGION}.amazonaws.com`, 'FAIL missing'],
    ['another domain', 'example.com', 'FAIL missing'],
  ])('%s', (_case, zone, expected) => {
    expect(outcome(ENDPOINTS_ID, withoutEc2(zone))).toBe(expected);
  });
});

describe('nodes in another VPC than the cluster', () => {
  const there = subnet(9, { vpcId: 'vpc-2', cidr: '10.9.0.0/24' });
  const elsewhere = (endpoints: readonly EksEndpoint[]) =>
    evidence({
      instances: read([instance({ subnetId: 'subnet-9' })]),
      network: network({
        vpcs: read([
          vpc(),
          vpc({
            id: 'vpc-2',
            routeTables: read([table({ id: 'rtb-9', vpcId: 'vpc-2', subnetIds: ['subnet-9'] })]),
            endpoints: read(endpoints.map((entry) => ({ ...entry, vpcId: 'vpc-2', routeTableIds: ['rtb-9'] }))),
          }),
        ]),
        subnets: read([subnet(1), subnet(2), there]),
        networkAcls: read([acl(), acl({ id: 'acl-9', vpcId: 'vpc-2', subnetIds: ['subnet-9'] })]),
        securityGroups: read([CLUSTER_GROUP, group('sg-endpoints', [rule({ ranges: ['10.0.0.0/8'] })])]),
      }),
    });

  test('need the endpoints there', () => {
    expect(outcome(ENDPOINTS_ID, elsewhere(ENDPOINTS))).toBe('PASS holds');
    expect(verdictOf(ENDPOINTS_ID, elsewhere([]))).toMatchObject({
      status: 'FAIL',
      reason: 'missing',
      fix: { commands: expect.arrayContaining([expect.stringContaining('--vpc-id vpc-2')]) },
    });
  });
});

describe('profile private', () => {
  test('asks for endpoints only where a subnet does not reach the internet', () => {
    const of = evidence({
      network: network({
        vpcs: read([
          vpc({
            routeTables: read([
              table({ subnetIds: ['subnet-1'] }),
              table({ id: 'rtb-2', main: false, subnetIds: ['subnet-2'], routes: [LOCAL, IGW] }),
            ]),
          }),
        ]),
        subnets: read([subnet(1), subnet(2, { mapsPublicAddress: given(true) })]),
      }),
    });
    expect(outcome(ENDPOINTS_ID, of, { profile: 'private' })).toBe('PASS holds');
    expect(outcome(ENDPOINTS_ID, of)).toBe('FAIL route-table-not-associated');
  });
});

test('hybrid nodes with both endpoints on fail whatever ranges are accepted', () => {
  const hybrid = withCluster({
    endpointPublicAccess: given(true),
    publicAccessCidrs: given(['203.0.113.0/24']),
    remoteNodeNetworks: given(['10.200.0.0/16']),
  });
  const settings = { acceptRanges: ['203.0.113.0/24'] };
  expect(outcome('eks-endpoint-public', hybrid, { settings })).toBe('FAIL hybrid-both-endpoints');
});

test('no network means nothing: a cluster whose VPC is not in the answer does not pass', () => {
  const of = withNetwork({ vpcs: read<never[]>([]) });
  expect(outcome(EGRESS, of)).toBe('UNKNOWN not-found');
  expect(outcome(ENDPOINTS_ID, of)).toBe('UNKNOWN not-found');
});
