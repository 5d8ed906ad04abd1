import type { CompiledPolicy, Direction, Rule } from './model.ts';
import { ALL_PORTS, intersect, isNone, NO_PORTS, type PortSet, subtract, union } from './ports.ts';

/** All rules that one tier holds for one class of pods and one direction, in order. */
export interface RuleTier {
  readonly isolates: boolean;
  readonly rules: readonly Rule[];
}

/** The selecting policies' rules, grouped into tiers in the order in which they are passed. */
export function tiersOf(policies: readonly CompiledPolicy[], direction: Direction): readonly RuleTier[] {
  const byTier = Map.groupBy(
    policies.filter((policy) => policy[direction] !== undefined),
    ({ tier }) => tier,
  );
  return [...byTier]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => ({
      isolates: members.some((policy) => policy[direction]?.isolates === true),
      rules: members.toSorted(byOrder).flatMap((policy) => policy[direction]?.rules ?? []),
    }));
}

function byOrder(a: CompiledPolicy, b: CompiledPolicy): number {
  return a.order - b.order || (a.ref.name < b.ref.name ? -1 : 1);
}

/**
 * Walks the tiers for one peer. `portsFor` tells on which ports a rule matches that peer. Accept and deny end the matter for their
 * ports; pass hands them to the next tier; what no rule of an isolating tier took is dropped there; what reaches the end is allowed.
 * For a single tier of NetworkPolicies this is their union.
 */
export function evaluateTiers(tiers: readonly RuleTier[], portsFor: (rule: Rule) => PortSet): PortSet {
  let open: PortSet = ALL_PORTS;
  let accepted: PortSet = NO_PORTS;
  for (const { isolates, rules } of tiers) {
    let passed: PortSet = NO_PORTS;
    for (const rule of rules) {
      const matched = intersect(open, portsFor(rule));
      if (isNone(matched)) continue;
      open = subtract(open, matched);
      if (rule.action === 'accept') accepted = union(accepted, matched);
      if (rule.action === 'pass') passed = union(passed, matched);
    }
    open = isolates ? passed : union(open, passed);
  }
  return union(accepted, open);
}
