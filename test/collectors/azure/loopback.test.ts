import { afterEach, describe, expect, test } from 'vitest';
import { type AzureDeps, AzureOptionsError, createAzureProvider } from '#collectors/azure/index.ts';
import type { AzureTenantOptions } from '#collectors/azure/options.ts';
import type { Collection, ProviderPort } from '#domain/collection.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { type Answer, type ArmRequest, type LoopbackArm, startArm } from './loopback-arm.ts';
import { closedWorld } from './world.ts';

const servers: LoopbackArm[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const subscription = (id: string, state = 'Enabled') => ({ subscriptionId: id, displayName: `name of ${id}`, state });
const cluster = (id: string, name: string) => ({
  id: `/subscriptions/${id}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`,
  name,
  location: 'westeurope',
  properties: closedWorld().properties,
});
const denied = {
  status: 403,
  body: {
    error: {
      code: 'AuthorizationFailed',
      message:
        "does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/read' over scope '/subscriptions/b'",
    },
  },
};

type Override = (request: ArmRequest) => Answer | undefined;

/** Three subscriptions with one cluster each, unless a test says otherwise. */
async function arm(override: Override = () => undefined): Promise<LoopbackArm> {
  const server = await startArm((request) => {
    const own = override(request);
    if (own !== undefined) return own;
    const { path } = request;
    if (path === '/subscriptions') return { body: { value: ['a', 'b', 'c'].map((id) => subscription(id)) } };
    const [, id] =
      /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters$/.exec(path) ?? [];
    if (id !== undefined) return { body: { value: [cluster(id, `aks-${id}`)] } };
    if (path === '/providers/Microsoft.ResourceGraph/resources')
      return { body: { count: 0, data: [], resultTruncated: 'false' } };
    if (/diagnosticSettings$|privateEndpointConnections$/.test(path)) return { body: { value: [] } };
    return { status: 404, body: { error: { code: 'NotFound', message: path } } };
  });
  servers.push(server);
  return server;
}

const pauses: number[] = [];
function provider(server: LoopbackArm, tenant: Partial<AzureTenantOptions> = {}, deps: AzureDeps = {}): ProviderPort {
  pauses.length = 0;
  return createAzureProvider(
    {
      endpoint: server.url,
      tenants: [
        { id: 't', subscriptions: 'all', credential: { type: 'access-token', token: 'secret-token' }, ...tenant },
      ],
    },
    { delay: async (milliseconds) => void pauses.push(milliseconds), requestTimeout: 300, ...deps },
  );
}

const context = (milliseconds = 5000) => ({
  signal: AbortSignal.timeout(milliseconds),
  now: () => new Date('2026-11-24T00:00:00Z'),
});

async function scan(
  port: ProviderPort,
  milliseconds = 5000,
): Promise<{ targets: readonly PlannedTarget[]; collections: ReadonlyMap<string, Collection> }> {
  const { targets } = await port.plan(context(milliseconds));
  const read = targets.filter(({ failure, skipped }) => failure === undefined && skipped === undefined);
  const collections = await Promise.all(
    read.map(async ({ target }) => [target.account, await port.collect(target, context(milliseconds))] as const),
  );
  return { targets, collections: new Map(collections) };
}

const clusters = (path: string, id: string) =>
  path === `/subscriptions/${id}/providers/Microsoft.ContainerService/managedClusters`;

describe('requests', () => {
  test('three subscriptions: one listing, one list each, two Resource Graph queries for all, two small reads per private cluster', async () => {
    const server = await arm();
    const { collections } = await scan(provider(server));
    const count = (pattern: RegExp) => server.requests.filter((line) => pattern.test(line)).length;
    expect(count(/^GET \/subscriptions\?api-version=2022-12-01$/)).toBe(1);
    expect(count(/managedClusters\?api-version=/)).toBe(3);
    expect(count(/^POST \/providers\/Microsoft\.ResourceGraph\/resources\?api-version=2022-10-01$/)).toBe(2);
    expect(count(/diagnosticSettings/)).toBe(3);
    expect(count(/privateEndpointConnections/)).toBe(3);
    expect(server.requests).toHaveLength(12);
    expect([...collections.values()].reduce((sum, { apiCalls }) => sum + apiCalls, 0)).toBe(11);
    expect([...server.authorizations]).toEqual(['Bearer secret-token']);
  });

  test('a subscription without clusters costs one call', async () => {
    const server = await arm(({ path }) => (clusters(path, 'a') ? { body: { value: [] } } : undefined));
    const { collections } = await scan(provider(server, { subscriptions: ['a'] }));
    expect(collections.get('a')).toEqual({ subjects: [], inventoryComplete: true, gaps: [], apiCalls: 1 });
  });

  test('the Resource Graph query has its documented form and asks for the whole batch', async () => {
    const bodies: Readonly<Record<string, unknown>>[] = [];
    const server = await arm(({ path, body }) => {
      if (path.endsWith('ResourceGraph/resources')) bodies.push(body);
      return undefined;
    });
    await scan(provider(server));
    expect(bodies[0]).toMatchObject({
      subscriptions: ['a', 'b', 'c'],
      options: { $top: 1000, resultFormat: 'objectArray' },
    });
    for (const { query } of bodies) {
      expect(query).toMatch(
        /^(resources|resourcecontainers) \| where type in~ \('[^|]+\) \| project id, name, type, location, resourceGroup, subscriptionId, tags, sku, properties \| order by id asc$/,
      );
    }
  });

  test('another scan reads again, the same scan does not', async () => {
    const server = await arm();
    const port = createAzureProvider({
      endpoint: server.url,
      tenants: [{ id: 't', subscriptions: ['a'], credential: { type: 'access-token', token: 'x' } }],
    });
    let second = 0;
    const at = () => new Date(Date.UTC(2026, 10, 24, 0, 0, second));
    for (second = 0; second < 2; second += 1) {
      const { targets } = await port.plan({ signal: AbortSignal.timeout(5000), now: at });
      const target = targets[0]?.target;
      if (target === undefined) throw new Error('nothing planned');
      await port.collect(target, { signal: AbortSignal.timeout(5000), now: at });
      await port.collect(target, { signal: AbortSignal.timeout(5000), now: at });
    }
    expect(server.requests.filter((line) => line.includes('ResourceGraph'))).toHaveLength(4);
  });
});

describe('pages', () => {
  const BASES: Readonly<Record<string, (origin: string) => string>> = {
    http: (origin) => origin,
    localhost: (origin) => origin.replace('127.0.0.1', 'localhost'),
  };
  test.each(['http', 'relative', 'localhost'])('two pages of clusters, nextLink %s', async (kind) => {
    const server = await arm(({ path, search, origin }) => {
      if (!clusters(path, 'a')) return undefined;
      if (search.get('$skiptoken') === '2') return { body: { value: [cluster('a', 'second')] } };
      return {
        body: {
          value: [cluster('a', 'first')],
          nextLink: `${BASES[kind]?.(origin) ?? ''}${path}?api-version=2026-06-01&$skiptoken=2`,
        },
      };
    });
    const { collections } = await scan(provider(server, { subscriptions: ['a'] }));
    expect(collections.get('a')?.subjects.map(({ resource }) => resource.name)).toEqual(['first', 'second']);
    expect(collections.get('a')?.inventoryComplete).toBe(true);
  });

  test('Resource Graph with skip tokens', async () => {
    const tokens: unknown[] = [];
    const server = await arm(({ path, body }) => {
      if (!path.endsWith('ResourceGraph/resources')) return undefined;
      const { $skipToken } = body['options'] as { $skipToken?: string };
      if (!String(body['query']).startsWith('resourcecontainers')) return undefined;
      tokens.push($skipToken);
      const id = `/subscriptions/a/resourceGroups/${$skipToken === undefined ? 'other' : 'MC_rg-aks_prod_westeurope'}`;
      return {
        body: {
          data: [{ id, type: 'microsoft.resources/subscriptions/resourcegroups' }],
          resultTruncated: 'true',
          ...($skipToken === undefined ? { $skipToken: 'more' } : { resultTruncated: 'false' }),
        },
      };
    });
    const { collections } = await scan(provider(server, { subscriptions: ['a'] }));
    expect(tokens).toEqual([undefined, 'more']);
    expect(collections.get('a')?.subjects[0]?.evidence).toMatchObject({ nodeGroup: { state: 'collected' } });
  });

  const LOOPS: readonly (readonly [string, (request: ArmRequest) => string, RegExp])[] = [
    ['to itself', ({ origin, path }) => `${origin}${path}?page=2`, /repeats its page token/],
    ['to another host', () => 'https://evil.example/subscriptions', /evil\.example/],
  ];
  test.each(LOOPS)('nextLink %s ends the list, and what came before stands', async (_title, link, message) => {
    const server = await arm((request) =>
      clusters(request.path, 'a') ? { body: { value: [cluster('a', 'one')], nextLink: link(request) } } : undefined,
    );
    const found = (await scan(provider(server, { subscriptions: ['a'] }))).collections.get('a');
    expect(found?.subjects).toHaveLength(1);
    expect(found).toMatchObject({
      inventoryComplete: false,
      gaps: [{ reason: 'malformed-answer', message: expect.stringMatching(message) }, {}],
    });
  });

  test('403 on page 2 leaves the inventory incomplete', async () => {
    const server = await arm(({ path, search, origin }) => {
      if (!clusters(path, 'a')) return undefined;
      return search.has('page')
        ? denied
        : { body: { value: [cluster('a', 'one')], nextLink: `${origin}${path}?page=2` } };
    });
    const found = (await scan(provider(server, { subscriptions: ['a'] }))).collections.get('a');
    expect(found).toMatchObject({ inventoryComplete: false, gaps: [{ reason: 'denied' }, {}] });
    expect(found?.subjects).toHaveLength(1);
  });
});

describe('faults', () => {
  test("a refused subscription keeps ARM's words and does not touch the others", async () => {
    const server = await arm(({ path }) => (clusters(path, 'b') ? denied : undefined));
    const { collections } = await scan(provider(server));
    expect(collections.get('b')).toMatchObject({
      subjects: [],
      inventoryComplete: false,
      gaps: [{ reason: 'denied', message: expect.stringContaining("over scope '/subscriptions/b'") }],
    });
    expect(collections.get('a')).toMatchObject({
      inventoryComplete: true,
      subjects: [{ resource: { name: 'aks-a' } }],
    });
  });

  test.each([
    ['with Retry-After', { 'retry-after': '2' }, 2000],
    ['without Retry-After', {}, 500],
  ] as const)('429 %s is repeated', async (_title, headers, pause) => {
    const server = await arm(({ path, earlier }) =>
      clusters(path, 'a') && earlier === 0
        ? { status: 429, headers, body: { error: { code: 'Throttled', message: 'slow' } } }
        : undefined,
    );
    const { collections } = await scan(provider(server, { subscriptions: ['a'] }));
    expect(collections.get('a')?.inventoryComplete).toBe(true);
    expect(pauses).toEqual([pause]);
  });

  test('429 for ever, and a Retry-After beyond all measure, end as throttled', async () => {
    const throttled =
      (retryAfter: string): Override =>
      ({ path }) =>
        clusters(path, 'a')
          ? {
              status: 429,
              headers: { 'retry-after': retryAfter },
              body: { error: { code: 'Throttled', message: 'slow' } },
            }
          : undefined;
    for (const [retryAfter, waits] of [
      ['1', [1000, 1000, 1000]],
      ['86400', []],
    ] as const) {
      const server = await arm(throttled(retryAfter));
      const { collections } = await scan(provider(server, { subscriptions: ['a'] }));
      expect(collections.get('a')).toMatchObject({ gaps: [{ reason: 'throttled' }], inventoryComplete: false });
      expect(pauses).toEqual(waits);
    }
  });

  const ANSWERS: readonly (readonly [string, Answer, string])[] = [
    ['truncated JSON', { text: '{"value":[{"id":"/subs' }, 'malformed-answer'],
    ['HTML with 200', { text: '<html>sign in</html>', headers: { 'content-type': 'text/html' } }, 'malformed-answer'],
    ['an empty body', { text: '' }, 'malformed-answer'],
    ['an empty object', { body: {} }, 'malformed-answer'],
    ['value null', { body: { value: null } }, 'malformed-answer'],
    ['a cluster without an id', { body: { value: [{ name: 'x' }] } }, 'malformed-answer'],
    [
      '401',
      { status: 401, body: { error: { code: 'ExpiredAuthenticationToken', message: 'expired' } } },
      'credentials',
    ],
    ['404', { status: 404, body: { error: { code: 'SubscriptionNotFound', message: 'gone' } } }, 'not-found'],
    [
      'a deny assignment',
      { status: 403, body: { error: { code: 'DenyAssignmentAuthorizationFailed', message: 'deny' } } },
      'denied-by-policy',
    ],
    ['403 as HTML', { status: 403, text: '<html>proxy</html>', headers: { 'content-type': 'text/html' } }, 'denied'],
    ['500', { status: 500, body: { error: { code: 'Internal', message: 'x' } } }, 'unreachable'],
    ['503 as HTML', { status: 503, text: '<html>', headers: { 'content-type': 'text/html' } }, 'unreachable'],
    ['a redirect', { status: 302, text: '', headers: { location: 'https://evil.example/' } }, 'malformed-answer'],
    ['a hang', { hang: true }, 'timeout'],
    ['a body that never ends', { hang: 'body' }, 'timeout'],
    [
      'a provider that is not registered',
      { status: 409, body: { error: { code: 'MissingSubscriptionRegistration', message: 'not registered' } } },
      'not-found',
    ],
  ];
  test.each(ANSWERS)('%s', async (_title, answer, reason) => {
    const server = await arm(({ path }) => (clusters(path, 'b') ? answer : undefined));
    const { collections } = await scan(provider(server));
    expect(collections.get('b')).toMatchObject({ subjects: [], inventoryComplete: false, gaps: [{ reason }] });
    expect(collections.get('c')).toMatchObject({ inventoryComplete: true, subjects: [{}] });
  });

  test.each([
    ['404', { status: 404, body: { error: { code: 'ResourceNotFound', message: 'x' } } }],
    ['501', { status: 501, body: { error: { code: 'NotImplemented', message: 'x' } } }],
    ['an unknown API', { status: 400, body: { error: { code: 'NoRegisteredProviderFound', message: 'x' } } }],
  ] as const)(
    '%s for what one cluster may lack is no loss of coverage, and no verdict either',
    async (_title, answer) => {
      const server = await arm(({ path }) =>
        /diagnosticSettings$|privateEndpointConnections$/.test(path) ? answer : undefined,
      );
      const found = (await scan(provider(server, { subscriptions: ['a'] }))).collections.get('a');
      expect(found?.subjects[0]?.evidence).toMatchObject({
        diagnosticSettings: { state: 'unavailable', reason: 'not-found' },
        privateEndpointConnections: { state: 'unavailable', reason: 'not-found' },
      });
      expect(found?.gaps.filter(({ api }) => /diagnosticSettings|privateEndpointConnections/.test(api))).toEqual([]);
    },
  );

  test('a subscription is asked for as ARM spelled it, and known in lower case', async () => {
    const asked: unknown[] = [];
    const server = await arm(({ path, body }) => {
      if (path === '/subscriptions') return { body: { value: [subscription('Sub-A')] } };
      if (path.endsWith('ResourceGraph/resources')) asked.push(body['subscriptions']);
      return undefined;
    });
    const { collections } = await scan(provider(server));
    expect(collections.get('sub-a')?.subjects).toHaveLength(1);
    expect(asked).toEqual([['Sub-A'], ['Sub-A']]);
    expect(server.requests.filter((line) => line.includes('/subscriptions/sub-a/'))).toEqual([]);
  });

  test("a cluster's own path is spelled as ARM spelled its id", async () => {
    const server = await arm();
    await scan(provider(server, { subscriptions: ['a'] }));
    expect(server.requests.filter((line) => line.includes('/managedClusters/aks-a/'))).toHaveLength(2);
  });

  test('a hanging Resource Graph costs the networks, not the clusters, and the deadline holds', async () => {
    const server = await arm(({ path }) => (path.endsWith('ResourceGraph/resources') ? { hang: true } : undefined));
    const started = Date.now();
    const { collections } = await scan(provider(server, {}, { requestTimeout: 60_000 }), 500);
    expect(Date.now() - started).toBeLessThan(3000);
    expect(collections.get('a')).toMatchObject({
      inventoryComplete: true,
      subjects: [
        { evidence: { cluster: { state: 'collected' }, nodeGroup: { state: 'unavailable', reason: 'timeout' } } },
      ],
    });
    expect(collections.get('a')?.gaps.map(({ reason }) => reason)).toContain('timeout');
  });

  test.each([
    ['few reads of the subscription', { 'x-ms-ratelimit-remaining-subscription-reads': '2' }, [1000]],
    ['few of a provider', { 'x-ms-ratelimit-remaining-resource': 'Aks/List;400,Aks/Get;1' }, [1000]],
    ['few global reads', { 'x-ms-ratelimit-remaining-subscription-global-reads': '0' }, [1000]],
    ['plenty', { 'x-ms-ratelimit-remaining-subscription-reads': '249' }, []],
    ['few writes, which are not wanted', { 'x-ms-ratelimit-remaining-subscription-writes': '0' }, []],
  ] as const)('it slows down before ARM has to refuse: %s are left', async (_title, headers, expected) => {
    const server = await arm(({ path }) =>
      clusters(path, 'a') ? { body: { value: [cluster('a', 'one')] }, headers } : undefined,
    );
    await scan(provider(server, { subscriptions: ['a'] }));
    expect(pauses).toEqual(expected);
  });

  test('the token appears in nothing that is said', async () => {
    const server = await arm(() => denied);
    expect(JSON.stringify([...(await scan(provider(server))).targets])).not.toContain('secret-token');
  });
});

describe('plan', () => {
  test('states, missing and expected subscriptions', async () => {
    const server = await arm(({ path }) =>
      path === '/subscriptions'
        ? { body: { value: [subscription('A'), subscription('d', 'Disabled'), subscription('w', 'Warned')] } }
        : undefined,
    );
    const { targets } = await provider(server, { subscriptions: ['a', 'd', 'gone'], expected: ['w', 'lost'] }).plan(
      context(),
    );
    expect(targets.map(({ target, failure, skipped }) => [target.id, failure?.reason ?? skipped ?? 'scan'])).toEqual([
      ['azure:a', 'scan'],
      ['azure:d', 'subscription name of d is in state Disabled'],
      ['azure:gone', 'not-found'],
      ['azure:lost', 'not-found'],
    ]);
  });

  test.each([
    ['Enabled', 'scan'],
    ['PastDue', 'scan'],
    ['Expiring', 'scan'],
    ['Disabled', 'subscription name of a is in state Disabled'],
    ['deleted', 'subscription name of a is in state deleted'],
  ])('a subscription in state %s: only what is known to be out of use is left out', async (state, expected) => {
    const server = await arm(({ path }) =>
      path === '/subscriptions' ? { body: { value: [subscription('a', state)] } } : undefined,
    );
    const { targets } = await provider(server).plan(context());
    expect(targets.map(({ skipped }) => skipped ?? 'scan')).toEqual([expected]);
  });

  describe('a subscription that was scanned and is not listed', () => {
    const gone = {
      id: 'azure:z',
      provider: 'azure',
      account: 'z',
      name: 'payments',
      details: { tenant: 't' },
    } as const;
    const missing = async (tenant: Partial<AzureTenantOptions>, override?: Override, details = gone.details) => {
      const server = await arm(override);
      const planned = await provider(server, tenant).plan(context());
      return planned.missing?.({ ...gone, details }, true);
    };

    test('is coverage lost, and keeps its tenant, so that the next run knows it too', async () => {
      expect(await missing({})).toEqual({
        target: gone,
        failure: {
          reason: 'not-found',
          message: expect.stringMatching(
            /z \(payments\) was scanned before and is not visible to this identity any more/,
          ),
          api: 'Microsoft.Resources/subscriptions/read',
        },
      });
    });

    test.each([
      ['the configuration names its subscriptions', { subscriptions: ['a'] }, undefined, undefined],
      ['its tenant is not configured any more', {}, undefined, { tenant: 'other' }],
      [
        'the tenant could not be listed, which says it for all',
        {},
        ({ path }: ArmRequest) => (path === '/subscriptions' ? denied : undefined),
        undefined,
      ],
    ] as const)('is no loss of its own when %s', async (_case, tenant, override, details) => {
      expect(await missing(tenant as Partial<AzureTenantOptions>, override, details as never)).toBeUndefined();
    });
  });

  test('a tenant that cannot be listed is a failed target', async () => {
    const server = await arm(({ path }) =>
      path === '/subscriptions'
        ? { status: 401, body: { error: { code: 'InvalidAuthenticationToken', message: 'bad' } } }
        : undefined,
    );
    expect((await provider(server).plan(context())).targets).toMatchObject([
      { target: { id: 'azure:tenant:t' }, failure: { reason: 'credentials' } },
    ]);
  });

  test('a credential that gives no token is a failed target', async () => {
    const server = await arm();
    const broken = {
      getToken: () =>
        Promise.reject(Object.assign(new Error('no identity here'), { name: 'CredentialUnavailableError' })),
    };
    const { targets } = await provider(server, {}, { credentialFor: () => broken }).plan(context());
    expect(targets).toMatchObject([
      { failure: { reason: 'credentials', message: expect.stringContaining('no identity here') } },
    ]);
  });

  test.each(['http://management.azure.com', 'http://10.0.0.1', 'ftp://127.0.0.1', 'nonsense'])(
    '%s is refused as an endpoint',
    (endpoint) => {
      expect(() => createAzureProvider({ endpoint, tenants: [] })).toThrow(AzureOptionsError);
    },
  );
});

describe('doctor', () => {
  test('tries every permission and tells what was refused', async () => {
    const server = await arm(({ path }) => {
      if (path === '/subscriptions') return { body: { value: [subscription('a')] } };
      if (/routeTables$/.test(path)) return denied;
      return /managedClusters$/.test(path) ? undefined : { body: { value: [] } };
    });
    const rows = await provider(server).doctor(context());
    const outcome = (permission: string) => rows.find((row) => row.permission === permission)?.outcome;
    expect(rows.every(({ provider: name }) => name === 'azure')).toBe(true);
    expect(outcome('Microsoft.Network/routeTables/read')).toBe('denied');
    expect(outcome('Microsoft.Network/routeTables/routes/read')).toBe('untried');
    expect(outcome('Microsoft.ContainerService/managedClusters/agentPools/read')).toBe('allowed');
    expect(new Set(rows.map(({ permission }) => permission)).size).toBe(37);
    expect(rows.find(({ permission }) => permission === 'Microsoft.ResourceGraph/resources')).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('carries no list "data"'),
    });
  });
});

