import { beforeAll, describe, expect, test } from 'vitest';
import { recordScan } from '#app/record-scan.ts';
import { assess, type StoredFinding } from '#domain/change.ts';
import { fenceItem, findingItem, heartbeatItem } from '#storage/codec.ts';
import { findingIndexKeys } from '#storage/keys.ts';
import { finding, reading, stamp, TARGET } from '../app/builders.ts';
import { freshTable } from '../app/table.ts';

let table: Awaited<ReturnType<typeof freshTable>>;

beforeAll(async () => {
  table = await freshTable();
});

function stored(changes: Parameters<typeof finding>[0] = {}): StoredFinding {
  const next = assess(undefined, finding(changes), stamp(1));
  if (next === undefined) throw new Error('a first verdict is always stored');
  return { ...next, revision: 1 };
}

describe('conditional writes', () => {
  test('a finding is written only over the revision that was read', async () => {
    const target = 'aws:conditional';
    const { revision: _revision, ...entry } = stored({ target, cluster: 'conditional' });
    expect(await table.scans.writeFinding(entry, 0)).toBe(true);
    expect(await table.scans.writeFinding(entry, 0)).toBe(false);
    expect(await table.scans.writeFinding({ ...entry, runId: 'run-2' }, 1)).toBe(true);
    expect(await table.scans.writeFinding({ ...entry, runId: 'late' }, 1)).toBe(false);
    const { findings } = await table.scans.readTarget(target);
    expect(findings).toEqual([{ ...entry, runId: 'run-2', revision: 2 }]);
  });

  test('a fence keeps a late finding out, is no finding, and gives way to a new scan', async () => {
    const target = 'aws:fenced';
    const { revision: _revision, ...entry } = stored({ target, cluster: 'fenced' });
    const { id } = entry.finding;
    expect(await table.scans.writeFence(target, id, 0)).toBe(true);
    expect(await table.scans.writeFinding(entry, 0)).toBe(false);
    const { findings, fences } = await table.scans.readTarget(target);
    expect(findings).toEqual([]);
    expect(fences).toEqual(new Map([[id, 1]]));
    expect(await table.queries.byId(id)).toBeUndefined();
    expect(await table.scans.writeFinding(entry, 1)).toBe(true);
    expect((await table.scans.readTarget(target)).fences.size).toBe(0);
  });

  test('two scans at the same time end as the newer one says', async () => {
    const target = 'aws:crossing';
    for (let round = 0; round < 5; round += 1) {
      const [older, newer] = [stamp(round * 10 + 1), stamp(round * 10 + 2)];
      await Promise.all([
        recordScan(reading({ a: 'FAIL', b: 'PASS', c: 'FAIL' }, older, { target }), older, table.scans),
        recordScan(reading({ a: 'PASS', b: 'FAIL' }, newer, { target }), newer, table.scans),
      ]);
      const { heartbeat, findings } = await table.scans.readTarget(target);
      expect(heartbeat).toMatchObject({ runId: newer.runId, pending: [], counts: { PASS: 1, FAIL: 1 } });
      const present = findings.filter(({ goneAt }) => goneAt === undefined);
      expect(Object.fromEntries(present.map((entry) => [entry.finding.resource.name, entry.finding.status]))).toEqual({
        a: 'PASS',
        b: 'FAIL',
      });
    }
  });
});

