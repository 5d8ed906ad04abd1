import { isWithinPrivate, toCidrs } from '#domain/net/cidr.ts';
import { compileCalicoPolicy } from './calico.ts';
import { compileCiliumHostPolicy } from './cilium.ts';
import { CompileContext } from './context.ts';
import { type Compilation, type CompiledPolicy, type Pod, type PolicyRef, policyName } from './model.ts';
import { includes, ports } from './ports.ts';
import { reachability } from './reachability.ts';
import { fields, type Json } from './shape.ts';

export interface HostEndpoint {
  readonly node: string;
  readonly name: string;
  /** `*` is every interface of the node. */
  readonly interfaceName: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Hosts {
  readonly nodes: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  readonly ciliumHostFirewall: boolean;
  readonly hostEndpoints: readonly HostEndpoint[];
  /** TCP ports that Calico lets in whatever its policies say. */
  readonly failsafePorts: readonly number[];
  /** Contents of cluster-wide policies, Calico tiers and Cilium CIDR groups. */
  readonly documents: readonly Json[];
}

/** One TCP port of one node: the policies that keep the internet away from it, none where nothing does. */
export interface HostPort {
  readonly node: string;
  readonly port: number;
  readonly guardedBy: readonly string[];
}

/**
 * Which host policies stand in front of the nodes' own listeners. A node is judged like a pod that carries the node's labels (Cilium), or
 * those of its host endpoint (Calico); a port is guarded when no address outside private space is let in. Plain NetworkPolicies never count:
 * they do not reach pods on the host's network. Criteria that are not evaluated count as open.
 * Reference: docs.cilium.io, host policies; docs.tigera.io, protect hosts.
 */
export function hostPorts(hosts: Hosts, wanted: readonly number[]): readonly HostPort[] {
  const cilium = hosts.ciliumHostFirewall
    ? compiled(hosts, 'CiliumClusterwideNetworkPolicy', compileCiliumHostPolicy)
    : [];
  const calico = compiled(hosts, 'GlobalNetworkPolicy', compileCalicoPolicy);
  return hosts.nodes.flatMap((node) => {
    // An endpoint for one interface leaves the others of its node open.
    const endpoint = hosts.hostEndpoints.find((one) => one.node === node.name && one.interfaceName === '*');
    const guards = [
      ...guarding(node.name, node.labels, cilium, []),
      ...(endpoint === undefined ? [] : guarding(node.name, endpoint.labels, calico, hosts.failsafePorts)),
    ];
    return wanted.map((port) => ({
      node: node.name,
      port,
      guardedBy: guards.flatMap((guard) => (guard.keepsOut(port) ? guard.policies : [])),
    }));
  });
}

function compiled(
  { documents }: Hosts,
  kind: string,
  compile: (document: Json, ref: PolicyRef, context: CompileContext) => Compilation,
): readonly CompiledPolicy[] {
  const context = new CompileContext(documents);
  return documents
    .filter((document) => document['kind'] === kind)
    .flatMap((document) => {
      const name = String(fields(document['metadata'])['name'] ?? '');
      return compile(document, { kind, namespace: '', name, file: '' }, context).policies;
    });
}

interface Guard {
  readonly policies: readonly string[];
  readonly keepsOut: (port: number) => boolean;
}

function guarding(
  name: string,
  labels: Readonly<Record<string, string>>,
  policies: readonly CompiledPolicy[],
  failsafe: readonly number[],
): readonly Guard[] {
  const host: Pod = {
    namespace: '',
    name,
    labels,
    hostNetwork: false,
    ports: [],
    serviceAccount: '',
    workload: { kind: 'Node', name },
  };
  const reach = reachability({ pods: [host], namespaces: [{ name: '', labels: {} }], policies });
  return reach.classes.flatMap((one): Guard[] => {
    const profile = reach.profile(one, 'ingress');
    if (!profile.isolated) return [];
    const fromOutside = profile
      .outside()
      .filter(({ range }) => !toCidrs(range).every((block) => isWithinPrivate(block)));
    return [
      {
        policies: [...new Set(profile.policies.map(({ ref }) => policyName(ref)))],
        keepsOut: (port) =>
          !failsafe.includes(port) && !fromOutside.some(({ ports: open }) => includes(open, ports('TCP', port, port))),
      },
    ];
  });
}
