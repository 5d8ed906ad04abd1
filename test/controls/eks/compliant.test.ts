import { describe, expect, test } from 'vitest';
import { eksControls } from '#controls/eks/index.ts';
import { given } from '#domain/collected.ts';
import { cluster, denied, evidence, read, verdicts, withCluster } from './builders.ts';

const NOT_ASKED = ['eks-cluster-admins', 'eks-connected-networks', 'eks-node-proxy', 'eks-vpc-endpoints-used'];

const statuses = (...parameters: Parameters<typeof verdicts>) =>
  new Map([...verdicts(...parameters)].map(([id, { status, reason }]) => [id, `${status} ${reason}`]));

describe('every eks control', () => {
  test('passes on a closed cluster, or does not apply because nothing was declared or is used', () => {
    for (const [id, { status, message, proof }] of verdicts(evidence())) {
      expect(`${id} ${status}: ${message}`).toContain(`${id} ${NOT_ASKED.includes(id) ? 'NOT_APPLICABLE' : 'PASS'}`);
      if (status === 'PASS') expect(proof.length, id).toBeGreaterThan(0);
    }
  });

  test.each([
    ['DescribeCluster was denied', evidence({ cluster: denied('eks:DescribeCluster') }), 'UNKNOWN denied'],
    ['CREATING', withCluster({ status: given('CREATING') }), 'UNKNOWN transitional-state'],
    ['PENDING', withCluster({ status: given('PENDING') }), 'UNKNOWN transitional-state'],
    ['a status nobody knows', withCluster({ status: given('HIBERNATING') }), 'UNKNOWN unrecognised-value'],
    ['no status', withCluster({ status: { state: 'absent' } }), 'UNKNOWN absent-field'],
    ['a status of another type', withCluster({ status: { state: 'malformed', raw: '3' } }), 'UNKNOWN malformed-answer'],
    ['a connected cluster', withCluster({ kind: 'connected' }), 'NOT_APPLICABLE connected-cluster'],
    ['a local cluster on Outposts', withCluster({ kind: 'outposts' }), 'NOT_APPLICABLE outposts-local-cluster'],
  ])('says the same of a cluster that cannot be judged: %s', (_case, of, expected) => {
    expect(new Set(statuses(of).values())).toEqual(new Set([expected]));
    expect(statuses(of).size).toBe(eksControls.length);
  });

  test.each(['UPDATING', 'FAILED'])('judges what is there when the cluster is %s', (status) => {
    expect(statuses(withCluster({ status: given(status) }))).toEqual(statuses(evidence()));
  });

  test('says of a cluster of 2018, whose answer lacks most fields, that they are absent', () => {
    const absent = { state: 'absent' } as const;
    const kept = cluster();
    const old = Object.fromEntries(
      Object.entries(kept).map(([key, value]) => [key, typeof value === 'object' && 'state' in value ? absent : value]),
    ) as unknown as typeof kept;
    const of = evidence({
      cluster: read({ ...old, status: given('ACTIVE') }),
      addons: read([]),
      vpcCni: { state: 'not-installed' },
    });
    const failing = [...statuses(of)].filter(([, outcome]) => outcome.startsWith('PASS') || outcome.startsWith('FAIL'));
    // What node groups, subnets and their network tell does not hang on the cluster's own fields.
    expect(failing).toEqual([
      ['eks-node-public-address', 'PASS holds'],
      ['eks-subnet-tags', 'PASS holds'],
      ['eks-pod-capacity', 'PASS holds'],
      // No balancer of the region faces the internet, whoever made it.
      ['eks-load-balancer-internal', 'PASS holds'],
    ]);
  });
});
