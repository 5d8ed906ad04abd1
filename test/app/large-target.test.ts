import { describe, expect, test } from 'vitest';
import { type AnnouncePorts, announceTarget } from '#app/announce.ts';
import { findingId } from '#app/finding-id.ts';
import { recordScan, type ScanResult } from '#app/record-scan.ts';
import { isSettled } from '#domain/heartbeat.ts';
import type { ScanStamp } from '#domain/run.ts';
import type { Status } from '#domain/verdict.ts';
import { heartbeatItem } from '#storage/codec.ts';
import { finding, reading, stamp } from './builders.ts';
import { ModelStore } from './model-store.ts';

const CONTROLS = Array.from({ length: 20 }, (_, index) => `eks-control-${index}`);
/** Names of runs as EventBridge Scheduler makes them. */
const RUN = '0f6e2b1c-8a4d-4c59-9b1e-3a2f5d7c9e10_5b8d7a4e-2c1f-4f0a-8d3b-6e9a1c7f2b45';

/** A region with this many clusters of 20 findings each. */
function region(clusters: number, status: Status, at: ScanStamp): ScanResult {
  const { report } = reading({}, at);
  const findings = Array.from({ length: clusters }, (_, cluster) =>
    CONTROLS.map((control) => {
      const made = finding({ cluster: `cluster-${cluster}`, control, status, evaluatedAt: at.evaluatedAt });
      return { ...made, id: findingId(made.resource.uid, control) };
    }),
  ).flat();
  return { report, findings, inventoryComplete: true };
}

function sizeOf(heartbeat: Parameters<typeof heartbeatItem>[0]): number {
  return Buffer.byteLength(JSON.stringify(heartbeatItem(heartbeat)));
}

describe('a target of 1,000 clusters with 20 findings each', () => {
  test('is stored in rounds that fit into an item of 400 KB, and costs one read and one write when nothing changed', async () => {
    const store = new ModelStore();
    const first = stamp(1, RUN);
    await recordScan(region(1_000, 'FAIL', first), first, store.open());
    const heartbeats = store.written.flatMap((write) => (write.kind === 'heartbeat' ? [write.heartbeat] : []));
    expect(store.findings.size).toBe(20_000);
    expect(Math.max(...heartbeats.map(sizeOf))).toBeLessThan(200_000);
    expect(heartbeats.filter(isSettled)).toEqual(heartbeats.slice(-1));
    const before = { reads: store.reads, writes: store.written.length };
    const second = stamp(2, `${RUN}-next`);
    expect(await recordScan(region(1_000, 'FAIL', second), second, store.open())).toBe('unchanged');
    expect([store.reads - before.reads, store.written.length - before.writes]).toEqual([1, 1]);
  });

  test('tells one message per cluster, whichever round its findings were in', async () => {
    const store = new ModelStore();
    const at = stamp(1, RUN);
    await recordScan(region(100, 'FAIL', at), at, store.open());
    const published: string[] = [];
    const ports = {
      store: {
        changeOf: async (_target: string, id: string) => {
          const stored = store.findings.get(id);
          return stored?.change === undefined ? undefined : { finding: stored.finding, change: stored.change };
        },
        saveAlert: async () => undefined,
        claimPublication: async () => 'mine' as const,
        markPublished: async () => undefined,
        markAnnounced: async () => undefined,
      } as unknown as AnnouncePorts['store'],
      settings: { minimumSeverity: 'LOW', firstScan: 'each', slack: [] } as const,
      publish: async ({ resource, entries }: { resource: { name: string }; entries: readonly unknown[] }) => {
        published.push(`${resource.name} ${entries.length}`);
      },
      enqueue: async () => undefined,
      sleep: async () => undefined,
    };
    for (const write of store.written) {
      if (write.kind === 'heartbeat' && write.heartbeat.pending.length === 0)
        await announceTarget(write.heartbeat, ports);
    }
    expect(published.sort()).toEqual(Array.from({ length: 100 }, (_, index) => `cluster-${index} 20`).sort());
  });

  test.each([1, 300, 502, 503, 504, 800, 1_006, 1_205])(
    'killed before operation %i and run again: what was stored is kept, the rest follows, every change in an outbox',
    async (operation) => {
      const store = new ModelStore();
      let seen = 0;
      const dying = store.open(async () => {
        seen += 1;
        if (seen >= operation) throw new Error('killed');
      });
      const [killed, again] = [stamp(1, RUN), stamp(2, RUN)];
      await expect(recordScan(region(60, 'FAIL', killed), killed, dying)).rejects.toThrow('killed');
      const kept = store.findings.size;
      expect(store.heartbeat === undefined || !isSettled(store.heartbeat)).toBe(true);
      await recordScan(region(60, 'FAIL', again), again, store.open());
      expect(store.findings.size).toBe(1_200);
      expect(store.heartbeat && isSettled(store.heartbeat)).toBe(true);
      const told = new Set(
        store.written.flatMap((write) =>
          write.kind === 'heartbeat' && write.heartbeat.pending.length === 0 ? write.heartbeat.outbox : [],
        ),
      );
      const changes = [...store.findings.values()].map(({ finding: { id }, change }) => `${id}:${change?.id}`);
      expect(changes.filter((change) => !told.has(change))).toEqual([]);
      // Whole rounds that were settled before the kill are not written again.
      const rewritten = [...store.findings.values()].filter(({ revision }) => revision > 1).length;
      expect(rewritten).toBeLessThanOrEqual(Math.min(kept, 500));
    },
  );
});
