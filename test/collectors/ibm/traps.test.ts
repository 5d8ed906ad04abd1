import { describe, expect, test } from 'vitest';
import { classicRequest, ForbiddenPath } from '#collectors/ibm/classic.ts';
import { IbmHttp } from '#collectors/ibm/http.ts';
import { accountOf, CLASSIC, clusterOf, endpoints, jwt, ok, PUBLIC, play, verdictsOf, verdictsOn } from './world.ts';

/** What a reader of IBM Cloud can be led astray by, from the wire to the verdict. */

const GET = '/global/v2/getCluster';
const LISTED = { id: 'c1', name: 'prod', state: 'normal', region: 'jp-tok' };
const refused = { status: 403, body: { code: 'A0010', description: 'no access' } };

describe('1: list records carry no endpoints', () => {
  test('flags of a list record decide nothing while the full record is refused', async () => {
    const { collect } = await play({
      '/global/v2/classic/getClusters': () => ok([{ ...LISTED, serviceEndpoints: endpoints() }]),
      [GET]: () => refused,
    });
    const verdicts = Object.values(verdictsOf(await collect())['prod'] ?? {});
    expect(verdicts).not.toHaveLength(0);
    expect(new Set(verdicts)).toEqual(new Set(['UNKNOWN denied']));
  });
});

describe('2: flags in two places', () => {
  const flat = { publicServiceEndpointEnabled: false, privateServiceEndpointEnabled: true };
  test.each([
    [
      'public: nested off, flat on',
      { publicServiceEndpointEnabled: true },
      'iks-public-endpoint',
      'UNKNOWN conflicting-fields',
    ],
    [
      'private: nested on, flat off',
      { privateServiceEndpointEnabled: false },
      'iks-private-endpoint',
      'UNKNOWN conflicting-fields',
    ],
    ['only flat', { serviceEndpoints: undefined, ...flat }, 'iks-public-endpoint', 'PASS holds'],
    ['neither', { serviceEndpoints: {} }, 'iks-public-endpoint', 'UNKNOWN absent-field'],
    [
      'null',
      { serviceEndpoints: endpoints({ publicServiceEndpointEnabled: null }) },
      'iks-public-endpoint',
      'UNKNOWN absent-field',
    ],
    [
      '"false" in quotes',
      { serviceEndpoints: endpoints({ publicServiceEndpointEnabled: 'false' }) },
      'iks-public-endpoint',
      'UNKNOWN malformed-answer',
    ],
    [
      '"false" in quotes, and false beside it',
      { ...flat, serviceEndpoints: endpoints({ publicServiceEndpointEnabled: 'false' }) },
      'iks-public-endpoint',
      'UNKNOWN malformed-answer',
    ],
    [
      'text instead of the nested object, flat beside it',
      { ...flat, serviceEndpoints: 'none' },
      'iks-public-endpoint',
      'UNKNOWN malformed-answer',
    ],
    [
      'a list instead of the nested object',
      { ...flat, serviceEndpoints: [] },
      'iks-private-endpoint',
      'UNKNOWN malformed-answer',
    ],
  ] as const)('%s', async (_case, changes, control, expected) => {
    expect((await verdictsOn(changes))[control]).toBe(expected);
  });
});

