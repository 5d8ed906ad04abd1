import type { Provider } from '#domain/target.ts';

/** The branches of the state machine: each needs a list, an empty one too. */
export const BRANCHES = ['aws', 'azure', 'ibm', 'kubernetes'] as const;
export type Branch = (typeof BRANCHES)[number];

/** Inventories are scanned where clusters are. */
export function branchOf(provider: Provider): Branch {
  return provider === 'kubespray' ? 'kubernetes' : provider;
}
