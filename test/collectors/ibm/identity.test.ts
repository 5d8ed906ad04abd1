import { describe, expect, test } from 'vitest';
import { createIbmProvider } from '#collectors/ibm/index.ts';
import { ibmEndpoints } from '#estate/ibm/cloud.ts';
import { jwt, ok, play, providerOf, type Route, serve, USUAL, verdictsOf } from './world.ts';

const target = { id: 'ibm:acc', provider: 'ibm', account: 'acc' } as const;
const context = { signal: AbortSignal.timeout(20_000), now: () => new Date('2026-11-01T00:00:00Z') };

/** An IAM that notes the forms it was sent, and the rest of the account as usual. */
async function iam(answer: (form: URLSearchParams, count: number) => ReturnType<Route>) {
  const forms: URLSearchParams[] = [];
  const server = await serve(async ({ url, body }) => {
    if (url.pathname === '/identity/token') {
      const form = new URLSearchParams(body);
      forms.push(form);
      return answer(form, forms.length);
    }
    return (USUAL[url.pathname] ?? (() => ({ status: 404, body: {} })))(1, url);
  });
  return { url: server.url, forms };
}

const ASSUME = 'urn:ibm:params:oauth:grant-type:assume';

describe('a trusted profile', () => {
  test.each([
    ['by id', 'Profile-1234', { profile_id: 'Profile-1234' }],
    [
      'by CRN',
      'crn:v1:bluemix:public:iam-identity::a/acc::profile:Profile-1',
      { profile_crn: 'crn:v1:bluemix:public:iam-identity::a/acc::profile:Profile-1' },
    ],
    ['by name, in the account', 'scanner', { profile_name: 'scanner', account: 'acc' }],
  ] as const)('%s is assumed with the token of the key', async (_case, profileId, named) => {
    const { url, forms } = await iam((form) =>
      ok({
        // The key's identity lives in another account; the profile's token is for this one.
        access_token:
          form.get('grant_type') === ASSUME
            ? jwt({ account: { bss: 'acc', ims: '999' } })
            : jwt({ account: { bss: 'hub' } }),
        expires_in: 3600,
      }),
    );
    const { provider } = providerOf(url, { accounts: [{ id: 'acc', apiKey: 'k', profileId }] }, { now: 0 });
    const collected = await provider.collect(target, context);
    expect(collected.gaps).toEqual([]);
    expect(verdictsOf(collected)['one']).toMatchObject({ 'ibm-account-vrf': 'PASS holds' });
    expect(Object.fromEntries(forms[1] ?? [])).toEqual({
      grant_type: ASSUME,
      access_token: jwt({ account: { bss: 'hub' } }),
      ...named,
    });
    expect(forms).toHaveLength(2);
  });

  test('of another account judges nothing', async () => {
    const { url } = await iam(() => ok({ access_token: jwt({ account: { bss: 'hub' } }), expires_in: 3600 }));
    const { provider } = providerOf(url, { accounts: [{ id: 'acc', apiKey: 'k', profileId: 'p' }] }, { now: 0 });
    const { nothingRead, gaps } = await provider.collect(target, context);
    expect([nothingRead, gaps[0]?.reason]).toEqual([true, 'credentials']);
  });

  test('a service that repeats what it was sent puts no secret into a message', async () => {
    const secret = jwt({ account: { bss: 'hub' } });
    const { url } = await iam((form, count) =>
      count === 1
        ? ok({ access_token: secret, expires_in: 3600 })
        : {
            status: 400,
            body: { errorCode: 'BXNIM0001E', errorMessage: `cannot assume with ${form.get('access_token')}` },
          },
    );
    const { provider } = providerOf(url, { accounts: [{ id: 'acc', apiKey: 'k3y', profileId: 'p' }] }, { now: 0 });
    const { gaps } = await provider.collect(target, context);
    expect(gaps[0]?.message).toBe('HTTP 400: cannot assume with (secret)');
  });
});

