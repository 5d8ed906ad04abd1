import * as fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AnnouncePorts } from '#app/announce.ts';
import { handleStored, type StoredItem } from '#app/handle-stream.ts';
import { recordScan } from '#app/record-scan.ts';
import type { AlertMessage, Delivery } from '#domain/alert.ts';
import type { AlertSettings } from '#domain/alerting.ts';
import type { Run } from '#domain/run.ts';
import type { Status } from '#domain/verdict.ts';
import { alertSettings, reading, recording, stamp } from './builders.ts';
import { freshTable } from './table.ts';

let table: Awaited<ReturnType<typeof freshTable>>;
let serial = 0;

beforeAll(async () => {
  table = await freshTable();
});

/** Run ids and channels of their own, so that the tests of this file can share one table. */
function scene(settings: Partial<AlertSettings> = {}) {
  serial += 1;
  const channel = `channel-${serial}`;
  const published: AlertMessage[] = [];
  const enqueued: Delivery[] = [];
  const ports: AnnouncePorts & { keepHistory: typeof table.alerts.keepHistory } = {
    store: table.alerts,
    keepHistory: table.alerts.keepHistory,
    settings: alertSettings({ slack: [{ name: channel, webhook: 'https://hooks.example/secret' }], ...settings }),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 100)),
    publish: async (message) => {
      published.push(message);
    },
    enqueue: async (delivery) => {
      enqueued.push(delivery);
    },
  };
  return { runId: `announce-${serial}`, channel, published, enqueued, ports };
}

/** What the stream brings of one scan of these clusters, in a target of its own. */
async function writesOf(runId: string, clusters: Readonly<Record<string, Status>>): Promise<readonly StoredItem[]> {
  serial += 1;
  const records: StoredItem[] = [];
  await recordScan(
    reading(clusters, stamp(1, runId), { target: `aws:target-${serial}` }),
    stamp(1, runId),
    recording(table.scans, records),
  );
  return records;
}

async function recordsOf(runId: string, clusters: Readonly<Record<string, Status>>): Promise<readonly StoredItem[]> {
  return [...(await writesOf(runId, clusters)), { kind: 'run', run: closed(runId) }];
}

function closed(id: string): Run {
  const targets = { planned: 1, complete: 1, partial: 0, failed: 0, skipped: 0 };
  return {
    id,
    startedAt: stamp(0).evaluatedAt,
    endedAt: stamp(2).evaluatedAt,
    status: 'complete',
    targets,
    apiCalls: 1,
  };
}

/** Changes that a channel would hear of, with the post that carries them. */
function told(deliveries: readonly Delivery[]): readonly string[] {
  const posts = new Map(deliveries.map((delivery) => [`${delivery.channel} ${delivery.id}`, delivery]));
  return [...posts.values()]
    .flatMap((post) => (post.kind === 'alert' ? post.alert.entries.map(({ changeId }) => changeId) : []))
    .sort();
}

