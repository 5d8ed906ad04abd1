import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recordScan } from '#app/record-scan.ts';
import type { StoredFinding } from '#domain/change.ts';
import type { Status } from '#domain/verdict.ts';
import { finding, reading, stamp, TARGET } from './builders.ts';
import { ModelStore } from './model-store.ts';

const statuses = fc.constantFrom<Status>('PASS', 'FAIL', 'UNKNOWN', 'NOT_APPLICABLE');
const clusters = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), statuses, { noNullPrototype: true });
const scans = fc.array(fc.record({ clusters, inventoryComplete: fc.boolean() }), { minLength: 1, maxLength: 5 });

/** Ends the scan, as SIGKILL would, before its nth operation. */
function dyingBefore(operation: number): () => Promise<void> {
  let seen = 0;
  return async () => {
    seen += 1;
    if (seen >= operation) throw new Error('killed');
  };
}

describe('recordScan', () => {
  test('an unchanged target costs one read and one write', async () => {
    const store = new ModelStore();
    await recordScan(reading({ a: 'FAIL', b: 'PASS' }, stamp(1)), stamp(1), store.open());
    const before = { reads: store.reads, writes: store.written.length };
    expect(await recordScan(reading({ a: 'FAIL', b: 'PASS' }, stamp(2)), stamp(2), store.open())).toBe('unchanged');
    expect(store.reads - before.reads).toBe(1);
    expect(store.written.slice(before.writes).map(({ kind }) => kind)).toEqual(['heartbeat']);
    expect(store.heartbeat).toMatchObject({ runId: 'run-2', pending: [], outbox: [], counts: { FAIL: 1, PASS: 1 } });
  });

  test('the settling write comes last and carries the changes', async () => {
    const store = new ModelStore();
    await recordScan(reading({ a: 'FAIL', b: 'PASS' }, stamp(1)), stamp(1), store.open());
    expect(store.written.map(({ kind }) => kind)).toEqual(['heartbeat', 'finding', 'finding', 'heartbeat']);
    expect(store.heartbeat?.pending).toEqual([]);
    expect(store.heartbeat?.outbox).toHaveLength(1);
  });

  test('the same result delivered again writes nothing', async () => {
    const store = new ModelStore();
    const result = reading({ a: 'FAIL' }, stamp(1));
    await recordScan(result, stamp(1), store.open());
    const writes = store.written.length;
    expect(await recordScan(result, stamp(1), store.open())).toBe('superseded');
    expect(store.written).toHaveLength(writes);
  });

  test.each([
    ['by less than a day is newer', 24 * 60 - 1, 'superseded', 'PASS'],
    ['by more than a day was wrong, and loses', 24 * 60 + 2, 'changed', 'FAIL'],
  ] as const)('a result of a clock that was ahead %s', async (_case, minutes, recorded, status) => {
    const store = new ModelStore();
    await recordScan(reading({ a: 'PASS' }, stamp(minutes)), stamp(minutes), store.open());
    expect(await recordScan(reading({ a: 'FAIL' }, stamp(1)), stamp(1), store.open())).toBe(recorded);
    expect([...store.findings.values()].map(({ finding }) => finding.status)).toEqual([status]);
    expect(store.heartbeat?.counts[status]).toBe(1);
  });

  test('a vanished resource is closed only by a complete inventory', async () => {
    const store = new ModelStore();
    await recordScan(reading({ a: 'FAIL', b: 'FAIL' }, stamp(1)), stamp(1), store.open());
    await recordScan(reading({ b: 'FAIL' }, stamp(2), { inventoryComplete: false }), stamp(2), store.open());
    expect(store.heartbeat?.counts.FAIL).toBe(2);
    expect([...store.findings.values()].map(({ goneAt }) => goneAt)).toEqual([undefined, undefined]);
    await recordScan(reading({ b: 'FAIL' }, stamp(3)), stamp(3), store.open());
    const gone = [...store.findings.values()].find(({ goneAt }) => goneAt !== undefined);
    expect(gone).toMatchObject({ finding: { reason: 'resource-gone' }, change: { kind: 'closed', from: 'FAIL' } });
    expect(store.heartbeat?.counts.FAIL).toBe(1);
  });

  test('a finding whose control is switched off is closed as such: its resource is still there', async () => {
    const store = new ModelStore();
    const both = reading({ a: 'FAIL' }, stamp(1));
    const other = finding({ cluster: 'a', control: 'eks-endpoint-private', status: 'PASS', reason: 'holds' });
    await recordScan({ ...both, findings: [...both.findings, other] }, stamp(1), store.open());
    await recordScan({ ...both, findings: [other] }, stamp(2), store.open());
    const off = [...store.findings.values()].find(({ goneAt }) => goneAt !== undefined);
    expect(off).toMatchObject({
      finding: {
        control: 'eks-endpoint-public',
        status: 'NOT_APPLICABLE',
        reason: 'not-judged',
        message: 'eks-endpoint-public does not judge a any more: the control is switched off, or left this version',
      },
      change: { kind: 'closed', from: 'FAIL' },
    });
    // Switched on again it opens again.
    await recordScan({ ...both, findings: [...both.findings, other] }, stamp(3), store.open());
    const back = [...store.findings.values()].find(({ finding: { control } }) => control === 'eks-endpoint-public');
    expect(back).toMatchObject({ finding: { status: 'FAIL' }, change: { kind: 'opened', from: 'NOT_APPLICABLE' } });
    expect(back?.goneAt).toBeUndefined();
  });

  test('a finding that only an overtaken scan saw is not written late', async () => {
    const store = new ModelStore();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const older = recordScan(
      reading({ a: 'FAIL' }, stamp(1)),
      stamp(1),
      store.open(async (operation) => (operation === 'finding' ? held : undefined)),
    );
    await new Promise(setImmediate);
    expect(store.heartbeat?.pending).toHaveLength(1);
    await recordScan(reading({}, stamp(2)), stamp(2), store.open());
    release();
    expect(await older).toBe('superseded');
    expect(store.findings.size).toBe(0);
    expect(await recordScan(reading({ a: 'FAIL' }, stamp(3)), stamp(3), store.open())).toBe('changed');
    expect([...store.findings.values()].map(({ change }) => change?.kind)).toEqual(['opened']);
  });
});

