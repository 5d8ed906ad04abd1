import { describe, expect, test } from 'vitest';
import { judgeTarget } from '#app/judge-target.ts';
import { eksControls } from '#controls/eks/index.ts';
import { given } from '#domain/collected.ts';
import type { Collection, Subject } from '#domain/collection.ts';
import type { Exception } from '#domain/finding.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { withCluster } from '../controls/eks/builders.ts';
import { TARGET } from './builders.ts';

const target = { id: TARGET, provider: 'aws', account: '111111111111', region: 'eu-central-1' } as const;
const complete: Collection = { subjects: [], inventoryComplete: true, gaps: [], apiCalls: 1 };
const denied: Collection = {
  ...complete,
  inventoryComplete: false,
  gaps: [{ reason: 'denied', message: 'not allowed', api: 'eks:ListClusters' }],
};

function coverage(
  planned: PlannedTarget,
  collection: Collection | undefined,
  options: { readonly exceptions?: readonly Exception[]; readonly at?: string; readonly severity?: 'LOW' } = {},
) {
  const { findings } = judgeTarget({
    planned,
    collection,
    controls: [],
    settings: {
      profile: 'closed',
      controls: options.severity === undefined ? {} : { coverage: { severity: options.severity } },
    },
    exceptions: options.exceptions ?? [],
    inCluster: () => undefined,
    evaluatedAt: options.at ?? '2026-12-31T23:59:00.000Z',
  });
  expect(findings).toHaveLength(1);
  return findings[0];
}

describe('coverage', () => {
  test.each([
    ['read completely', { target }, complete, 'PASS', 'holds'],
    ['a refused list', { target }, denied, 'FAIL', 'denied'],
    [
      'an inventory that ended early without a word',
      { target },
      { ...complete, inventoryComplete: false },
      'FAIL',
      'truncated',
    ],
    ['a gap although the inventory is complete', { target }, { ...denied, inventoryComplete: true }, 'FAIL', 'denied'],
    [
      'a scope that could not be listed',
      { target, failure: { reason: 'credentials', message: 'no role' } },
      undefined,
      'FAIL',
      'credentials',
    ],
    ['a suspended account', { target, skipped: 'the account is suspended' }, undefined, 'NOT_APPLICABLE', 'skipped'],
    ['a scope that can be listed again', { target, listedOnly: true }, undefined, 'PASS', 'holds'],
  ] as const)('%s', (_case, planned, collection, status, reason) => {
    expect(coverage(planned, collection)).toMatchObject({
      control: 'coverage',
      status,
      reason,
      resource: { uid: TARGET, type: 'target' },
    });
  });

  test('the operator sets its severity', () => {
    expect(coverage({ target }, denied, { severity: 'LOW' })?.severity).toBe('LOW');
  });
});

describe('exceptions', () => {
  const accepted = {
    control: 'coverage',
    resource: TARGET,
    owner: 'ann',
    reason: 'closed in January',
    expires: '2026-12-31',
  };

  test.each([
    ['the last minute of its last day', accepted, '2026-12-31T23:59:59.999Z', true],
    ['the day after', accepted, '2027-01-01T00:00:00.000Z', false],
    ['a prefix', { ...accepted, resource: 'AWS:1111*' }, '2026-12-01T00:00:00.000Z', true],
    ['another resource', { ...accepted, resource: 'aws:222222222222:eu-central-1' }, '2026-12-01T00:00:00.000Z', false],
    ['another control', { ...accepted, control: 'eks-vpc-dns' }, '2026-12-01T00:00:00.000Z', false],
    ['a prefix without its star', { ...accepted, resource: 'aws:1111' }, '2026-12-01T00:00:00.000Z', false],
  ] as const)('%s', (_case, exception, at, holds) => {
    const found = coverage({ target }, denied, { exceptions: [exception], at });
    expect(found?.status).toBe('FAIL');
    expect(found?.exception).toEqual(holds ? exception : undefined);
  });

  test('a PASS carries no exception', () => {
    expect(coverage({ target }, complete, { exceptions: [accepted] })?.exception).toBeUndefined();
  });
});

describe('the composite of a cluster whose cause is accepted', () => {
  const resource = {
    uid: 'arn:shop',
    type: 'aws.eks.cluster',
    provider: 'aws',
    account: '1',
    region: 'r',
    name: 'shop',
  } as const;
  const open = withCluster({ endpointPublicAccess: given(true), publicAccessCidrs: given(['0.0.0.0/0']) });
  const subjects: readonly Subject[] = [{ kind: 'eks', resource, evidence: open }];
  const accepted = {
    control: 'eks-endpoint-public',
    resource: 'shop',
    owner: 'ann',
    reason: 'until March',
    expires: '2027-03-31',
  };

  function composite(exceptions: readonly Exception[], at = '2026-12-01T00:00:00.000Z') {
    const { findings } = judgeTarget({
      planned: { target },
      collection: { ...complete, subjects },
      controls: eksControls,
      settings: { profile: 'closed', controls: {} },
      exceptions,
      inCluster: () => undefined,
      evaluatedAt: at,
    });
    return findings.find(({ control }) => control === 'closed-network');
  }

  test('carries an exception through it, until it ends', () => {
    const reason = 'accepted through eks-endpoint-public, until 2027-03-31';
    expect(composite([accepted])).toMatchObject({
      status: 'FAIL',
      message: `open by API exposure (eks-endpoint-public); ${reason}`,
      exception: { control: 'closed-network', resource: 'arn:shop', owner: 'ann', reason, expires: '2027-03-31' },
    });
    expect(composite([accepted], '2027-04-01T00:00:00.000Z')?.exception).toBeUndefined();
    expect(composite([])?.exception).toBeUndefined();
  });

  test('its own exception stands before the one of its causes', () => {
    const own = { ...accepted, control: 'closed-network', owner: 'bob', expires: '2027-01-31' };
    expect(composite([accepted, own])?.exception).toEqual(own);
  });
});
