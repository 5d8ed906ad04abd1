import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import {
  denied,
  evidence,
  malformed,
  outcome,
  read,
  verdictOf,
  withCluster,
  withNetwork,
  withVpc,
} from './builders.ts';

type Row = readonly [name: string, of: EksEvidence, expected: string];

function rows(id: string, cases: readonly Row[], settings = {}) {
  test.each(cases)(`${id}: %s`, (_name, of, expected) => {
    expect(outcome(id, of, { settings })).toBe(expected);
  });
}

const open = (...ranges: string[]) =>
  withCluster({ endpointPublicAccess: given(true), publicAccessCidrs: given(ranges) });

describe('eks-endpoint-public', () => {
  rows('eks-endpoint-public', [
    ['off', evidence(), 'PASS holds'],
    ['off, with a list left over', withCluster({ publicAccessCidrs: given(['0.0.0.0/0']) }), 'PASS holds'],
    ['on for everybody', open('0.0.0.0/0'), 'FAIL public-open'],
    ['on with an empty list', open(), 'FAIL public-open'],
    [
      'on without a list',
      withCluster({ endpointPublicAccess: given(true), publicAccessCidrs: ABSENT }),
      'FAIL public-open',
    ],
    ['on for everybody by IPv6', open('203.0.113.0/24', '::/0'), 'FAIL public-open'],
    ['on for two halves of everybody', open('0.0.0.0/1', '128.0.0.0/1'), 'FAIL public-open'],
    ['on for everybody with host bits', open('132.1.50.0/0'), 'FAIL public-open'],
    ['on for one range', open('203.0.113.0/24'), 'FAIL public-restricted'],
    ['the flag was not sent', withCluster({ endpointPublicAccess: ABSENT }), 'UNKNOWN absent-field'],
    ['the flag is of another type', withCluster({ endpointPublicAccess: malformed }), 'UNKNOWN malformed-answer'],
    [
      'the list is of another type',
      withCluster({ endpointPublicAccess: given(true), publicAccessCidrs: malformed }),
      'UNKNOWN malformed-answer',
    ],
    [
      'hybrid nodes with both endpoints',
      withCluster({
        endpointPublicAccess: given(true),
        publicAccessCidrs: given(['203.0.113.0/24']),
        remoteNodeNetworks: given(['10.9.0.0/16']),
      }),
      'FAIL hybrid-both-endpoints',
    ],
  ]);

  rows(
    'eks-endpoint-public',
    [
      ['within what is accepted', open('203.0.113.0/25'), 'PASS accepted-ranges'],
      ['one address more', open('203.0.112.0/23'), 'FAIL public-restricted'],
      ['everybody is never accepted', open('0.0.0.0/0'), 'FAIL public-open'],
    ],
    { acceptRanges: ['203.0.113.0/24'] },
  );

  test('open is CRITICAL by the control, restricted is HIGH', () => {
    expect(verdictOf('eks-endpoint-public', open('0.0.0.0/0'))).not.toHaveProperty('severity');
    expect(verdictOf('eks-endpoint-public', open('203.0.113.0/24'))).toMatchObject({ severity: 'HIGH' });
  });
});

describe('eks-endpoint-private', () => {
  rows('eks-endpoint-private', [
    ['on', evidence(), 'PASS holds'],
    [
      'off',
      withCluster({ endpointPrivateAccess: given(false), endpointPublicAccess: given(true) }),
      'FAIL private-off',
    ],
    ['both are off', withCluster({ endpointPrivateAccess: given(false) }), 'UNKNOWN conflicting-fields'],
    ['not sent', withCluster({ endpointPrivateAccess: ABSENT }), 'UNKNOWN absent-field'],
    ['of another type', withCluster({ endpointPrivateAccess: malformed }), 'UNKNOWN malformed-answer'],
  ]);
});

describe('eks-vpc-dns', () => {
  rows('eks-vpc-dns', [
    ['both on, the resolver is Amazon’s', evidence(), 'PASS holds'],
    ['by its address', withVpc({ nameServers: read(['169.254.169.253']) }), 'PASS holds'],
    ['support is off', withVpc({ dnsSupport: read(given(false)) }), 'FAIL dns-support-off'],
    ['hostnames are off', withVpc({ dnsHostnames: read(given(false)) }), 'FAIL dns-hostnames-off'],
    [
      'a defect stands beside what was not read',
      withVpc({ dnsSupport: denied(), dnsHostnames: read(given(false)) }),
      'FAIL dns-hostnames-off',
    ],
    ['support was not read', withVpc({ dnsSupport: denied() }), 'UNKNOWN denied'],
    ['hostnames are not reported', withVpc({ dnsHostnames: read(ABSENT) }), 'UNKNOWN absent-field'],
    ['another resolver', withVpc({ nameServers: read(['10.1.0.2']) }), 'UNKNOWN undecidable'],
    ['resolvers were not read', withVpc({ nameServers: denied() }), 'UNKNOWN denied'],
    ['the VPC was not in the answer', withNetwork({ vpcs: read<never[]>([]) }), 'UNKNOWN not-found'],
    ['VPCs were not read', withNetwork({ vpcs: denied() }), 'UNKNOWN denied'],
    ['the VPC is of another type', withCluster({ vpcId: malformed }), 'UNKNOWN malformed-answer'],
    ['the subnets tell the VPC of an old cluster', withCluster({ vpcId: ABSENT }), 'PASS holds'],
  ]);

  test('a DHCP set without any resolver never passes', () => {
    expect(verdictOf('eks-vpc-dns', withVpc({ nameServers: read<string[]>([]) })).status).not.toBe('PASS');
    const settings = { resolvers: ['10.1.0.2'] };
    const of = withVpc({ nameServers: read<string[]>([]) });
    expect(verdictOf('eks-vpc-dns', of, { settings }).status).not.toBe('PASS');
  });

  test('declared resolvers pass, one that is not declared among them does not', () => {
    const settings = { resolvers: ['10.1.0.2', '10.1.0.3'] };
    const status = (...servers: string[]) =>
      verdictOf('eks-vpc-dns', withVpc({ nameServers: read(servers) }), { settings }).status;
    expect(status('10.1.0.2')).toBe('PASS');
    expect(status('10.1.0.3', '10.1.0.2')).toBe('PASS');
    expect(status('10.1.0.2', '10.1.0.4')).toBe('UNKNOWN');
  });
});