test('an API key that IAM repeats stays out of every message', async () => {
  const { url } = await iam((form) => ({
    status: 400,
    body: null,
    text: `<p>unknown apikey=${form.get('apikey')}</p>`,
  }));
  const { provider } = providerOf(url, {}, { now: 0 });
  expect(JSON.stringify(await provider.collect(target, context))).not.toContain('the-secret-key');
});

describe('a token that names no account', () => {
  const opaque = () => ok({ access_token: 'opaque', expires_in: 3600 });

  test("is believed where the account's own record answers to it", async () => {
    const { url } = await iam(opaque);
    const collected = await providerOf(url, {}, { now: 0 }).provider.collect(target, context);
    expect(collected.gaps).toEqual([]);
  });

  test('judges nothing where that record cannot be read', async () => {
    const { collect } = await play({
      '/identity/token': opaque,
      '/v4/accounts/acc': () => ({ status: 403, body: { code: 'x', description: 'no access' } }),
    });
    const collected = await collect();
    expect([collected.nothingRead, collected.gaps.map(({ reason, api }) => `${api} ${reason}`)]).toEqual([
      true,
      ['iam:token credentials'],
    ]);
  });
});

test('the list of the enterprise renews a refused token once', async () => {
  let issued = 0;
  const server = await serve(async ({ url, headers }) => {
    if (url.pathname === '/identity/token') {
      issued += 1;
      return ok({ access_token: `t${issued}`, expires_in: 3600 });
    }
    return headers.authorization === 'Bearer t2'
      ? ok({ resources: [{ id: 'child', name: 'two', state: 'ACTIVE' }] })
      : { status: 401, body: { code: 'A0003', description: 'expired' } };
  });
  const { provider } = providerOf(server.url, { accounts: [], enterprise: { id: 'ent', apiKey: 'k' } }, { now: 0 });
  expect((await provider.plan(context)).targets.map(({ target: { id } }) => id)).toEqual(['ibm:child']);
  expect(issued).toBe(2);
});

test('addresses may end with a slash', async () => {
  const { url } = await iam(() => ok({ access_token: jwt({ account: { bss: 'acc' } }), expires_in: 3600 }));
  const slashed = Object.entries(ibmEndpoints(url)).map(([name, address]) => [name, `${address}/`]);
  const provider = createIbmProvider({
    accounts: [{ id: 'acc', apiKey: 'k' }],
    endpoints: Object.fromEntries(slashed) as ReturnType<typeof ibmEndpoints>,
    attestations: [],
    probes: [],
  });
  expect((await provider.collect(target, context)).gaps).toEqual([]);
});

test('the same faults give the same first gap, whichever answer came first', async () => {
  const clusters = ['c1', 'c2', 'c3'].map((id) => ({ id, name: id, state: 'normal' }));
  let turn = 0;
  const server = await serve(async ({ url }) => {
    if (url.pathname === '/global/v2/classic/getClusters') return ok(turn % 2 === 0 ? clusters : clusters.toReversed());
    if (url.pathname === '/global/v2/getCluster') return { status: 403, body: { code: 'A', description: 'no' } };
    if (url.pathname === '/v1/rules') return { status: 403, body: { code: 'A', description: 'no rules' } };
    return (USUAL[url.pathname] ?? (() => ok([])))(1, url);
  });
  const { provider } = providerOf(server.url, {}, { now: 0 });
  const first = await provider.collect(target, context);
  turn += 1;
  const second = await provider.collect(target, context);
  expect(first.gaps.map(({ api, resource }) => `${api} ${resource ?? ''}`.trim())).toEqual([
    'containers:getCluster ibm:cluster:c1',
    'containers:getCluster ibm:cluster:c2',
    'containers:getCluster ibm:cluster:c3',
    'cbr:listRules',
  ]);
  expect(second.gaps).toEqual(first.gaps);
});
