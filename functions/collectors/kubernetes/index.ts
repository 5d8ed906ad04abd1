import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { type Collected, unavailable } from '#domain/collected.ts';
import type { CollectContext, Collection, DoctorRow, Gap, ProviderPort, Subject } from '#domain/collection.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { LiveCluster } from '#domain/evidence/kubespray.ts';
import type { Target } from '#domain/target.ts';
import { type Client, type ClientDeps, createClient } from './client.ts';
import { type ConnectionDeps, connectionOf, defaultConnectionDeps } from './connection.ts';
import { AKS_SCOPE } from './entra-token.ts';
import { readLiveCluster } from './live.ts';
import type { KubernetesClusterOptions, KubernetesOptions } from './options.ts';
import { groupOf, type Permission, pathOf, permissions } from './permissions.ts';
import { platformOf } from './platform.ts';
import { nothingRead, readCluster } from './read-cluster.ts';
import { failed } from './reader.ts';

export { AKS_SCOPE, permissions };

export type KubernetesDeps = ConnectionDeps & ClientDeps;

const defaults: KubernetesDeps = {
  ...defaultConnectionDeps,
  sleep: async (milliseconds, signal) => {
    // When the target's time is over, the next call says so.
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  },
  connectTimeout: 3_000,
  requestTimeout: 30_000,
};

/** Reads the configured clusters through their own APIs. */
export function createKubernetesProvider(options: KubernetesOptions, deps: Partial<KubernetesDeps> = {}): ProviderPort {
  const all: KubernetesDeps = { ...defaults, ...deps };
  const byId = new Map(options.clusters.map((cluster) => [targetId(cluster), cluster]));
  return {
    async plan() {
      const targets = options.clusters.map((cluster) => ({ target: targetOf(cluster) }));
      return { targets, apiCalls: 0 };
    },
    async collect(target, context) {
      const cluster = byId.get(target.id);
      return cluster === undefined ? notConfigured(target) : collectCluster(cluster, context, all);
    },
    async doctor(context) {
      const rows = await Promise.all(options.clusters.map((cluster) => examine(cluster, context, all)));
      return rows.flat();
    },
  };
}

/** Reads what an inventory is held against, of a cluster that is configured under the name. */
export type ReadLive = (
  name: string,
  context: CollectContext,
) => Promise<{ readonly cluster: Collected<LiveCluster>; readonly apiCalls: number }>;

/** The same clusters, for the inventories that name them. */
export function createLiveReader(options: KubernetesOptions, deps: Partial<KubernetesDeps> = {}): ReadLive {
  const all: KubernetesDeps = { ...defaults, ...deps };
  const byName = new Map(options.clusters.map((cluster) => [cluster.name, cluster]));
  return async (name, context) => {
    const cluster = byName.get(name);
    if (cluster === undefined) {
      const message = `there is no cluster ${name} under kubernetes.clusters`;
      return { cluster: unavailable('not-scanned', message, 'list pods'), apiCalls: 0 };
    }
    let client: Client | undefined;
    try {
      client = createClient(await connectionOf(cluster, all, context.now()), context.signal, all);
      return { cluster: await readLiveCluster(client, context), apiCalls: client.calls() };
    } catch (error) {
      return { cluster: failed(error, 'list pods'), apiCalls: client?.calls() ?? 0 };
    } finally {
      client?.close();
    }
  };
}

function targetId({ name }: KubernetesClusterOptions): string {
  return `kubernetes:${name}`;
}

function targetOf(cluster: KubernetesClusterOptions): Target {
  return { id: targetId(cluster), provider: 'kubernetes', account: cluster.name, name: cluster.name };
}

function notConfigured(target: Target): Collection {
  const message = `${target.id} is not among the configured clusters`;
  return {
    subjects: [],
    inventoryComplete: false,
    gaps: [{ reason: 'not-scanned', message, api: 'get /version' }],
    apiCalls: 0,
  };
}

const Version = v.object({ gitVersion: v.string() });

