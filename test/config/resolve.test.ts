import { describe, expect, test } from 'vitest';
import { parseConfig } from '#config/load.ts';
import { type ResolveSources, resolveConfig, UnresolvedReference } from '#config/resolve.ts';
import type { Provider } from '#domain/target.ts';

const env = (name: string) => ['$', `{env:${name}}`].join('');
const secret = (name: string) => ['$', `{secret:${name}}`].join('');
const ARN = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:s';
const SECRET = 'hunter2-hunter2';
const PEM = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----';

function resolve(text: string, differs: Partial<ResolveSources> = {}) {
  const config = parseConfig(text, 'ringfence.yaml');
  const providers = (['aws', 'azure', 'ibm', 'kubernetes', 'kubespray'] as const).filter(
    (provider: Provider) => config[provider] !== undefined,
  );
  return resolveConfig(config, {
    env: {},
    readSecret: async (arn) => {
      throw new Error(`no secret ${arn}`);
    },
    readFile: async (path) => {
      throw new Error(`no file ${path}`);
    },
    providers,
    alerts: true,
    ...differs,
  });
}

async function refusal(promise: Promise<unknown>): Promise<UnresolvedReference> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UnresolvedReference) return error;
  throw new Error('expected an unresolved reference', { cause: error });
}

const ibmWith = (apiKey: string) => `ibm: { accounts: [{ id: a, apiKey: "${apiKey}" }] }`;

describe('references', () => {
  test.each([
    ['the environment', env('KEY'), { env: { KEY: SECRET } }],
    ['a plain secret', secret(ARN), { readSecret: async () => SECRET }],
    ['a key of a JSON secret', secret(`${ARN}#ibm`), { readSecret: async () => JSON.stringify({ ibm: SECRET }) }],
  ])('are read from %s', async (_case, reference, sources) => {
    expect((await resolve(ibmWith(reference), sources)).ibm?.accounts[0]?.apiKey).toBe(SECRET);
  });

  test('nothing else is expanded', async () => {
    const odd = ['$', '{HOME} $HOME ', '$', '{env:A} x'].join('');
    const { ibm } = await resolve(ibmWith(odd), { env: { A: 'a', HOME: '/root' } });
    expect(ibm?.accounts[0]?.apiKey).toBe(odd);
  });

  test('a secret is read once, however often it is named', async () => {
    let reads = 0;
    const two = `ibm: { accounts: [{ id: a, apiKey: "${secret(`${ARN}#a`)}" }, { id: b, apiKey: "${secret(`${ARN}#b`)}" }] }`;
    await resolve(two, {
      readSecret: async () => {
        reads += 1;
        return '{"a":"1","b":"2"}';
      },
    });
    expect(reads).toBe(1);
  });

  test('only what the wanted providers need is read', async () => {
    const text = `${ibmWith(env('MISSING'))}\nkubespray: { inventories: [{ name: k, inventory: hosts.yaml }] }`;
    const config = await resolve(text, { providers: ['kubespray'], alerts: false });
    expect(config.ibm).toBeUndefined();
    expect(config.kubespray?.inventories[0]?.name).toBe('k');
  });

  test('webhooks are read only where alerts are sent', async () => {
    const text = `alerts: { slack: [{ webhook: "${env('HOOK')}" }] }`;
    expect((await resolve(text, { alerts: false })).alerts.slack).toEqual([]);
    const sent = await resolve(text, { env: { HOOK: 'https://hooks.example.com/x' } });
    expect(sent.alerts.slack).toEqual([{ name: 'slack-1', webhook: 'https://hooks.example.com/x' }]);
  });
});

