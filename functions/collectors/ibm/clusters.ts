import * as v from 'valibot';
import { type Collected, collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { IbmRefusal } from './http.ts';
import type { IbmReading } from './read.ts';

const text = v.string();
const flag = v.boolean();

export interface ListedCluster {
  readonly id: string;
  readonly name: string;
  readonly list: IksEvidence['list'];
  readonly region: string;
  readonly provider: string;
  readonly state: string;
}

const LISTS: readonly (readonly [list: IksEvidence['list'], path: string])[] = [
  ['classic', 'v2/classic/getClusters'],
  ['vpc', 'v2/vpc/getClusters'],
  ['satellite', 'v2/satellite/getClusters'],
];

/** All three lists. One that is refused leaves the others standing, and the inventory incomplete. */
export async function listClusters(reading: IbmReading): Promise<{
  readonly clusters: readonly ListedCluster[];
  readonly complete: boolean;
  readonly providers: Collected<string[]>;
}> {
  const lists = await Promise.all(
    LISTS.map(([list, path]) =>
      reading.part('containers:getClusters', async () =>
        toList(await reading.get(`${reading.endpoints.containers}/${path}`), list),
      ),
    ),
  );
  const read = lists.flatMap((part) => (part.state === 'collected' ? part.value : []));
  const byId = new Map(read.filter(({ state }) => state !== 'deleted').map((cluster) => [cluster.id, cluster]));
  const refused = lists.find((part) => part.state === 'unavailable');
  const first = lists.find((part) => part.state === 'collected');
  return {
    clusters: [...byId.values()],
    complete: refused === undefined,
    providers:
      refused ??
      collected(
        [...byId.values()].map(({ provider }) => provider),
        first?.state === 'collected' ? first.source : { api: 'containers:getClusters', at: '' },
      ),
  };
}

function toList(body: unknown, list: IksEvidence['list']): readonly ListedCluster[] {
  if (!Array.isArray(body))
    throw new IbmRefusal('malformed-answer', `expected a list of clusters, found ${typeof body}`);
  return body.map((entry: unknown) => {
    const { id, name, region, provider, state } = (entry ?? {}) as Record<string, unknown>;
    if (typeof id !== 'string' || id === '')
      throw new IbmRefusal('malformed-answer', 'a cluster of the list has no id');
    const word = (value: unknown, otherwise: string) => (typeof value === 'string' && value !== '' ? value : otherwise);
    // Old classic records carry no provider.
    return {
      id,
      list,
      name: word(name, id),
      region: word(region, ''),
      provider: word(provider, list === 'classic' ? 'classic' : list),
      state: word(state, ''),
    };
  });
}

/** The full record; list records never carry the endpoints. Undefined: the cluster vanished between the list and this call. */
export async function getCluster(
  { id, list }: ListedCluster,
  uid: string,
  reading: IbmReading,
): Promise<Collected<IksCluster> | undefined> {
  if (list === 'satellite')
    return unavailable('not-scanned', 'not asked of a Satellite cluster', 'containers:getCluster');
  const part = await reading.part<IksCluster | 'gone'>(
    'containers:getCluster',
    async () =>
      toCluster(await reading.get(`${reading.endpoints.containers}/v2/getCluster?cluster=${encodeURIComponent(id)}`)),
    { resource: uid, expected: ({ reason }) => (reason === 'not-found' ? 'gone' : undefined) },
  );
  return part.state === 'collected' && part.value === 'gone' ? undefined : (part as Collected<IksCluster>);
}

/** An object, or a list of one: the service's own description has both. */
function toCluster(body: unknown): IksCluster {
  const record: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body;
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new IbmRefusal('malformed-answer', 'expected one cluster');
  const flat = record as Record<string, unknown>;
  const nested = (
    typeof flat['serviceEndpoints'] === 'object' && flat['serviceEndpoints'] !== null ? flat['serviceEndpoints'] : {}
  ) as Record<string, unknown>;
  const lifecycle = (
    typeof flat['lifecycle'] === 'object' && flat['lifecycle'] !== null ? flat['lifecycle'] : {}
  ) as Record<string, unknown>;
  return {
    state: fieldOf(text, flat['state']),
    masterState: fieldOf(text, lifecycle['masterState'] ?? flat['masterState']),
    provider: fieldOf(text, flat['provider']),
    type: fieldOf(text, flat['type']),
    region: fieldOf(text, flat['region']),
    nestedPrivate: fieldOf(flag, nested['privateServiceEndpointEnabled']),
    flatPrivate: fieldOf(flag, flat['privateServiceEndpointEnabled']),
    nestedPrivateUrl: fieldOf(text, nested['privateServiceEndpointURL']),
    flatPrivateUrl: fieldOf(text, flat['privateServiceEndpointURL']),
    nestedPublic: fieldOf(flag, nested['publicServiceEndpointEnabled']),
    flatPublic: fieldOf(flag, flat['publicServiceEndpointEnabled']),
    nestedPublicUrl: fieldOf(text, nested['publicServiceEndpointURL']),
    flatPublicUrl: fieldOf(text, flat['publicServiceEndpointURL']),
    masterUrl: fieldOf(text, flat['masterURL']),
    serverUrl: fieldOf(text, flat['serverURL']),
    networkPlugin: fieldOf(text, flat['networkPlugin']),
  };
}

function listOf(body: unknown, what: string): readonly Record<string, unknown>[] {
  if (!Array.isArray(body)) throw new IbmRefusal('malformed-answer', `expected a list of ${what}`);
  return body.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null)
      throw new IbmRefusal('malformed-answer', `a broken entry in the list of ${what}`);
    return entry as Record<string, unknown>;
  });
}

