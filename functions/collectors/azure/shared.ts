import type { CollectContext } from '#domain/collection.ts';
import { type ReadGroups, readRuleGroups } from './firewall-policies.ts';
import { readNetworks, readResourceGroups } from './graph.ts';
import { NetworkSnapshot } from './network-snapshot.ts';
import type { AzureTenantOptions } from './options.ts';
import { listSubscriptions, scopeOf } from './subscriptions.ts';
import type { Tenants } from './tenants.ts';
import { troubleOfError } from './trouble.ts';

/** Readings that the subscriptions of one tenant share within one scan. The oldest are dropped: a warm Lambda sees many scans. */
const KEPT = 8;

/**
 * Resource Graph answers for a batch of subscriptions at once, targets are single subscriptions: the first target of a scan asks, the
 * others wait for the same answer. Its calls are counted for the target that asked.
 */
export class SharedReadings {
  readonly #tenants: Tenants;
  readonly #scopes = new Map<string, readonly string[]>();
  readonly #snapshots = new Map<string, Promise<NetworkSnapshot>>();
  readonly #policies = new Map<string, Map<string, ReturnType<ReadGroups>>>();

  constructor(tenants: Tenants) {
    this.#tenants = tenants;
  }

  remember(tenant: AzureTenantOptions, scan: string, active: readonly string[]): void {
    keep(this.#scopes, `${tenant.id} ${scan}`, active);
  }

  async networks(
    tenant: AzureTenantOptions,
    scan: string | undefined,
    own: string,
    context: CollectContext,
    count: () => void,
  ): Promise<NetworkSnapshot> {
    const key = `${tenant.id} ${scan ?? ''}`;
    const known = scan === undefined ? undefined : this.#snapshots.get(key);
    if (known !== undefined) return within(known, context.signal);
    const reading = this.#read(tenant, key, own, context, count);
    if (scan !== undefined) keep(this.#snapshots, key, reading);
    const snapshot = await reading;
    // A reading that its first target's deadline cut short is not handed to targets that still have time.
    if (snapshot.troubles.some(({ reason }) => reason === 'timeout')) this.#snapshots.delete(key);
    return snapshot;
  }

  /** The rules of a firewall policy: one list for each policy, however many clusters and firewalls stand behind it. */
  ruleGroups(
    tenant: AzureTenantOptions,
    scan: string | undefined,
    context: CollectContext,
    count: () => void,
  ): ReadGroups {
    const key = `${tenant.id} ${scan ?? ''}`;
    const known =
      (scan === undefined ? undefined : this.#policies.get(key)) ?? new Map<string, ReturnType<ReadGroups>>();
    if (scan !== undefined) keep(this.#policies, key, known);
    return async (policy) => {
      const earlier = known.get(policy.id);
      if (earlier !== undefined) return within(earlier, context.signal);
      const arm = this.#tenants.arm(tenant, context.signal, count, policy.subscription);
      const reading = readRuleGroups(arm, policy, () => context.now().toISOString());
      known.set(policy.id, reading);
      const groups = await reading;
      if (groups.state === 'unavailable' && groups.reason === 'timeout') known.delete(policy.id);
      return groups;
    };
  }

  async #read(
    tenant: AzureTenantOptions,
    key: string,
    own: string,
    context: CollectContext,
    count: () => void,
  ): Promise<NetworkSnapshot> {
    const at = context.now().toISOString();
    const subscriptions = new Set(this.#scopes.get(key) ?? []);
    try {
      const arm = this.#tenants.arm(tenant, context.signal, count);
      // Planning may have run in another process: list again, once per scan and container.
      if (subscriptions.size === 0) {
        const { visible } = await listSubscriptions(arm);
        for (const { spelled } of scopeOf(tenant, visible).active) subscriptions.add(spelled);
      }
      if (![...subscriptions].some((id) => id.toLowerCase() === own.toLowerCase())) subscriptions.add(own);
      const scope = [...subscriptions].sort();
      const [resources, groups] = await Promise.all([readNetworks(arm, scope), readResourceGroups(arm, scope)]);
      return new NetworkSnapshot(resources, groups, scope, at);
    } catch (error) {
      const trouble = troubleOfError('Resource Graph', error);
      return new NetworkSnapshot({ rows: [], trouble }, { rows: [] }, [own], at);
    }
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= KEPT) return;
    map.delete(oldest);
  }
}

/** Waits no longer than the target's own deadline for what another target asked. */
function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException('the deadline has passed', 'AbortError'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