describe('3: flags and addresses that contradict each other', () => {
  test.each([
    [
      'public off, with a public address',
      endpoints({ publicServiceEndpointURL: PUBLIC }),
      'iks-public-endpoint',
      'FAIL public-address',
    ],
    [
      'public off, with an address that is not text',
      endpoints({ publicServiceEndpointURL: 7 }),
      'iks-public-endpoint',
      'UNKNOWN malformed-answer',
    ],
    [
      'public off, with the dash that the CLI prints',
      endpoints({ publicServiceEndpointURL: '-' }),
      'iks-public-endpoint',
      'PASS holds',
    ],
    [
      'private on, without an address',
      endpoints({ privateServiceEndpointURL: '' }),
      'iks-private-endpoint',
      'UNKNOWN conflicting-fields',
    ],
    [
      'private on, with a public address',
      endpoints({ privateServiceEndpointURL: PUBLIC }),
      'iks-private-endpoint',
      'UNKNOWN conflicting-fields',
    ],
  ] as const)('%s', async (_case, serviceEndpoints, control, expected) => {
    expect((await verdictsOn({ serviceEndpoints }))[control]).toBe(expected);
  });

  test('a private address nested and a public one beside it', async () => {
    expect((await verdictsOn({ privateServiceEndpointURL: PUBLIC }))['iks-private-endpoint']).toBe(
      'UNKNOWN conflicting-fields',
    );
  });

  test('a public address beside an empty nested one', async () => {
    expect((await verdictsOn({ publicServiceEndpointURL: PUBLIC }))['iks-public-endpoint']).toBe('FAIL public-address');
  });
});

describe('4: hosts that look alike', () => {
  test.each([
    ['https://c1.private.us-south.containers.cloud.ibm.com.example.org', 'UNKNOWN unrecognised-value'],
    ['https://c1.us-south.containers.cloud.ibm.com/.private.', 'FAIL public-host'],
    ['https://c1.private.us-south.containers.cloud.ibm.com@example.org', 'UNKNOWN malformed-answer'],
    ['https://C1.PRIVATE.SJC03.containers.cloud.ibm.com.:28679', 'PASS holds'],
    ['', 'UNKNOWN absent-field'],
  ])('masterURL %s', async (masterURL, expected) => {
    expect((await verdictsOn({ masterURL }))['iks-master-url']).toBe(expected);
  });

  test.each([
    ['a public serverURL beside a private masterURL', { serverURL: PUBLIC }, 'FAIL public-host'],
    [
      'a masterURL that is not text beside a private serverURL',
      { masterURL: {}, serverURL: 'https://c1.private.jp-tok.containers.cloud.ibm.com' },
      'UNKNOWN malformed-answer',
    ],
  ] as const)('%s', async (_case, changes, expected) => {
    expect((await verdictsOn(changes))['iks-master-url']).toBe(expected);
  });
});

test('5: OpenShift on classic with its public endpoint on fails', async () => {
  const open = endpoints({ publicServiceEndpointEnabled: true, publicServiceEndpointURL: PUBLIC });
  const verdicts = await verdictsOn({ type: 'openshift', serviceEndpoints: open, masterURL: PUBLIC });
  expect(verdicts).toMatchObject({ 'iks-public-endpoint': 'FAIL public-on', 'iks-closed': 'FAIL not-closed' });
});

describe('6: NotReady is a decision', () => {
  test.each([500, 400, 200, 503, 404, 429])('with HTTP %i: one request, no repeat, FAIL', async (status) => {
    const { collect, counts } = await play({
      [CLASSIC]: () => ({ status, body: { error: 'not now', code: 'SoftLayer_Exception_NotReady' } }),
    });
    expect(verdictsOf(await collect())['one']).toEqual({
      'ibm-account-vrf': 'FAIL not-ready',
      'ibm-account-service-endpoint': 'FAIL not-ready',
    });
    expect(counts.get(CLASSIC)).toBe(1);
  });
});

