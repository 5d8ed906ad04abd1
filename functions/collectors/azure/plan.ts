import type { CollectContext, Plan } from '#domain/collection.ts';
import type { PlannedTarget, Target } from '#domain/target.ts';
import type { AzureTenantOptions } from './options.ts';
import { listSubscriptions, type Subscription, scopeOf } from './subscriptions.ts';
import type { Tenants } from './tenants.ts';
import { troubleOfError } from './trouble.ts';

/** Lists the subscriptions of every tenant: one call and its pages. What should be there and is not becomes a failed target. */
export function planTargets(
  tenants: Tenants,
  remember: (tenant: AzureTenantOptions, scan: string, active: readonly string[]) => void,
): Plan {
  return async (context) => {
    let apiCalls = 0;
    const targets: PlannedTarget[] = [];
    const scan = context.now().toISOString();
    for (const tenant of tenants.all) {
      targets.push(...(await planTenant(tenants, tenant, context, scan, () => (apiCalls += 1), remember)));
    }
    return { targets, apiCalls, missing: (target) => lostSubscription(target, tenants.all, targets) };
  };
}

/** A subscription that was scanned and that its tenant, listed completely, shows no more. Those that are named in the configuration are planned anyway. */
function lostSubscription(
  target: Target,
  all: readonly AzureTenantOptions[],
  planned: readonly PlannedTarget[],
): PlannedTarget | undefined {
  const tenant = all.find(({ id }) => id === target.details?.['tenant']);
  if (tenant === undefined || tenant.subscriptions !== 'all') return undefined;
  if (planned.some((entry) => entry.target.id === wholeTenant(tenant.id))) return undefined;
  const name = target.name === undefined || target.name === target.account ? '' : ` (${target.name})`;
  return {
    target,
    failure: {
      reason: 'not-found',
      message: `subscription ${target.account}${name} was scanned before and is not visible to this identity any more: its role assignment is gone, or it was deleted`,
      api: 'Microsoft.Resources/subscriptions/read',
    },
  };
}

function wholeTenant(id: string): string {
  return `azure:tenant:${id}`;
}

async function planTenant(
  tenants: Tenants,
  tenant: AzureTenantOptions,
  context: CollectContext,
  scan: string,
  count: () => void,
  remember: (tenant: AzureTenantOptions, scan: string, active: readonly string[]) => void,
): Promise<readonly PlannedTarget[]> {
  // The time of planning names the scan: readings that targets share are shared within one scan and never between two.
  const details = { tenant: tenant.id, scan };
  const target = (id: string, name: string): Target => ({
    id: `azure:${id}`,
    provider: 'azure',
    account: id,
    name,
    details,
  });
  const whole: Target = { id: wholeTenant(tenant.id), provider: 'azure', account: tenant.id, details };
  try {
    const { visible, trouble } = await listSubscriptions(tenants.arm(tenant, context.signal, count));
    const { active, skipped, missing } = scopeOf(tenant, visible);
    remember(
      tenant,
      scan,
      active.map(({ spelled }) => spelled),
    );
    const failed =
      trouble === undefined ? [] : [{ target: whole, failure: { reason: trouble.reason, message: trouble.message } }];
    const absent = missing.map((id) => ({
      target: target(id, id),
      failure: trouble === undefined ? notVisible(id) : { reason: trouble.reason, message: trouble.message },
    }));
    // A tenant in which nothing is visible is far more often a missing role assignment than an empty tenant.
    const nothing =
      trouble === undefined && visible.length === 0 && missing.length === 0
        ? [
            {
              target: whole,
              failure: {
                reason: 'not-found' as const,
                message: `no subscription of tenant ${tenant.id} is visible to this identity`,
              },
            },
          ]
        : [];
    return [
      ...active.map(({ id, spelled, name }) => ({
        target: { ...target(id, name), details: { ...details, subscription: spelled } },
      })),
      ...skipped.map((entry) => leftOut(entry, target)),
      ...absent,
      ...failed,
      ...nothing,
    ];
  } catch (error) {
    const { reason, message } = troubleOfError(`tenant ${tenant.id}`, error);
    return [{ target: whole, failure: { reason, message } }];
  }
}

function notVisible(id: string): NonNullable<PlannedTarget['failure']> {
  return { reason: 'not-found', message: `subscription ${id} is expected, but not visible to this identity` };
}

function leftOut({ id, name, state }: Subscription, target: (id: string, name: string) => Target): PlannedTarget {
  return { target: target(id, name), skipped: `subscription ${name} is in state ${state}` };
}