describe('a reference that leads nowhere', () => {
  test('every one is told, with its key', async () => {
    const text = `ibm: { accounts: [{ id: a, apiKey: "${env('ONE')}" }, { id: b, apiKey: "${env('TWO')}" }] }`;
    const { faults } = await refusal(resolve(text));
    expect(faults).toEqual([
      { path: 'ibm.accounts[0].apiKey', message: 'the environment variable ONE is not set' },
      { path: 'ibm.accounts[1].apiKey', message: 'the environment variable TWO is not set' },
    ]);
  });

  test('of every section and channel, not only of the first', async () => {
    const text = `azure: { tenants: [{ id: t, credential: { type: access-token } }] }
${ibmWith(env('ONE'))}
alerts: { slack: [{ webhook: "${env('HOOK')}" }] }`;
    const { faults } = await refusal(resolve(text));
    expect(faults.map(({ path }) => path)).toEqual([
      'azure.tenants[0].credential',
      'ibm.accounts[0].apiKey',
      'alerts.slack[0].webhook',
    ]);
  });

  test.each([
    ['no JSON', `not json ${SECRET}`],
    ['JSON without the key', JSON.stringify({ other: SECRET })],
    ['JSON with a number under the key', JSON.stringify({ key: 1, other: SECRET })],
    ['a JSON null', 'null'],
  ])('a secret that is %s: the message names the ARN and never a value', async (_case, text) => {
    const error = await refusal(resolve(ibmWith(secret(`${ARN}#key`)), { readSecret: async () => text }));
    expect(error.message).toContain(ARN);
    expect(error.message).not.toContain(SECRET);
  });

  test('a secret that may not be read', async () => {
    const { message } = await refusal(resolve(ibmWith(secret(ARN))));
    expect(message).toBe(`ibm.accounts[0].apiKey: the secret ${ARN} could not be read (Error)`);
  });

  test('a key that is no PEM is never taken for a file name', async () => {
    const text = `kubernetes: { clusters: [{ name: k, server: "https://k", clientKey: "${env('KEY')}" }] }`;
    const error = await refusal(resolve(text, { env: { KEY: SECRET } }));
    expect(error.message).toMatch(/^kubernetes\.clusters\[0\]\.clientKey: .*holds no PEM text$/);
    expect(error.message).not.toContain(SECRET);
  });

  test('an address behind a reference must be https as well', async () => {
    const text = `kubernetes: { clusters: [{ name: k, server: "${env('SERVER')}", token: "${env('TOKEN')}" }] }`;
    const sources = (server: string) => ({ env: { SERVER: server, TOKEN: SECRET } });
    const { faults } = await refusal(resolve(text, sources('http://10.0.0.1')));
    expect(faults).toEqual([{ path: 'kubernetes.clusters[0].server', message: expect.stringContaining('https://') }]);
    await expect(resolve(text, sources('http://127.0.0.1:8001'))).resolves.toMatchObject({ profile: 'closed' });
  });
});

describe('files that the configuration names', () => {
  test('certificates and attestations are read', async () => {
    const text = `kubernetes: { clusters: [{ name: k, server: "https://k", ca: ca.pem }] }
ibm: { attestations: [{ account: a, file: show.txt, author: Ada, date: 2026-11-01, expires: 2027-01-31 }] }`;
    const files: Readonly<Record<string, string>> = { 'ca.pem': PEM, 'show.txt': 'VRF Enabled: true' };
    const { kubernetes, ibm } = await resolve(text, { readFile: async (path) => files[path] ?? '' });
    expect(kubernetes?.clusters[0]).toMatchObject({ ca: PEM });
    expect(ibm?.attestations[0]).toMatchObject({ author: 'Ada', text: 'VRF Enabled: true' });
  });

  test('a file that is missing is named with its key', async () => {
    const text = 'kubernetes: { clusters: [{ name: k, server: "https://k", ca: ca.pem }] }';
    const { faults } = await refusal(resolve(text));
    expect(faults[0]).toMatchObject({ path: 'kubernetes.clusters[0].ca', message: expect.stringContaining('ca.pem') });
  });
});

describe('clusters that are read from inside', () => {
  const written = '/subscriptions/S/resourceGroups/G/providers/Microsoft.ContainerService/managedClusters/Prod';

  test.each([
    ['a server', 'server: "https://k"'],
    ['a context', 'context: k'],
  ])('with %s have the uid of the cloud, ARM ids in lower case', async (_case, access) => {
    const text = `kubernetes: { clusters: [{ name: k, ${access}, cluster: "${written}" }] }`;
    const { kubernetes, readInside } = await resolve(text);
    expect(readInside).toEqual([{ cluster: written.toLowerCase(), target: 'kubernetes:k' }]);
    expect(kubernetes?.clusters[0]?.cluster).toBe(written.toLowerCase());
  });

  test('other uids stay as they are', async () => {
    const arn = 'arn:aws:eks:eu-west-1:111111111111:cluster/Prod';
    const text = `kubernetes: { clusters: [{ name: k, server: "https://k", cluster: "${arn}" }] }`;
    expect((await resolve(text)).readInside).toEqual([{ cluster: arn, target: 'kubernetes:k' }]);
  });

  test('of Azure find the federated tenant without any secret being read', async () => {
    const tenant = '{ id: 33333333-3333-3333-3333-333333333333, credential: { type: federated, clientId: c } }';
    const other = `{ id: 44444444-4444-4444-4444-444444444444, credential: { type: secret, clientId: c, clientSecret: "${secret(ARN)}" } }`;
    const text = `kubernetes: { clusters: [{ name: k, server: "https://k" }] }\nazure: { tenants: [${other}, ${tenant}] }`;
    const { azure, federatedTenant } = await resolve(text, { providers: ['kubernetes'] });
    expect(azure).toBeUndefined();
    expect(federatedTenant).toMatchObject({ credential: { type: 'federated', clientId: 'c' } });
  });
});
