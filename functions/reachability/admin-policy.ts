import { adminPolicyErrors } from './admin-validation.ts';
import type { CompileContext } from './context.ts';
import {
  type Compilation,
  type CompiledPolicy,
  type DirectionRules,
  type Peer,
  type PodsPeer,
  type PodView,
  type PolicyRef,
  type PortMatch,
  type Rule,
  TIERS,
} from './model.ts';
import { podsOfNamespaces } from './network-policy.ts';
import { ALWAYS_PODS, addressPeer, withPods } from './pod-addresses.ts';
import { ALL_PORTS, NO_PORTS, type PortSet, PROTOCOLS, type Protocol, ports, union } from './ports.ts';
import { Problems } from './problems.ts';
import { selectorOf } from './selector-validation.ts';
import { fields, isObject, items, type Json } from './shape.ts';

/**
 * The cluster-wide policies of network-policy-api: rules in order, Accept/Allow, Deny or Pass, in a tier before the NetworkPolicies
 * (Admin) or behind them (Baseline). They never isolate: what no rule takes goes on to the next tier.
 * Reference: kubernetes-sigs/network-policy-api v1alpha1, v1alpha2 and v1beta1.
 */
export function compileAdminNetworkPolicy(document: Json, ref: PolicyRef, context: CompileContext): Compilation {
  const problems = new Problems(ref);
  const baseline = ref.kind === 'BaselineAdminNetworkPolicy';
  if (baseline && ref.name !== 'default') problems.invalid('metadata.name', 'must be "default"');
  return compile(document, ref, baseline ? TIERS.baseline : TIERS.admin, context, problems);
}

export function compileClusterNetworkPolicy(document: Json, ref: PolicyRef, context: CompileContext): Compilation {
  const problems = new Problems(ref);
  const tier = fields(document['spec'])['tier'];
  if (tier !== 'Admin' && tier !== 'Baseline') {
    problems.invalid('spec.tier', `"${String(tier ?? '')}" is not supported: Admin or Baseline`);
  }
  return compile(document, ref, tier === 'Baseline' ? TIERS.baseline : TIERS.admin, context, problems);
}

function compile(
  document: Json,
  ref: PolicyRef,
  tier: number,
  context: CompileContext,
  problems: Problems,
): Compilation {
  for (const { field, message } of adminPolicyErrors(document, ref.kind)) problems.invalid(field, message);
  if (problems.refused) return { policies: [], errors: problems.found };
  const spec = fields(document['spec']);
  const subject = podsPeer(fields(spec['subject']));
  const ingress = direction(spec, 'ingress', 'from', ref, context, problems);
  const egress = direction(spec, 'egress', 'to', ref, context, problems);
  const policy: CompiledPolicy = {
    ref,
    tier,
    order: typeof spec['priority'] === 'number' ? spec['priority'] : 0,
    covers: () => subject.every,
    ...(subject.namespace === undefined ? {} : { namespace: subject.namespace }),
    selects: (pod: PodView) => subject.matches(pod),
    // No rules in a direction: no effect there.
    ...(ingress.rules.length > 0 ? { ingress } : {}),
    ...(egress.rules.length > 0 ? { egress } : {}),
  };
  return { policies: [policy], errors: problems.found, notes: problems.notes };
}

/** `namespaces: selector`, or `pods: {namespaceSelector, podSelector}`. */
function podsPeer({ namespaces, pods }: Json): PodsPeer {
  const selectors = isObject(pods) ? pods : { namespaceSelector: namespaces, podSelector: {} };
  return podsOfNamespaces(selectorOf(selectors['namespaceSelector']), selectorOf(selectors['podSelector']));
}

const ACTIONS: Readonly<Record<string, Rule['action']>> = {
  Allow: 'accept',
  Accept: 'accept',
  Deny: 'deny',
  Pass: 'pass',
};

function direction(
  spec: Json,
  name: 'ingress' | 'egress',
  side: 'from' | 'to',
  ref: PolicyRef,
  { podRanges }: CompileContext,
  problems: Problems,
): DirectionRules {
  return {
    isolates: false,
    rules: items(spec[name]).map((item, index): Rule => {
      const rule = fields(item);
      const field = `spec.${name}[${index}]`;
      const action = ACTIONS[String(rule['action'])] ?? 'pass';
      const peers = items(rule[side]).flatMap((peer, at) =>
        peerOf(fields(peer), `${field}.${side}[${at}]`, action, problems),
      );
      return {
        action,
        // The API says so itself: a rule about networks is held against traffic inside the cluster as well.
        peers: withPods(peers, action, ALWAYS_PODS, podRanges, `${field}.${side}`, problems),
        ports: portsOf(rule, field, problems),
        policy: ref,
        field,
      };
    }),
  };
}

function peerOf(peer: Json, field: string, action: Rule['action'], problems: Problems): readonly Peer[] {
  if (isObject(peer['namespaces']) || isObject(peer['pods'])) return [podsPeer(peer)];
  if (Array.isArray(peer['networks'])) return peer['networks'].map((cidr) => addressPeer(cidr));
  if (isObject(peer['nodes'])) problems.undecidable(`${field}.nodes`, 'nodes are selected by labels that are not read');
  else problems.undecidable(`${field}.domainNames`, 'the addresses behind domain names are not known');
  // An unknown peer: what it accepts is taken as open, what it denies as not denied.
  return action === 'accept' ? [{ kind: 'anyone' }] : [];
}

function portsOf(rule: Json, field: string, problems: Problems): PortMatch {
  const entries = [
    ...items(rule['ports']).map((item, index) => legacyPort(fields(item), `${field}.ports[${index}]`, problems)),
    ...items(rule['protocols']).map((item) => protocolPort(fields(item))),
  ];
  if (entries.length === 0) return { numbers: ALL_PORTS, names: [] };
  return {
    numbers: entries.map(({ numbers }) => numbers).reduce(union, NO_PORTS),
    names: entries.flatMap(({ names }) => names),
  };
}

function named(name: string): PortMatch {
  return { numbers: NO_PORTS, names: PROTOCOLS.map((protocol) => ({ protocol, name })) };
}

/** v1alpha1: `portNumber`, `portRange`, `namedPort`. Its API takes a range that ends before it starts, and nothing matches it. */
function legacyPort({ portNumber, portRange, namedPort }: Json, field: string, problems: Problems): PortMatch {
  if (typeof namedPort === 'string') return named(namedPort);
  const { protocol, port, start = port, end = port } = fields(portRange ?? portNumber);
  if (Number(start) > Number(end)) {
    problems.undecidable(`${field}.portRange`, `ends at ${String(end)} before it starts at ${String(start)}: empty`);
    return { numbers: NO_PORTS, names: [] };
  }
  return { numbers: ports((protocol ?? 'TCP') as Protocol, Number(start), Number(end)), names: [] };
}

/** v1alpha2 and v1beta1: `tcp`, `udp` or `sctp` with a `destinationPort`, or `destinationNamedPort`. */
function protocolPort(item: Json): PortMatch {
  const name = item['destinationNamedPort'];
  if (typeof name === 'string') return named(name);
  const numbers = PROTOCOLS.filter((protocol) => isObject(item[protocol.toLowerCase()])).map((protocol): PortSet => {
    const { destinationPort } = fields(item[protocol.toLowerCase()]);
    const { number, range } = fields(destinationPort);
    const { start = number, end = number } = fields(range);
    return ports(protocol, Number(start), Number(end));
  });
  return { numbers: numbers.reduce(union, NO_PORTS), names: [] };
}