describe('announcing', () => {
  test('one message per cluster, after the run is closed, with what opened and how to fix it', async () => {
    const { runId, ports, enqueued, published } = scene();
    const records = await recordsOf(runId, { shop: 'FAIL', bank: 'FAIL', blog: 'PASS' });
    for (const record of records.slice(0, -1)) await handleStored(record, ports);
    expect(enqueued).toEqual([]);
    expect(published.map(({ resource }) => resource.name).sort()).toEqual(['bank', 'shop']);
    const [run] = records.slice(-1);
    if (run !== undefined) await handleStored(run, ports);
    expect(enqueued.map(({ kind }) => kind)).toEqual(['alert', 'alert']);
    expect(published[0]?.entries[0]).toMatchObject({
      kind: 'opened',
      severity: 'HIGH',
      proof: 'endpointPublicAccess is true',
      remediation: 'Switch the public endpoint off.',
    });
  });

  test('repeated and reordered records tell each change once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), async (keys) => {
        const { runId, ports, enqueued } = scene();
        const records = await recordsOf(runId, { shop: 'FAIL', bank: 'FAIL', blog: 'FAIL' });
        const twice = [...records, ...records]
          .map((record, index) => ({ record, key: keys[index] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ record }) => record);
        for (const record of twice) await handleStored(record, ports);
        expect(told(enqueued)).toHaveLength(3);
        expect(new Set(told(enqueued)).size).toBe(3);
      }),
      { numRuns: 15 },
    );
  });

  test('records handled by several at once tell each change once', async () => {
    const { runId, ports, enqueued, published } = scene();
    const records = await recordsOf(runId, { shop: 'FAIL', bank: 'FAIL' });
    await Promise.all([1, 2, 3].flatMap(() => records.map((record) => handleStored(record, ports))));
    expect(new Set(told(enqueued)).size).toBe(2);
    expect(told(enqueued)).toHaveLength(2);
    expect(published.map(({ resource }) => resource.name).sort()).toEqual(['bank', 'shop']);
  });

  test('a handler that died while it published leaves the message to the next one', async () => {
    const { runId, ports, published } = scene();
    const records = await recordsOf(runId, { shop: 'FAIL' });
    const dying = {
      ...ports,
      store: { ...ports.store, releasePublication: () => Promise.reject(new Error('killed')) },
    };
    const refusing = { ...dying, publish: () => Promise.reject(new Error('killed')) };
    for (const record of records.slice(0, -1)) await handleStored(record, refusing).catch(() => undefined);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    onTestFinished(() => void vi.useRealTimers());
    for (const record of records) await handleStored(record, ports);
    expect(published.map(({ resource }) => resource.name)).toEqual(['shop']);
  });

  test('a publisher that fails is asked again, and nothing is lost', async () => {
    const { runId, ports, published, enqueued } = scene();
    const records = await recordsOf(runId, { shop: 'FAIL' });
    const refusing = { ...ports, publish: () => Promise.reject(new Error('topic is away')) };
    for (const record of records.slice(0, -2)) await handleStored(record, refusing);
    const [settled, run] = records.slice(-2);
    if (settled === undefined || run === undefined) throw new Error('a scan writes a heartbeat and a run');
    await expect(handleStored(settled, refusing)).rejects.toThrow('topic is away');
    expect(published).toEqual([]);
    await handleStored(settled, ports);
    await handleStored(run, ports);
    expect(published).toHaveLength(1);
    expect(told(enqueued)).toHaveLength(1);
  });

  test('a queue that fails is asked again under the same id', async () => {
    const { runId, ports, enqueued } = scene();
    const records = await recordsOf(runId, { shop: 'FAIL' });
    const [run] = records.slice(-1);
    if (run === undefined) throw new Error('a scan ends with its run');
    for (const record of records.slice(0, -1)) await handleStored(record, ports);
    const refusing = { ...ports, enqueue: () => Promise.reject(new Error('queue is away')) };
    await expect(handleStored(run, refusing)).rejects.toThrow('queue is away');
    await handleStored(run, ports);
    expect(told(enqueued)).toHaveLength(1);
  });
});

