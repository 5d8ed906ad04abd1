import { afterEach } from 'vitest';
import { createIbmProvider } from '#collectors/ibm/index.ts';
import type { IbmOptions } from '#collectors/ibm/options.ts';
import { iksControls } from '#controls/iks/index.ts';
import { judge } from '#controls/judge.ts';
import type { Collection } from '#domain/collection.ts';
import type { IbmAccountEvidence, IksEvidence } from '#domain/evidence/ibm.ts';
import { type LoopbackAnswer, type LoopbackServer, startJson } from '#estate/http.ts';
import { ibmEndpoints } from '#estate/ibm/cloud.ts';

export type Route = (count: number, url: URL) => LoopbackAnswer;

export const jwt = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
export const ok = (body: unknown): LoopbackAnswer => ({ body });

/** An IBM Cloud of one account and one classic cluster; a test replaces single answers by path. */
export const USUAL: Readonly<Record<string, Route>> = {
  '/identity/token': () =>
    ok({ access_token: jwt({ account: { bss: 'acc', ims: '999' } }), token_type: 'Bearer', expires_in: 3600 }),
  '/v4/accounts/acc': () => ok({ id: 'acc', name: 'one', linked_softlayer_account: '999' }),
  '/rest/v3.1/SoftLayer_Network/isConnectedToPrivateEndpointService.json': () => ok(true),
  '/global/v2/classic/getClusters': () => ok([{ id: 'c1', name: 'prod', state: 'normal', region: 'jp-tok' }]),
  '/global/v2/vpc/getClusters': () => ok([]),
  '/global/v2/satellite/getClusters': () => ok([]),
  '/global/v2/getCluster': () =>
    ok({
      id: 'c1',
      state: 'normal',
      serviceEndpoints: { privateServiceEndpointEnabled: true, publicServiceEndpointEnabled: false },
    }),
  '/global/v1/clusters/c1/workers': () => ok([{ id: 'w1', publicIP: '-', publicVlan: '' }]),
  '/global/v1/alb/clusters/c1': () => ok({ alb: [] }),
  '/global/v1/clusters/c1/apiserverconfigs/auditwebhook': () =>
    ok({ auditServer: 'https://audit', clientKey: 'PRIVATE KEY' }),
  '/v1/rules': () => ok({ rules: [] }),
  '/v1/zones/z': () => ok({ id: 'z', addresses: [{ type: 'subnet', value: '10.0.0.0/8' }] }),
};

const servers: LoopbackServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A loopback server that ends with its test. */
export async function serve(...parameters: Parameters<typeof startJson>): Promise<LoopbackServer> {
  const server = await startJson(...parameters);
  servers.push(server);
  return server;
}

export async function play(
  answers: Readonly<Record<string, Route>> = {},
  options: Partial<IbmOptions> = {},
  clock: { now: number } = { now: 0 },
  timeoutMs = 5_000,
) {
  const counts = new Map<string, number>();
  const server = await serve(async ({ url }) => {
    const count = (counts.get(url.pathname) ?? 0) + 1;
    counts.set(url.pathname, count);
    return (
      answers[url.pathname] ??
      USUAL[url.pathname] ??
      (() => ({ status: 404, body: { code: 'E0008', description: 'not found' } }))
    )(count, url);
  });
  const { provider, context } = providerOf(server.url, options, clock, timeoutMs);
  return {
    provider,
    context,
    counts,
    collect: () => provider.collect({ id: 'ibm:acc', provider: 'ibm', account: 'acc' }, context),
  };
}

export function providerOf(url: string, options: Partial<IbmOptions>, clock: { now: number }, timeoutMs = 5_000) {
  const provider = createIbmProvider(
    {
      accounts: [{ id: 'acc', apiKey: 'the-secret-key' }],
      endpoints: ibmEndpoints(url),
      attestations: [],
      probes: [],
      ...options,
    },
    { sleep: async () => undefined, timeoutMs, now: () => clock.now },
  );
  return { provider, context: { signal: AbortSignal.timeout(20_000), now: () => new Date('2026-11-01T00:00:00Z') } };
}

export const accountOf = ({ subjects }: Collection) =>
  subjects.find(({ kind }) => kind === 'ibm-account')?.evidence as IbmAccountEvidence;
export const clusterOf = ({ subjects }: Collection) =>
  subjects.find(({ kind }) => kind === 'iks')?.evidence as IksEvidence | undefined;
export const CLASSIC = '/rest/v3.1/SoftLayer_Network/isConnectedToPrivateEndpointService.json';

/** Every verdict of a reading, as `control: STATUS reason` by the resource's name. */
export function verdictsOf({ subjects }: Collection): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(
    subjects.map((subject) => [
      subject.resource.name,
      Object.fromEntries(
        judge(subject, iksControls, { profile: 'closed', controls: {} }).map(({ control, verdict }) => [
          control.id,
          `${verdict.status} ${verdict.reason}`,
        ]),
      ),
    ]),
  );
}

export const PRIVATE = 'https://c1.private.jp-tok.containers.cloud.ibm.com:28679';
export const PUBLIC = 'https://c1.jp-tok.containers.cloud.ibm.com:28679';

/** The full record of a closed classic cluster; a test says what is different. */
export function record(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    id: 'c1',
    name: 'prod',
    state: 'normal',
    provider: 'classic',
    type: 'kubernetes',
    region: 'jp-tok',
    lifecycle: { masterState: 'deployed', masterHealth: 'normal' },
    masterURL: PRIVATE,
    networkPlugin: 'Calico',
    serviceEndpoints: endpoints(),
    ...changes,
  };
}

export function endpoints(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    privateServiceEndpointEnabled: true,
    privateServiceEndpointURL: PRIVATE,
    publicServiceEndpointEnabled: false,
    publicServiceEndpointURL: '',
    ...changes,
  };
}

/** The verdicts of the one cluster, when the service describes it so. */
export async function verdictsOn(
  changes: Readonly<Record<string, unknown>>,
  answers: Readonly<Record<string, Route>> = {},
): Promise<Readonly<Record<string, string>>> {
  const { collect } = await play({ '/global/v2/getCluster': () => ok(record(changes)), ...answers });
  return verdictsOf(await collect())['prod'] ?? {};
}
