import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import * as v from 'valibot';
import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { Collect, Collection, Subject } from '#domain/collection.ts';
import type { IbmAccountEvidence, IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { parseAccountShow } from './account-show.ts';
import { isConnectedToPrivateEndpointService } from './classic.ts';
import {
  getAuditWebhook,
  getCluster,
  getLoadBalancers,
  getSubnets,
  getWorkers,
  type ListedCluster,
  listClusters,
} from './clusters.ts';
import { type IbmHttp, IbmRefusal } from './http.ts';
import type { IbmAccountOptions, IbmOptions } from './options.ts';
import { IbmReading } from './read.ts';
import type { Tokens } from './tokens.ts';

export interface IbmCollectDependencies {
  readonly options: IbmOptions;
  readonly http: IbmHttp;
  readonly tokens: Tokens;
  /** Tries to connect; tests replace it. */
  readonly dial?: (url: string, signal: AbortSignal) => Promise<'connected' | 'refused' | 'silent'>;
}

const CLUSTERS_AT_ONCE = 5;

/** Reads one account: its link and flags, its clusters, and what stands around them. */
export function collectAccount(dependencies: IbmCollectDependencies): Collect {
  const { options, http, tokens } = dependencies;
  return async (target, context) => {
    const account = options.accounts.find(({ id }) => id === target.account);
    if (account === undefined) {
      return nothing(
        [
          {
            reason: 'not-scanned',
            message: `no identity is configured for account ${target.account}`,
            api: 'iam:token',
          },
        ],
        0,
      );
    }
    const reading = new IbmReading(account, http, tokens, options.endpoints, context);
    const identity = await reading.part('iam:token', async () => {
      const { account: named } = await reading.token();
      if (named.bss !== undefined && named.bss !== account.id)
        throw new IbmRefusal('credentials', `the token is for account ${named.bss}, not for ${account.id}`);
      return named;
    });
    if (identity.state === 'unavailable') return nothing(reading.gaps, reading.counter.calls);
    const at = context.now().toISOString();
    const lists = await listClusters(reading);
    const record = await readRecord(account, identity.value.ims, options, reading);
    const facts = await factsOf(account, record, lists.providers, options, reading, at);
    const restrictions =
      lists.clusters.length === 0
        ? unavailable('not-scanned', 'not asked without clusters', 'cbr:listRules')
        : await readRestrictions(account.id, reading);
    const subjects = await inTurns(lists.clusters, CLUSTERS_AT_ONCE, (cluster) =>
      readCluster(cluster, facts, restrictions, dependencies, reading, at),
    );
    const accountSubject: Subject<'ibm-account'> = {
      kind: 'ibm-account',
      resource: {
        uid: `ibm:account:${account.id}`,
        type: 'ibm.account',
        provider: 'ibm',
        account: account.id,
        region: '',
        name: (record.state === 'collected' ? record.value.name : undefined) ?? target.name ?? account.id,
      },
      evidence: facts,
    };
    return {
      subjects: [accountSubject, ...subjects.filter((subject) => subject !== undefined)],
      inventoryComplete: lists.complete,
      gaps: reading.gaps,
      apiCalls: reading.counter.calls,
    };
  };
}

function nothing(gaps: Collection['gaps'], apiCalls: number): Collection {
  return { subjects: [], inventoryComplete: false, gaps, apiCalls };
}

interface AccountRecord {
  /** The name that people gave the account. */
  readonly name: string | undefined;
  readonly classicLink: { link: 'none' } | { link: 'linked'; id: string };
}

const Account = v.looseObject({
  id: v.string(),
  name: v.optional(v.unknown()),
  linked_softlayer_account: v.optional(v.unknown()),
});

function readRecord(
  { id }: IbmAccountOptions,
  ims: string | undefined,
  { endpoints }: IbmOptions,
  reading: IbmReading,
): Promise<Collected<AccountRecord>> {
  return reading.part('account:read', async () => {
    const body = v.safeParse(Account, await reading.get(`${endpoints.accounts}/v4/accounts/${encodeURIComponent(id)}`));
    if (!body.success) throw new IbmRefusal('malformed-answer', 'expected an account');
    const { id: answered, name, linked_softlayer_account: linked } = body.output;
    if (answered !== id) throw new IbmRefusal('malformed-answer', 'the answer is about another account');
    const classic = linked === undefined || linked === null ? '' : String(linked);
    if (classic !== '' && ims !== undefined && ims !== classic)
      throw new IbmRefusal(
        'conflicting-fields',
        `the token names classic account ${ims}, the account names ${classic}`,
      );
    return {
      name: typeof name === 'string' && name !== '' ? name : undefined,
      classicLink: classic === '' ? { link: 'none' } : { link: 'linked', id: classic },
    };
  });
}

async function factsOf(
  account: IbmAccountOptions,
  record: Collected<AccountRecord>,
  clusterProviders: Collected<string[]>,
  options: IbmOptions,
  reading: IbmReading,
  at: string,
): Promise<IbmAccountEvidence> {
  const classicLink = record.state === 'unavailable' ? record : collected(record.value.classicLink, record.source);
  return {
    accountId: account.id,
    classicLink,
    privateEndpointService: await readEndpointService(classicLink, options, reading),
    attestation: attestationOf(account.id, options, at),
    clusterProviders,
  };
}

/** Asked whenever a link may exist: without one the classic host answers for nobody. */
function readEndpointService(
  link: IbmAccountEvidence['classicLink'],
  options: IbmOptions,
  reading: IbmReading,
): Promise<IbmAccountEvidence['privateEndpointService']> {
  if (link.state === 'collected' && link.value.link === 'none') {
    return Promise.resolve(
      unavailable(
        'not-found',
        'no classic infrastructure account is linked',
        'classic:isConnectedToPrivateEndpointService',
      ),
    );
  }
  return reading.part('classic:isConnectedToPrivateEndpointService', () =>
    reading.withToken((token) =>
      isConnectedToPrivateEndpointService(
        reading.http,
        options.endpoints.classic,
        token,
        reading.counter,
        reading.signal,
      ),
    ),
  );
}

function attestationOf(account: string, { attestations }: IbmOptions, at: string): IbmAccountEvidence['attestation'] {
  const attestation = attestations.find((entry) => entry.account === account);
  const api = 'attestation';
  if (attestation === undefined) return unavailable('not-found', 'nobody has attested the account', api);
  const { author, date, expires, text } = attestation;
  if (expires < at.slice(0, 10))
    return unavailable('not-scanned', `the attestation by ${author} expired on ${expires}`, api);
  const { accountId, vrf, serviceEndpoint } = parseAccountShow(text);
  if (accountId.state === 'given' && !accountId.value.includes('*') && accountId.value !== account) {
    return unavailable('conflicting-fields', `the attested text is about account ${accountId.value}`, api);
  }
  return collected({ vrf, serviceEndpoint, author, date, expires }, { api, at: date });
}

async function readCluster(
  listed: ListedCluster,
  account: IbmAccountEvidence,
  restrictions: IksEvidence['restrictions'],
  { options, dial = dialHost }: IbmCollectDependencies,
  reading: IbmReading,
  at: string,
): Promise<Subject<'iks'> | undefined> {
  const uid = `ibm:cluster:${listed.id}`;
  const cluster = await getCluster(listed, uid, reading);
  if (cluster === undefined) return undefined;
  const asked = cluster.state === 'collected';
  const none = asked ? undefined : cluster;
  const [workers, loadBalancers, auditWebhook] = asked
    ? await Promise.all([
        getWorkers(listed, uid, reading),
        getLoadBalancers(listed, uid, reading),
        getAuditWebhook(listed, uid, reading),
      ])
    : [cluster, cluster, cluster];
  const subnets =
    listed.list === 'vpc' && asked
      ? await getSubnets(workers, listed.region, uid, reading)
      : (none ?? unavailable('not-found', 'classic workers have no VPC subnets', 'vpc:getSubnet'));
  return {
    kind: 'iks',
    resource: {
      uid,
      type: 'ibm.iks.cluster',
      provider: 'ibm',
      account: account.accountId,
      region: listed.region,
      name: listed.name,
    },
    evidence: {
      id: listed.id,
      name: listed.name,
      list: listed.list,
      cluster,
      account,
      workers,
      subnets,
      loadBalancers,
      auditWebhook,
      restrictions,
      reachability: await readReachability(listed, cluster, options, dial, reading, at),
    },
  };
}

const CLUSTER_API = 'crn:v1:bluemix:public:containers-kubernetes::::api-type:cluster';

function readRestrictions(account: string, reading: IbmReading): Promise<IksEvidence['restrictions']> {
  const read = async () => {
    const body = await reading.get(
      `${reading.endpoints.cbr}/v1/rules?account_id=${encodeURIComponent(account)}&service_name=containers-kubernetes`,
    );
    const rules = typeof body === 'object' && body !== null && 'rules' in body ? body.rules : undefined;
    if (!Array.isArray(rules)) throw new IbmRefusal('malformed-answer', 'expected a list of rules');
    return rules.map(
      (rule: {
        id?: unknown;
        enforcement_mode?: unknown;
        operations?: { api_types?: { api_type_id?: unknown }[] };
        contexts?: { attributes?: { name?: unknown; value?: unknown }[] }[];
      }) => {
        const types = rule.operations?.api_types?.map(({ api_type_id }) => api_type_id);
        const attributes = (rule.contexts ?? []).flatMap(({ attributes: found = [] }) => found);
        return {
          id: String(rule.id ?? ''),
          // Absent counts as enabled: the service's default.
          enforcement: typeof rule.enforcement_mode === 'string' ? rule.enforcement_mode : 'enabled',
          coversClusterApi: types === undefined || types.length === 0 || types.includes(CLUSTER_API),
          endpointTypes: attributes.filter(({ name }) => name === 'endpointType').map(({ value }) => String(value)),
        };
      },
    );
  };
  // Restrictions are an addition to the endpoint flags: where their service is not there, only their own control is blind.
  return reading.part('cbr:listRules', read, {
    withoutGap: ({ reason }) => (reason === 'not-found' || reason === 'unreachable' ? 'not-scanned' : undefined),
  });
}

const ProbeResult = v.object({ cluster: v.string(), connected: v.boolean(), at: v.pipe(v.string(), v.isoTimestamp()) });
/** A probe that has not reported for a day says nothing of today. */
const PROBE_FRESH_MS = 24 * 3_600_000;

/** Opt-in: a connection to a customer's master is traffic of ours. */
async function readReachability(
  { id, name }: ListedCluster,
  cluster: Collected<IksCluster>,
  options: IbmOptions,
  dial: NonNullable<IbmCollectDependencies['dial']>,
  reading: IbmReading,
  at: string,
): Promise<IksEvidence['reachability']> {
  const probe = options.probes.find((entry) => entry.cluster === id || entry.cluster === name);
  if (probe === undefined) return { state: 'not-configured' };
  return {
    state: 'configured',
    inside: readProbe(probe.result, at),
    outside: await readOutside(cluster, dial, reading, at),
  };
}

function readProbe(
  result: string,
  at: string,
): Extract<IksEvidence['reachability'], { state: 'configured' }>['inside'] {
  const api = 'probe';
  let body: unknown;
  try {
    body = JSON.parse(result) as unknown;
  } catch {
    return unavailable('malformed-answer', 'the probe result is no JSON', api);
  }
  const parsed = v.safeParse(ProbeResult, body);
  if (!parsed.success) return unavailable('malformed-answer', 'the probe result lacks cluster, connected or at', api);
  const age = Date.parse(at) - Date.parse(parsed.output.at);
  return collected(
    { connected: parsed.output.connected, at: parsed.output.at, fresh: age >= 0 && age <= PROBE_FRESH_MS },
    { api, at: parsed.output.at },
  );
}

async function readOutside(
  cluster: Collected<IksCluster>,
  dial: NonNullable<IbmCollectDependencies['dial']>,
  reading: IbmReading,
  at: string,
): Promise<Extract<IksEvidence['reachability'], { state: 'configured' }>['outside']> {
  if (cluster.state === 'unavailable') return cluster;
  const urls = [cluster.value.nestedPublicUrl, cluster.value.flatPublicUrl, cluster.value.masterUrl].flatMap((field) =>
    field.state === 'given' && field.value !== '' ? [field.value] : [],
  );
  if (urls.length === 0) return unavailable('absent-field', 'the cluster names no address to try', 'probe');
  const outcomes = await Promise.all([...new Set(urls)].map((url) => dial(url, reading.signal)));
  const outcome = outcomes.includes('connected')
    ? 'connected'
    : outcomes.every((found) => found === 'refused')
      ? 'refused'
      : 'silent';
  return collected(outcome, { api: 'probe', at });
}

const DIAL_MS = 5_000;

/** A completed TLS handshake is a connection; whose certificate it is does not matter here, and nothing is sent. */
function dialHost(address: string, signal: AbortSignal): Promise<'connected' | 'refused' | 'silent'> {
  const url = URL.parse(address);
  if (url === null) return Promise.resolve('silent');
  const port = Number(url.port || 443);
  return new Promise((resolve) => {
    const socket =
      url.protocol === 'https:'
        ? connectTls({ host: url.hostname, port, servername: url.hostname, rejectUnauthorized: false })
        : connectTcp({ host: url.hostname, port });
    const end = (outcome: 'connected' | 'refused' | 'silent') => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(DIAL_MS, () => end('silent'));
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => end('connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'));
    signal.addEventListener('abort', () => end('silent'), { once: true });
  });
}

async function inTurns<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
