import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../web/api.ts';
import { age, arrangeClusters, arrangeTargets, groupFailures, shortName } from '../../web/arrange.ts';
import { finding } from '../formats/scans.ts';

const cluster = (name: string, state: Cluster['state'], differs: Partial<Cluster> = {}): Cluster => ({
  uid: `arn:aws:eks:eu-west-1:111122223333:cluster/${name}`,
  type: 'aws.eks.cluster',
  provider: 'aws',
  account: '111122223333',
  region: 'eu-west-1',
  name,
  state,
  message: '',
  ...differs,
});
const ALL = { state: 'all', provider: 'all', text: '' } as const;
const names = (clusters: readonly Cluster[]) => clusters.map(({ name }) => name);

describe('clusters', () => {
  test('what is open comes first, then what nobody could decide: neither hides behind the closed ones', () => {
    const clusters = [cluster('c', 'closed'), cluster('b', 'unknown'), cluster('z', 'open'), cluster('a', 'open')];
    expect(names(arrangeClusters(clusters, ALL))).toEqual(['a', 'z', 'b', 'c']);
  });

  test.each([
    ['state', { state: 'open' as const }, ['shop']],
    ['provider', { provider: 'azure' }, ['till']],
    ['every word of the text, in any case and any field', { text: 'EU-west SHOP' }, ['shop']],
    ['words that only the message has', { text: 'bastion' }, ['till']],
    ['two filters at once', { state: 'open' as const, provider: 'azure' }, []],
  ])('a filter by %s', (_case, filter, expected) => {
    const clusters = [
      cluster('shop', 'open'),
      cluster('till', 'closed', { provider: 'azure', region: 'japaneast', message: 'behind a bastion' }),
    ];
    expect(names(arrangeClusters(clusters, { ...ALL, ...filter }))).toEqual(expected);
  });
});

test('failures stand by their resource: the one with the gravest first, then the one with the most', () => {
  const on = (uid: string) => ({ ...finding().resource, uid, name: uid });
  const failures = [
    finding({ id: '1', resource: on('low'), severity: 'LOW' }),
    finding({ id: '2', resource: on('one'), severity: 'HIGH' }),
    finding({ id: '3', resource: on('two'), severity: 'HIGH' }),
    finding({ id: '4', resource: on('two'), severity: 'LOW', control: 'a' }),
    finding({ id: '5', resource: on('grave'), severity: 'CRITICAL' }),
  ];
  expect(
    groupFailures(failures).map(({ resource, findings }) => [resource.name, findings.map(({ id }) => id)]),
  ).toEqual([
    ['grave', ['5']],
    ['two', ['3', '4']],
    ['one', ['2']],
    ['low', ['1']],
  ]);
});

test('targets that were not read come first', () => {
  const target = (id: string, status: 'complete' | 'partial' | 'failed' | 'skipped') => ({
    id,
    provider: 'aws' as const,
    account: '111122223333',
    status,
    apiCalls: 0,
    durationMs: 0,
    lastScannedAt: '2026-11-01T00:00:00Z',
  });
  const targets = [target('a', 'complete'), target('b', 'skipped'), target('c', 'partial'), target('d', 'failed')];
  expect(arrangeTargets(targets).map(({ id }) => id)).toEqual(['d', 'c', 'a', 'b']);
});

test.each([
  ['/subscriptions/s/resourcegroups/rg/providers/microsoft.network/routetables/rt-1', 'rt-1'],
  ['arn:aws:eks:eu-west-1:111122223333:cluster/shop', 'shop'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['rtb-1', 'rtb-1'],
])('%s is shown as %s', (hop, short) => {
  expect(shortName(hop)).toBe(short);
});

test.each([
  ['2026-11-01T11:59:30Z', 'just now'],
  ['2026-11-01T11:00:01Z', '59 min ago'],
  ['2026-11-01T09:59:00Z', '2 h ago'],
  ['2026-10-25T11:00:00Z', '7 d ago'],
  ['2026-11-01T12:00:05Z', 'just now'],
])('read at %s is %s', (at, text) => {
  expect(age(at, new Date('2026-11-01T12:00:00Z'))).toBe(text);
});