describe('7: what is no answer of the classic API', () => {
  test.each([
    [
      'a missing permission that looks like 404',
      { status: 404, body: { error: 'Unable to find object', code: 'SoftLayer_Exception_ObjectNotFound' } },
      'not-found',
    ],
    [
      'an identity without an IBMid',
      { status: 500, body: { error: 'Failed to exchange token', code: 'SoftLayer_Exception' } },
      'credentials',
    ],
    [
      'a bad key with HTTP 500',
      { status: 500, body: { error: 'Access Denied. ', code: 'SoftLayer_Exception_Public' } },
      'credentials',
    ],
    ['an empty 200', { body: null, text: '' }, 'malformed-answer'],
    ['an HTML 200', { body: null, text: '<html>login</html>' }, 'malformed-answer'],
    [
      'a redirect to a login page',
      { status: 302, headers: { location: '/login' }, body: null, text: '' },
      'malformed-answer',
    ],
    ['"true" in quotes', { body: 'true' }, 'malformed-answer'],
    [
      'a bad key in the shape of a 200',
      { body: { error: 'Access Denied. ', code: 'SoftLayer_Exception_Public' } },
      'credentials',
    ],
    ['an object that holds true', { body: { value: true } }, 'malformed-answer'],
    ['1', { body: 1 }, 'malformed-answer'],
    ['null', { body: null }, 'malformed-answer'],
    ['a list of true', { body: [true] }, 'malformed-answer'],
  ] as const)('%s', async (_case, answer, reason) => {
    const { collect, counts } = await play({ [CLASSIC]: () => answer });
    expect(verdictsOf(await collect())['one']).toEqual({
      'ibm-account-vrf': `UNKNOWN ${reason}`,
      'ibm-account-service-endpoint': `UNKNOWN ${reason}`,
    });
    expect(counts.get(CLASSIC)).toBe(1);
  });

  test('an outage is repeated, within bounds', async () => {
    const { collect, counts } = await play({ [CLASSIC]: () => ({ status: 504, body: null, text: 'gateway' }) });
    expect(accountOf(await collect()).privateEndpointService).toMatchObject({ reason: 'timeout' });
    expect(counts.get(CLASSIC)).toBe(4);
  });
});

describe('8: tokens', () => {
  test('of another account: nothing is judged, everything is unknown', async () => {
    const { collect } = await play({
      '/identity/token': () => ok({ access_token: jwt({ account: { bss: 'other' } }), expires_in: 3600 }),
    });
    expect(verdictsOf(await collect())).toEqual({
      acc: { 'ibm-account-vrf': 'UNKNOWN credentials', 'ibm-account-service-endpoint': 'UNKNOWN credentials' },
    });
  });

  test('of another classic account: the flags are not judged by its network', async () => {
    const { collect } = await play({
      '/identity/token': () => ok({ access_token: jwt({ account: { bss: 'acc', ims: '111' } }), expires_in: 3600 }),
    });
    expect(verdictsOf(await collect())['acc']).toEqual({
      'ibm-account-vrf': 'UNKNOWN conflicting-fields',
      'ibm-account-service-endpoint': 'UNKNOWN conflicting-fields',
    });
  });

  test('a 500 of IAM with a code of its own is an outage and no bad key', async () => {
    const { collect, counts } = await play({
      '/identity/token': (count) =>
        count < 3
          ? { status: 500, body: { errorCode: 'BXNIM0500E', errorMessage: 'try again' } }
          : ok({ access_token: jwt({ account: { bss: 'acc' } }), expires_in: 900 }),
    });
    expect((await collect()).gaps).toEqual([]);
    expect(counts.get('/identity/token')).toBe(3);
  });
});

test('9: a refused Satellite list leaves the others judged and the inventory partial', async () => {
  const { collect } = await play({ '/global/v2/satellite/getClusters': () => refused });
  const collected = await collect();
  expect([collected.inventoryComplete, collected.gaps.map(({ reason, api }) => `${api} ${reason}`)]).toEqual([
    false,
    ['containers:getClusters denied'],
  ]);
  expect(clusterOf(collected)?.cluster.state).toBe('collected');
});

test('9: a broken entry of a list hides no neighbour, and the inventory is partial', async () => {
  const { collect } = await play({ '/global/v2/classic/getClusters': () => ok([{ name: 'nobody' }, null, LISTED]) });
  const collected = await collect();
  expect([collected.inventoryComplete, collected.gaps.map(({ message }) => message)]).toEqual([
    false,
    ['2 entries of the lists have no id'],
  ]);
  expect(clusterOf(collected)?.cluster.state).toBe('collected');
});

