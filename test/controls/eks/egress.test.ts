import { describe, expect, test } from 'vitest';
import { given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksNetwork, EksRoute, EksSubnet } from '#domain/evidence/eks-network.ts';

import {
  cluster,
  denied,
  evidence,
  LOCAL,
  malformed,
  natGateway,
  network,
  type Options,
  outcome,
  read,
  route,
  subnet,
  table,
  verdictOf,
  vpc,
  withCluster,
  withRoutes,
  withVpc,
} from './builders.ts';

const ID = 'eks-node-egress';
const DEFAULT = '0.0.0.0/0';
const IGW = route(DEFAULT, 'internet-gateway', 'igw-1');

function leaving(routes: readonly EksRoute[], change: Partial<EksNetwork> = {}): EksEvidence {
  return evidence({
    network: network({ vpcs: read([vpc({ routeTables: read([table({ routes: [LOCAL, ...routes] })]) })]), ...change }),
  });
}

const nat = (connectivity: string) => ({ natGateways: read([natGateway('nat-1', connectivity)]) });
const TO_NAT = route(DEFAULT, 'nat-gateway', 'nat-1');
const lists = (...cidrs: string[]) => ({ prefixLists: read([{ id: 'pl-1', cidrs }]) });
const blocked = (mode: EksSubnet['blockMode'], exclusions?: EksNetwork['blockExclusions']): EksEvidence =>
  leaving([IGW], {
    subnets: read([subnet(1, { blockMode: mode }), subnet(2, { blockMode: mode })]),
    ...(exclusions === undefined ? {} : { blockExclusions: exclusions }),
  });
const NONE = read<{ resource: string; mode: string; state: string }[]>([]);
const exclusion = (resource: string, mode: string, state = 'create-complete') => read([{ resource, mode, state }]);

