import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import {
  CLUSTER_GROUP,
  denied,
  evidence,
  group,
  malformed,
  network,
  outcome,
  read,
  rule,
  verdictOf,
  withCluster,
  withGroups,
  withNetwork,
} from './builders.ts';

type Row = readonly [name: string, of: EksEvidence, expected: string];

function rows(id: string, cases: readonly Row[], settings = {}) {
  test.each(cases)(`${id}: %s`, (_name, of, expected) => {
    expect(outcome(id, of, { settings })).toBe(expected);
  });
}

const admitting = (...ranges: string[]) => withGroups(group('sg-cluster', [rule({ ranges })]));
const byList = (cidrs: string[] | undefined, id = 'pl-1') =>
  withNetwork({
    securityGroups: read([group('sg-cluster', [rule({ prefixListIds: ['pl-1'] })])]),
    prefixLists: cidrs === undefined ? denied('ec2:GetManagedPrefixListEntries') : read([{ id, cidrs }]),
  });

describe('eks-security-group-ingress', () => {
  rows('eks-security-group-ingress', [
    ['itself alone', evidence(), 'PASS holds'],
    ['private ranges', admitting('10.0.0.0/8', '172.16.0.0/12', '192.168.4.0/24'), 'PASS holds'],
    ['everybody', admitting('0.0.0.0/0'), 'FAIL public-range'],
    ['everybody by IPv6', admitting('::/0'), 'FAIL public-range'],
    ['one public address among private ranges', admitting('10.0.0.0/8', '203.0.113.7/32'), 'FAIL public-range'],
    ['a range that begins private and ends public', admitting('172.16.0.0/11'), 'FAIL public-range'],
    ['host bits do not hide everybody', admitting('10.0.0.0/0'), 'FAIL public-range'],
    ['a range that is none', admitting('everybody'), 'UNKNOWN malformed-answer'],
    ['a public list', byList(['10.0.0.0/8', '198.51.100.0/24']), 'FAIL public-range'],
    ['a private list', byList(['10.0.0.0/8']), 'PASS holds'],
    ['lists were not read', byList(undefined), 'UNKNOWN denied'],
    ['this list was not read', byList(['10.0.0.0/8'], 'pl-2'), 'UNKNOWN not-found'],
    ['groups were not read', withNetwork({ securityGroups: denied() }), 'UNKNOWN denied'],
    ['the group is gone', withNetwork({ securityGroups: read<never[]>([]) }), 'FAIL not-found'],
    ['no group is named', withCluster({ clusterSecurityGroupId: ABSENT }), 'UNKNOWN absent-field'],
    ['a group of another type', withCluster({ clusterSecurityGroupId: malformed }), 'UNKNOWN malformed-answer'],
  ]);

  test('a public range stands beside a list that was not read', () => {
    const ingress = [rule({ prefixListIds: ['pl-1'] }), rule({ ranges: ['0.0.0.0/0'] })];
    const of = withNetwork({ securityGroups: read([group('sg-cluster', ingress)]), prefixLists: denied() });
    expect(outcome('eks-security-group-ingress', of)).toBe('FAIL public-range');
  });

  test('an additional group counts as much as the own one', () => {
    const of = evidence({
      cluster: withCluster({ securityGroupIds: given(['sg-more']) }).cluster,
      network: network({
        securityGroups: read([CLUSTER_GROUP, group('sg-more', [rule({ ranges: ['0.0.0.0/0'] })])]),
      }),
    });
    const verdict = verdictOf('eks-security-group-ingress', of);
    expect(verdict).toMatchObject({
      status: 'FAIL',
      fix: { commands: [expect.stringContaining('Values=sg-more'), expect.stringContaining('Values=sg-more')] },
    });
  });

  rows('eks-security-group-ingress', [['an accepted range', admitting('203.0.113.0/25'), 'PASS holds']], {
    acceptRanges: ['203.0.113.0/24'],
  });
  rows('eks-security-group-ingress', [['more than is accepted', admitting('203.0.113.0/24'), 'FAIL public-range']], {
    acceptRanges: ['203.0.113.0/25'],
  });
});

describe('eks-security-group-dedicated', () => {
  const beside = (additional: string[], own = 'sg-other', mine: string[] = ['sg-extra']) => ({
    ...evidence({
      neighbours: [{ name: 'other', groups: read({ additional, own: given(own) }) }],
      cluster: withCluster({ securityGroupIds: given(mine) }).cluster,
    }),
    network: network({ securityGroups: read([CLUSTER_GROUP, group('sg-extra', [])]) }),
  });

  rows('eks-security-group-dedicated', [
    ['only the own group', evidence(), 'PASS holds'],
    ['an additional group that nobody else uses', beside(['sg-theirs']), 'PASS holds'],
    ['an additional group of both', beside(['sg-extra']), 'FAIL shared'],
    ['the own group of the other one, borrowed', beside([], 'sg-extra'), 'FAIL shared'],
    ['the own group, lent to the other one', beside(['sg-cluster']), 'FAIL lent'],
    [
      'a neighbour was not read',
      evidence({ neighbours: [{ name: 'other', groups: denied('eks:DescribeCluster') }] }),
      'UNKNOWN denied',
    ],
    ['groups were not read', withNetwork({ securityGroups: denied() }), 'UNKNOWN denied'],
    ['the group is gone', withNetwork({ securityGroups: read<never[]>([]) }), 'FAIL not-found'],
    [
      'the default group',
      {
        ...withCluster({ securityGroupIds: given(['sg-default']) }),
        network: network({ securityGroups: read([CLUSTER_GROUP, group('sg-default', [], 'default')]) }),
      },
      'FAIL default-group',
    ],
  ]);

  test('a shared group stands beside a neighbour that was not read', () => {
    const of = beside(['sg-extra']);
    const neighbours = [{ name: 'third', groups: denied('eks:DescribeCluster') }, ...of.neighbours];
    expect(outcome('eks-security-group-dedicated', { ...of, neighbours })).toBe('FAIL shared');
  });
});

describe('eks-connected-networks', () => {
  rows('eks-connected-networks', [['nothing is declared', evidence(), 'NOT_APPLICABLE not-declared']]);
  rows(
    'eks-connected-networks',
    [
      ['a larger range', admitting('10.0.0.0/8'), 'PASS holds'],
      ['two halves', admitting('10.8.0.0/17', '10.8.128.0/17'), 'PASS holds'],
      ['one half', admitting('10.8.0.0/17'), 'FAIL port-443-closed'],
      ['a list', byList(['10.8.0.0/16']), 'PASS holds'],
      ['nobody', evidence(), 'FAIL port-443-closed'],
      [
        'another port',
        withGroups(group('sg-cluster', [rule({ fromPort: given(444), toPort: given(500), ranges: ['10.0.0.0/8'] })])),
        'FAIL port-443-closed',
      ],
      [
        'every protocol',
        withGroups(
          group('sg-cluster', [rule({ protocol: '-1', fromPort: ABSENT, toPort: ABSENT, ranges: ['10.0.0.0/8'] })]),
        ),
        'PASS holds',
      ],
      [
        'another protocol',
        withGroups(group('sg-cluster', [rule({ protocol: 'udp', ranges: ['10.0.0.0/8'] })])),
        'FAIL port-443-closed',
      ],
      ['lists were not read', byList(undefined), 'UNKNOWN denied'],
      ['groups were not read', withNetwork({ securityGroups: denied() }), 'UNKNOWN denied'],
      ['no group is named', withCluster({ clusterSecurityGroupId: ABSENT }), 'UNKNOWN absent-field'],
    ],
    { ranges: ['10.8.0.0/16'] },
  );
});
