import { expect, test } from 'vitest';
import { CLASSIC, ok, play } from './world.ts';

const refused = { status: 403, body: { code: 'A0010', description: 'no access' } };
const brief = (rows: readonly { account: string; permission: string; outcome: string }[]) =>
  Object.fromEntries(rows.map(({ account, permission, outcome }) => [`${account} ${permission}`, outcome]));

test('each read is told as it went: made, refused, or not made', async () => {
  const { provider, context } = await play({
    [CLASSIC]: () => ({ status: 500, body: { error: 'Failed to exchange token', code: 'SoftLayer_Exception' } }),
    '/global/v1/alb/clusters/c1': () => refused,
    '/v1/rules': () => ({ status: 404, body: null, text: '<html>' }),
  });
  const rows = await provider.doctor(context);
  expect(brief(rows)).toEqual({
    'acc iam:token': 'allowed',
    'acc account:read': 'allowed',
    'acc classic:isConnectedToPrivateEndpointService': 'failed',
    'acc containers:getClusters': 'allowed',
    'acc containers:getCluster': 'allowed',
    'acc containers:getWorkers': 'allowed',
    'acc containers:getAlbs': 'denied',
    'acc containers:getAuditWebhook': 'allowed',
    'acc containers:getSecurityGroups': 'untried',
    'acc containers:getVlanSpanning': 'untried',
    'acc vpc:getSubnet': 'untried',
    'acc vpc:listRoutes': 'untried',
    'acc vpc:listFloatingIps': 'untried',
    'acc vpc:listSecurityGroups': 'untried',
    'acc vpc:listLoadBalancers': 'untried',
    'acc vpc:listPoolMembers': 'untried',
    'acc cbr:getZones': 'untried',
    'acc cbr:listRules': 'failed',
    'acc resource-controller:listInstances': 'untried',
  });
  expect(rows.find(({ permission }) => permission.startsWith('classic'))?.detail).toContain('Failed to exchange token');
});

test('one cluster of several that is refused is what there is to tell', async () => {
  const cluster = (id: string) => ({ id, name: id, state: 'normal', region: 'jp-tok' });
  const { provider, context } = await play({
    '/global/v2/classic/getClusters': () => ok([cluster('c1'), cluster('c2')]),
    '/global/v2/getCluster': (_count, url) =>
      url.searchParams.get('cluster') === 'c1' ? refused : ok({ id: 'c2', state: 'normal' }),
  });
  expect(brief(await provider.doctor(context))['acc containers:getCluster']).toBe('denied');
});

test('who does not get in has one row, and the children without an identity are among them', async () => {
  const { provider, context } = await play(
    {
      '/identity/token': (count) =>
        count === 1
          ? ok({ access_token: 't', expires_in: 3600 })
          : { status: 400, body: { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' } },
      '/enterprise/accounts': () => ok({ resources: [{ id: 'child', name: 'two', state: 'ACTIVE' }] }),
    },
    { enterprise: { id: 'ent', apiKey: 'k' } },
  );
  expect(brief(await provider.doctor(context))).toEqual({
    'ent enterprise:listAccounts': 'allowed',
    'acc iam:token': 'failed',
    'child iam:token': 'failed',
  });
});
