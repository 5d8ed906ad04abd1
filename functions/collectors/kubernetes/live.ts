import * as v from 'valibot';
import { type Collected, collected } from '#domain/collected.ts';
import type { CollectContext } from '#domain/collection.ts';
import type { HostFirewall, LiveCluster } from '#domain/evidence/kubespray.ts';
import type { Client } from './client.ts';
import { Metadata } from './parts/objects.ts';
import { readPod } from './parts/pods.ts';
import { readPolicy } from './parts/policies.ts';
import { calicoGroup, readerFor } from './read-cluster.ts';
import type { Reader } from './reader.ts';

const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** What of a cluster an inventory is held against: the flags of its static pods, and the policies on its hosts. */
export async function readLiveCluster(client: Client, { now }: CollectContext): Promise<Collected<LiveCluster>> {
  const reader = await readerFor(client, now);
  const pods = await reader.list('list pods', readPod);
  if (pods.state === 'unavailable') return pods;
  const staticPods = pods.value.flatMap(({ staticPod }) =>
    staticPod === undefined
      ? []
      : [{ component: staticPod.component, name: staticPod.name, ...commandLine(staticPod) }],
  );
  return collected({ staticPods, hostFirewall: await readHostFirewall(reader) }, pods.source);
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
