import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AnnouncePorts } from '#app/announce.ts';
import { deliverSlack, LEASE_SECONDS, type SlackPorts } from '#app/deliver-slack.ts';
import { handleStored, type StoredItem, type StreamPorts } from '#app/handle-stream.ts';
import { recordScan } from '#app/record-scan.ts';
import type { AlertMessage, Delivery } from '#domain/alert.ts';
import type { Status } from '#domain/verdict.ts';
import { alertSettings, reading, recording, stamp } from './builders.ts';
import { freshTable } from './table.ts';

let table: Awaited<ReturnType<typeof freshTable>>;
let serial = 0;

beforeAll(async () => {
  table = await freshTable();
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The clock goes on while somebody waits. */
async function sleep(ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
}

type Moment = 'before' | 'after';

/** A process that dies at its nth call of a port: before the call does anything, or after it did and before anybody knows. */
class Killer {
  calls = 0;
  readonly #at: number;
  readonly #moment: Moment;
  died: string | undefined;

  constructor(at: number, moment: Moment) {
    this.#at = at;
    this.#moment = moment;
  }

  wrap<T extends object>(ports: T): T {
    return Object.fromEntries(
      Object.entries(ports).map(([name, call]: [string, unknown]) => [
        name,
        typeof call === 'function' ? (...given: unknown[]) => this.#call(name, () => call(...given)) : call,
      ]),
    ) as T;
  }

  /** A dead process makes no further call. */
  async #call(name: string, call: () => unknown): Promise<unknown> {
    if (this.died !== undefined) throw new Error('dead');
    this.calls += 1;
    const mine = this.calls === this.#at;
    if (mine && this.#moment === 'before') {
      this.died = name;
      throw new Error('killed');
    }
    const result = await call();
    if (mine) {
      this.died = name;
      throw new Error('killed');
    }
    return result;
  }
}

function scene(firstScan: 'digest' | 'each') {
  serial += 1;
  const runId = `killed-${serial}`;
  const channel = `channel-${serial}`;
  const published: AlertMessage[] = [];
  const queue: Delivery[] = [];
  const posted: string[] = [];
  const stream: StreamPorts = {
    store: table.alerts,
    keepHistory: table.alerts.keepHistory,
    settings: alertSettings({ firstScan, slack: [{ name: channel, webhook: 'https://hooks.example/secret' }] }),
    publish: async (message) => {
      published.push(message);
    },
    enqueue: async (delivery) => {
      queue.push(delivery);
    },
    sleep,
  };
  const slack: SlackPorts = {
    store: table.deliveries,
    channels: stream.settings.slack,
    post: async (_channel, delivery) => {
      posted.push(delivery.kind === 'alert' ? delivery.alert.resource.name : `digest of ${delivery.digest.resources}`);
      return { state: 'accepted' };
    },
    now: () => new Date(),
  };
  return { runId, published, queue, posted, stream, slack };
}

async function recordsOf(runId: string, clusters: Readonly<Record<string, Status>>): Promise<readonly StoredItem[]> {
  const records: StoredItem[] = [];
  const at = stamp(1, runId);
  await recordScan(reading(clusters, at, { target: `aws:${runId}` }), at, recording(table.scans, records));
  const targets = { planned: 1, complete: 1, partial: 0, failed: 0, skipped: 0 };
  const { evaluatedAt } = stamp(2);
  const run = {
    id: runId,
    startedAt: evaluatedAt,
    endedAt: evaluatedAt,
    status: 'complete',
    targets,
    apiCalls: 1,
  } as const;
  return [...records, { kind: 'run', run }];
}

/** The stream brings the batch again from the start, as Lambda does, until it is taken. */
async function brought(records: readonly StoredItem[], ports: StreamPorts, killer: Killer): Promise<void> {
  const dying = { ...killer.wrap(ports), store: killer.wrap({ ...ports.store }) };
  await (async () => {
    for (const record of records) await handleStored(record, dying);
  })().catch((error: Error) => expect(error.message).toMatch(/killed|dead/));
  for (const record of records) await handleStored(record, ports);
}

async function delivered(queue: readonly Delivery[], ports: SlackPorts, killer: Killer): Promise<void> {
  const dying = {
    ...killer.wrap({ ...ports, store: undefined }),
    store: killer.wrap({ ...ports.store }),
    channels: ports.channels,
    now: ports.now,
  };
  for (const delivery of queue) {
    await deliverSlack(delivery, dying as SlackPorts).catch((error: Error) =>
      expect(error.message).toMatch(/killed|dead/),
    );
  }
  await sleep((LEASE_SECONDS + 1) * 1000);
  for (const delivery of queue) expect(await deliverSlack(delivery, ports, 2)).toEqual({ state: 'done' });
}

const CLUSTERS = { shop: 'FAIL', bank: 'FAIL', blog: 'PASS' } as const;
const NEVER = new Killer(Number.POSITIVE_INFINITY, 'before');

describe.each(['each', 'digest'] as const)('with firstScan %s', (firstScan) => {
  const told = firstScan === 'each' ? ['bank', 'shop'] : ['digest of 2'];

  test.each(['before', 'after'] as const)(
    'an alert function that dies %s any of its calls loses nothing and says nothing twice',
    async (moment) => {
      for (let at = 1; ; at += 1) {
        const { runId, published, queue, posted, stream, slack } = scene(firstScan);
        const killer = new Killer(at, moment);
        await brought(await recordsOf(runId, CLUSTERS), stream, killer);
        if (killer.died === undefined) {
          expect(at, 'calls').toBeGreaterThan(15);
          return;
        }
        await delivered(queue, slack, NEVER);
        expect(posted.sort(), `${moment} ${killer.died}`).toEqual(told);
        const names = published.map(({ resource }) => resource.name);
        expect([...new Set(names)].sort(), `${moment} ${killer.died}`).toEqual(['bank', 'shop']);
        // What no sender can close: the topic took it, and the note of that never came to be. Both messages are under way at once.
        const underWay = ['saveAlert', 'claimPublication', 'publish', 'markPublished'].includes(killer.died);
        expect(names.length - 2, `${moment} ${killer.died}`).toBeLessThanOrEqual(underWay ? 2 : 0);
        expect(new Set(published.map(({ id }) => id)).size).toBe(2);
      }
    },
    60_000,
  );
});

test.each(['before', 'after'] as const)(
  'a Slack function that dies %s any of its calls loses nothing and says nothing twice',
  async (moment) => {
    for (let at = 1; ; at += 1) {
      const { runId, queue, posted, stream, slack } = scene('each');
      await brought(await recordsOf(runId, CLUSTERS), stream, NEVER);
      const killer = new Killer(at, moment);
      await delivered(queue, slack, killer);
      if (killer.died === undefined) {
        expect(at, 'calls').toBeGreaterThan(3);
        return;
      }
      const again = moment === 'after' && killer.died === 'post' ? 1 : 0;
      expect([...new Set(posted)].sort(), `${moment} ${killer.died}`).toEqual(['bank', 'shop']);
      const before = moment === 'before' && killer.died === 'markSent' ? 1 : 0;
      expect(posted.length, `${moment} ${killer.died}`).toBe(2 + again + before);
    }
  },
  60_000,
);

test('what the stream repeats after the run was closed is told to nobody again', async () => {
  const { runId, published, queue, posted, stream, slack } = scene('each');
  const records = await recordsOf(runId, CLUSTERS);
  for (let times = 0; times < 3; times += 1) await brought(records, stream, NEVER);
  await delivered(queue, slack, NEVER);
  await delivered(queue, slack, NEVER);
  expect([posted.sort(), published.length]).toEqual([['bank', 'shop'], 2]);
});

/** Every port of the announcing use case is a function of the store or one of these: none escapes the killer. */
test('the killer meets every port', async () => {
  const { stream } = scene('each');
  const killer = new Killer(1, 'before');
  const wrapped: AnnouncePorts['store'] = killer.wrap({ ...stream.store });
  await expect(wrapped.isKnownChannel('any')).rejects.toThrow('killed');
  await expect(wrapped.alertsOf('any')).rejects.toThrow('dead');
});
