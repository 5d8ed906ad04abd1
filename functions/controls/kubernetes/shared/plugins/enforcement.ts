import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Fix, Proof } from '#domain/verdict.ts';

/** Whether NetworkPolicies have any effect in the cluster. */
export type Enforcement = {
  readonly proof: readonly Proof[];
  readonly message: string;
} & (
  | { readonly state: 'enforced'; readonly plugin: string }
  | {
      readonly state: 'not-enforced';
      /** Reason code of the FAIL. */
      readonly defect: 'not-enforced' | 'audit-only' | 'never';
      readonly fix: Fix;
    }
  | { readonly state: 'unknown'; readonly reason: UnknownReason }
);

export type DaemonSet = Extract<KubernetesEvidence['daemonSets'], { state: 'collected' }>['value'][number];
type Container = DaemonSet['containers'][number];

/** The last value of a flag among arguments, also where they are one line for a shell. Undefined: the flag is not set. */
export function flagValue(containers: readonly Container[], flag: string): string | undefined {
  const words = containers.flatMap(({ args }) => args).flatMap((argument) => argument.split(/\s+/));
  const index = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const found = words[index];
  if (found === undefined) return undefined;
  return found === flag ? 'true' : found.slice(flag.length + 1);
}

/** Go's spelling of a false flag. Source: strconv.ParseBool. */
export function isFalse(value: string | undefined): boolean {
  return value !== undefined && ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value);
}