test('doctor says which subscriptions Resource Graph is silent about', async () => {
  const server = await arm(({ path, body }) =>
    path.endsWith('ResourceGraph/resources') && String(body['query']).startsWith('resourcecontainers')
      ? {
          body: {
            data: [
              { id: '/subscriptions/A/resourceGroups/g', type: 'microsoft.resources/subscriptions/resourcegroups' },
            ],
            resultTruncated: 'false',
          },
        }
      : undefined,
  );
  const rows = await provider(server, { subscriptions: ['a', 'b'] }).doctor(context());
  expect(rows.find(({ permission }) => permission === 'Microsoft.ResourceGraph/resources')).toMatchObject({
    outcome: 'allowed',
    detail: '1 resource groups in 1 of 2 subscriptions; it shows nothing of name of b',
  });
});

describe('where the token goes', () => {
  test.each([
    ['another address', (other: string) => `${other}/subscriptions/a`],
    ['a user before another host', (other: string) => `@${new URL(other).host}/subscriptions/a`],
  ])('an id that hides %s is not followed', async (_case, idFor) => {
    const other = await arm();
    const server = await arm(({ path }) =>
      path === '/subscriptions/a/resourceGroups' || path.endsWith('/virtualNetworks') || path.endsWith('/routeTables')
        ? { body: { value: [{ id: idFor(other.url), name: 'x' }] } }
        : clusters(path, 'a')
          ? { body: { value: [{ ...cluster('a', 'one'), id: idFor(other.url) }] } }
          : undefined,
    );
    const rows = await provider(server, { subscriptions: ['a'] }).doctor({
      signal: AbortSignal.timeout(20_000),
      now: () => new Date('2026-11-01T00:00:00Z'),
    });
    expect(rows.length).toBeGreaterThan(0);
    expect(other.requests).toEqual([]);
  });
});