describe('10: no cluster is visible', () => {
  const RC = '/v2/resource_instances';
  const empty = { '/global/v2/classic/getClusters': () => ok([]) };
  const instance = (name: string, state = 'active') => ({
    id: `crn:v1:bluemix:public:${name}:jp-tok:a/acc:x::`,
    resource_id: name,
    state,
  });

  test('the resource controller knows some, on its second page: coverage is lost and nothing is closed', async () => {
    const { collect } = await play({
      ...empty,
      [RC]: (_count, url) =>
        url.searchParams.has('start')
          ? ok({ resources: [instance('containers-kubernetes')], next_url: null })
          : ok({ resources: [instance('cloud-object-storage')], next_url: '/v2/resource_instances?start=2' }),
    });
    const { inventoryComplete, gaps } = await collect();
    expect([inventoryComplete, gaps]).toEqual([
      false,
      [expect.objectContaining({ reason: 'denied', message: expect.stringContaining('knows 1') })],
    ]);
  });

  test.each([
    ['knows none', ok({ resources: [instance('containers-kubernetes', 'removed')] })],
    ['is not there', { status: 404, body: null, text: '<html>' }],
  ] as const)('the resource controller %s: the account has no clusters', async (_case, answer) => {
    const { collect } = await play({ ...empty, [RC]: () => answer });
    const { inventoryComplete, gaps } = await collect();
    expect([inventoryComplete, gaps]).toEqual([true, []]);
  });

  test.each([
    ['fewer', 2, false],
    ['as many', 1, true],
  ] as const)('%s than minimumClusters says', async (_case, minimumClusters, complete) => {
    const { collect, counts } = await play({}, { accounts: [{ id: 'acc', apiKey: 'k', minimumClusters }] });
    const { inventoryComplete, gaps } = await collect();
    expect([inventoryComplete, gaps.length]).toEqual([complete, complete ? 0 : 1]);
    expect(counts.get(RC)).toBe(undefined);
  });
});

describe('11: clusters that come and go', () => {
  test.each([
    ['not found by the second call', { status: 404, body: { code: 'G0004', description: 'could not be found' } }],
    ['told as deleted by the second call', ok({ ...LISTED, state: 'deleted' })],
  ] as const)('%s: dropped, and the run is complete', async (_case, answer) => {
    const { collect } = await play({ [GET]: () => answer });
    const collected = await collect();
    expect([clusterOf(collected), collected.gaps, collected.inventoryComplete]).toEqual([undefined, [], true]);
  });

  test('an answer about another cluster is none', async () => {
    expect(await verdictsOn({ id: 'c2' })).toMatchObject({
      'iks-public-endpoint': 'UNKNOWN malformed-answer',
      'iks-closed': 'UNKNOWN malformed-answer',
    });
  });

  test('deploying with its public endpoint on is told at once', async () => {
    const verdicts = await verdictsOn({
      state: 'deploying',
      serviceEndpoints: endpoints({ publicServiceEndpointEnabled: true }),
    });
    expect(verdicts).toMatchObject({
      'iks-public-endpoint': 'FAIL public-on',
      'iks-private-endpoint': 'UNKNOWN transitional-state',
      'iks-master-url': 'UNKNOWN transitional-state',
    });
  });
});

test('13: paths that change the account are refused before any socket opens', async () => {
  let sent = 0;
  const http = new IbmHttp({
    fetch: async () => {
      sent += 1;
      return new Response('true');
    },
  });
  for (const path of [
    'SoftLayer_Network/enableVrf',
    'SoftLayer_Network/enableVrf.json',
    'SoftLayer_Network/connectPrivateEndpointService.json',
    'SoftLayer_Network/disconnectPrivateEndpointService.json',
    'SoftLayer_Account/setVlanSpan/true.json',
    'SoftLayer_Network/isConnectedToPrivateEndpointService.json/../enableVrf.json',
    'SoftLayer_Network/isConnectedToPrivateEndpointService.json?x=/enableVrf',
    'softlayer_network/isConnectedToPrivateEndpointService.json',
  ])
    await expect(
      classicRequest(http, 'https://api.softlayer.com/rest/v3.1', path, 't', { calls: 0 }, AbortSignal.timeout(1_000)),
    ).rejects.toBeInstanceOf(ForbiddenPath);
  expect(sent).toBe(0);
});
