import * as v from 'valibot';
import { ABSENT, fieldOf, given } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { Metadata, textField } from './objects.ts';

type Value<K extends 'pods' | 'staticPods' | 'daemonSets' | 'policyControllers'> = Extract<
  KubernetesEvidence[K],
  { state: 'collected' }
>['value'][number];

const Container = v.object({
  name: v.string(),
  image: v.optional(v.unknown()),
  command: v.nullish(v.array(v.string())),
  args: v.nullish(v.array(v.string())),
  env: v.nullish(v.array(v.object({ name: v.string(), value: v.nullish(v.string()) }))),
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

const LINKERD_INBOUND_POLICY = 'config.linkerd.io/default-inbound-policy';

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
      linkerdInboundPolicy: textField(metadata.annotations?.[LINKERD_INBOUND_POLICY]),
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

/** The network plugins whose containers say whether they enforce policies. */
const PLUGINS = new Set([
  'aws-node',
  'kube-router',
  'weave-net',
  'kube-flannel-ds',
  'kube-flannel',
  'kindnet',
  'kindnetd',
  'kube-ovn-controller',
]);
/** Environment variables that switch it. Others may hold credentials. */
const SWITCHES = new Set(['EXPECT_NPC']);

export function readDaemonSet(item: unknown): Value<'daemonSets'> {
  const { metadata, spec, status } = v.parse(DaemonSet, item);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ready: fieldOf(v.number(), status?.numberReady),
    containers: pluginContainers(metadata.name, spec.template.spec.containers),
  };
}

/** Deployments that work for a network plugin; all others are dropped. */
export function readPolicyController(item: unknown): Value<'policyControllers'>[] {
  const { metadata, spec } = v.parse(DaemonSet, item);
  const containers = pluginContainers(metadata.name, spec.template.spec.containers);
  return containers.length === 0 ? [] : [{ namespace: metadata.namespace ?? '', name: metadata.name, containers }];
}

function pluginContainers(workload: string, containers: readonly v.InferOutput<typeof Container>[]) {
  if (!PLUGINS.has(workload)) return [];
  return containers.map(({ name, image, command, args, env }) => ({
    name,
    image: textField(image),
    args: [...(command ?? []), ...(args ?? [])],
    env: Object.fromEntries(
      (env ?? []).flatMap((entry) => (SWITCHES.has(entry.name) ? [[entry.name, entry.value ?? '']] : [])),
    ),
  }));
}
