import type { Labels } from './selector.ts';
import { fields, type Json } from './shape.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';
/** Beyond this many pods one is like the other for any policy that a person writes. */
const MOST_PODS = 1000;

/** Whether a policy tells the pods of one StatefulSet apart: only then each of them has to stand for itself. */
export function namesSinglePods(policies: readonly Json[]): boolean {
  return policies.some((policy) => {
    const text = JSON.stringify(policy['spec'] ?? policy['specs'] ?? {});
    return text.includes(POD_NAME) || text.includes(POD_INDEX);
  });
}

/**
 * The labels that controllers add to what a template says, one entry per pod that differs. Reference: Kubernetes documentation, well-known
 * labels.
 */
export function generatedLabels(workload: Json, name: string, singlePods: boolean): readonly Labels[] {
  if (workload['kind'] === 'Job') return [{ 'job-name': name, 'batch.kubernetes.io/job-name': name }];
  if (workload['kind'] !== 'StatefulSet' || !singlePods) return [{}];
  const { replicas, ordinals } = fields(workload['spec']);
  const { start } = fields(ordinals);
  const first = typeof start === 'number' ? start : 0;
  const count = typeof replicas === 'number' ? Math.min(Math.max(Math.trunc(replicas), 1), MOST_PODS) : 1;
  return Array.from({ length: count }, (_, index) => ({
    [POD_NAME]: `${name}-${first + index}`,
    [POD_INDEX]: `${first + index}`,
  }));
}
