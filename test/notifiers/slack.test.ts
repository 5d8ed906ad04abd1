import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deliverSlack } from '#app/deliver-slack.ts';
import type { Delivery } from '#domain/alert.ts';
import { groupAlerts } from '#domain/alert.ts';
import { postToSlack } from '#notifiers/slack.ts';
import { toSlack } from '#notifiers/slack-blocks.ts';
import { finding, stamp, TARGET } from '../app/builders.ts';
import { freshTable } from '../app/table.ts';
import { type Answer, loopbackSlack, ok } from './loopback-slack.ts';

let table: Awaited<ReturnType<typeof freshTable>>;
let slack: Awaited<ReturnType<typeof loopbackSlack>>;
let serial = 0;
let channel = '';

beforeAll(async () => {
  table = await freshTable();
});
/** A channel of its own for each test: one that asked for a pause keeps it. */
beforeEach(() => {
  serial += 1;
  channel = `platform-${serial}`;
});
afterEach(async () => {
  await slack.close();
});

function alert(): Delivery {
  serial += 1;
  const at = stamp(1);
  const change = {
    id: `change-${serial}`,
    kind: 'opened',
    from: null,
    to: 'FAIL',
    at: at.evaluatedAt,
    runId: at.runId,
    severity: 'HIGH',
    reason: 'public-open',
    message: 'the API answers the whole internet',
    announced: true,
  } as const;
  const [message] = groupAlerts(TARGET, at.runId, [{ finding: finding(), change }]);
  if (message === undefined) throw new Error('an announced change makes a message');
  return { channel, id: message.id, kind: 'alert', alert: message };
}

function ports(options: { readonly timeoutMs?: number; readonly now?: () => Date } = {}) {
  return {
    store: table.deliveries,
    channels: [{ name: channel, webhook: slack.url }],
    post: ({ webhook }: { readonly webhook: string }, delivery: Delivery) =>
      postToSlack(webhook, toSlack(delivery, undefined), options.timeoutMs),
    now: options.now ?? (() => new Date()),
  };
}

