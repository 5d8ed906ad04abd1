import * as v from 'valibot';
import { type Collected, collected } from '#domain/collected.ts';
import type { CollectContext } from '#domain/collection.ts';
import type { HostFirewall, LiveCluster, Workloads } from '#domain/evidence/kubespray.ts';
import { podSecurityOf } from '#domain/kubernetes/pod-security.ts';
import type { Client } from './client.ts';
import { Metadata, textField } from './parts/objects.ts';
import { readPod } from './parts/pods.ts';
import { readPolicy } from './parts/policies.ts';
import { calicoGroup, readerFor } from './read-cluster.ts';
import type { Reader } from './reader.ts';

const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** What of a cluster an inventory is held against: the flags of its static pods, and the policies on its hosts. */
export async function readLiveCluster(client: Client, { now }: CollectContext): Promise<Collected<LiveCluster>> {
  const reader = await readerFor(client, now);
  const pods = await reader.list('list pods', (item) => ({ ...readPod(item), workload: readWorkload(item) }));
  if (pods.state === 'unavailable') return pods;
  const staticPods = pods.value.flatMap(({ staticPod }) =>
    staticPod === undefined
      ? []
      : [{ component: staticPod.component, name: staticPod.name, ...commandLine(staticPod) }],
  );
  const namespaces = await reader.list('list namespaces', readEnforcement);
  const running = pods.value.flatMap(({ workload }) => workload ?? []);
  const workloads =
    namespaces.state === 'unavailable'
      ? namespaces
      : collected({ namespaces: [...namespaces.value], pods: running }, pods.source);
  return collected({ staticPods, hostFirewall: await readHostFirewall(reader), workloads }, pods.source);
}

const ENFORCE = 'pod-security.kubernetes.io/enforce';

function readEnforcement(item: unknown): Workloads['namespaces'][number] {
  const { metadata } = v.parse(v.object({ metadata: Metadata }), item);
  return { name: metadata.name, enforce: textField(metadata.labels?.[ENFORCE]) };
}

/** Collectors of metrics by their image's name: what they scrape on nodes, hardening closes. */
const COLLECTORS =
  /(^|\/)(prometheus|vmagent|victoria-metrics|metrics-server|grafana-agent|alloy|telegraf|datadog-agent|agent|otelcol|opentelemetry-collector|thanos)[\w.-]*(:|@|$)/;

const Workload = v.object({
  metadata: Metadata,
  spec: v.looseObject({
    hostNetwork: v.nullish(v.boolean()),
    containers: v.array(v.looseObject({ name: v.string(), image: v.nullish(v.string()) })),
  }),
  status: v.nullish(v.object({ phase: v.nullish(v.string()) })),
});

/** Nothing for a finished pod, and for one that a node started from a file: neither is admitted again. */
function readWorkload(item: unknown): Workloads['pods'][number] | undefined {
  const { metadata, spec, status } = v.parse(Workload, item);
  const owners = metadata.ownerReferences ?? [];
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  if (owner?.kind === 'Node' || ['Succeeded', 'Failed'].includes(status?.phase ?? '')) return undefined;
  const { beyondBaseline, beyondRestricted, withoutSeccomp } = podSecurityOf(spec);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    owner: owner === undefined ? '' : `${owner.kind} ${owner.name}`,
    beyondBaseline: [...beyondBaseline],
    beyondRestricted: [...beyondRestricted],
    withoutSeccomp: [...withoutSeccomp],
    scrapes: spec.hostNetwork !== true && spec.containers.some(({ image }) => COLLECTORS.test(image ?? '')),
  };
}

/** `--name=value`, `--name value`, and bare `--name`, which a component's parser takes as `true`. */
function commandLine({ component, command }: { readonly component: string; readonly command: readonly string[] }) {
  const [program = '', ...words] = command;
  const flags = words.flatMap((word, index) => {
    const [, name, value] = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === undefined) return [];
    const next = words[index + 1];
    return [{ name, value: value ?? (next === undefined || next.startsWith('-') ? 'true' : next) }];
  });
  return { isComplete: program.slice(program.lastIndexOf('/') + 1) === component, flags };
}

const Node = v.object({ metadata: Metadata });
const HostEndpoint = v.object({
  metadata: Metadata,
  spec: v.object({ node: v.string(), interfaceName: v.nullish(v.string()) }),
});
const Felix = v.object({
  spec: v.nullish(
    v.object({ failsafeInboundHostPorts: v.nullish(v.array(v.object({ port: v.number(), protocol: v.string() }))) }),
  ),
});

async function readHostFirewall(reader: Reader): Promise<Collected<HostFirewall>> {
  const nodes = await reader.list('list nodes', (item) => {
    const { metadata } = v.parse(Node, item);
    return { name: metadata.name, labels: metadata.labels ?? {} };
  });
  if (nodes.state === 'unavailable') return nodes;
  const cilium = await reader.configMap('get configmaps/cilium-config', ['enable-host-firewall']);
  if (cilium.state === 'unavailable') return cilium;
  const policies = await readPolicies(reader);
  if (policies.state === 'unavailable') return policies;
  const { group } = calicoGroup(reader);
  const endpoints = await reader.optional([{ permission: `list hostendpoints.${group}`, read: readHostEndpoint }]);
  if (endpoints.state === 'unavailable') return endpoints;
  const failsafe = await reader.optional([{ permission: `list felixconfigurations.${group}`, read: readFailsafe }]);
  if (failsafe.state === 'unavailable') return failsafe;
  return collected(
    {
      nodes: nodes.value.filter(({ labels }) => CONTROL_PLANE_LABELS.some((label) => label in labels)),
      ciliumHostFirewall: cilium.value.data['enable-host-firewall'] === 'true',
      hostEndpoints: endpoints.value.items,
      failsafePorts: failsafe.value.items,
      policies: policies.value.items.map(({ namespace: _clusterWide, ...policy }) => policy),
    },
    nodes.source,
  );
}

/** Cluster-wide policies, and what they name: CIDR groups, tiers. */
function readPolicies(reader: Reader) {
  const { group, version } = calicoGroup(reader);
  return reader.optional([
    {
      permission: 'list ciliumclusterwidenetworkpolicies.cilium.io',
      read: readPolicy('cilium.io/v2', 'CiliumClusterwideNetworkPolicy'),
    },
    { permission: 'list ciliumcidrgroups.cilium.io', read: readPolicy('cilium.io/v2', 'CiliumCIDRGroup') },
    {
      permission: `list globalnetworkpolicies.${group}`,
      read: readPolicy(`${group}/${version}`, 'GlobalNetworkPolicy'),
    },
    { permission: `list tiers.${group}`, read: readPolicy(`${group}/${version}`, 'Tier') },
  ]);
}

function readHostEndpoint(item: unknown): HostFirewall['hostEndpoints'] {
  const { metadata, spec } = v.parse(HostEndpoint, item);
  return [
    {
      name: metadata.name,
      node: spec.node,
      interfaceName: spec.interfaceName ?? '',
      labels: metadata.labels ?? {},
    },
  ];
}

function readFailsafe(item: unknown): number[] {
  const { spec } = v.parse(Felix, item);
  return (spec?.failsafeInboundHostPorts ?? []).flatMap(({ port, protocol }) =>
    protocol.toLowerCase() === 'tcp' ? [port] : [],
  );
}
