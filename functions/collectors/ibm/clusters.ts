import * as v from 'valibot';
import { ABSENT, type Collected, collected, type Field, fieldOf, unavailable } from '#domain/collected.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import type { IbmReading } from './read.ts';
import { asRecord } from './shape.ts';

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

/**
 * All three lists. One that is refused, and one entry that is broken, leave the others standing and the inventory incomplete.
 */
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
  const named = read.filter((entry) => entry !== 'broken');
  const broken = read.length - named.length;
  const api = 'containers:getClusters';
  const message = `${broken} entries of the lists have no id`;
  if (broken > 0) reading.gaps.push({ reason: 'malformed-answer', message, api });
  const clusters = [
    ...new Map(named.filter(({ state }) => state !== 'deleted').map((cluster) => [cluster.id, cluster])).values(),
  ];
  const refused = lists.find((part) => part.state === 'unavailable');
  const [first] = lists.flatMap((part) => (part.state === 'collected' ? [part.source] : []));
  const providers = clusters.map(({ provider }) => provider);
  return {
    clusters,
    complete: refused === undefined && broken === 0,
    providers:
      refused ??
      (broken > 0 || first === undefined ? unavailable('malformed-answer', message, api) : collected(providers, first)),
  };
}

function toList(body: unknown, list: IksEvidence['list']): readonly (ListedCluster | 'broken')[] {
  if (!Array.isArray(body)) throw new Refusal('malformed-answer', `expected a list of clusters, found ${typeof body}`);
  return body.map((entry: unknown) => {
    const { id, name, region, provider, state } = asRecord(entry) ?? {};
    if (typeof id !== 'string' || id === '') return 'broken';
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
      toCluster(
        await reading.get(`${reading.endpoints.containers}/v2/getCluster?cluster=${encodeURIComponent(id)}`),
        id,
      ),
    { resource: uid, expected: ({ reason }) => (reason === 'not-found' ? 'gone' : undefined) },
  );
  return part.state === 'collected' && part.value === 'gone' ? undefined : (part as Collected<IksCluster>);
}

/** An object, or a list of one: the service's own description has both. */
function toCluster(body: unknown, id: string): IksCluster | 'gone' {
  const flat = asRecord(Array.isArray(body) && body.length === 1 ? body[0] : body);
  if (flat === undefined) throw new Refusal('malformed-answer', 'expected one cluster');
  if (typeof flat['id'] === 'string' && flat['id'] !== id)
    throw new Refusal('malformed-answer', `the answer is about cluster ${flat['id'].slice(0, 40)}`);
  if (flat['state'] === 'deleted') return 'gone';
  const nested = memberOf(flat['serviceEndpoints']);
  const lifecycle = memberOf(flat['lifecycle']);
  const masterState = lifecycle('masterState', text);
  return {
    state: fieldOf(text, flat['state']),
    masterState: masterState.state === 'absent' ? fieldOf(text, flat['masterState']) : masterState,
    provider: fieldOf(text, flat['provider']),
    type: fieldOf(text, flat['type']),
    region: fieldOf(text, flat['region']),
    resourceGroup: fieldOf(text, flat['resourceGroup']),
    nestedPrivate: nested('privateServiceEndpointEnabled', flag),
    flatPrivate: fieldOf(flag, flat['privateServiceEndpointEnabled']),
    nestedPrivateUrl: nested('privateServiceEndpointURL', text),
    flatPrivateUrl: fieldOf(text, flat['privateServiceEndpointURL']),
    nestedPublic: nested('publicServiceEndpointEnabled', flag),
    flatPublic: fieldOf(flag, flat['publicServiceEndpointEnabled']),
    nestedPublicUrl: nested('publicServiceEndpointURL', text),
    flatPublicUrl: fieldOf(text, flat['publicServiceEndpointURL']),
    masterUrl: fieldOf(text, flat['masterURL']),
    serverUrl: fieldOf(text, flat['serverURL']),
    networkPlugin: fieldOf(text, flat['networkPlugin']),
  };
}

/** Members of a nested object. One that arrived as something else leaves every member malformed, not absent: the flat fields beside it decide nothing then. */
function memberOf(raw: unknown): <const S extends v.GenericSchema>(name: string, schema: S) => Field<v.InferOutput<S>> {
  const record = asRecord(raw);
  if (record !== undefined) return (name, schema) => fieldOf(schema, record[name]);
  const field = raw === undefined || raw === null ? ABSENT : fieldOf(v.never(), raw);
  return () => field;
}
