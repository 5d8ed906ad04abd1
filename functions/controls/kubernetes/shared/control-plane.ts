import type { Collected } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { notApplicable, type Proof, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';

type StaticPods = KubernetesEvidence['staticPods'];
export type StaticPod = Extract<StaticPods, { state: 'collected' }>['value'][number];

/**
 * The value of a flag: `--x=y`, `--x y`, bare `--x` is `true`, the last one wins. `undefined` where it is not given. Ansible writes
 * True and False: compare without case.
 */
export function flagOf(command: readonly string[], name: string): string | undefined {
  const values = command.flatMap((argument, index): string[] => {
    if (argument.startsWith(`--${name}=`)) return [argument.slice(name.length + 3)];
    if (argument !== `--${name}`) return [];
    const next = command[index + 1];
    return [next === undefined || next.startsWith('--') ? 'true' : next];
  });
  return values.at(-1);
}

export function flagProof(
  pods: Collected<unknown>,
  { name }: StaticPod,
  flag: string,
  value: string | undefined,
): Proof {
  return {
    kind: 'fact',
    line: `${name}: ${value === undefined ? `no --${flag}` : `--${flag}=${value}`}`,
    ...(pods.state === 'collected' ? { source: pods.source } : {}),
    field: `command --${flag}`,
    value: value ?? 'absent',
  };
}

/** The API servers of a self-managed control plane, or the verdict that stands where they cannot be looked at. */
export function apiServers(
  evidence: KubernetesEvidence,
): { readonly pods: readonly StaticPod[] } | { readonly verdict: Verdict } {
  if (evidence.platform !== 'self-managed') {
    return {
      verdict: notApplicable(
        'provider',
        `the control plane is the provider's (${evidence.platform}): see the cloud's own control`,
      ),
    };
  }
  const { staticPods } = evidence;
  if (staticPods.state === 'unavailable') return { verdict: unknownBecause(staticPods) };
  const pods = staticPods.value.filter(({ component }) => component === 'kube-apiserver');
  return pods.length > 0
    ? { pods }
    : { verdict: unknown('host-only', 'no API server runs as a static pod: its flags are on the hosts only') };
}
