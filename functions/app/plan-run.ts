import type { CollectContext, Plan } from '#domain/collection.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import type { PlannedTarget, Provider } from '#domain/target.ts';

export interface PlannedRun {
  readonly targets: Readonly<Partial<Record<Provider, readonly PlannedTarget[]>>>;
  /** Calls made to list them. */
  readonly apiCalls: number;
}

/**
 * Lists every provider's targets. One provider that cannot be listed does not stop the others: its planner gives a target that says so.
 *
 * A scope that failed as a whole in an earlier run (`aws:<account>` for an account that could not be entered) has a heartbeat of its own. Once its
 * parts are listed again, the scope is planned as listable, so that its coverage is regained and not left failing for ever.
 */
export async function planRun(
  planners: Readonly<Partial<Record<Provider, Plan>>>,
  heartbeats: readonly Heartbeat[],
  context: CollectContext,
): Promise<PlannedRun> {
  const entries = await Promise.all(
    Object.entries(planners).map(async ([provider, plan]) => ({
      provider: provider as Provider,
      ...(await plan(context)),
    })),
  );
  const targets = entries.map(({ provider, targets: listed }) => {
    const unique = [...new Map(listed.map((planned) => [planned.target.id, planned])).values()];
    return [provider, [...unique, ...regained(provider, unique, heartbeats)]] as const;
  });
  return {
    targets: Object.fromEntries(targets.filter(([, planned]) => planned.length > 0)),
    apiCalls: entries.reduce((sum, { apiCalls }) => sum + apiCalls, 0),
  };
}

/** Scopes are targets that only exist while something is wrong with them. */
function regained(
  provider: Provider,
  planned: readonly PlannedTarget[],
  heartbeats: readonly Heartbeat[],
): readonly PlannedTarget[] {
  const ids = new Set(planned.map(({ target }) => target.id));
  return heartbeats
    .map(({ report }) => report)
    .filter(
      ({ target, status }) =>
        target.provider === provider && status === 'failed' && isScope(target.id) && !ids.has(target.id),
    )
    .filter(({ target }) =>
      planned.some(({ target: part, failure }) => failure === undefined && isPartOf(part.id, target.id)),
    )
    .map(({ target }) => ({ target, listedOnly: true }));
}

function isScope(id: string): boolean {
  return /^(aws:\d{12}|aws:organization|azure:tenant:.+|ibm:enterprise:.+)$/.test(id);
}

/** Regions are part of their account; accounts and subscriptions are part of the organisation, tenant or enterprise that lists them. */
function isPartOf(part: string, scope: string): boolean {
  if (/^aws:\d{12}$/.test(scope)) return part.startsWith(`${scope}:`);
  return part.split(':')[0] === scope.split(':')[0];
}
