import { describe, expect, test } from 'vitest';
import { toJson } from '#formats/json.ts';
import { EVERY_STATUS, EXCEPTION, finding, scan } from './scans.ts';

describe('JSON, schema ringfence/v1', () => {
  const document = JSON.parse(toJson(scan(...EVERY_STATUS)));

  test('run, targets, findings, summary', () => {
    expect(Object.keys(document)).toEqual(['schema', 'run', 'targets', 'findings', 'summary']);
    expect(document.schema).toBe('ringfence/v1');
    expect(document.run).toEqual({
      id: 'run-1',
      startedAt: '2026-11-24T06:00:00.000Z',
      endedAt: '2026-11-24T06:00:09.000Z',
      status: 'partial',
    });
  });

  test('a target that was not read carries its reason, one that was read none', () => {
    expect(document.targets[0]).not.toHaveProperty('reason');
    expect(document.targets[1]).toMatchObject({ id: 'azure:s2', status: 'failed', reason: 'denied' });
    expect(document.targets[1]).not.toHaveProperty('region');
  });

  test('a finding has its public shape, and keeps its exception', () => {
    const [first] = JSON.parse(toJson(scan(finding({ exception: EXCEPTION })))).findings;
    expect(first).toMatchObject({
      id: 'f1',
      control: 'eks-endpoint-public',
      status: 'FAIL',
      reason: 'public-open',
      resource: { uid: 'arn:aws:eks:eu-central-1:111111111111:cluster/shop', region: 'eu-central-1' },
      exception: { owner: 'platform@example.com', expires: '2027-03-31' },
    });
    expect(first.proof).toHaveLength(2);
  });

  test('counts every status', () => {
    expect(document.summary.findings).toEqual({ PASS: 1, FAIL: 1, UNKNOWN: 1, NOT_APPLICABLE: 1 });
    expect(document.summary.coverage).toMatchObject({ planned: 2, complete: 1, failed: 1 });
  });
});
