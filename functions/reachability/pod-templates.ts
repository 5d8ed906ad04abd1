import { fields, type Json } from './shape.ts';

/** Where a workload kind keeps the template of its pods. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  DeploymentConfig: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

export function templatePathOf(kind: unknown): readonly string[] | undefined {
  return Object.hasOwn(TEMPLATES, String(kind)) ? TEMPLATES[String(kind)] : undefined;
}

/** What a document says about its pods; a Pod is its own template. */
export function templateIn(document: Json, path: readonly string[]): Json {
  return path.reduce<Json>((part, key) => fields(part[key]), document);
}