describe('a route of the node subnets', () => {
  const cases: readonly (readonly [string, EksEvidence, closed: string, inPrivate: string])[] = [
    ['none', evidence(), 'PASS holds', 'PASS holds'],
    ['to an internet gateway', leaving([IGW]), 'FAIL internet-route', 'FAIL internet-route'],
    ['to public NAT', leaving([TO_NAT], nat('public')), 'FAIL internet-route', 'PASS holds'],
    ['to private NAT only', leaving([TO_NAT], nat('private')), 'PASS holds', 'PASS holds'],
    ['to NAT that was not in the answer', leaving([TO_NAT]), 'UNKNOWN not-found', 'UNKNOWN not-found'],
    [
      'to NAT, and NAT could not be read',
      leaving([TO_NAT], { natGateways: denied() }),
      'UNKNOWN denied',
      'UNKNOWN denied',
    ],
    [
      '::/0 to an egress-only gateway',
      leaving([route('::/0', 'egress-only-gateway', 'eigw-1')]),
      'FAIL internet-route',
      'PASS holds',
    ],
    ['a blackhole', leaving([route(DEFAULT, 'internet-gateway', 'igw-1', 'blackhole')]), 'PASS holds', 'PASS holds'],
    [
      'a state nobody knows',
      leaving([route(DEFAULT, 'internet-gateway', 'igw-1', 'filtered')]),
      'UNKNOWN unrecognised-value',
      'UNKNOWN unrecognised-value',
    ],
    [
      'a default split in halves, to public NAT',
      leaving(
        [route('0.0.0.0/1', 'nat-gateway', 'nat-1'), route('128.0.0.0/1', 'nat-gateway', 'nat-1')],
        nat('public'),
      ),
      'FAIL internet-route',
      'PASS holds',
    ],
    [
      'one public range to an internet gateway',
      leaving([route('203.0.113.0/24', 'internet-gateway', 'igw-1')]),
      'FAIL internet-route',
      'FAIL internet-route',
    ],
    [
      'a private range to an internet gateway',
      leaving([route('10.9.0.0/16', 'internet-gateway', 'igw-1')]),
      'PASS holds',
      'PASS holds',
    ],
    [
      'a prefix list of public ranges',
      leaving([route('pl-1', 'internet-gateway', 'igw-1')], lists('203.0.113.0/24')),
      'FAIL internet-route',
      'FAIL internet-route',
    ],
    [
      'a prefix list of private ranges',
      leaving([route('pl-1', 'internet-gateway', 'igw-1')], lists('10.9.0.0/16')),
      'PASS holds',
      'PASS holds',
    ],
    [
      'a prefix list that could not be read',
      leaving([route('pl-1', 'internet-gateway', 'igw-1')], { prefixLists: denied() }),
      'UNKNOWN denied',
      'UNKNOWN denied',
    ],
    [
      'the list of a gateway endpoint',
      leaving([route('pl-s3', 'vpc-endpoint', 'vpce-s3')]),
      'PASS holds',
      'PASS holds',
    ],
    [
      'to a transit gateway',
      leaving([route(DEFAULT, 'transit-gateway', 'tgw-1')]),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    [
      'to a core network',
      leaving([route(DEFAULT, 'core-network', 'arn:core')]),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    [
      'to a virtual private gateway',
      leaving([route(DEFAULT, 'virtual-private-gateway', 'vgw-1')]),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    [
      'to an appliance',
      leaving([route(DEFAULT, 'network-interface', 'eni-1')]),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    ['to an instance', leaving([route(DEFAULT, 'instance', 'i-1')]), 'UNKNOWN undecidable', 'UNKNOWN undecidable'],
    [
      'to a carrier gateway',
      leaving([route(DEFAULT, 'other-gateway', 'cagw-1')]),
      'UNKNOWN undecidable',
      'UNKNOWN undecidable',
    ],
    ['to a peering connection', leaving([route(DEFAULT, 'peering', 'pcx-1')]), 'PASS holds', 'PASS holds'],
    [
      'to a destination that is not a range',
      leaving([route('everywhere', 'internet-gateway', 'igw-1')]),
      'UNKNOWN malformed-answer',
      'UNKNOWN malformed-answer',
    ],
    [
      'none, and its main table is not reported',
      withVpc({ routeTables: read([]) }),
      'UNKNOWN absent-field',
      'UNKNOWN absent-field',
    ],
    ['that could not be read', withVpc({ routeTables: denied() }), 'UNKNOWN denied', 'UNKNOWN denied'],
  ];

  test.each(cases)('%s', (_case, of, closed, inPrivate) => {
    expect(outcome(ID, of)).toBe(closed);
    expect(outcome(ID, of, { profile: 'private' })).toBe(inPrivate);
  });

  test('stands in the proof hop by hop, and in the fix by its ids', () => {
    const verdict = verdictOf(ID, leaving([IGW]));
    expect(verdict.proof[0]).toMatchObject({
      line: 'subnet-1 → rtb-1 → 0.0.0.0/0 → igw-1',
      hops: ['subnet-1', 'rtb-1', '0.0.0.0/0', 'igw-1'],
    });
    expect(verdict.status === 'FAIL' && verdict.fix?.commands).toEqual([
      expect.stringMatching(/^aws ec2 describe-network-interfaces .*Name=subnet-id,Values=subnet-1,subnet-2/),
    ]);
  });

  test('declared central egress is PASS, marked as declared', () => {
    const of = leaving([route(DEFAULT, 'transit-gateway', 'tgw-1')]);
    expect(outcome(ID, of, { settings: { centralEgress: 'inspection' } })).toBe('PASS declared');
    expect(outcome(ID, of, { centralEgress: { 'vpc-1': 'inspection' } })).toBe('PASS declared');
  });

  test('the message names the key that declared, or the one that would', () => {
    const of = leaving([route(DEFAULT, 'transit-gateway', 'tgw-1')]);
    const said = (options: Options) => {
      const { status, message, proof } = verdictOf(ID, of, options);
      return { status, message, proof: proof.filter(({ kind }) => kind === 'declared').map(({ line }) => line) };
    };
    const path = 'subnet-1 → rtb-1 → 0.0.0.0/0 → tgw-1, and 1 more subnet';
    expect(said({ centralEgress: { 'vpc-1': 'inspection', all: 'none' } })).toEqual({
      status: 'PASS',
      message: `traffic leaves by inspection, as aws.centralEgress.vpc-1 declares: ${path}`,
      proof: ['aws.centralEgress.vpc-1: inspection'],
    });
    expect(said({ centralEgress: 'proxy', settings: { centralEgress: 'none' } })).toEqual({
      status: 'UNKNOWN',
      message: `where this leads is outside what the role can see (controls.eks-node-egress.centralEgress declares it): ${path}`,
      proof: [],
    });
    expect(said({ centralEgress: { 'vpc-2': 'proxy' } })).toMatchObject({
      status: 'UNKNOWN',
      message: expect.stringContaining('(aws.centralEgress.vpc-1 declares it)'),
    });
    expect(said({})).toMatchObject({
      status: 'UNKNOWN',
      message: expect.stringContaining('(aws.centralEgress declares it)'),
    });
  });

  test('a declaration covers nothing but where a route leads', () => {
    for (const centralEgress of ['proxy', 'inspection'] as const) {
      expect(outcome(ID, leaving([IGW]), { centralEgress })).toBe('FAIL internet-route');
      expect(outcome(ID, withVpc({ routeTables: denied() }), { centralEgress })).toBe('UNKNOWN denied');
    }
  });
});

describe('the effective route table', () => {
  test('of a subnet without association is the main table of its own VPC', () => {
    const tables = [
      table({ subnetIds: [] }),
      table({ id: 'rtb-2', main: false, subnetIds: ['subnet-7'], routes: [IGW] }),
    ];
    expect(outcome(ID, withVpc({ routeTables: read(tables) }))).toBe('PASS holds');
  });

  test('is not the main table of another VPC with an internet gateway', () => {
    const other = vpc({
      id: 'vpc-2',
      routeTables: read([table({ id: 'rtb-9', vpcId: 'vpc-2', subnetIds: [], routes: [IGW] })]),
    });
    const own = vpc({ routeTables: read([table({ subnetIds: [] })]) });
    expect(outcome(ID, evidence({ network: network({ vpcs: read([other, own]) }) }))).toBe('PASS holds');
  });

  test('of one of two subnets is enough to be open', () => {
    const tables = [
      table({ subnetIds: ['subnet-1'] }),
      table({ id: 'rtb-2', main: false, subnetIds: ['subnet-2'], routes: [IGW] }),
    ];
    const verdict = verdictOf(ID, withVpc({ routeTables: read(tables) }));
    expect(verdict).toMatchObject({
      status: 'FAIL',
      message:
        'subnet-2 → rtb-2 → 0.0.0.0/0 → igw-1 (nothing uses this today: nothing in subnet-2 has a public address)',
    });
  });
});

describe('VPC Block Public Access', () => {
  test.each([
    ['off', blocked(given('off')), 'FAIL internet-route'],
    ['both directions, no exclusion', blocked(given('block-bidirectional'), NONE), 'PASS holds'],
    ['both directions, exclusions not readable', blocked(given('block-bidirectional'), denied()), 'UNKNOWN denied'],
    [
      'both directions, egress of one subnet excluded',
      blocked(given('block-bidirectional'), exclusion('subnet-1', 'allow-egress')),
      'FAIL internet-route',
    ],
    [
      'both directions, the VPC excluded',
      blocked(given('block-bidirectional'), exclusion('vpc-1', 'allow-bidirectional')),
      'FAIL internet-route',
    ],
    [
      'both directions, another subnet excluded',
      blocked(given('block-bidirectional'), exclusion('subnet-7', 'allow-egress')),
      'PASS holds',
    ],
    [
      'both directions, the exclusion deleted',
      blocked(given('block-bidirectional'), exclusion('subnet-1', 'allow-egress', 'delete-complete')),
      'PASS holds',
    ],
    ['inbound only', blocked(given('block-ingress'), NONE), 'PASS holds'],
    [
      'inbound only, the subnet excluded',
      blocked(given('block-ingress'), exclusion('subnet-1', 'allow-bidirectional')),
      'FAIL internet-route',
    ],
    ['a mode nobody knows', blocked(given('block-weekends'), NONE), 'UNKNOWN unrecognised-value'],
    ['a mode of another type', blocked(malformed, NONE), 'UNKNOWN malformed-answer'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('what could not be read', () => {
  test.each([
    ['node groups', { nodeGroups: denied() }],
    ['one node group', { nodeGroups: read([denied()]) }],
    ['Fargate profiles', { fargateProfiles: denied() }],
    ['instances', { instances: denied() }],
    ['subnets', { network: network({ subnets: denied() }) }],
    ['VPCs', { network: network({ vpcs: denied() }) }],
  ] as const)('%s', (_case, change) => {
    expect(outcome(ID, evidence(change))).toBe('UNKNOWN denied');
  });

  test('an open route that was read stands all the same', () => {
    expect(outcome(ID, { ...withRoutes(IGW), nodeGroups: denied(), fargateProfiles: denied() })).toBe(
      'FAIL internet-route',
    );
  });

  test('Auto Mode keeps its subnets to itself: it passes only where no subnet of the VPC leads out', () => {
    const autoMode = read(cluster({ autoMode: given(true) }));
    const beside = (...routes: EksRoute[]) =>
      network({
        vpcs: read([
          vpc({
            routeTables: read([
              table(),
              table({ id: 'rtb-9', main: false, subnetIds: ['subnet-9'], routes: [LOCAL, ...routes] }),
            ]),
          }),
        ]),
        subnets: read([subnet(1), subnet(2), subnet(9)]),
      });
    expect(outcome(ID, evidence({ cluster: autoMode }))).toBe('PASS holds');
    expect(outcome(ID, evidence({ cluster: autoMode, network: beside() }))).toBe('PASS holds');
    expect(outcome(ID, evidence({ cluster: autoMode, network: beside(IGW) }))).toBe('UNKNOWN undecidable');
    expect(verdictOf(ID, evidence({ cluster: autoMode, network: beside(IGW) })).message).toContain('subnet-9 → rtb-9');
    expect(outcome(ID, { ...withRoutes(IGW), cluster: autoMode })).toBe('FAIL internet-route');
  });

  test.each([
    [
      'the owner was not scanned',
      { state: 'unavailable', reason: 'not-scanned', message: 'owner', api: 'sts:AssumeRole' },
      'UNKNOWN not-scanned',
    ],
  ] as const)('a shared VPC: %s', (_case, vpcs, expected) => {
    expect(
      outcome(
        ID,
        evidence({ network: network({ vpcs, subnets: read([subnet(1, { ownerId: given('999999999999') })]) }) }),
      ),
    ).toBe(expected);
  });
});

describe('the API endpoint', () => {
  const open = (ranges: readonly string[] | undefined, change: Parameters<typeof withCluster>[0] = {}) =>
    withCluster({
      endpointPublicAccess: given(true),
      publicAccessCidrs: ranges === undefined ? { state: 'absent' } : given([...ranges]),
      ...change,
    });

  test.each([
    ['flag absent', withCluster({ endpointPublicAccess: { state: 'absent' } }), 'UNKNOWN absent-field'],
    ['flag malformed', withCluster({ endpointPublicAccess: malformed }), 'UNKNOWN malformed-answer'],
    ['off with a stale open list', withCluster({ publicAccessCidrs: given(['0.0.0.0/0']) }), 'PASS holds'],
    ['on with an empty list', open([]), 'FAIL public-open'],
    ['on without a list', open(undefined), 'FAIL public-open'],
    ['on for ::/0 beside a narrow range', open(['203.0.113.0/24', '::/0']), 'FAIL public-open'],
    ['on for both halves', open(['0.0.0.0/1', '128.0.0.0/1']), 'FAIL public-open'],
    ['on for 132.1.50.0/0', open(['132.1.50.0/0']), 'FAIL public-open'],
    ['on for one range', open(['203.0.113.0/24']), 'FAIL public-restricted'],
    [
      'on with hybrid nodes and the private one',
      open(['203.0.113.0/24'], { remoteNodeNetworks: given(['10.200.0.0/16']) }),
      'FAIL hybrid-both-endpoints',
    ],
  ])('public: %s', (_case, of, expected) => {
    expect(outcome('eks-endpoint-public', of)).toBe(expected);
  });

  test('public: accepted ranges pass, and only those', () => {
    const settings = { acceptRanges: ['203.0.113.0/24'] };
    expect(outcome('eks-endpoint-public', open(['203.0.113.0/25']), { settings })).toBe('PASS accepted-ranges');
    expect(outcome('eks-endpoint-public', open(['203.0.112.0/23']), { settings })).toBe('FAIL public-restricted');
    expect(verdictOf('eks-endpoint-public', open(['203.0.113.0/24']))).toMatchObject({ severity: 'HIGH' });
  });

  test.each([
    ['on', evidence(), 'PASS holds'],
    [
      'off beside the public one',
      open(['203.0.113.0/24'], { endpointPrivateAccess: given(false) }),
      'FAIL private-off',
    ],
    ['off like the public one', withCluster({ endpointPrivateAccess: given(false) }), 'UNKNOWN conflicting-fields'],
    ['absent', withCluster({ endpointPrivateAccess: { state: 'absent' } }), 'UNKNOWN absent-field'],
  ])('private: %s', (_case, of, expected) => {
    expect(outcome('eks-endpoint-private', of)).toBe(expected);
  });
});
