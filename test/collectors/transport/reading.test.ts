import { Readable } from 'node:stream';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decoded, readBytes } from '#collectors/transport/body.ts';
import { DEEPEST, isTooDeep } from '#collectors/transport/nesting.ts';
import { everyPage, pagesUntilRefused } from '#collectors/transport/pages.ts';
import { Refusal, TooLarge } from '#collectors/transport/refusal.ts';
import { repeat } from '#collectors/transport/retry.ts';
import { retryAfterOf } from '#collectors/transport/retry-after.ts';

const stream = (...chunks: readonly (string | Buffer)[]) => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

describe('a body', () => {
  test('up to its limit is read, one byte more is refused and closes the connection', async () => {
    expect((await readBytes(stream('abc', 'de'), 5)).toString()).toBe('abcde');
    const longer = stream('abc', 'def');
    await expect(readBytes(longer, 5)).rejects.toMatchObject({
      name: 'TooLarge',
      reason: 'malformed-answer',
      message: 'the response is larger than 5 bytes',
    });
    expect(longer.destroyed).toBe(true);
  });

  test.each([
    ['gzip', gzipSync('{"a":1}')],
    ['x-gzip', gzipSync('{"a":1}')],
    ['deflate', deflateSync('{"a":1}')],
    ['br', brotliCompressSync('{"a":1}')],
    ['gzip, br', brotliCompressSync(gzipSync('{"a":1}'))],
    ['identity', Buffer.from('{"a":1}')],
  ])('in %s is decompressed, and the limit counts what comes out', async (encoding, bytes) => {
    expect((await readBytes(decoded(stream(bytes), encoding), 7)).toString()).toBe('{"a":1}');
    await expect(readBytes(decoded(stream(bytes), encoding), 6)).rejects.toBeInstanceOf(TooLarge);
  });

  test.each([
    ['gzip', 'not compressed'],
    ['gzip', gzipSync('x'.repeat(5_000)).subarray(0, 20)],
    ['br', 'not compressed'],
  ])('that says %s and is not fails', async (encoding, bytes) => {
    await expect(readBytes(decoded(stream(bytes), encoding), 100_000)).rejects.toThrow();
  });

  test('in an encoding that nobody knows is malformed, and its connection is closed', () => {
    const body = stream('x');
    expect(() => decoded(body, 'zip')).toThrow('the response has the unknown encoding zip');
    expect(body.destroyed).toBe(true);
  });

  test('that stops ends when its time is over', async () => {
    const body = new Readable({ read: () => undefined });
    await expect(readBytes(decoded(body, undefined, AbortSignal.timeout(20)), 10)).rejects.toThrow();
  });
});

