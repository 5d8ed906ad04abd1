import type { ContainerPort, Namespace, Pod, PodView, Workload } from './model.ts';
import { NAMESPACE_NAME } from './network-policy.ts';

/**
 * Pods that no policy can tell apart: same namespace, labels, ports, service account, network. Ten thousand pods are a few thousand
 * classes, and everything is evaluated once per class.
 */
export interface PodClass extends PodView {
  readonly id: number;
  readonly hostNetwork: boolean;
  readonly ports: readonly ContainerPort[];
  readonly pods: readonly Pod[];
}

export function workloadId(namespace: string, { kind, name }: Workload): string {
  return `${namespace}/${name}[${kind}]`;
}

export function classify(pods: readonly Pod[], namespaces: readonly Namespace[]): readonly PodClass[] {
  const known = new Map(namespaces.map((namespace) => [namespace.name, withName(namespace)]));
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    const key = keyOf(pod);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pod]);
    else group.push(pod);
  }
  return [...groups.values()].map((members, id): PodClass => {
    const [first] = members as [Pod, ...Pod[]];
    return {
      id,
      namespace: known.get(first.namespace) ?? withName({ name: first.namespace, labels: {} }),
      labels: first.labels,
      serviceAccount: first.serviceAccount,
      hostNetwork: first.hostNetwork,
      ports: first.ports,
      pods: members,
    };
  });
}

function withName({ name, labels }: Namespace): Namespace {
  return { name, labels: { ...labels, [NAMESPACE_NAME]: name } };
}

function keyOf({ namespace, labels, ports, hostNetwork, serviceAccount }: Pod): string {
  const named = ports
    .filter(({ name }) => name !== '')
    .map(({ name, port, protocol }) => `${protocol}/${name}=${port}`);
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, sorted, named.sort(), hostNetwork, serviceAccount]);
}