describe('digests', () => {
  test("a channel's first run is one digest, the next run speaks for itself", async () => {
    const { runId, ports, enqueued } = scene({ firstScan: 'digest' });
    for (const record of await recordsOf(runId, { shop: 'FAIL', bank: 'FAIL' })) await handleStored(record, ports);
    expect(enqueued).toHaveLength(1);
    expect(enqueued[0]).toMatchObject({ kind: 'digest', digest: { opened: 2, resources: 2, bySeverity: { HIGH: 2 } } });
    for (const record of await recordsOf(`${runId}-next`, { blog: 'FAIL' })) await handleStored(record, ports);
    expect(enqueued.map(({ kind }) => kind)).toEqual(['digest', 'alert']);
  });

  test('a message that arrives after the digest is told alone, even when the run is brought again', async () => {
    const { runId, ports, enqueued } = scene({ firstScan: 'digest' });
    const run: StoredItem = { kind: 'run', run: closed(runId) };
    const first = await writesOf(runId, { shop: 'FAIL' });
    const late = await writesOf(runId, { bank: 'FAIL' });
    for (const record of first) await handleStored(record, ports);
    await handleStored(run, ports);
    // The late message is kept, and its announcer dies before it passes it on.
    const dying = { ...ports, publish: () => Promise.reject(new Error('killed')) };
    for (const record of late) await handleStored(record, dying).catch(() => undefined);
    await handleStored(run, ports);
    for (const record of late) await handleStored(record, ports);
    const posts = [...new Map(enqueued.map((delivery) => [delivery.id, delivery])).values()];
    expect(posts.map(({ kind }) => kind).sort()).toEqual(['alert', 'digest']);
    expect(enqueued[0]).toMatchObject({ kind: 'digest', digest: { resources: 1 } });
  });

  test('two that close the run at the same time, while a message comes late, lose and repeat nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { runId, ports, enqueued } = scene({ firstScan: 'digest' });
        const run: StoredItem = { kind: 'run', run: closed(runId) };
        for (const record of await writesOf(runId, { shop: 'FAIL', bank: 'FAIL' })) await handleStored(record, ports);
        const late = await writesOf(runId, { blog: 'FAIL' });
        const step = scheduler.scheduleFunction(async () => undefined);
        const store = Object.fromEntries(
          Object.entries({ ...ports.store }).map(([name, call]) => [
            name,
            async (...given: unknown[]) => {
              await step();
              return (call as (...rest: unknown[]) => unknown)(...given);
            },
          ]),
        ) as unknown as AnnouncePorts['store'];
        const stepped = { ...ports, store };
        const announcing = (async () => {
          for (const record of late) await handleStored(record, stepped);
        })();
        await scheduler.waitFor(Promise.all([handleStored(run, stepped), handleStored(run, stepped), announcing]));
        const posts = [...new Map(enqueued.map((delivery) => [delivery.id, delivery])).values()];
        const digests = posts.flatMap((post) => (post.kind === 'digest' ? [post.digest] : []));
        const alone = posts.flatMap((post) => (post.kind === 'alert' ? [post.alert.resource.name] : []));
        expect(digests).toHaveLength(1);
        // Whichever copy of the digest is posted first says the same.
        const copies = enqueued.filter(({ kind }) => kind === 'digest');
        for (const copy of copies) expect(copy).toEqual(copies[0]);
        expect([digests[0]?.resources, alone]).toEqual(alone.length === 0 ? [3, []] : [2, ['blog']]);
      }),
      { numRuns: 40 },
    );
  });

  test('more than 20 messages are one digest with the worst first, fewer are not', async () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`c${index}`, 'FAIL' as const]));
    const { runId, ports, enqueued } = scene({ firstScan: 'digest' });
    await ports.store.markKnownChannel(ports.settings.slack[0]?.name ?? '');
    for (const record of await recordsOf(runId, many)) await handleStored(record, ports);
    expect(enqueued).toHaveLength(1);
    expect(enqueued[0]).toMatchObject({ kind: 'digest', digest: { opened: 21 } });
    const { c0: _one, ...twenty } = many;
    for (const record of await recordsOf(`${runId}-next`, twenty)) await handleStored(record, ports);
    expect(enqueued.slice(1).map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'alert'));
  });
});

describe('routing', () => {
  test.each([
    ['its provider', { providers: ['aws'] }, 1],
    ['another provider', { providers: ['ibm'] }, 0],
    ['its account', { accounts: ['111111111111'] }, 1],
    ['another account', { accounts: ['222222222222'] }, 0],
    ['a severity below the message', { minimumSeverity: 'LOW' }, 1],
    ['a severity above the message', { minimumSeverity: 'CRITICAL' }, 0],
  ] as const)('a channel for %s is heard rightly', async (_case, filter, count) => {
    const { runId, channel, ports, enqueued, published } = scene();
    const slack = [{ name: channel, webhook: 'https://hooks.example/secret', ...filter }];
    const routed = { ...ports, settings: { ...ports.settings, slack } };
    for (const record of await recordsOf(runId, { shop: 'FAIL' })) await handleStored(record, routed);
    expect(enqueued).toHaveLength(count);
    expect(published).toHaveLength(1);
  });
});
