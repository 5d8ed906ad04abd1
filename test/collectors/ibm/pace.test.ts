import { expect, test } from 'vitest';
import { createIbmProvider } from '#collectors/ibm/index.ts';
import { ibmEndpoints } from '#estate/ibm/cloud.ts';
import { jwt } from './world.ts';

/** OpenShift on IBM Cloud, limitations: 200 requests in any 10 seconds of one source address. */
const WINDOW_MS = 10_000;
const ALLOWED = 200;

test('forty accounts that are read at once keep to the rate together, token exchanges included', async () => {
  let now = 0;
  const sent: number[] = [];
  const clusters = Array.from({ length: 5 }, (_, index) => ({ id: `c${index}`, name: `n${index}`, state: 'normal' }));
  const answers: Readonly<Record<string, unknown>> = {
    '/global/v2/classic/getClusters': clusters,
    '/global/v2/vpc/getClusters': [],
    '/global/v2/satellite/getClusters': [],
    '/rest/v3.1/SoftLayer_Network/isConnectedToPrivateEndpointService.json': true,
    '/v1/rules': { rules: [] },
  };
  const ids = Array.from({ length: 40 }, (_, index) => `account${index}`);
  const provider = createIbmProvider(
    {
      accounts: ids.map((id) => ({ id, apiKey: id })),
      endpoints: ibmEndpoints('http://127.0.0.1:1'),
      attestations: [],
      probes: [],
    },
    {
      now: () => now,
      // The clock moves only where somebody waits: as fast as the pace allows and no faster.
      sleep: async (ms) => {
        await new Promise((resolve) => setImmediate(resolve));
        now = Math.max(now, now + Math.min(ms, 50));
      },
      fetch: async (input, init) => {
        sent.push(now);
        const { pathname, searchParams } = new URL(String(input));
        const account = new URLSearchParams(String(init?.body)).get('apikey');
        if (pathname === '/identity/token')
          return Response.json({ access_token: jwt({ account: { bss: account } }), expires_in: 3600 });
        if (pathname.startsWith('/v4/accounts/')) return Response.json({ id: pathname.split('/').at(-1) });
        if (pathname === '/global/v2/getCluster')
          return Response.json({ id: searchParams.get('cluster'), state: 'normal' });
        if (pathname.startsWith('/global/v1/alb/')) return Response.json({ alb: [] });
        return Response.json(answers[pathname] ?? []);
      },
    },
  );
  const context = { signal: AbortSignal.timeout(60_000), now: () => new Date(now) };
  const collected = await Promise.all(
    ids.map((account) => provider.collect({ id: `ibm:${account}`, provider: 'ibm', account }, context)),
  );
  expect(collected.map(({ subjects }) => subjects.length)).toEqual(ids.map(() => 6));
  expect(sent.length).toBeGreaterThan(5 * ALLOWED);
  const busiest = Math.max(...sent.map((start) => sent.filter((at) => at >= start && at < start + WINDOW_MS).length));
  expect(busiest).toBeLessThanOrEqual(ALLOWED);
  // And it is used: the rate is no excuse for idling.
  expect(now).toBeLessThan((sent.length / ALLOWED) * WINDOW_MS * 1.5);
}, 60_000);
