import * as v from 'valibot';
import { type Collected, collected, fieldOf, type Unavailable, unavailable } from '#domain/collected.ts';
import type {
  Collect,
  CollectContext,
  Collection,
  DoctorRow,
  Gap,
  Plan,
  ProviderPort,
  Subject,
} from '#domain/collection.ts';
import type { KubesprayEvidence, LiveCluster } from '#domain/evidence/kubespray.ts';
import type { Target } from '#domain/target.ts';
import { BrokenFile } from './ansible-yaml.ts';
import { FileMissing, type FileSource, fileSource, refusalOf } from './files.ts';
import type { KubesprayInventoryOptions, KubesprayOptions } from './options.ts';
import { readInventory } from './read-inventory.ts';

/** What the collector needs: to read the inventory's files, and where configured the live cluster. */
export const permissions = ['inventory:read', 'cluster:read'] as const;

export interface LiveReading {
  readonly cluster: Collected<LiveCluster>;
  /** Requests sent to read it. */
  readonly apiCalls: number;
}

export interface KubesprayDependencies {
  readonly files?: FileSource;
  /** Reads static pods and host policies of a configured kubernetes target. */
  readonly readLive?: (cluster: string, context: CollectContext) => Promise<LiveReading>;
}

export function createKubesprayProvider(
  options: KubesprayOptions,
  dependencies: KubesprayDependencies = {},
): ProviderPort {
  const files = dependencies.files ?? fileSource();
  const byName = new Map(options.inventories.map((inventory) => [inventory.name, inventory]));

  const plan: Plan = async () => ({
    targets: options.inventories.map(({ name }) => ({ target: targetOf(name) })),
    apiCalls: 0,
  });

  const collect: Collect = async (target, context) => {
    const { signal, now } = context;
    const inventory = byName.get(target.account);
    if (inventory === undefined) {
      return nothing({ reason: 'not-found', message: `${target.account} is not configured`, api: 'inventory:read' });
    }
    const { hosts, unusedFiles } = await readHosts(inventory, files, signal, now().toISOString());
    const { live, apiCalls } = await readLiveCluster(inventory, dependencies, context);
    const uid = `kubespray:${inventory.name}`;
    const subject: Subject<'kubespray'> = {
      kind: 'kubespray',
      resource: {
        uid,
        type: 'kubespray.inventory',
        provider: 'kubespray',
        account: inventory.name,
        region: '',
        name: inventory.name,
      },
      evidence: {
        inventory: inventory.name,
        version: fieldOf(v.string(), inventory.version),
        sources: { inventory: inventory.inventory, vars: [...inventory.vars] },
        hosts,
        unusedFiles,
        live,
      },
    };
    const parts = [hosts, ...partsOf(live)];
    const gaps = parts.flatMap((part): Gap[] =>
      part.state === 'unavailable'
        ? [{ reason: part.reason, message: part.message, api: part.api, resource: uid }]
        : [],
    );
    return { subjects: [subject], inventoryComplete: true, gaps, apiCalls };
  };

  const doctor: ProviderPort['doctor'] = ({ signal, now }) =>
    Promise.all(
      options.inventories.map(async (inventory): Promise<DoctorRow> => {
        const { hosts, unusedFiles } = await readHosts(inventory, files, signal, now().toISOString());
        const unused = unusedFiles.state === 'collected' ? unusedFiles.value : [];
        const notes = unused.map(({ file, because }) => `; ${file} applies to no host: ${because}`).join('');
        return {
          provider: 'kubespray',
          account: inventory.name,
          permission: 'inventory:read',
          outcome: hosts.state === 'collected' ? 'allowed' : 'failed',
          detail: hosts.state === 'collected' ? `${hosts.value.length} hosts${notes}` : hosts.message,
        };
      }),
    );

  return { plan, collect, doctor };
}

function targetOf(name: string): Target {
  return { id: `kubespray:${name}`, provider: 'kubespray', account: name, name };
}

function nothing(gap: Gap): Collection {
  return { subjects: [], inventoryComplete: false, gaps: [gap], apiCalls: 0 };
}

async function readHosts(
  inventory: KubesprayInventoryOptions,
  files: FileSource,
  signal: AbortSignal,
  at: string,
): Promise<Pick<KubesprayEvidence, 'hosts' | 'unusedFiles'>> {
  const source = { api: 'inventory:read', at };
  try {
    const { hosts, unusedFiles } = await readInventory(inventory, files, signal);
    return { hosts: collected([...hosts], source), unusedFiles: collected([...unusedFiles], source) };
  } catch (error) {
    const missing = failureOf(error, inventory, signal);
    return { hosts: missing, unusedFiles: missing };
  }
}

function failureOf(error: unknown, { inventory }: KubesprayInventoryOptions, signal: AbortSignal): Unavailable {
  if (error instanceof BrokenFile) return unavailable('malformed-answer', error.message, 'inventory:read');
  if (signal.aborted) return unavailable('timeout', `${inventory} was not read in time`, 'inventory:read');
  const { reason, message } = refusalOf(error);
  const text = error instanceof FileMissing ? message : `${inventory}: ${message}`;
  return unavailable(reason, text, 'inventory:read');
}

async function readLiveCluster(
  { cluster }: KubesprayInventoryOptions,
  { readLive }: KubesprayDependencies,
  context: CollectContext,
): Promise<{ readonly live: KubesprayEvidence['live']; readonly apiCalls: number }> {
  if (cluster === undefined) return { live: { state: 'not-configured' }, apiCalls: 0 };
  if (readLive === undefined) {
    const missing = unavailable('not-scanned', `${cluster} cannot be read here`, 'cluster:read');
    return { live: { state: 'configured', cluster: missing }, apiCalls: 0 };
  }
  const reading = await readLive(cluster, context);
  return { live: { state: 'configured', cluster: reading.cluster }, apiCalls: reading.apiCalls };
}

/** What of the live cluster could be refused on its own. */
function partsOf(live: KubesprayEvidence['live']): readonly Collected<unknown>[] {
  if (live.state === 'not-configured') return [];
  return live.cluster.state === 'unavailable'
    ? [live.cluster]
    : [live.cluster.value.hostFirewall, live.cluster.value.workloads];
}
