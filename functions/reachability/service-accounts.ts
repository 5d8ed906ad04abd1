import type { Objects } from './objects.ts';
import { templateIn, templatePathOf } from './pod-templates.ts';
import type { Labels } from './selector.ts';
import { fields, type Json, textsOf } from './shape.ts';

export interface ServiceAccounts {
  /** undefined: the account was not read, so its labels are not known. */
  readonly labelsOf: (namespace: string, name: string) => Labels | undefined;
  /** Accounts of pods that were read, without an object that was read. Nobody writes the account called default down. */
  readonly unread: readonly string[];
}

const WORKLOADS = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'DeploymentConfig',
  'Job',
  'CronJob',
];

export function serviceAccountsIn(objects: Objects): ServiceAccounts {
  const known = new Map(
    objects.ofKind('ServiceAccount').map((document) => {
      const { name, labels } = fields(document['metadata']);
      return [`${namespaceOf(document)}/${String(name)}`, textsOf(labels)];
    }),
  );
  const used = objects.ofKind(...WORKLOADS).map((document) => {
    const { serviceAccountName } = fields(templateIn(document, templatePathOf(document['kind']) ?? [])['spec']);
    return `${namespaceOf(document)}/${String(serviceAccountName ?? 'default')}`;
  });
  const isRead = (account: string) => known.has(account) || account.endsWith('/default');
  return {
    labelsOf: (namespace, name) => known.get(`${namespace}/${name}`) ?? (name === 'default' ? {} : undefined),
    // Without a single workload, as in a cluster of which only the policies are given here, no account is known.
    unread: used.length === 0 ? ['any account'] : [...new Set(used)].filter((account) => !isRead(account)).sort(),
  };
}

function namespaceOf({ metadata }: Json): string {
  return String(fields(metadata)['namespace'] ?? '') || 'default';
}