const status =
  (code: number, body = '', headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end(body);

describe('delivery to Slack', () => {
  test('posts once and acknowledges after the receiver said ok', async () => {
    slack = await loopbackSlack();
    const delivery = alert();
    expect(await deliverSlack(delivery, ports())).toEqual({ state: 'done' });
    expect(await deliverSlack(delivery, ports())).toEqual({ state: 'done' });
    expect(slack.posts).toHaveLength(1);
    expect(slack.posts[0]?.text).toBe('HIGH: shop: 1 failed');
  });

  test.each([
    ['429 with Retry-After', status(429, 'slow down', { 'retry-after': '17' }), 17, /429/],
    ['429 without Retry-After', status(429, 'slow down'), 30, /429/],
    ['429 that asks for a week', status(429, '', { 'retry-after': '604800' }), 3_600, /429/],
    ['429 whose Retry-After is nonsense', status(429, '', { 'retry-after': 'soon' }), 30, /429/],
    ['429 whose Retry-After is zero', status(429, '', { 'retry-after': '0' }), 1, /429/],
    [
      '429 whose Retry-After is in the past',
      status(429, '', { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }),
      1,
      /429/,
    ],
    ['500', status(500, 'boom'), 30, /500/],
    ['200 with a login page', status(200, '<html>sign in</html>'), 30, /200 with the body <html>/],
    ['200 with an empty body', status(200), 30, /200 with the body/],
    ['a cut connection', (response) => response.destroy(), 30, /./],
  ] as readonly (readonly [string, Answer, number, RegExp])[])(
    '%s is put off, not acknowledged, and delivered at the next try',
    async (_case, answer, afterSeconds, detail) => {
      slack = await loopbackSlack(answer, ok);
      const delivery = alert();
      const first = await deliverSlack(delivery, ports());
      expect(first).toMatchObject({ state: 'again', afterSeconds, detail: expect.stringMatching(detail) });
      // No retry of the client's own: the queue is the only one that repeats.
      expect(slack.posts).toHaveLength(1);
      const later = () => new Date(Date.now() + afterSeconds * 1000);
      expect(await deliverSlack(delivery, ports({ now: later }), 2)).toEqual({ state: 'done' });
      expect(slack.posts).toHaveLength(2);
    },
  );

  test('a channel that asked for a pause is left alone by its other messages too, and another channel is not', async () => {
    slack = await loopbackSlack(status(429, '', { 'retry-after': '40' }));
    const channels = [channel, `${channel}-b`].map((name) => ({ name, webhook: slack.url }));
    const wired = { ...ports(), channels };
    expect(await deliverSlack(alert(), wired)).toMatchObject({ state: 'again', afterSeconds: 40 });
    const held = await deliverSlack(alert(), wired);
    expect(held).toMatchObject({ state: 'again', detail: 'the channel asked for a pause' });
    expect(held.state === 'again' && held.afterSeconds).toBeGreaterThan(35);
    expect(slack.posts).toHaveLength(1);
    expect(await deliverSlack({ ...alert(), channel: `${channel}-b` }, wired)).toEqual({ state: 'done' });
    expect(slack.posts).toHaveLength(2);
  });

  test('a receiver that is away is asked less and less often: fifty tries last for half a day', async () => {
    slack = await loopbackSlack(...Array.from({ length: 50 }, () => status(500)));
    const delivery = alert();
    let seconds = 0;
    for (let tries = 1; tries <= 50; tries += 1) {
      const put = await deliverSlack(delivery, ports(), tries);
      if (put.state === 'done') throw new Error('500 is no acceptance');
      expect(put.afterSeconds).toBeLessThanOrEqual(900);
      seconds += put.afterSeconds;
    }
    expect(seconds / 3_600).toBeGreaterThan(11);
  });

  test('a receiver that never answers is put off', async () => {
    slack = await loopbackSlack(() => undefined);
    const delivery = alert();
    expect(await deliverSlack(delivery, ports({ timeoutMs: 50 }))).toMatchObject({ state: 'again', afterSeconds: 30 });
    expect(await deliverSlack(delivery, ports())).toEqual({ state: 'done' });
  });

  test('the webhook never shows up in what is told of a failure', async () => {
    slack = await loopbackSlack();
    const { url } = slack;
    await slack.close();
    const result = await postToSlack(url, { text: 'x', blocks: [] });
    expect(result.state).toBe('refused');
    expect(JSON.stringify(result)).not.toContain('secret');
  });

  test('two deliveries at the same time post once', async () => {
    slack = await loopbackSlack((response) => void setTimeout(() => response.end('ok'), 50));
    const delivery = alert();
    const both = await Promise.all([deliverSlack(delivery, ports()), deliverSlack(delivery, ports())]);
    expect(both.map(({ state }) => state).sort()).toEqual(['again', 'done']);
    expect(await deliverSlack(delivery, ports())).toEqual({ state: 'done' });
    expect(slack.posts).toHaveLength(1);
  });

  test('the lease of a process that died ends, and the message is posted', async () => {
    slack = await loopbackSlack();
    const delivery = alert();
    const start = Date.now();
    expect(await table.deliveries.lease(channel, delivery.id, new Date(start))).toBe('mine');
    expect(await deliverSlack(delivery, ports())).toMatchObject({ state: 'again', afterSeconds: 60 });
    const later = () => new Date(start + 62_000);
    expect(await deliverSlack(delivery, ports({ now: later }))).toEqual({ state: 'done' });
    expect(slack.posts).toHaveLength(1);
  });

  test('a channel that is not configured any more keeps the message', async () => {
    slack = await loopbackSlack();
    const gone = { ...ports(), channels: [] };
    expect(await deliverSlack(alert(), gone)).toMatchObject({
      state: 'again',
      detail: expect.stringContaining('not configured'),
    });
    expect(slack.posts).toEqual([]);
  });
});
