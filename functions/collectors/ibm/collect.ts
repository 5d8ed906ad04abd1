import { type Unavailable, unavailable } from '#domain/collected.ts';
import { type Collect, type CollectContext, type Collection, gapsInOrder, type Subject } from '#domain/collection.ts';
import type { IbmAccountEvidence, IksEvidence } from '#domain/evidence/ibm.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import type { Target } from '#domain/target.ts';
import { Refusal } from '../transport/refusal.ts';
import { readAccountFacts, readRecord, unreadAccountFacts } from './account.ts';
import { getCluster, type ListedCluster, listClusters } from './clusters.ts';
import type { IbmHttp } from './http.ts';
import { checkInventory } from './inventory.ts';
import { NetworkReading } from './network.ts';
import type { IbmAccountOptions, IbmOptions } from './options.ts';
import { type IbmRead, permissions } from './permissions.ts';
import { type Dial, dialHost, readReachability } from './reachability.ts';
import { IbmReading, type Tried } from './read.ts';
import { readRestrictions } from './restrictions.ts';
import { getAuditWebhook, getLoadBalancers, getWorkers } from './surroundings.ts';
import type { Tokens } from './tokens.ts';

export interface IbmCollectDependencies {
  readonly options: IbmOptions;
  readonly http: IbmHttp;
  readonly tokens: Tokens;
  /** Tries to connect; tests replace it. */
  readonly dial?: Dial;
}

const CLUSTERS_AT_ONCE = 5;

export interface AccountReading {
  readonly collection: Collection;
  readonly tried: ReadonlyMap<IbmRead, Tried>;
}

export function collectAccount(dependencies: IbmCollectDependencies): Collect {
  return async (target, context) => (await readAccount(dependencies, target, context)).collection;
}

/** Reads one account, and tells how each kind of read went. */
export async function readAccount(
  dependencies: IbmCollectDependencies,
  target: Target,
  context: CollectContext,
): Promise<AccountReading> {
  const { options, http, tokens } = dependencies;
  const account = options.accounts.find(({ id }) => id === target.account);
  if (account === undefined) {
    const message = `no identity is configured for account ${target.name ?? target.account}`;
    const why = unavailable('not-scanned', message, 'iam:token');
    const collection = unread(target, why, options, context.now().toISOString(), 0);
    return { collection, tried: new Map([['iam:token', { outcome: 'failed', detail: message }]]) };
  }
  const reading = new IbmReading(account, http, tokens, options.endpoints, context);
  return { collection: await collectWith(reading, account, target, dependencies, context), tried: reading.tried };
}

/** The account's link and flags, its clusters, and what stands around them. */
async function collectWith(
  reading: IbmReading,
  account: IbmAccountOptions,
  target: Target,
  dependencies: IbmCollectDependencies,
  context: CollectContext,
): Promise<Collection> {
  const { options } = dependencies;
  const at = context.now().toISOString();
  const identity = await reading.part('iam:token', async () => {
    const { account: named } = await reading.token();
    if (named.bss !== undefined && named.bss !== account.id)
      throw new Refusal('credentials', `the token is for account ${named.bss}, not for ${account.id}`);
    return named;
  });
  if (identity.state === 'unavailable') return unread(target, identity, options, at, reading.counter.calls);
  const record = await readRecord(account, identity.value.ims, options, reading);
  // A token that names no account is believed where the account's own record answers to it, and nowhere else.
  if (identity.value.bss === undefined && record.state === 'unavailable') {
    const message = `nothing shows that the token is for ${account.id}: it names no account, and the account's record could not be read: ${record.message}`;
    return unread(target, unavailable('credentials', message, 'iam:token'), options, at, reading.counter.calls);
  }
  const lists = await listClusters(reading);
  const inventoryComplete = lists.complete && (await checkInventory(account, lists.clusters, reading));
  const facts = await readAccountFacts(account, record, lists.providers, options, reading, at);
  const restrictions =
    lists.clusters.length === 0
      ? unavailable('not-scanned', 'not asked without clusters', 'cbr:listRules')
      : await readRestrictions(account.id, reading);
  const shared = { account: facts, restrictions, networks: new NetworkReading(reading) };
  const subjects = await mapConcurrently(lists.clusters, CLUSTERS_AT_ONCE, (cluster) =>
    readCluster(cluster, shared, dependencies, reading, at),
  );
  const named = (record.state === 'collected' ? record.value.name : undefined) ?? target.name;
  return {
    subjects: [accountSubject(facts, named), ...subjects.filter((subject) => subject !== undefined)],
    inventoryComplete,
    gaps: gapsInOrder(reading.gaps, permissions),
    apiCalls: reading.counter.calls,
  };
}

/** Nobody gets in: the account is there all the same, and its controls say so. */
function unread(target: Target, why: Unavailable, options: IbmOptions, at: string, apiCalls: number): Collection {
  const { reason, message, api } = why;
  return {
    subjects: [accountSubject(unreadAccountFacts(target.account, why, options, at), target.name)],
    nothingRead: true,
    inventoryComplete: false,
    gaps: [{ reason, message, api }],
    apiCalls,
  };
}

function accountSubject(evidence: IbmAccountEvidence, name: string | undefined): Subject<'ibm-account'> {
  return {
    kind: 'ibm-account',
    resource: {
      uid: `ibm:account:${evidence.accountId}`,
      type: 'ibm.account',
      provider: 'ibm',
      account: evidence.accountId,
      region: '',
      name: name ?? evidence.accountId,
    },
    evidence,
  };
}

/** What the clusters of an account have in common. */
interface Shared {
  readonly account: IbmAccountEvidence;
  readonly restrictions: IksEvidence['restrictions'];
  readonly networks: NetworkReading;
}

async function readCluster(
  listed: ListedCluster,
  { account, restrictions, networks }: Shared,
  { options, dial = dialHost }: IbmCollectDependencies,
  reading: IbmReading,
  at: string,
): Promise<Subject<'iks'> | undefined> {
  const uid = `ibm:cluster:${listed.id}`;
  const cluster = await getCluster(listed, uid, reading);
  if (cluster === undefined) return undefined;
  const asked = cluster.state === 'collected';
  const [workers, loadBalancers, auditWebhook] = asked
    ? await Promise.all([
        getWorkers(listed, uid, reading),
        getLoadBalancers(listed, uid, reading),
        getAuditWebhook(listed, uid, reading),
      ])
    : [cluster, cluster, cluster];
  const network = await networks.around({ ...listed, region: regionOf(listed, cluster) }, cluster, workers);
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
      ...network,
      loadBalancers,
      auditWebhook,
      restrictions,
      reachability: await readReachability(listed, cluster, options, dial, reading.signal, at),
    },
  };
}

/** List records may lack the region that the full record has. */
function regionOf({ region }: ListedCluster, cluster: IksEvidence['cluster']): string {
  if (region !== '' || cluster.state === 'unavailable') return region;
  return cluster.value.region.state === 'given' ? cluster.value.region.value : '';
}
