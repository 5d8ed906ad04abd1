import { describe, expect, test } from 'vitest';
import { IbmHttp } from '#collectors/ibm/http.ts';
import { createIbmProvider } from '#collectors/ibm/index.ts';
import type { Collection } from '#domain/collection.ts';
import { ibmEndpoints } from '#estate/ibm/cloud.ts';
import { accountOf, clusterOf, jwt, ok, play, providerOf, type Route, serve, USUAL } from './world.ts';

describe('tokens', () => {
  test('a token of another account judges nothing', async () => {
    const { collect } = await play({
      '/identity/token': () => ok({ access_token: jwt({ account: { bss: 'other' } }), expires_in: 3600 }),
    });
    const collected = await collect();
    const { gaps, inventoryComplete, nothingRead } = collected;
    expect([clusterOf(collected), inventoryComplete, nothingRead]).toEqual([undefined, false, true]);
    expect(accountOf(collected).privateEndpointService).toMatchObject({ state: 'unavailable', reason: 'credentials' });
    expect(gaps).toEqual([
      expect.objectContaining({ reason: 'credentials', message: expect.stringContaining('account other') }),
    ]);
  });

  test('one exchange is shared, and 900-second tokens are renewed at four fifths', async () => {
    const clock = { now: 0 };
    const { collect, counts } = await play(
      { '/identity/token': () => ok({ access_token: jwt({ account: { bss: 'acc' } }), expires_in: 900 }) },
      {},
      clock,
    );
    await collect();
    expect(counts.get('/identity/token')).toBe(1);
    clock.now = 719_000;
    await collect();
    expect(counts.get('/identity/token')).toBe(1);
    clock.now = 721_000;
    await collect();
    expect(counts.get('/identity/token')).toBe(2);
  });

  test('many requests that are refused at once, and many that find the token at its end, share one new exchange', async () => {
    const clock = { now: 0 };
    let issued = 0;
    let accepted = 1;
    const clusters = Array.from({ length: 8 }, (_, index) => ({ id: `c${index}`, name: `n${index}`, state: 'normal' }));
    const server = await serve(async ({ url, headers }) => {
      if (url.pathname === '/identity/token') {
        issued += 1;
        return ok({ access_token: `${jwt({ account: { bss: 'acc' } })}${issued}`, expires_in: 900 });
      }
      if (headers.authorization?.endsWith(`.s${accepted}`) !== true)
        return { status: 401, body: { code: 'A0003', description: 'expired' } };
      if (url.pathname === '/global/v2/classic/getClusters') return ok(clusters);
      // The lists were read with the first token; from the first detail on only its successor is good.
      if (url.pathname === '/global/v2/getCluster' && accepted === 1) {
        accepted = 2;
        return { status: 401, body: { code: 'A0003', description: 'expired' } };
      }
      return (USUAL[url.pathname] ?? (() => ok([])))(1, url);
    });
    const { provider, context } = providerOf(server.url, {}, clock);
    const read = () => provider.collect({ id: 'ibm:acc', provider: 'ibm', account: 'acc' }, context);
    const { subjects, gaps } = await read();
    expect(gaps.filter(({ reason }) => reason === 'credentials')).toEqual([]);
    expect(subjects).toHaveLength(9);
    expect(issued).toBe(2);
    clock.now = 800_000;
    accepted = 3;
    await Promise.all([read(), read(), read()]);
    expect(issued).toBe(3);
  });

  test('the classic read renews a refused token as well', async () => {
    const path = '/rest/v3.1/SoftLayer_Network/isConnectedToPrivateEndpointService.json';
    const { collect, counts } = await play({
      [path]: (count) => (count === 1 ? { status: 401, body: { error: 'Access Denied. ' } } : ok(true)),
    });
    expect(accountOf(await collect()).privateEndpointService).toMatchObject({ state: 'collected', value: 'true' });
    expect([counts.get(path), counts.get('/identity/token')]).toEqual([2, 2]);
  });

  test('a wait that the service asks for ends with the deadline', async () => {
    const server = await serve(async () => ({ status: 429, headers: { 'retry-after': '25' }, body: {} }));
    const http = new IbmHttp({});
    const refusal = http.json({ url: `${server.url}/x`, signal: AbortSignal.timeout(200) }, { calls: 0 });
    await expect(refusal).rejects.toMatchObject({ reason: 'timeout' });
  });

  test('a 401 in mid-scan is answered by exactly one new exchange', async () => {
    const { collect, counts } = await play({
      '/global/v2/getCluster': (count, url) =>
        count === 1
          ? { status: 401, body: { code: 'A0003', description: 'expired' } }
          : (USUAL['/global/v2/getCluster'] as Route)(count, url),
    });
    expect(clusterOf(await collect())?.cluster.state).toBe('collected');
    expect(counts.get('/identity/token')).toBe(2);
  });

  test.each([
    [
      'an unknown key',
      { status: 400, body: { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' } },
      'credentials',
    ],
    ['a hang', undefined, 'timeout'],
    ['a token answer without a token', { body: { expires_in: 3600 } }, 'malformed-answer'],
  ] as const)('%s', async (_case, answer, reason) => {
    const { collect } = await play({ '/identity/token': () => answer }, {}, { now: 0 }, 1_000);
    const { gaps } = await collect();
    expect(gaps).toEqual([expect.objectContaining({ reason, api: 'iam:token' })]);
    expect(JSON.stringify(gaps)).not.toContain('the-secret-key');
  });
});

describe('clusters', () => {
  const GET = '/global/v2/getCluster';

  test('a throttle that passes is no gap, one for ever is', async () => {
    const throttled = { status: 429, headers: { 'retry-after': '1' }, body: { code: 'E1', description: 'slow down' } };
    const passing = await play({ [GET]: (count, url) => (count < 3 ? throttled : (USUAL[GET] as Route)(count, url)) });
    expect((await passing.collect()).gaps).toEqual([]);
    const lasting = await play({ [GET]: () => throttled });
    const { gaps, subjects } = await lasting.collect();
    expect(gaps).toEqual([expect.objectContaining({ reason: 'throttled', resource: 'ibm:cluster:c1' })]);
    expect(clusterOf({ subjects } as Collection)?.cluster).toMatchObject({ state: 'unavailable', reason: 'throttled' });
  });

  test.each([
    ['denied', { status: 403, body: { code: 'A0010', description: 'no access' } }, 'denied'],
    ['a hang', undefined, 'timeout'],
    ['HTML', { body: null, text: '<html>' }, 'malformed-answer'],
    ['plain text with a 500', { status: 500, body: null, text: 'upstream error' }, 'unreachable'],
    ['two clusters for one', { body: [{}, {}] }, 'malformed-answer'],
  ] as const)('%s leaves the cluster listed and not described', async (_case, answer, reason) => {
    const { collect } = await play({ [GET]: () => answer }, {}, { now: 0 }, 1_000);
    const collected = await collect();
    expect(clusterOf(collected)?.cluster).toMatchObject({ state: 'unavailable', reason });
    expect(collected.inventoryComplete).toBe(true);
  });

  test('a list of one is taken for the cluster', async () => {
    const { collect } = await play({
      [GET]: () => ok([{ id: 'c1', state: 'normal', publicServiceEndpointEnabled: false }]),
    });
    expect(clusterOf(await collect())?.cluster).toMatchObject({
      value: { flatPublic: { state: 'given', value: false } },
    });
  });

  test('deleted between list and get: dropped, and no gap', async () => {
    const { collect } = await play({
      [GET]: () => ({ status: 404, body: { code: 'G0004', description: 'could not be found' } }),
    });
    const collected = await collect();
    expect([clusterOf(collected), collected.gaps]).toEqual([undefined, []]);
  });

  test('a refused Satellite list leaves the others standing and the inventory partial', async () => {
    const { collect } = await play({
      '/global/v2/satellite/getClusters': () => ({ status: 403, body: { code: 'A', description: 'no' } }),
    });
    const collected = await collect();
    expect(collected.inventoryComplete).toBe(false);
    expect(clusterOf(collected)?.cluster.state).toBe('collected');
  });

  test("the webhook's private key is left behind at the parser", async () => {
    const { collect } = await play();
    const collected = await collect();
    expect(clusterOf(collected)?.auditWebhook).toMatchObject({ value: { webhook: 'set', server: 'https://audit' } });
    expect(JSON.stringify(collected)).not.toContain('PRIVATE KEY');
  });

  test('calls: token, account, classic, three lists, rules, and four for the cluster', async () => {
    const { collect } = await play();
    expect((await collect()).apiCalls).toBe(7 + 4);
  });
});

describe('the enterprise', () => {
  const ENTERPRISE = { enterprise: { id: 'ent', apiKey: 'k' } };

  test('children without an identity, on the second page too, are visible and not missing', async () => {
    const { provider, context } = await play(
      {
        '/enterprise/accounts': (_count, url) =>
          url.searchParams.has('next_docid')
            ? ok({ resources: [{ id: 'gone', name: 'old', state: 'PENDING' }] })
            : ok({
                resources: [
                  { id: 'acc', name: 'one', state: 'ACTIVE' },
                  { id: 'child', name: 'two', state: 'ACTIVE' },
                ],
                next_url: '/v1/accounts?next_docid=2&enterprise_id=ent',
              }),
      },
      ENTERPRISE,
    );
    const { targets } = await provider.plan(context);
    expect(targets.map(({ target, skipped }) => [target.id, skipped])).toEqual([
      ['ibm:acc', undefined],
      ['ibm:child', undefined],
      ['ibm:gone', 'the account is PENDING'],
    ]);
    const child = await provider.collect({ id: 'ibm:child', provider: 'ibm', account: 'child', name: 'two' }, context);
    expect(child).toMatchObject({ nothingRead: true, inventoryComplete: false, apiCalls: 0 });
    expect(child.gaps).toEqual([
      expect.objectContaining({ reason: 'not-scanned', message: expect.stringContaining('two') }),
    ]);
    expect(accountOf(child).classicLink).toMatchObject({ state: 'unavailable', reason: 'not-scanned' });
  });

  test('a list that cannot be read is a target that says so', async () => {
    const { provider, context } = await play(
      { '/enterprise/accounts': () => ({ status: 403, body: { code: 'x' } }) },
      ENTERPRISE,
    );
    const { targets } = await provider.plan(context);
    expect(targets.map(({ target, failure }) => [target.id, failure?.reason])).toEqual([
      ['ibm:acc', undefined],
      ['ibm:enterprise:ent', 'denied'],
    ]);
  });

  test('pages that repeat end', async () => {
    const { provider, context } = await play(
      { '/enterprise/accounts': () => ok({ resources: [], next_url: '/v1/accounts?enterprise_id=ent&limit=100' }) },
      ENTERPRISE,
    );
    const { targets } = await provider.plan(context);
    expect(targets.at(-1)?.failure?.reason).toBe('truncated');
  });
});

describe('where the token goes', () => {
  test.each([
    ['a path', 'evil.example/'],
    ['a query', 'evil.example?'],
    ['a fragment', 'evil.example#'],
    ['a user', 'user@evil.example/'],
    ['another domain', 'evil.example'],
  ])('a region that hides %s names no host', async (_case, region) => {
    const hosts = new Set<string>();
    const vpc: Readonly<Record<string, Route>> = {
      '/global/v2/classic/getClusters': () => ok([]),
      '/global/v2/vpc/getClusters': () =>
        ok([{ id: 'c1', name: 'prod', state: 'normal', provider: 'vpc-gen2', region }]),
      '/global/v2/vpc/getWorkers': () => ok([{ id: 'w1', networkInterfaces: [{ subnetID: 's1' }] }]),
      '/global/v2/alb/getClusterAlbs': () => ok({ alb: [] }),
    };
    const server = await serve(async ({ url }) => {
      const route = vpc[url.pathname] ?? USUAL[url.pathname];
      return route === undefined ? { status: 404, body: {} } : route(1, url);
    });
    const provider = createIbmProvider(
      {
        accounts: [{ id: 'acc', apiKey: 'the-secret-key' }],
        endpoints: { ...ibmEndpoints(server.url), vpc: 'https://{region}.iaas.cloud.ibm.com' },
        attestations: [],
        probes: [],
      },
      {
        sleep: async () => undefined,
        fetch: (input, init) => {
          const { hostname } = new URL(String(input));
          hosts.add(hostname);
          return hostname === '127.0.0.1' ? fetch(input, init) : Promise.reject(new TypeError('no such host'));
        },
      },
    );
    const context = { signal: AbortSignal.timeout(20_000), now: () => new Date('2026-11-01T00:00:00Z') };
    const collection = await provider.collect({ id: 'ibm:acc', provider: 'ibm', account: 'acc' }, context);
    expect([...hosts]).toEqual(['127.0.0.1']);
    expect(clusterOf(collection)?.subnets).toMatchObject({
      value: [
        {
          gateway: { attached: 'unread', message: expect.stringContaining(`region ${JSON.stringify(region)} is none`) },
        },
      ],
    });
  });
});