describe('a hostile answer', () => {
  test('that repeats the token does not bring it into a message', async () => {
    const server = await arm(() => ({
      status: 403,
      body: { error: { code: 'AuthorizationFailed', message: 'refused: Bearer secret-token' } },
    }));
    const { targets } = await scan(provider(server));
    expect(targets[0]?.failure).toMatchObject({
      reason: 'denied',
      message: expect.stringContaining('refused: Bearer (secret)'),
    });
  });

  test.each([
    ['another subscription', cluster('b', 'aks').id],
    ['a way out of its group', `${cluster('a', 'aks').id}/../../../..`],
    ['a way up in place of its name', cluster('a', '..').id],
    ['a way up that is spelled otherwise', cluster('a', '%2e%2e').id],
    ['another kind of resource', '/subscriptions/a/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v'],
  ])('that lists a cluster under the id of %s: it is not judged, and the inventory is incomplete', async (_of, id) => {
    const server = await arm(({ path }) =>
      /^\/subscriptions\/a\/.*managedClusters$/.test(path)
        ? { body: { value: [{ ...cluster('a', 'aks'), id }] } }
        : undefined,
    );
    const { collections } = await scan(provider(server, { subscriptions: ['a'] }));
    expect(collections.get('a')).toMatchObject({
      subjects: [],
      inventoryComplete: false,
      gaps: [{ reason: 'malformed-answer', message: expect.stringContaining('none of a cluster of a') }],
    });
  });
});