describe('nesting', () => {
  const deep = (open: string, close: string, levels: number) => Buffer.from(open.repeat(levels) + close.repeat(levels));
  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
    ['elements', '<a>', '</a>'],
    ['elements with attributes', '<a b=\'>\' c="/>">', '</a>'],
    ['lists behind a byte order mark', '\ufeff[', ']'],
  ])('%s: the deepest level is read, one more is not', (_what, open, close) => {
    expect(isTooDeep(deep(open, close, DEEPEST))).toBe(false);
    expect(isTooDeep(deep(open, close, DEEPEST + 1))).toBe(true);
  });

  test.each([
    ['brackets in a string', JSON.stringify({ a: '['.repeat(500), b: '{"'.repeat(500), c: '\\' })],
    ['many short lists', JSON.stringify(Array.from({ length: 5_000 }, () => [[]]))],
    ['elements that end at once', `<a>${'<b/>'.repeat(500)}${'<c d="x"/>'.repeat(500)}</a>`],
    ['neighbours', `<a>${'<b></b>'.repeat(5_000)}</a>`],
    [
      'comments, data and instructions',
      `<?xml v?><!-- ${'<a>'.repeat(500)} --><a><![CDATA[${'<a>'.repeat(500)}]]></a>`,
    ],
    ['nothing', ''],
    ['a tag without its end', '<a'],
  ])('%s are not deep', (_what, text) => {
    expect(isTooDeep(Buffer.from(text))).toBe(false);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('Sun, 06 Nov 1994 08:49:00 GMT');
  test.each([
    ['37', 37_000],
    [' 0 ', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
    ['Sun Nov  6 08:49:37 1994', 37_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
    ['1.5', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
    ['Sun, 99 Nov 1994 08:49:37 GMT', undefined],
    ['2026-11-24', undefined],
  ])('%s', (header, expected) => {
    expect(retryAfterOf(header, now)).toBe(expected);
  });
});

describe('a repeat', () => {
  const signal = new AbortController().signal;
  const run = async (refusals: readonly Refusal[], attemptsAfterTimeout = 1) => {
    const waits: number[] = [];
    let sent = 0;
    const outcome = await repeat(
      async () => {
        const refusal = refusals[Math.min(sent, refusals.length - 1)];
        sent += 1;
        if (refusal !== undefined && sent <= refusals.length) throw refusal;
        return 'read';
      },
      {
        patience: { attempts: 4, attemptsAfterTimeout, backoff: (attempt) => attempt * 100 },
        sleep: async (milliseconds) => void waits.push(milliseconds),
        signal,
      },
    ).catch((error: Refusal) => error.reason);
    return { outcome, waits, sent };
  };
  const many = (refusal: Refusal) => Array.from({ length: 9 }, () => refusal);
  const broken = (code: string) => new Refusal('unreachable', 'x', { cause: Object.assign(new Error('x'), { code }) });

  test.each([
    ['throttled, then read', [new Refusal('throttled', 'x')], 1, 'read', [100]],
    ['throttled for ever', many(new Refusal('throttled', 'x')), 1, 'throttled', [100, 200, 300]],
    ['throttled as long as asked', [new Refusal('throttled', 'x', { retryAfter: 7_000 })], 1, 'read', [7_000]],
    ['throttled for a day', many(new Refusal('throttled', 'x', { retryAfter: 86_400_000 })), 1, 'throttled', []],
    ['a server error', many(new Refusal('unreachable', 'x', { status: 503 })), 1, 'unreachable', [100, 200, 300]],
    ['a call that is not there', many(new Refusal('unreachable', 'x', { status: 501 })), 1, 'unreachable', []],
    ['a reset', many(broken('ECONNRESET')), 1, 'unreachable', [100, 200, 300]],
    ['a closed port', many(broken('ECONNREFUSED')), 1, 'unreachable', []],
    ['a hang', many(new Refusal('timeout', 'x')), 1, 'timeout', []],
    ['a hang that is tried again', many(new Refusal('timeout', 'x')), 2, 'timeout', [100]],
    ["a gateway's time-out", many(new Refusal('timeout', 'x', { status: 504 })), 1, 'timeout', [100, 200, 300]],
    ['denied', many(new Refusal('denied', 'x')), 1, 'denied', []],
    ['malformed', many(new TooLarge('malformed-answer', 'x')), 1, 'malformed-answer', []],
    ['gone', many(new Refusal('not-found', 'x', { status: 404 })), 1, 'not-found', []],
  ] as const)('%s', async (_case, refusals, afterTimeout, outcome, waits) => {
    expect(await run(refusals, afterTimeout)).toEqual({ outcome, waits, sent: waits.length + 1 });
  });
});

describe('pages', () => {
  test('are read to the last one, over empty ones', async () => {
    const pages = [[1, 2], [], [3]];
    const read = await everyPage(async (token = '0') => ({
      items: pages[Number(token)],
      token: Number(token) < 2 ? String(Number(token) + 1) : '',
    }));
    expect(read).toEqual([1, 2, 3]);
  });

  test.each([
    ['a token that comes again', { items: [1], token: 'a' }, /repeats its page token/],
    ['no list', { items: undefined, token: undefined }, /holds no list/],
    ['a token that is a number', { items: [1], token: 7 as unknown as string }, /page token is not text/],
  ])('%s is malformed', async (_case, page, message) => {
    await expect(everyPage(async () => page)).rejects.toMatchObject({
      reason: 'malformed-answer',
      message: expect.stringMatching(message),
    });
  });

  test('that are too large are asked for again from the beginning, smaller', async () => {
    const asked: unknown[] = [];
    const read = await everyPage(
      async (token, size = 1_000) => {
        asked.push([token, size]);
        if (token === 'b' && size > 10) throw new TooLarge('malformed-answer', 'x');
        return token === undefined ? { items: ['a'], token: 'b' } : { items: ['b'], token: undefined };
      },
      { smaller: [100, 10] },
    );
    expect(read).toEqual(['a', 'b']);
    expect(asked).toEqual(
      [1_000, 100, 10].flatMap((size) => [
        [undefined, size],
        ['b', size],
      ]),
    );
  });

  test('that are too large at every size are refused', async () => {
    let asked = 0;
    const page = async () => {
      asked += 1;
      throw new TooLarge('malformed-answer', 'x');
    };
    expect(await pagesUntilRefused(page, { smaller: [10] })).toMatchObject({
      items: [],
      refusal: { name: 'TooLarge' },
    });
    expect(asked).toBe(2);
  });
});
