import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import {
  denied,
  evidence,
  LOCAL,
  malformed,
  natGateway,
  network,
  outcome,
  read,
  route,
  subnet,
  table,
  verdictOf,
  vpc,
  withCluster,
  withNetwork,
  withRoutes,
  withVpc,
} from './builders.ts';

type Row = readonly [name: string, of: EksEvidence, expected: string];

function rows(id: string, cases: readonly Row[], settings = {}) {
  test.each(cases)(`${id}: %s`, (_name, of, expected) => {
    expect(outcome(id, of, { settings })).toBe(expected);
  });
}

const subnets = (...found: ReturnType<typeof subnet>[]) => withNetwork({ subnets: read(found) });
const three = withCluster({ subnetIds: given(['subnet-1', 'subnet-2', 'subnet-3']) });

describe('eks-subnet-zones', () => {
  rows('eks-subnet-zones', [
    ['two zones', evidence(), 'PASS holds'],
    ['one zone twice', subnets(subnet(1), subnet(2, { zoneId: given('apne1-az1') })), 'FAIL one-zone'],
    ['two zones remain of three', three, 'PASS holds'],
    ['one subnet remains', subnets(subnet(1)), 'FAIL not-found'],
    ['none remains', subnets(), 'FAIL not-found'],
    ['a zone is not reported', subnets(subnet(1), subnet(2, { zoneId: ABSENT })), 'UNKNOWN absent-field'],
    ['a zone of another type', subnets(subnet(1), subnet(2, { zoneId: malformed })), 'UNKNOWN malformed-answer'],
    ['subnets were not read', withNetwork({ subnets: denied() }), 'UNKNOWN denied'],
    ['the cluster names none', withCluster({ subnetIds: given([]) }), 'UNKNOWN absent-field'],
    ['the cluster does not report', withCluster({ subnetIds: ABSENT }), 'UNKNOWN absent-field'],
  ]);
});

describe('eks-subnet-addresses', () => {
  const free = (first: number, second = 200) =>
    subnets(subnet(1, { freeAddresses: given(first) }), subnet(2, { freeAddresses: given(second) }));

  rows('eks-subnet-addresses', [
    ['16', free(16), 'PASS holds'],
    ['15', free(15), 'FAIL below-recommended'],
    ['6', free(6), 'FAIL below-recommended'],
    ['5', free(5), 'FAIL too-few'],
    ['the graver one names the finding', free(15, 5), 'FAIL too-few'],
    ['not told', subnets(subnet(1, { freeAddresses: ABSENT }), subnet(2)), 'UNKNOWN absent-field'],
    [
      'a defect stands beside it',
      subnets(subnet(1, { freeAddresses: ABSENT }), subnet(2, { freeAddresses: given(1) })),
      'FAIL too-few',
    ],
    ['a subnet is gone', subnets(subnet(1)), 'FAIL not-found'],
    ['subnets were not read', withNetwork({ subnets: denied() }), 'UNKNOWN denied'],
  ]);

  test('what is only recommended is LOW, unless another subnet has too few', () => {
    expect(verdictOf('eks-subnet-addresses', free(15))).toMatchObject({ severity: 'LOW' });
    expect(verdictOf('eks-subnet-addresses', free(15, 5))).not.toHaveProperty('severity');
  });
});

describe('eks-subnet-tags', () => {
  const bare = (number: number) => subnet(number, { tags: [] });
  const misnamed = (number: number) => subnet(number, { tags: [{ key: 'kubernetes.io/role/elb', value: '1' }] });

  rows('eks-subnet-tags', [
    ['both zones', evidence(), 'PASS holds'],
    ['one of two zones', subnets(subnet(1), bare(2)), 'FAIL missing'],
    ['none', subnets(bare(1), bare(2)), 'FAIL missing'],
    ['the tag of public subnets', subnets(misnamed(1), misnamed(2)), 'FAIL missing'],
    [
      'every subnet is public',
      withRoutes(route('0.0.0.0/0', 'internet-gateway', 'igw-1')),
      'NOT_APPLICABLE no-private-subnet',
    ],
    [
      'NAT leaves a subnet private',
      evidence({
        network: network({
          natGateways: read([natGateway('nat-1', 'public')]),
          vpcs: read([
            vpc({ routeTables: read([table({ routes: [LOCAL, route('0.0.0.0/0', 'nat-gateway', 'nat-1')] })]) }),
          ]),
        }),
      }),
      'PASS holds',
    ],
    ['route tables were not read', withVpc({ routeTables: denied() }), 'UNKNOWN denied'],
    ['subnets were not read', withNetwork({ subnets: denied() }), 'UNKNOWN denied'],
    ['a zone is not reported', subnets(subnet(1), subnet(2, { zoneId: ABSENT })), 'UNKNOWN absent-field'],
    ['there may be more subnets', { ...subnets(subnet(1), bare(2)), nodeGroups: denied() }, 'UNKNOWN denied'],
  ]);

  test('the fix names the subnets without the tag', () => {
    expect(verdictOf('eks-subnet-tags', subnets(subnet(1), bare(2)))).toMatchObject({
      fix: { commands: [expect.stringContaining('--resources subnet-2')] },
    });
  });
});
