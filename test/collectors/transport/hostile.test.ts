import { afterEach, expect, test } from 'vitest';
import { CLOUDS, SPOILED } from './clouds.ts';
import { expectOnlyMalformed } from './expectations.ts';
import { BODIES, startProxy } from './hostile.ts';
import { readerOf, scan } from './readers.ts';

/** One body here; the others, and the memory that each costs, are measured in test/conformance/transport/. */

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
});

test.each(SPOILED)(
  '$provider, $request: a response that is nested too deeply is malformed, and its neighbours are judged',
  async ({ provider, request }) => {
    const cloud = await CLOUDS[provider]();
    const sound = await scan(await readerOf(provider, cloud.url));
    const proxy = await startProxy(cloud.url, (asked) =>
      request.test(asked) ? BODIES['lists of 2,000,000 levels'] : undefined,
    );
    open.push(cloud, proxy);
    expectOnlyMalformed(sound, await scan(await readerOf(provider, proxy.url)), 'the response is nested too deeply');
  },
);

test.each(['aws', 'azure', 'ibm', 'kubernetes'] as const)(
  '%s: an https address of a plain HTTP server is tls, in the same sentence',
  async (provider) => {
    const cloud = await CLOUDS[provider]();
    open.push(cloud);
    const address = new URL(cloud.url);
    const { gaps, verdicts } = await scan(await readerOf(provider, `https://${address.host}`));
    expect(gaps.length).toBeGreaterThan(0);
    for (const { reason, message } of gaps) {
      expect(reason).toBe('tls');
      expect(message.replace('the accounts cannot be listed: ', '')).toBe(
        `${address.host}: the server does not use TLS, but its address is https`,
      );
    }
    expect(verdicts.filter(([, verdict]) => verdict.startsWith('PASS'))).toEqual([]);
  },
);
