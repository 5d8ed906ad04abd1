import { describe, expect, test } from 'vitest';
import { deployment, manifests, reachabilityOf } from './harness.ts';

const template = { spec: { template: { metadata: { labels: { app: 'backup' } } } } };
const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'backup' },
  spec: { jobTemplate: template },
};
const job = (spec: object = {}, metadata: object = { name: 'backup' }) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata,
  spec: { ...template.spec, ...spec },
});
const workload = (kind: string) => ({ apiVersion: 'apps/v1', kind, metadata: { name: 'backup' }, ...template });

/** Whether pods of the workload are let in by a policy whose peer has this expression. */
async function isLetIn(document: unknown, expression: object): Promise<boolean> {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'db' },
    spec: {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from: [{ podSelector: { matchExpressions: [expression] } }] }],
    },
  };
  const { report } = await reachabilityOf({
    'a.yaml': manifests([document, deployment('default', 'db', { app: 'db' }), policy]),
  });
  return report.connections.some(({ src, dst }) => src.includes('/backup[') && dst.includes('/db['));
}

const exists = (key: string) => ({ key, operator: 'Exists' });
const absent = (key: string) => ({ key, operator: 'DoesNotExist' });
const isOneOf = (key: string, ...values: readonly string[]) => ({ key, operator: 'In', values });
const JOB_KEYS = ['job-name', 'batch.kubernetes.io/job-name', 'controller-uid', 'batch.kubernetes.io/controller-uid'];

describe('labels that controllers add', () => {
  test.each(JOB_KEYS)('%s is on the pods of a Job and of every run of a CronJob', async (key) => {
    expect(await isLetIn(cronJob, exists(key))).toBe(true);
    expect(await isLetIn(job(), exists(key))).toBe(true);
    expect(await isLetIn(job(), absent(key))).toBe(false);
    expect(await isLetIn(workload('Deployment'), exists(key))).toBe(false);
  });

  test('a Job is known by its name, a run of a CronJob by none that can be written down', async () => {
    expect(await isLetIn(job(), isOneOf('job-name', 'backup'))).toBe(true);
    expect(await isLetIn(job(), isOneOf('job-name', 'other'))).toBe(false);
    expect(await isLetIn(cronJob, isOneOf('job-name', 'backup'))).toBe(false);
    expect(await isLetIn(cronJob, { key: 'job-name', operator: 'NotIn', values: ['backup'] })).toBe(true);
    expect(await isLetIn(job({}, { generateName: 'backup' }), isOneOf('job-name', 'backup'))).toBe(false);
  });

  test('a Job that was read from a cluster is known by its uid', async () => {
    const stored = job({}, { name: 'backup', uid: '6d1f' });
    expect(await isLetIn(stored, isOneOf('controller-uid', '6d1f'))).toBe(true);
    expect(await isLetIn(stored, isOneOf('controller-uid', '6d1e'))).toBe(false);
  });

  test('a Job with a selector of its own gets none', async () => {
    expect(await isLetIn(job({ manualSelector: true }), exists('job-name'))).toBe(false);
  });

  test('the pods of an indexed Job are told apart where a policy does so', async () => {
    const indexed = job({ completionMode: 'Indexed', completions: 3 });
    const key = 'batch.kubernetes.io/job-completion-index';
    expect(await isLetIn(indexed, isOneOf(key, '2'))).toBe(true);
    expect(await isLetIn(indexed, isOneOf(key, '3'))).toBe(false);
    expect(await isLetIn(job({ completions: 3 }), exists(key))).toBe(false);
  });

  test.each([
    ['Deployment', 'pod-template-hash'],
    ['DaemonSet', 'controller-revision-hash'],
    ['DaemonSet', 'pod-template-generation'],
    ['StatefulSet', 'controller-revision-hash'],
    ['StatefulSet', 'statefulset.kubernetes.io/pod-name'],
    ['StatefulSet', 'apps.kubernetes.io/pod-index'],
  ])('the pods of a %s carry %s', async (kind, key) => {
    expect(await isLetIn(workload(kind), exists(key))).toBe(true);
    expect(await isLetIn(job(), exists(key))).toBe(false);
  });
});