describe('reads', () => {
  test('each list is one index; a vanished resource is in none and stays reachable by its id', async () => {
    const target = 'aws:listed';
    const account = '999999999999';
    const at = (minute: number) => stamp(minute, `listed-${minute}`);
    const scan = async (clusters: Readonly<Record<string, 'FAIL' | 'PASS'>>, minute: number) => {
      const result = reading(clusters, at(minute), { target });
      const findings = result.findings.map((entry) => ({
        ...entry,
        control: 'eks-vpc-dns',
        id: `${entry.resource.name}-in-listed-target`.slice(0, 22),
        resource: { ...entry.resource, account, uid: `listed/${entry.resource.name}` },
      }));
      await recordScan({ ...result, findings }, at(minute), table.scans);
    };
    const names = (page: { readonly items: readonly StoredFinding[] }) =>
      page.items.map((entry) => entry.finding.resource.name);
    await scan({ a: 'FAIL' }, 1);
    await scan({ a: 'FAIL', b: 'FAIL', c: 'PASS' }, 2);
    expect(names(await table.queries.ofAccount(account, { limit: 10 }))).toEqual(['a', 'b', 'c']);
    expect(names(await table.queries.ofControl('eks-vpc-dns', { limit: 10 }))).toEqual(['a', 'b', 'c']);
    expect(names(await table.queries.ofResource('listed/b', { limit: 10 }))).toEqual(['b']);
    const open = names(await table.queries.open({ limit: 500 })).filter((name) => ['a', 'b', 'c'].includes(name));
    expect(open.indexOf('b')).toBeLessThan(open.lastIndexOf('a'));
    await scan({ b: 'FAIL', c: 'PASS' }, 3);
    expect(names(await table.queries.ofAccount(account, { limit: 10 }))).toEqual(['b', 'c']);
    expect((await table.queries.byId('a-in-listed-target'))?.finding.reason).toBe('resource-gone');
  });

  test('pages follow each other without a gap', async () => {
    const at = stamp(1, 'paged');
    const clusters = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`p${index}`, 'FAIL' as const]));
    const result = reading(clusters, at, { target: 'aws:paged' });
    const findings = result.findings.map((entry) => ({ ...entry, control: 'eks-node-egress', id: `${entry.id}-p` }));
    await recordScan({ ...result, findings }, at, table.scans);
    const seen: string[] = [];
    let from: Readonly<Record<string, unknown>> | undefined;
    do {
      const page = await table.queries.ofControl('eks-node-egress', {
        limit: 3,
        ...(from === undefined ? {} : { from }),
      });
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((entry) => entry.finding.resource.name));
      from = page.next;
    } while (from !== undefined);
    expect(seen.sort()).toEqual(Object.keys(clusters));
  });

  test('history is kept once per change, newest first, and expired entries are not shown', async () => {
    const first = stored({ cluster: 'historic' });
    if (first.change === undefined) throw new Error('a FAIL is a change');
    const later = {
      ...first,
      change: { ...first.change, id: `${first.change.id}-later`, at: '2026-11-05T00:00:00.000Z' },
    };
    const old = { ...first, change: { ...first.change, id: `${first.change.id}-old`, at: '2020-01-01T00:00:00.000Z' } };
    for (const entry of [first, later, old, first]) await table.alerts.keepHistory(entry);
    const { items } = await table.queries.history(first.finding.id, { limit: 10 });
    expect(items.map(({ at }) => at)).toEqual([later.change.at, first.change.at]);
  });

  test('runs come newest first, heartbeats once per target', async () => {
    const run = (id: string, startedAt: string) => ({
      id,
      startedAt,
      status: 'complete' as const,
      targets: { planned: 0, complete: 0, partial: 0, failed: 0, skipped: 0 },
      apiCalls: 0,
    });
    for (const minute of [2, 3, 1]) await table.runs.save(run(`r${minute}`, stamp(minute).evaluatedAt));
    expect((await table.runs.latest(2)).map(({ id }) => id)).toEqual(['r3', 'r2']);
    const ids = (await table.runs.heartbeats()).map(({ report }) => report.target.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('aws:paged');
  });
});

describe('items', () => {
  test('only what is to be forgotten has an end', () => {
    const { revision: _revision, ...entry } = stored();
    expect(findingItem(entry, 1)).not.toHaveProperty('ttl');
    expect(findingItem({ ...entry, goneAt: stamp(1).evaluatedAt }, 2)).toHaveProperty('ttl');
    expect(fenceItem(TARGET, entry.finding.id, 1)).not.toHaveProperty('ttl');
  });

  test('a finding that is UNKNOWN after a FAIL stays in the list of open ones', () => {
    const before = stored();
    const next = assess(before, finding({ status: 'UNKNOWN', reason: 'denied' }), stamp(2));
    if (next === undefined) throw new Error('another status is written');
    expect(findingIndexKeys(next)).toMatchObject({ openKey: 'OPEN', accountSort: next.finding.id });
  });

  test('an open one keeps its place while it gets worse: the list is ordered by when it opened', () => {
    const { revision, ...before } = stored({ severity: 'LOW' });
    const next = assess({ ...before, revision }, finding({ severity: 'CRITICAL' }), stamp(9));
    expect(next?.change).toMatchObject({ kind: 'escalated', at: stamp(9).evaluatedAt });
    expect(findingIndexKeys(next ?? before)['openSort']).toBe(findingIndexKeys(before)['openSort']);
  });

  test('a heartbeat lies in the partition of its findings', () => {
    const { report } = reading({}, stamp(1));
    const heartbeat = { ...stamp(1), revision: 1, report, countsByControl: {}, pending: [], outbox: [] };
    const counts = { PASS: 0, FAIL: 0, UNKNOWN: 0, NOT_APPLICABLE: 0 };
    expect(heartbeatItem({ ...heartbeat, counts })['pk']).toBe(fenceItem(TARGET, 'x', 1)['pk']);
  });
});
