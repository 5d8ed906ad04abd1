import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import {
  CLUSTER_GROUP,
  cluster,
  denied,
  evidence,
  group,
  malformed,
  network,
  outcome,
  read,
  route,
  rule,
  subnet,
  verdictOf,
  withCluster,
  withGroups,
  withNetwork,
  withRoutes,
  withVpc,
} from './builders.ts';

/** Controls on the VPC, the subnets and the security groups of the cluster. */

const subnets = (...entries: ReturnType<typeof subnet>[]) => withNetwork({ subnets: read(entries) });
const zone = (number: number, name: string) => subnet(number, { zoneId: given(name) });

describe('eks-subnet-zones (S2)', () => {
  const ID = 'eks-subnet-zones';
  test.each([
    ['two zones', evidence(), 'PASS holds'],
    ['one zone', subnets(zone(1, 'apne1-az1'), zone(2, 'apne1-az1')), 'FAIL one-zone'],
    ['one of two subnets is gone', subnets(subnet(1)), 'FAIL not-found'],
    ['all are gone', subnets(), 'FAIL not-found'],
    [
      'one of three is gone, two zones remain',
      evidence({ cluster: read(cluster({ subnetIds: given(['subnet-1', 'subnet-2', 'subnet-3']) })) }),
      'PASS holds',
    ],
    ['a zone is not reported', subnets(subnet(1), subnet(2, { zoneId: ABSENT })), 'UNKNOWN absent-field'],
    ['a zone is malformed', subnets(subnet(1), subnet(2, { zoneId: malformed })), 'UNKNOWN malformed-answer'],
    ['subnets denied', withNetwork({ subnets: denied() }), 'UNKNOWN denied'],
    ['subnet ids absent', withCluster({ subnetIds: ABSENT }), 'UNKNOWN absent-field'],
    ['subnet ids empty', withCluster({ subnetIds: given([]) }), 'UNKNOWN absent-field'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('eks-subnet-addresses (S2)', () => {
  const free = (count: number) => subnets(subnet(1), subnet(2, { freeAddresses: given(count) }));
  test.each([
    ['16', free(16), 'PASS holds', undefined],
    ['15', free(15), 'FAIL below-recommended', 'LOW'],
    ['6', free(6), 'FAIL below-recommended', 'LOW'],
    ['5', free(5), 'FAIL too-few', undefined],
    [
      '15 beside 5',
      subnets(subnet(1, { freeAddresses: given(15) }), subnet(2, { freeAddresses: given(5) })),
      'FAIL too-few',
      undefined,
    ],
    ['a subnet that is gone', subnets(subnet(1)), 'FAIL not-found', undefined],
    ['not told', subnets(subnet(1), subnet(2, { freeAddresses: ABSENT })), 'UNKNOWN absent-field', undefined],
    [
      'not told beside 5',
      subnets(subnet(1, { freeAddresses: ABSENT }), subnet(2, { freeAddresses: given(5) })),
      'FAIL too-few',
      undefined,
    ],
    ['denied', withNetwork({ subnets: denied() }), 'UNKNOWN denied', undefined],
  ])('%s', (_case, of, expected, severity) => {
    const verdict = verdictOf('eks-subnet-addresses', of);
    expect(`${verdict.status} ${verdict.reason}`).toBe(expected);
    expect('severity' in verdict ? verdict.severity : undefined).toBe(severity);
  });
});

describe('eks-vpc-dns (S3)', () => {
  const ID = 'eks-vpc-dns';
  test.each([
    ['both on, Amazon resolves', evidence(), 'PASS holds'],
    ['support off', withVpc({ dnsSupport: read(given(false)) }), 'FAIL dns-support-off'],
    ['hostnames off', withVpc({ dnsHostnames: read(given(false)) }), 'FAIL dns-hostnames-off'],
    [
      'hostnames off, the rest denied',
      withVpc({ dnsHostnames: read(given(false)), dnsSupport: denied(), nameServers: denied() }),
      'FAIL dns-hostnames-off',
    ],
    ['support denied', withVpc({ dnsSupport: denied() }), 'UNKNOWN denied'],
    ['support absent', withVpc({ dnsSupport: read(ABSENT) }), 'UNKNOWN absent-field'],
    ['DHCP options denied', withVpc({ nameServers: denied() }), 'UNKNOWN denied'],
    ['other resolvers', withVpc({ nameServers: read(['10.1.0.2']) }), 'UNKNOWN undecidable'],
    ['other resolvers beside Amazon', withVpc({ nameServers: read(['10.1.0.2', 'AmazonProvidedDNS']) }), 'PASS holds'],
    ['no resolver', withVpc({ nameServers: read([]) }), 'UNKNOWN undecidable'],
    ['the VPC is not in the answer', withCluster({ vpcId: given('vpc-9') }), 'UNKNOWN not-found'],
    ['no VPC id: its subnets tell it', withCluster({ vpcId: ABSENT }), 'PASS holds'],
    ['neither VPC id nor subnets', withCluster({ vpcId: ABSENT, subnetIds: ABSENT }), 'UNKNOWN absent-field'],
    ['VPCs denied', withNetwork({ vpcs: denied() }), 'UNKNOWN denied'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test('declared resolvers pass, and only when all are', () => {
    const settings = { resolvers: ['10.1.0.2'] };
    expect(outcome(ID, withVpc({ nameServers: read(['10.1.0.2']) }), { settings })).toBe('PASS declared');
    expect(outcome(ID, withVpc({ nameServers: read(['10.1.0.2', '10.1.0.3']) }), { settings })).toBe(
      'UNKNOWN undecidable',
    );
  });
});

describe('eks-subnet-tags (S5)', () => {
  const ID = 'eks-subnet-tags';
  const bare = { tags: [] };
  test.each([
    ['tagged in two zones', evidence(), 'PASS holds'],
    ['tagged in one of two zones', subnets(subnet(1), subnet(2, bare)), 'FAIL missing'],
    [
      'an empty value',
      subnets(subnet(1), subnet(2, { tags: [{ key: 'kubernetes.io/role/internal-elb', value: '' }] })),
      'PASS holds',
    ],
    [
      'another value',
      subnets(subnet(1), subnet(2, { tags: [{ key: 'kubernetes.io/role/internal-elb', value: 'true' }] })),
      'FAIL missing',
    ],
    [
      'the public tag',
      subnets(subnet(1), subnet(2, { tags: [{ key: 'kubernetes.io/role/elb', value: '1' }] })),
      'FAIL missing',
    ],
    [
      'public subnets only',
      withRoutes(route('0.0.0.0/0', 'internet-gateway', 'igw-1')),
      'NOT_APPLICABLE no-private-subnet',
    ],
    ['subnets denied', withNetwork({ subnets: denied() }), 'UNKNOWN denied'],
    ['route tables denied', withVpc({ routeTables: denied() }), 'UNKNOWN denied'],
    [
      'untagged, and node groups denied: theirs may be tagged',
      { ...subnets(subnet(1), subnet(2, bare)), nodeGroups: denied() },
      'UNKNOWN denied',
    ],
    ['a zone is not reported', subnets(subnet(1), subnet(2, { zoneId: ABSENT })), 'UNKNOWN absent-field'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('eks-security-group-dedicated (S6)', () => {
  const ID = 'eks-security-group-dedicated';
  const borrowing = (...ids: string[]) => cluster({ securityGroupIds: given(ids) });
  const extra = network({
    securityGroups: read([CLUSTER_GROUP, group('sg-extra', []), group('sg-default', [], 'default')]),
  });
  const neighbour = (additional: string[], own = 'sg-other') => [
    { name: 'neighbour', groups: read({ additional, own: given(own) }) },
  ];
  const withExtra = (...ids: string[]) => evidence({ cluster: read(borrowing(...ids)), network: extra });
  test.each([
    ['EKS’s own group alone', evidence(), 'PASS holds'],
    ['an additional group of its own', withExtra('sg-extra'), 'PASS holds'],
    [
      'an additional group shared with a neighbour',
      { ...withExtra('sg-extra'), neighbours: neighbour(['sg-extra']) },
      'FAIL shared',
    ],
    [
      'the borrower of a neighbour’s own group',
      { ...withExtra('sg-extra'), neighbours: neighbour([], 'sg-extra') },
      'FAIL shared',
    ],
    ['the lender of its own group', evidence({ neighbours: neighbour(['sg-cluster']) }), 'FAIL lent'],
    ['the default group', withExtra('sg-default'), 'FAIL default-group'],
    ['a group that is gone', withExtra('sg-gone'), 'FAIL not-found'],
    [
      'a neighbour that could not be read',
      evidence({ neighbours: [{ name: 'n', groups: denied() }] }),
      'UNKNOWN denied',
    ],
    [
      'shared, beside a neighbour that could not be read',
      { ...withExtra('sg-extra'), neighbours: [{ name: 'n', groups: denied() }, ...neighbour(['sg-extra'])] },
      'FAIL shared',
    ],
    ['groups denied', withNetwork({ securityGroups: denied() }), 'UNKNOWN denied'],
    [
      'an old cluster with additional groups only',
      evidence({
        cluster: read(cluster({ clusterSecurityGroupId: ABSENT, securityGroupIds: given(['sg-extra']) })),
        network: extra,
      }),
      'PASS holds',
    ],
    ['no group at all', withCluster({ clusterSecurityGroupId: ABSENT }), 'UNKNOWN absent-field'],
    ['groups malformed', withCluster({ securityGroupIds: malformed }), 'UNKNOWN malformed-answer'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });
});

describe('eks-security-group-ingress', () => {
  const ID = 'eks-security-group-ingress';
  const admitting = (...rules: Parameters<typeof rule>[0][]) =>
    withGroups(
      group(
        'sg-cluster',
        rules.map((change) => rule(change)),
      ),
    );
  test.each([
    ['itself', evidence(), 'PASS holds'],
    ['nothing', admitting(), 'PASS holds'],
    ['private ranges', admitting({ ranges: ['10.0.0.0/8', '100.64.0.0/10', 'fd00::/8'] }), 'PASS holds'],
    ['everybody', admitting({ ranges: ['0.0.0.0/0'] }), 'FAIL public-range'],
    ['everybody by IPv6', admitting({ ranges: ['::/0'] }), 'FAIL public-range'],
    [
      'one public range beside private ones',
      admitting({ ranges: ['10.0.0.0/8'] }, { ranges: ['203.0.113.0/24'] }),
      'FAIL public-range',
    ],
    ['a range that is half private', admitting({ ranges: ['10.0.0.0/7'] }), 'FAIL public-range'],
    ['what is not a range', admitting({ ranges: ['everybody'] }), 'UNKNOWN malformed-answer'],
    ['a prefix list that is not known', admitting({ prefixListIds: ['pl-1'] }), 'UNKNOWN not-found'],
    ['a group that is gone', withNetwork({ securityGroups: read([]) }), 'FAIL not-found'],
    ['groups denied', withNetwork({ securityGroups: denied() }), 'UNKNOWN denied'],
    ['no group at all', withCluster({ clusterSecurityGroupId: ABSENT }), 'UNKNOWN absent-field'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of)).toBe(expected);
  });

  test('a prefix list of public ranges', () => {
    const of = withNetwork({
      securityGroups: read([group('sg-cluster', [rule({ prefixListIds: ['pl-1'] })])]),
      prefixLists: read([{ id: 'pl-1', cidrs: ['10.0.0.0/8', '203.0.113.0/24'] }]),
    });
    expect(verdictOf(ID, of)).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining('203.0.113.0/24 by pl-1'),
    });
  });
});

describe('eks-connected-networks (S9)', () => {
  const ID = 'eks-connected-networks';
  const settings = { ranges: ['10.100.0.0/16', '192.168.7.0/24'] };
  const admitting = (...rules: Parameters<typeof rule>[0][]) =>
    withGroups(
      group(
        'sg-cluster',
        rules.map((change) => rule(change)),
      ),
    );
  test.each([
    ['both by one range each', admitting({ ranges: ['10.100.0.0/16', '192.168.0.0/16'] }), 'PASS holds'],
    [
      'one in halves',
      admitting({ ranges: ['10.100.0.0/17', '10.100.128.0/17'] }, { ranges: ['192.168.7.0/24'] }),
      'PASS holds',
    ],
    [
      'all protocols',
      admitting({ protocol: '-1', fromPort: ABSENT, toPort: ABSENT, ranges: ['10.0.0.0/8', '192.168.0.0/16'] }),
      'PASS holds',
    ],
    ['one of two', admitting({ ranges: ['10.100.0.0/16'] }), 'FAIL port-443-closed'],
    ['half of one', admitting({ ranges: ['10.100.0.0/17', '192.168.7.0/24'] }), 'FAIL port-443-closed'],
    [
      'port 80 only',
      admitting({ fromPort: given(80), toPort: given(80), ranges: ['0.0.0.0/0'] }),
      'FAIL port-443-closed',
    ],
    ['a prefix list that is not known', admitting({ prefixListIds: ['pl-1'] }), 'UNKNOWN not-found'],
    ['a group that is gone', withNetwork({ securityGroups: read([]) }), 'FAIL not-found'],
    ['groups denied', withNetwork({ securityGroups: denied() }), 'UNKNOWN denied'],
  ])('%s', (_case, of, expected) => {
    expect(outcome(ID, of, { settings })).toBe(expected);
  });

  test('nothing declared', () => {
    expect(outcome(ID, evidence())).toBe('NOT_APPLICABLE not-declared');
  });

  test('what is declared is not a range', () => {
    expect(outcome(ID, evidence(), { settings: { ranges: ['the office'] } })).toBe('UNKNOWN unrecognised-value');
  });

  test('the fix opens the range that is shut, and no other', () => {
    const verdict = verdictOf(ID, admitting({ ranges: ['10.100.0.0/16'] }), { settings });
    expect(verdict.status === 'FAIL' && verdict.fix?.commands).toEqual([
      expect.stringMatching(/--group-id sg-cluster .*CidrIp=192\.168\.7\.0\/24/),
    ]);
  });
});
