import { describe, expect, test } from 'vitest';
import type { Finding } from '#domain/finding.ts';
import { toOcsf } from '#formats/ocsf.ts';
import { EVALUATED_AT, EVERY_STATUS, finding, IBM_ACCOUNT, scan } from './scans.ts';

const events = (...findings: readonly Finding[]) =>
  toOcsf(scan(...findings))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('OCSF Compliance Finding', () => {
  test('class 2003, with what the schema requires', () => {
    const [event] = events(finding());
    expect(event).toMatchObject({
      category_uid: 2,
      class_uid: 2003,
      activity_id: 1,
      type_uid: 200301,
      severity_id: 5,
      severity: 'Critical',
      time: Date.parse(EVALUATED_AT),
      metadata: { version: '1.5.0', profiles: ['cloud'], product: { name: 'Ringfence', vendor_name: 'Ringfence' } },
      finding_info: { uid: 'f1', title: 'The Kubernetes API of the cluster is not reachable from the internet' },
      compliance: { control: 'eks-endpoint-public', status_id: 3, status: 'Fail', status_code: 'public-open' },
      cloud: { provider: 'AWS', region: 'eu-central-1', account: { uid: '111111111111' } },
      resources: [{ uid: 'arn:aws:eks:eu-central-1:111111111111:cluster/shop', name: 'shop' }],
    });
    expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
  });

  test('status ids are those of the schema: 0 unknown, 1 pass, 3 fail, 99 other', () => {
    expect(events(...EVERY_STATUS).map(({ compliance }) => compliance.status_id)).toEqual([3, 1, 0, 99]);
  });

  test.each([
    ['INFORMATIONAL', 1],
    ['LOW', 2],
    ['MEDIUM', 3],
    ['HIGH', 4],
    ['CRITICAL', 5],
  ] as const)('severity %s is %i', (severity, id) => {
    expect(events(finding({ severity }))[0].severity_id).toBe(id);
  });

  test('every line is one event, and proof is evidence', () => {
    const all = events(...EVERY_STATUS);
    expect(all).toHaveLength(EVERY_STATUS.length);
    expect(all[0].evidences).toEqual([
      { data: { line: 'endpointPublicAccess is true', api: 'eks:DescribeCluster', at: EVALUATED_AT } },
      { data: { line: 'publicAccessCidrs is 0.0.0.0/0' } },
    ]);
  });

  test('a resource without a region has none, not an empty one', () => {
    const [event] = events(finding({ resource: IBM_ACCOUNT }));
    expect(event.cloud).toEqual({ provider: 'IBM Cloud', account: { uid: 'acc1' } });
    expect(event.resources[0]).not.toHaveProperty('region');
  });
});
