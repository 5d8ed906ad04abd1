import * as v from 'valibot';
import { type Collected, collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { Collect, Collection, DoctorRow, Gap, Plan, ProviderPort, Subject } from '#domain/collection.ts';
import type { KubesprayHost, LiveCluster } from '#domain/evidence/kubespray.ts';
import type { Target } from '#domain/target.ts';
import { BrokenFile } from './ansible-yaml.ts';
import { FileMissing, type FileSource, fileSource } from './files.ts';
import type { KubesprayInventoryOptions, KubesprayOptions } from './options.ts';
import { readInventory } from './read-inventory.ts';

/** What the collector needs: to read the inventory's files, and where configured the live cluster. */
export const permissions = ['inventory:read', 'cluster:read'] as const;

export interface KubesprayDependencies {
  readonly files?: FileSource;
  /** Reads static pods and host policies of a configured kubernetes target. */
  readonly readLive?: (cluster: string, signal: AbortSignal) => Promise<Collected<LiveCluster>>;
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

  const collect: Collect = async (target, { signal, now }) => {
    const inventory = byName.get(target.account);
    if (inventory === undefined) {
      return nothing({ reason: 'not-found', message: `${target.account} is not configured`, api: 'inventory:read' });
    }
    const hosts = await readHosts(inventory, files, signal, now().toISOString());
    const live = await readLiveCluster(inventory, dependencies, signal);
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
      evidence: { inventory: inventory.name, version: fieldOf(v.string(), inventory.version), hosts, live },
    };
    const parts = [hosts, ...(live.state === 'configured' ? [live.cluster] : [])];
    const gaps = parts.flatMap((part): Gap[] =>
      part.state === 'unavailable'
        ? [{ reason: part.reason, message: part.message, api: part.api, resource: uid }]
        : [],
    );
    return { subjects: [subject], inventoryComplete: true, gaps, apiCalls: 0 };
  };

  const doctor: ProviderPort['doctor'] = ({ signal, now }) =>
    Promise.all(
      options.inventories.map(async (inventory): Promise<DoctorRow> => {
        const hosts = await readHosts(inventory, files, signal, now().toISOString());
        return {
          provider: 'kubespray',
          account: inventory.name,
          permission: 'inventory:read',
          outcome: hosts.state === 'collected' ? 'allowed' : 'failed',
          detail: hosts.state === 'collected' ? `${hosts.value.length} hosts` : hosts.message,
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
): Promise<Collected<KubesprayHost[]>> {
  try {
    return collected([...(await readInventory(inventory, files, signal))], { api: 'inventory:read', at });
  } catch (error) {
    if (error instanceof BrokenFile) return unavailable('malformed-answer', error.message, 'inventory:read');
    if (error instanceof FileMissing) return unavailable('not-found', error.message, 'inventory:read');
    if (signal.aborted) return unavailable('timeout', `${inventory.inventory} was not read in time`, 'inventory:read');
    const message = error instanceof Error ? error.message : String(error);
    const denied = /AccessDenied|Forbidden|EACCES|EPERM/.test(`${error instanceof Error ? error.name : ''} ${message}`);
    return unavailable(denied ? 'denied' : 'unreachable', `${inventory.inventory}: ${message}`, 'inventory:read');
  }
}

async function readLiveCluster(
  { cluster }: KubesprayInventoryOptions,
  { readLive }: KubesprayDependencies,
  signal: AbortSignal,
) {
  if (cluster === undefined) return { state: 'not-configured' as const };
  const live =
    readLive === undefined
      ? unavailable('not-scanned', `${cluster} cannot be read here`, 'cluster:read')
      : await readLive(cluster, signal);
  return { state: 'configured' as const, cluster: live };
}
