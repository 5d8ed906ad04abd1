import type { Labels } from './selector.ts';
import { fields, type Json } from './shape.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';
const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
/** Beyond this many pods one is like the other for any policy that a person writes. */
const MOST_PODS = 1000;

/**
 * Stands for a value that a controller makes up. No selector can name it, as no label may hold such signs; one that asks for the key alone
 * finds it.
 */
const MADE_UP = '<generated>';

/** Whether a policy tells the pods of one workload apart: only then each of them has to stand for itself. */
export function namesSinglePods(policies: readonly Json[]): boolean {
  return policies.some((policy) => {
    const text = JSON.stringify(policy['spec'] ?? policy['specs'] ?? {});
    return [POD_NAME, POD_INDEX, COMPLETION_INDEX].some((key) => text.includes(key));
  });
}

/**
 * The labels that controllers add to what a template says, one entry per pod that differs. Reference: Kubernetes documentation, well-known
 * labels.
 */
export function generatedLabels(workload: Json, name: string, singlePods: boolean): readonly Labels[] {
  const { uid } = fields(workload['metadata']);
  const spec = fields(workload['spec']);
  switch (workload['kind']) {
    case 'Job':
      return jobLabels(spec, isGenerated(workload) ? `${name}${MADE_UP}` : name, uid, singlePods);
    // Each run is a Job of its own, named after the minute for which it was due.
    case 'CronJob':
      return jobLabels(fields(fields(spec['jobTemplate'])['spec']), `${name}-${MADE_UP}`, undefined, singlePods);
    case 'StatefulSet':
      return statefulSetLabels(spec, name, singlePods);
    case 'DaemonSet':
      return [{ 'controller-revision-hash': MADE_UP, 'pod-template-generation': MADE_UP }];
    case 'Deployment':
      return [{ 'pod-template-hash': MADE_UP }];
    default:
      return [{}];
  }
}

function isGenerated({ metadata }: Json): boolean {
  const { name = '', generateName = '' } = fields(metadata);
  return name === '' && generateName !== '';
}

function jobLabels(spec: Json, name: string, uid: unknown, singlePods: boolean): readonly Labels[] {
  // Whoever writes the selector writes the labels too.
  if (spec['manualSelector'] === true) return [{}];
  const controller = typeof uid === 'string' && uid !== '' ? uid : MADE_UP;
  const labels = {
    'job-name': name,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': controller,
    'batch.kubernetes.io/controller-uid': controller,
  };
  if (spec['completionMode'] !== 'Indexed') return [labels];
  if (!singlePods) return [{ ...labels, [COMPLETION_INDEX]: MADE_UP }];
  return indexes(spec['completions'], 0).map((index) => ({ ...labels, [COMPLETION_INDEX]: `${index}` }));
}

function statefulSetLabels({ replicas, ordinals }: Json, name: string, singlePods: boolean): readonly Labels[] {
  const revision = { 'controller-revision-hash': MADE_UP };
  if (!singlePods) return [{ ...revision, [POD_NAME]: MADE_UP, [POD_INDEX]: MADE_UP }];
  const { start } = fields(ordinals);
  return indexes(replicas, typeof start === 'number' ? start : 0).map((index) => ({
    ...revision,
    [POD_NAME]: `${name}-${index}`,
    [POD_INDEX]: `${index}`,
  }));
}

function indexes(given: unknown, first: number): readonly number[] {
  const count = typeof given === 'number' ? Math.min(Math.max(Math.trunc(given), 1), MOST_PODS) : 1;
  return Array.from({ length: count }, (_, index) => first + index);
}
