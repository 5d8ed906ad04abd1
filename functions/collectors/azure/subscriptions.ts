import type { Refusal } from '../transport/refusal.ts';
import type { Arm } from './arm.ts';
import type { AzureTenantOptions } from './options.ts';
import { isRecord } from './trouble.ts';

export interface Subscription {
  readonly id: string;
  /** The id as ARM spelled it, for paths and queries. */
  readonly spelled: string;
  readonly name: string;
  /** Enabled, Warned, PastDue, Disabled, Deleted. */
  readonly state: string;
}

export interface Scope {
  /** Visible, in scope, in a state that is scanned. */
  readonly active: readonly Subscription[];
  readonly skipped: readonly Subscription[];
  /** Configured or expected, but not visible to this identity: their absence from the listing is all that Azure says. */
  readonly missing: readonly string[];
}

/** Nothing runs in these. A state that is absent or new is no reason not to look. */
const LEFT_OUT = new Set(['disabled', 'deleted']);

export async function listSubscriptions(
  arm: Arm,
): Promise<{ readonly visible: readonly Subscription[]; readonly trouble?: Refusal }> {
  const { items, trouble } = await arm.list(
    'Microsoft.Resources/subscriptions/read',
    '/subscriptions?api-version=2022-12-01',
  );
  const visible = items.filter(isRecord).flatMap((item) => {
    const id =
      item['subscriptionId'] ??
      String(item['id'] ?? '')
        .split('/')
        .at(-1);
    if (typeof id !== 'string' || id === '') return [];
    const { displayName, state } = item;
    return [
      {
        id: id.toLowerCase(),
        spelled: id,
        name: typeof displayName === 'string' ? displayName : id,
        state: typeof state === 'string' ? state : '',
      },
    ];
  });
  return trouble === undefined ? { visible } : { visible, trouble };
}

export function scopeOf(tenant: AzureTenantOptions, visible: readonly Subscription[]): Scope {
  const wanted =
    tenant.subscriptions === 'all' ? undefined : new Set(tenant.subscriptions.map((id) => id.toLowerCase()));
  const inScope = visible
    .filter(({ id }) => wanted === undefined || wanted.has(id))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const active = inScope.filter(({ state }) => !LEFT_OUT.has(state.toLowerCase()));
  const expected = new Set([...(wanted ?? []), ...(tenant.expected ?? []).map((id) => id.toLowerCase())]);
  const seen = new Set(visible.map(({ id }) => id));
  return {
    active,
    skipped: inScope.filter((subscription) => !active.includes(subscription)),
    missing: [...expected].filter((id) => !seen.has(id)).sort(),
  };
}