export function getWorkers(
  { id, list }: ListedCluster,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['workers']> {
  const query = encodeURIComponent(id);
  const path = list === 'vpc' ? `v2/vpc/getWorkers?cluster=${query}` : `v1/clusters/${query}/workers`;
  return reading.part(
    'containers:getWorkers',
    async () =>
      listOf(await reading.get(`${reading.endpoints.containers}/${path}`), 'workers').map((worker) => ({
        id: String(worker['id'] ?? worker['workerID'] ?? ''),
        publicAddress: fieldOf(text, worker['publicIP']),
        publicVlan: fieldOf(text, worker['publicVlan']),
        subnetIds: ((worker['networkInterfaces'] ?? []) as readonly { subnetID?: unknown }[]).flatMap(({ subnetID }) =>
          typeof subnetID === 'string' ? [subnetID] : [],
        ),
      })),
    { resource: uid },
  );
}

export function getLoadBalancers(
  { id, list }: ListedCluster,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['loadBalancers']> {
  const query = encodeURIComponent(id);
  const path = list === 'vpc' ? `v2/alb/getClusterAlbs?cluster=${query}` : `v1/alb/clusters/${query}`;
  return reading.part(
    'containers:getAlbs',
    async () => {
      const body = await reading.get(`${reading.endpoints.containers}/${path}`);
      const albs = typeof body === 'object' && body !== null && 'alb' in body ? body.alb : undefined;
      return listOf(albs, 'application load balancers').map((alb) => ({
        id: String(alb['albID'] ?? ''),
        type: fieldOf(text, alb['albType']),
        enabled: fieldOf(flag, alb['enable']),
      }));
    },
    { resource: uid },
  );
}

/** Takes the server and nothing else: the same answer holds a client key. Unset may be 404 or an empty object; both are believed, because the cluster itself was read. */
export function getAuditWebhook(
  { id }: ListedCluster,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['auditWebhook']> {
  return reading.part<{ webhook: 'none' } | { webhook: 'set'; server: string }>(
    'containers:getAuditWebhook',
    async () => {
      const body = await reading.get(
        `${reading.endpoints.containers}/v1/clusters/${encodeURIComponent(id)}/apiserverconfigs/auditwebhook`,
      );
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        throw new IbmRefusal('malformed-answer', 'expected the webhook');
      const server = 'auditServer' in body ? body.auditServer : undefined;
      return typeof server === 'string' && server !== '' ? { webhook: 'set', server } : { webhook: 'none' };
    },
    { resource: uid, expected: ({ reason }) => (reason === 'not-found' ? { webhook: 'none' } : undefined) },
  );
}

/** The public gateway of each worker subnet. */
export async function getSubnets(
  workers: IksEvidence['workers'],
  region: string,
  uid: string,
  reading: IbmReading,
): Promise<IksEvidence['subnets']> {
  if (workers.state === 'unavailable') return workers;
  const ids = [...new Set(workers.value.flatMap(({ subnetIds }) => subnetIds))].sort();
  const parts = await Promise.all(
    ids.map((id) =>
      reading.part(
        'vpc:getSubnet',
        async () => {
          const url = `${vpcOf(reading.endpoints.vpc, region)}/v1/subnets/${encodeURIComponent(id)}?version=${VPC_API_VERSION}&generation=2`;
          const body = await reading.get(url);
          if (typeof body !== 'object' || body === null || !('id' in body))
            throw new IbmRefusal('malformed-answer', 'expected a subnet');
          const gateway = 'public_gateway' in body ? (body.public_gateway as { id?: unknown } | null) : null;
          return {
            id,
            gateway:
              gateway === null || gateway === undefined
                ? { attached: 'no' as const }
                : { attached: 'yes' as const, id: String(gateway.id ?? 'unnamed') },
          };
        },
        // The VPC API wants access of its own; without it the way out of the workers is not scanned, and nothing else suffers.
        {
          resource: uid,
          withoutGap: ({ reason }) => (reason === 'denied' || reason === 'credentials' ? undefined : 'not-scanned'),
        },
      ),
    ),
  );
  const refused = parts.find((part) => part.state === 'unavailable');
  if (refused !== undefined) return refused;
  const read = parts.filter((part) => part.state === 'collected');
  return collected(
    read.map(({ value }) => value),
    read[0]?.source ?? workers.source,
  );
}

/** The region is the service's answer and becomes part of a host name: only a plain label may, or the token would go wherever the answer says. */
function vpcOf(endpoint: string, region: string): string {
  if (endpoint.includes('{region}') && !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region))
    throw new IbmRefusal('malformed-answer', `the cluster's region ${JSON.stringify(region.slice(0, 40))} is none`);
  return endpoint.replace('{region}', region);
}

/** The VPC API wants the date of the description that the caller was written against. */
const VPC_API_VERSION = '2026-10-01';
