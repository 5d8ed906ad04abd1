import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assess, type StoredFinding, vanished } from '#domain/change.ts';
import type { Finding } from '#domain/finding.ts';
import { finding, stamp } from '../app/builders.ts';

const EXCEPTION = {
  control: 'eks-endpoint-public',
  resource: 'shop',
  owner: 'ann',
  reason: 'moves in December',
  expires: '2026-12-31',
};

/** What is on record after the findings were seen one after the other. */
function recordAfter(...seen: readonly Partial<Finding>[]): StoredFinding | undefined {
  let stored: StoredFinding | undefined;
  for (const [index, changes] of seen.entries()) {
    const at = stamp(index + 1);
    const next = assess(stored, finding({ ...changes, evaluatedAt: at.evaluatedAt }), at);
    if (next !== undefined) stored = { ...next, revision: (stored?.revision ?? 0) + 1 };
  }
  return stored;
}

const FAIL = { status: 'FAIL' } as const;
const PASS = { status: 'PASS', reason: 'holds' } as const;
const UNKNOWN = { status: 'UNKNOWN', reason: 'denied' } as const;
const ACCEPTED = { ...FAIL, exception: EXCEPTION };

describe('changes of a finding', () => {
  test.each([
    ['a first FAIL', [FAIL], 'opened', true],
    ['a first FAIL that was accepted beforehand', [ACCEPTED], 'opened', false],
    ['PASS, then FAIL', [PASS, FAIL], 'opened', true],
    ['FAIL, then PASS', [FAIL, PASS], 'closed', true],
    ['FAIL, UNKNOWN, PASS', [FAIL, UNKNOWN, PASS], 'closed', true],
    ['UNKNOWN, then FAIL', [UNKNOWN, FAIL], 'opened', true],
    ['FAIL, accepted', [FAIL, ACCEPTED], 'accepted', false],
    ['FAIL, accepted, PASS: nobody is told that it is gone', [FAIL, ACCEPTED, PASS], 'closed', false],
    ['FAIL, accepted, exception over', [FAIL, ACCEPTED, FAIL], 'expired', true],
    ['FAIL, graver FAIL', [FAIL, { ...FAIL, severity: 'CRITICAL' }], 'escalated', true],
    ['accepted, graver and still accepted', [ACCEPTED, { ...ACCEPTED, severity: 'CRITICAL' }], 'escalated', false],
    ['PASS, not applicable', [PASS, { status: 'NOT_APPLICABLE', reason: 'auto-mode' }], 'altered', false],
  ] as const)('%s', (_case, seen, kind, announced) => {
    const last = stamp(seen.length);
    expect(recordAfter(...seen)?.change).toMatchObject({ kind, announced, runId: last.runId, at: last.evaluatedAt });
  });

  test('a composite that was accepted through its causes failed anew when another cause joins them', () => {
    const composite = { control: 'closed-network' };
    const change = recordAfter({ ...ACCEPTED, ...composite }, { ...FAIL, ...composite })?.change;
    expect(change).toMatchObject({ kind: 'opened', announced: true });
    const over = { ...ACCEPTED, ...composite, exception: { ...EXCEPTION, expires: '2026-10-31' } };
    expect(recordAfter(over, { ...FAIL, ...composite })?.change).toMatchObject({ kind: 'expired', announced: true });
  });

  test.each([
    ['a first PASS', [PASS]],
    ['a first UNKNOWN', [UNKNOWN]],
    ['PASS, UNKNOWN, PASS', [PASS, UNKNOWN, PASS]],
  ] as const)('%s is no change', (_case, seen) => {
    expect(recordAfter(...seen)?.change).toBeUndefined();
  });

  test.each([
    ['FAIL, UNKNOWN, FAIL', [FAIL, UNKNOWN, FAIL]],
    ['FAIL, milder FAIL', [FAIL, { ...FAIL, severity: 'LOW' }]],
    ['FAIL with another message', [FAIL, { ...FAIL, message: 'still open, to fewer' }]],
  ] as const)('%s stays the change it was', (_case, seen) => {
    expect(recordAfter(...seen)?.change).toMatchObject({ kind: 'opened', runId: 'run-1' });
  });

  test('a FAIL that closes is told with the severity it had', () => {
    expect(recordAfter({ ...FAIL, severity: 'CRITICAL' }, { ...PASS, severity: 'LOW' })?.change?.severity).toBe(
      'CRITICAL',
    );
  });

  test('the same verdict read at another time is not written', () => {
    const proofAt = (at: string) => [{ kind: 'fact', line: 'x', source: { api: 'eks:DescribeCluster', at } }] as const;
    const stored = recordAfter({ proof: proofAt('2026-11-01T00:00:00Z') });
    const again = finding({ proof: proofAt('2026-11-02T00:00:00Z'), evaluatedAt: stamp(9).evaluatedAt });
    expect(assess(stored, again, stamp(9))).toBeUndefined();
    expect(assess(stored, { ...again, message: 'other' }, stamp(9))?.change?.runId).toBe('run-1');
  });

  test('a vanished resource closes its FAIL, keeps when it went, and says so', () => {
    const stored = recordAfter(FAIL);
    if (stored === undefined) throw new Error('a FAIL is stored');
    const next = assess(stored, vanished(stored, stamp(2).evaluatedAt, false), stamp(2));
    expect(next).toMatchObject({
      finding: { status: 'NOT_APPLICABLE', reason: 'resource-gone', message: 'shop is not there any more' },
      change: { kind: 'closed', from: 'FAIL' },
      goneAt: stamp(2).evaluatedAt,
    });
  });
});

describe('properties', () => {
  const seen = fc.array(
    fc.constantFrom<Partial<Finding>>(FAIL, PASS, UNKNOWN, ACCEPTED, { ...FAIL, severity: 'CRITICAL' }),
    { minLength: 1, maxLength: 8 },
  );

  test('UNKNOWN anywhere in between changes no decision and no change but in time', async () => {
    await fc.assert(
      fc.asyncProperty(seen, async (list) => {
        const certain = list.filter(({ status }) => status !== 'UNKNOWN');
        const mixed = recordAfter(...list);
        const plain = recordAfter(...certain);
        expect(mixed?.lastDecided?.status).toBe(plain?.lastDecided?.status);
        expect(mixed?.change?.kind).toBe(plain?.change?.kind);
      }),
    );
  });

  test('each verdict repeated is written once', async () => {
    await fc.assert(
      fc.asyncProperty(seen, async (list) => {
        const doubled = list.flatMap((entry) => [entry, entry]);
        expect(recordAfter(...doubled)?.revision).toBe(recordAfter(...list)?.revision);
      }),
    );
  });
});
