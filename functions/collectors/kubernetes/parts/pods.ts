import * as v from 'valibot';
import { ABSENT, fieldOf, given } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { Metadata } from './objects.ts';

type Value<K extends 'pods' | 'staticPods' | 'daemonSets'> = Extract<
  KubernetesEvidence[K],
  { state: 'collected' }
>['value'][number];

const Container = v.object({
  name: v.string(),
  command: v.nullish(v.array(v.string())),
  args: v.nullish(v.array(v.string())),
  ports: v.nullish(
    v.array(
      v.object({
        name: v.nullish(v.string()),
        containerPort: v.number(),
        protocol: v.nullish(v.picklist(['TCP', 'UDP', 'SCTP'])),
      }),
    ),
  ),
});

const Pod = v.object({
  metadata: Metadata,
  spec: v.object({
    hostNetwork: v.nullish(v.boolean()),
    serviceAccountName: v.nullish(v.string()),
    containers: v.array(Container),
    initContainers: v.nullish(v.array(Container)),
  }),
  status: v.nullish(v.object({ phase: v.nullish(v.string()) })),
});

export interface ReadPod {
  readonly pod: Value<'pods'>;
  readonly staticPod: Value<'staticPods'> | undefined;
}

const COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd'] as const;

/** Reads a pod and drops everything but what the evidence names; commands are kept of control plane pods only. */
export function readPod(item: unknown): ReadPod {
  const { metadata, spec, status } = v.parse(Pod, item);
  const owner =
    metadata.ownerReferences?.find(({ controller }) => controller === true) ?? metadata.ownerReferences?.[0];
  const labels = metadata.labels ?? {};
  const component = COMPONENTS.find((name) => name === labels['component']);
  const source = metadata.annotations?.['kubernetes.io/config.source'];
  const [main] = spec.containers;
  const isStatic = metadata.namespace === 'kube-system' && component !== undefined && source === 'file';
  return {
    pod: {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      labels,
      owner: owner === undefined ? ABSENT : given({ kind: owner.kind, name: owner.name }),
      serviceAccount: spec.serviceAccountName ?? 'default',
      phase: status?.phase ?? '',
      hostNetwork: spec.hostNetwork === true,
      ports: [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ ports }) =>
        (ports ?? []).map(({ name, containerPort, protocol }) => ({
          name: name ?? '',
          port: containerPort,
          protocol: protocol ?? 'TCP',
        })),
      ),
    },
    staticPod:
      isStatic && main !== undefined
        ? { name: metadata.name, component, command: [...(main.command ?? []), ...(main.args ?? [])] }
        : undefined,
  };
}

const DaemonSet = v.object({
  metadata: Metadata,
  spec: v.object({ template: v.object({ spec: v.object({ containers: v.array(Container) }) }) }),
  status: v.nullish(v.object({ numberReady: v.optional(v.unknown()) })),
});

/** The network plugins whose arguments say whether they enforce policies. */
const WITH_ARGUMENTS = new Set(['aws-node']);

export function readDaemonSet(item: unknown): Value<'daemonSets'> {
  const { metadata, spec, status } = v.parse(DaemonSet, item);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ready: fieldOf(v.number(), status?.numberReady),
    containers: WITH_ARGUMENTS.has(metadata.name)
      ? spec.template.spec.containers.map(({ name, args }) => ({ name, args: args ?? [] }))
      : [],
  };
}