describe('properties of recordScan', () => {
  test('UNKNOWN never closes and never replaces what was decided', async () => {
    await fc.assert(
      fc.asyncProperty(scans, async (list) => {
        const store = new ModelStore();
        const decided = new Map<string, Status>();
        for (const [index, scan] of list.entries()) {
          const at = stamp(index + 1);
          await recordScan(reading(scan.clusters, at, scan), at, store.open());
          for (const { finding } of store.findings.values()) {
            const now = finding.reason === 'resource-gone' ? 'NOT_APPLICABLE' : scan.clusters[finding.resource.name];
            if (now !== undefined && now !== 'UNKNOWN') decided.set(finding.id, now);
          }
          for (const [id, stored] of store.findings) expect(stored.lastDecided?.status).toBe(decided.get(id));
        }
      }),
    );
  });

  test('a partial inventory closes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, clusters, async (first, second) => {
        const store = new ModelStore();
        await recordScan(reading(first, stamp(1)), stamp(1), store.open());
        await recordScan(reading(second, stamp(2), { inventoryComplete: false }), stamp(2), store.open());
        for (const { goneAt, finding } of store.findings.values()) {
          expect(goneAt).toBeUndefined();
          const name = finding.resource.name;
          expect(finding.status).toBe(second[name] ?? first[name]);
        }
      }),
    );
  });

  test('the order of the findings changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, clusters, fc.infiniteStream(fc.nat()), async (first, second, order) => {
        const states = await Promise.all(
          [false, true].map(async (shuffled) => {
            const store = new ModelStore();
            for (const [index, statusesOf] of [first, second].entries()) {
              const at = stamp(index + 1);
              const result = reading(statusesOf, at);
              const findings = shuffled
                ? result.findings
                    .map((entry) => ({ entry, key: order.next().value ?? 0 }))
                    .sort((a, b) => a.key - b.key)
                    .map(({ entry }) => entry)
                : result.findings;
              await recordScan({ ...result, findings }, at, store.open());
            }
            return [store.content(), [...(store.heartbeat?.outbox ?? [])].sort()];
          }),
        );
        expect(states[1]).toEqual(states[0]);
      }),
    );
  });

  test('older never overwrites newer, however two scans cross each other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), clusters, clusters, clusters, async (scheduler, start, older, newer) => {
        const store = new ModelStore();
        await recordScan(reading(start, stamp(1)), stamp(1), store.open());
        const step = scheduler.scheduleFunction(async () => undefined);
        const both = Promise.all(
          [[older, stamp(2)] as const, [newer, stamp(3)] as const].map(([statusesOf, at]) =>
            recordScan(reading(statusesOf, at), at, store.open(step)),
          ),
        );
        await scheduler.waitFor(both);
        expect(store.heartbeat).toMatchObject({ evaluatedAt: stamp(3).evaluatedAt, pending: [] });
        const present = [...store.findings.values()].filter(({ goneAt }) => goneAt === undefined);
        expect(Object.fromEntries(present.map(({ finding }) => [finding.resource.name, finding.status]))).toEqual(
          newer,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('killed before any operation and run again ends as an undisturbed scan does, with every change in one outbox', async () => {
    await fc.assert(
      fc.asyncProperty(clusters, clusters, fc.integer({ min: 1, max: 9 }), async (start, next, operation) => {
        const undisturbed = new ModelStore();
        const disturbed = new ModelStore();
        for (const store of [undisturbed, disturbed]) {
          await recordScan(reading(start, stamp(1)), stamp(1), store.open());
        }
        await recordScan(reading(next, stamp(2)), stamp(2), disturbed.open(dyingBefore(operation))).catch(
          (error: Error) => expect(error.message).toBe('killed'),
        );
        for (const store of [undisturbed, disturbed]) {
          await recordScan(reading(next, stamp(3)), stamp(3), store.open());
        }
        expect(disturbed.content()).toEqual(undisturbed.content());
        expect(announcements(disturbed)).toEqual(announcements(undisturbed));
      }),
      { numRuns: 300 },
    );
  });
});

/** What the settled heartbeats bring to be announced: transitions that were really stored, each once per listing. */
function announcements(store: ModelStore): readonly string[] {
  const stored = new Map<string, StoredFinding>(
    store.written.flatMap((write) =>
      write.kind === 'finding' && write.finding.change !== undefined
        ? [[`${write.finding.finding.id}:${write.finding.change.id}` as string, write.finding] as const]
        : [],
    ),
  );
  return store.written
    .flatMap((write) =>
      write.kind === 'heartbeat' && write.heartbeat.pending.length === 0 ? write.heartbeat.outbox : [],
    )
    .flatMap((entry) => {
      const found = stored.get(entry);
      return found === undefined
        ? []
        : [
            `${found.finding.target === TARGET} ${found.finding.resource.name} ${found.change?.from} ${found.change?.to}`,
          ];
    })
    .sort();
}
