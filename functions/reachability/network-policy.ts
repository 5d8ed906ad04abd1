import type { CompileContext } from './context.ts';
import {
  type Compilation,
  type CompiledPolicy,
  type DirectionRules,
  NETWORK_POLICY_ORDER,
  type Peer,
  type PodsPeer,
  type PolicyRef,
  type PortMatch,
  type Rule,
  TIERS,
} from './model.ts';
import { networkPolicyErrors } from './network-policy-validation.ts';
import { addressPeer, withPods } from './pod-addresses.ts';
import { ALL_PORTS, NO_PORTS, type Protocol, ports, union } from './ports.ts';
import { Problems } from './problems.ts';
import { compileSelector, describeSelector, isUniversal, type LabelSelector } from './selector.ts';
import { selectorOf } from './selector-validation.ts';
import { fields, items, type Json } from './shape.ts';

/** The label that the API server sets on every namespace to its name. */
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/**
 * `networking.k8s.io/v1` NetworkPolicy: decoded and defaulted as the API server does it, refused as it would refuse it.
 * Reference: Kubernetes API networking/v1, kubernetes pkg/apis/networking/v1/defaults.go.
 */
export function compileNetworkPolicy(document: Json, ref: PolicyRef, context: CompileContext): Compilation {
  const problems = new Problems(ref);
  for (const { field, message } of networkPolicyErrors(document)) problems.invalid(field, message);
  if (problems.refused) return { policies: [], errors: problems.found };
  // A missing spec is legal and equals `{}`; a podSelector that is missing or null selects all pods of the namespace.
  const spec = fields(document['spec']);
  const selector = selectorOf(spec['podSelector']);
  const matches = compileSelector(selector);
  const types = policyTypes(spec);
  const rules = (name: 'ingress' | 'egress', peers: 'from' | 'to') =>
    direction(items(spec[name]), name, peers, ref, context, problems);
  const policy: CompiledPolicy = {
    ref,
    tier: TIERS.default,
    order: NETWORK_POLICY_ORDER,
    covers: ({ name }) => name === ref.namespace && isUniversal(selector),
    namespace: ref.namespace,
    selects: ({ namespace, labels }) => namespace.name === ref.namespace && matches(labels),
    ...(types.includes('Ingress') ? { ingress: rules('ingress', 'from') } : {}),
    ...(types.includes('Egress') ? { egress: rules('egress', 'to') } : {}),
  };
  return { policies: [policy], errors: [], notes: problems.notes };
}

/** Empty or absent: Ingress, and Egress only if there are egress rules. `egress: []` alone does not isolate egress. */
function policyTypes(spec: Json): readonly unknown[] {
  const given = items(spec['policyTypes']);
  if (given.length > 0) return given;
  return items(spec['egress']).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

function direction(
  rules: readonly unknown[],
  name: string,
  side: 'from' | 'to',
  ref: PolicyRef,
  { ipBlocks, podRanges }: CompileContext,
  problems: Problems,
): DirectionRules {
  return {
    isolates: true,
    rules: rules.map((item, index): Rule => {
      const rule = fields(item);
      const given = items(rule[side]).map((peer) => peerOf(fields(peer), ref.namespace));
      const field = `spec.${name}[${index}]`;
      return {
        action: 'accept',
        // Absent or empty means any peer, not "no peer".
        peers:
          given.length === 0
            ? [{ kind: 'anyone' }]
            : withPods(given, 'accept', ipBlocks, podRanges, `${field}.${side}`, problems),
        ports: portsOf(items(rule['ports'])),
        policy: ref,
        field,
      };
    }),
  };
}

function portsOf(given: readonly unknown[]): PortMatch {
  if (given.length === 0) return { numbers: ALL_PORTS, names: [] };
  const parsed = given.map((item) => {
    const { protocol, port, endPort } = fields(item);
    return { protocol: (protocol ?? 'TCP') as Protocol, port, endPort };
  });
  return {
    numbers: parsed
      .filter(({ port }) => typeof port !== 'string')
      .map(({ protocol, port, endPort }) =>
        typeof port === 'number'
          ? ports(protocol, port, typeof endPort === 'number' ? endPort : port)
          : ports(protocol),
      )
      .reduce(union, NO_PORTS),
    names: parsed.flatMap(({ protocol, port }) => (typeof port === 'string' ? [{ protocol, name: port }] : [])),
  };
}

function peerOf(peer: Json, own: string): Peer {
  if (peer['ipBlock'] !== undefined && peer['ipBlock'] !== null) {
    const { cidr, except } = fields(peer['ipBlock']);
    return addressPeer(cidr, items(except));
  }
  const pods = selectorOf(peer['podSelector']);
  const namespaces = peer['namespaceSelector'];
  return namespaces === undefined || namespaces === null
    ? podsOfNamespace(own, pods)
    : podsOfNamespaces(selectorOf(namespaces), pods);
}

export function podsOfNamespace(namespace: string, pods: LabelSelector): Peer {
  const matches = compileSelector(pods);
  return {
    kind: 'pods',
    every: false,
    namespace,
    matches: (pod) => pod.namespace.name === namespace && matches(pod.labels),
    words: `${namespace}/${podWords(pods)}`,
  };
}

export function podsOfNamespaces(namespaces: LabelSelector, pods: LabelSelector): PodsPeer {
  const inNamespace = compileSelector(namespaces);
  const matches = compileSelector(pods);
  const only = nameIn(namespaces);
  const where = isUniversal(namespaces) ? '[all namespaces]' : `[namespaces with ${describeSelector(namespaces)}]`;
  return {
    kind: 'pods',
    every: isUniversal(namespaces) && isUniversal(pods),
    ...(only === undefined ? {} : { namespace: only }),
    matches: (pod) => inNamespace(pod.namespace.labels) && matches(pod.labels),
    words: `${onlyName(namespaces) ?? where}/${podWords(pods)}`,
  };
}

function podWords(pods: LabelSelector): string {
  return isUniversal(pods) ? '[all pods]' : `[pods with ${describeSelector(pods)}]`;
}

function nameIn({ matchLabels = {} }: LabelSelector): string | undefined {
  return matchLabels[NAMESPACE_NAME];
}

/** The name, where the selector says nothing else. */
function onlyName(selector: LabelSelector): string | undefined {
  const alone = Object.keys(selector.matchLabels ?? {}).length === 1 && (selector.matchExpressions ?? []).length === 0;
  return alone ? nameIn(selector) : undefined;
}
