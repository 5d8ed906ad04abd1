import { COVERAGE } from '#controls/coverage.ts';
import type { CollectContext, Plan, Planned } from '#domain/collection.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { PROVIDER_FACTS, type TargetScope } from '#domain/provider-facts.ts';
import type { PlannedTarget, Provider, Target } from '#domain/target.ts';

export interface PlannedRun {
  readonly targets: Readonly<Partial<Record<Provider, readonly PlannedTarget[]>>>;
  /** Calls made to list them. */
  readonly apiCalls: number;
}

/**
 * Lists every provider's targets. One provider that cannot be listed does not stop the others: its planner gives a target that says so.
 *
 * A target of an earlier run that no list holds any more is asked for: access that was taken away shortens Azure's list without a word, and coverage
 * that passed once would stand for ever.
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
  const targets = entries.map(({ provider, targets: listed, missing }) => {
    const unique = onceEach(listed);
    return [
      provider,
      [...unique, ...regained(provider, unique, heartbeats), ...lost(provider, unique, heartbeats, missing)],
    ] as const;
  });
  return {
    targets: Object.fromEntries(targets.filter(([, planned]) => planned.length > 0)),
    apiCalls: entries.reduce((sum, { apiCalls }) => sum + apiCalls, 0),
  };
}

/** A subscription that two tenants list is read by the one that can: what the other says of it is no loss. */
function onceEach(planned: readonly PlannedTarget[]): readonly PlannedTarget[] {
  return [...Map.groupBy(planned, ({ target }) => target.id).values()].flatMap((entries) => {
    const readable = entries.find(({ failure, skipped }) => failure === undefined && skipped === undefined);
    const best = readable ?? entries.find(({ failure }) => failure !== undefined) ?? entries[0];
    return best === undefined ? [] : [best];
  });
}

/** What was rightly left out before (a suspended account, a disabled subscription) may vanish: that is how they end. */
function lost(
  provider: Provider,
  planned: readonly PlannedTarget[],
  heartbeats: readonly Heartbeat[],
  missing: Planned['missing'],
): readonly PlannedTarget[] {
  if (missing === undefined) return [];
  const ids = new Set(planned.map(({ target }) => target.id));
  const known = new Map(heartbeats.map((heartbeat) => [heartbeat.report.target.id, heartbeat]));
  const found = heartbeats.flatMap(({ report: { target, status }, countsByControl, evaluatedAt }) => {
    if (
      target.provider !== provider ||
      status === 'skipped' ||
      scopeOf(provider, target.id) === 'everything' ||
      ids.has(target.id)
    )
      return [];
    const holdsResources = Object.keys(countsByControl).some((control) => control !== COVERAGE.id);
    const entry = missing(target, holdsResources);
    if (entry === undefined || ids.has(entry.target.id)) return [];
    const whole = known.get(entry.target.id);
    return whole?.report.status === 'skipped' && whole.evaluatedAt >= evaluatedAt ? [] : [entry];
  });
  return onceEach(found);
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
        target.provider === provider &&
        status === 'failed' &&
        scopeOf(provider, target.id) !== 'part' &&
        !ids.has(target.id),
    )
    .filter(({ target }) =>
      planned.some(({ target: part, failure }) => failure === undefined && isPartOf(part, target)),
    )
    .map(({ target }) => ({ target, listedOnly: true }));
}

/** Organisation, tenant and enterprise are scopes of everything: their lists are what others are missed in. */
function scopeOf(provider: Provider, id: string): TargetScope {
  return PROVIDER_FACTS[provider].scopeOf(id);
}

/** Regions are part of their account; accounts and subscriptions are part of the organisation, tenant or enterprise that lists them. */
function isPartOf(part: Target, scope: Target): boolean {
  return scopeOf(scope.provider, scope.id) === 'everything' || part.id.startsWith(`${scope.id}:`);
}