/** Empty where the server hides its version: that is no reason not to read it. No connection and no valid token are. */
async function versionOf(client: Client): Promise<string> {
  try {
    return v.parse(Version, await client.get('/version')).gitVersion;
  } catch (error) {
    const { reason } = failed(error, 'get /version');
    if (reason === 'not-found' || reason === 'denied' || reason === 'malformed-answer') return '';
    throw error;
  }
}

async function collectCluster(
  cluster: KubernetesClusterOptions,
  context: CollectContext,
  deps: KubernetesDeps,
): Promise<Collection> {
  let client: Client | undefined;
  try {
    const connection = await connectionOf(cluster, deps, context.now());
    client = createClient(connection, context.signal, deps);
    // The first answer decides whether the cluster can be read at all; what is refused after it costs only its own part.
    const platform = platformOf(cluster.cluster ?? '', connection.server.hostname, await versionOf(client));
    const parts = await readCluster(client, context.now);
    return collectionOf(cluster, { name: cluster.name, platform, ...parts }, client.calls());
  } catch (error) {
    const part = failed(error, 'get /version');
    const platform = platformOf(cluster.cluster ?? '', '', '');
    const evidence = { name: cluster.name, platform, ...nothingRead(part) };
    return { ...collectionOf(cluster, evidence, client?.calls() ?? 0), inventoryComplete: false };
  } finally {
    client?.close();
  }
}

function collectionOf(cluster: KubernetesClusterOptions, evidence: KubernetesEvidence, apiCalls: number): Collection {
  const uid = cluster.cluster ?? targetId(cluster);
  const subject: Subject<'kubernetes'> = {
    kind: 'kubernetes',
    resource: {
      uid,
      type: 'kubernetes.cluster',
      provider: 'kubernetes',
      account: cluster.name,
      region: '',
      name: cluster.name,
    },
    evidence,
  };
  return { subjects: [subject], inventoryComplete: true, gaps: gapsOf(evidence, uid), apiCalls };
}

/** One gap per call that failed. The self-check is left out: without it only a warning is missing. */
function gapsOf(
  { name: _name, platform: _platform, canReadSecrets: _selfCheck, ...parts }: KubernetesEvidence,
  resource: string,
): readonly Gap[] {
  const gaps = Object.values(parts).flatMap((part): Gap[] =>
    part.state === 'unavailable' ? [{ reason: part.reason, message: part.message, api: part.api, resource }] : [],
  );
  return [...new Map(gaps.map((gap) => [gap.api, gap])).values()];
}

/** Tries every right with a list of one object. */
async function examine(
  cluster: KubernetesClusterOptions,
  context: CollectContext,
  deps: KubernetesDeps,
): Promise<readonly DoctorRow[]> {
  const row = (permission: string, outcome: DoctorRow['outcome'], detail: string): DoctorRow => ({
    provider: 'kubernetes',
    account: cluster.name,
    permission,
    outcome,
    detail,
  });
  let client: Client | undefined;
  try {
    const connection = await connectionOf(cluster, deps, context.now());
    client = createClient(connection, context.signal, deps);
    await versionOf(client);
    const rows: DoctorRow[] = [];
    for (const permission of permissions) rows.push(await tried(client, permission, row));
    return rows;
  } catch (error) {
    // Whoever does not get in has nothing else to try.
    const { reason, message } = failed(error, 'get /version');
    return [row('get /version', reason === 'denied' ? 'denied' : 'failed', message)];
  } finally {
    client?.close();
  }
}

async function tried(
  client: Client,
  permission: Permission,
  row: (permission: Permission, outcome: DoctorRow['outcome'], detail: string) => DoctorRow,
): Promise<DoctorRow> {
  try {
    await client.get(permission.startsWith('get ') ? pathOf(permission) : `${pathOf(permission)}?limit=1`);
    return row(permission, 'allowed', 'answered');
  } catch (error) {
    const { reason, message } = failed(error, permission);
    // What is not installed cannot be tried, and is not missed.
    if (reason === 'not-found')
      return row(permission, 'allowed', groupOf(permission) === '' ? 'does not exist' : 'not installed');
    return row(permission, reason === 'denied' ? 'denied' : 'failed', message);
  }
}
