import {
  type Compilation,
  type CompiledPolicy,
  type DirectionRules,
  type NamedPort,
  type Peer,
  type PodView,
  type PolicyRef,
  type PortMatch,
  type Rule,
  TIERS,
} from './model.ts';
import { addressPeer, podsOfNamespaces } from './network-policy.ts';
import { ALL_PORTS, NO_PORTS, type PortSet, PROTOCOLS, ports, union } from './ports.ts';
import { Problems } from './problems.ts';
import { selectorErrors, selectorOf } from './selector-validation.ts';
import { fields, isObject, items, type Json } from './shape.ts';

/**
 * The cluster-wide policies of network-policy-api: rules in order, Accept/Allow, Deny or Pass, in a tier before the NetworkPolicies
 * (Admin) or behind them (Baseline). They never isolate: what no rule takes goes on to the next tier.
 * Reference: kubernetes-sigs/network-policy-api v1alpha1 and v1alpha2.
 */
export function compileAdminNetworkPolicy(document: Json, ref: PolicyRef): Compilation {
  const problems = new Problems(ref);
  const spec = fields(document['spec']);
  const baseline = ref.kind === 'BaselineAdminNetworkPolicy';
  if (baseline && ref.name !== 'default') problems.invalid('metadata.name', 'must be "default"');
  const order = baseline ? 0 : priorityOf(spec, problems);
  return compile(spec, ref, baseline ? TIERS.baseline : TIERS.admin, order, problems);
}

export function compileClusterNetworkPolicy(document: Json, ref: PolicyRef): Compilation {
  const problems = new Problems(ref);
  const spec = fields(document['spec']);
  const tier = spec['tier'];
  if (tier !== 'Admin' && tier !== 'Baseline') {
    problems.invalid('spec.tier', `"${String(tier)}" is not supported: Admin or Baseline`);
  }
  const order = priorityOf(spec, problems);
  return compile(spec, ref, tier === 'Baseline' ? TIERS.baseline : TIERS.admin, order, problems);
}

function priorityOf({ priority }: Json, problems: Problems): number {
  if (typeof priority === 'number' && Number.isInteger(priority) && priority >= 0 && priority <= 1000) return priority;
  problems.invalid('spec.priority', `${JSON.stringify(priority) ?? 'nothing'} is not a priority: 0 to 1000`);
  return 0;
}

function compile(spec: Json, ref: PolicyRef, tier: number, order: number, problems: Problems): Compilation {
  const subject = podsPeer(fields(spec['subject']), 'spec.subject', problems);
  const ingress = direction(spec, 'ingress', 'from', ref, problems);
  const egress = direction(spec, 'egress', 'to', ref, problems);
  if (problems.refused || subject?.kind !== 'pods') return { policies: [], errors: problems.found };
  const policy: CompiledPolicy = {
    ref,
    tier,
    order,
    covers: () => subject.every,
    ...(subject.namespace === undefined ? {} : { namespace: subject.namespace }),
    selects: (pod: PodView) => subject.matches(pod),
    // No rules in a direction: no effect there.
    ...(ingress.rules.length > 0 ? { ingress } : {}),
    ...(egress.rules.length > 0 ? { egress } : {}),
  };
  return { policies: [policy], errors: problems.found };
}

/** `namespaces: selector`, or `pods: {namespaceSelector, podSelector}`: exactly one. */
function podsPeer(peer: Json, field: string, problems: Problems): Peer | undefined {
  const { namespaces, pods } = peer;
  if (isObject(namespaces) === isObject(pods)) {
    problems.invalid(field, 'must specify exactly one of namespaces and pods');
    return undefined;
  }
  const selectors = isObject(pods) ? pods : { namespaceSelector: namespaces, podSelector: {} };
  const inNamespaces = selectorOf(selectors['namespaceSelector']);
  const matching = selectorOf(selectors['podSelector']);
  for (const error of [...selectorErrors(inNamespaces, field), ...selectorErrors(matching, field)]) {
    problems.invalid(error.field, error.message);
  }
  return podsOfNamespaces(inNamespaces, matching);
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
  problems: Problems,
): DirectionRules {
  return {
    isolates: false,
    rules: items(spec[name]).flatMap((item, index): Rule[] => {
      const rule = fields(item);
      const field = `spec.${name}[${index}]`;
      const action = ACTIONS[String(rule['action'])];
      if (action === undefined) problems.invalid(`${field}.action`, `"${String(rule['action'])}" is not supported`);
      if (action === 'pass' && ref.kind === 'BaselineAdminNetworkPolicy') {
        problems.invalid(`${field}.action`, 'a baseline has nothing to pass to');
      }
      const given = items(rule[side]);
      if (given.length === 0) problems.invalid(`${field}.${side}`, 'must hold at least one peer');
      if (action === undefined) return [];
      const peers = given.flatMap((peer, at) =>
        peerOf(fields(peer), `${field}.${side}[${at}]`, name, action, problems),
      );
      return [{ action, peers, ports: portsOf(rule, field, action, problems), policy: ref, field }];
    }),
  };
}

function peerOf(
  peer: Json,
  field: string,
  direction: 'ingress' | 'egress',
  action: Rule['action'],
  problems: Problems,
): readonly Peer[] {
  if (isObject(peer['namespaces']) || isObject(peer['pods'])) return [podsPeer(peer, field, problems) ?? ANYONE];
  if (direction === 'egress' && Array.isArray(peer['networks'])) {
    return items(peer['networks']).map((cidr) => addressPeer({ cidr, except: [] }));
  }
  if (direction === 'egress' && isObject(peer['nodes'])) {
    problems.undecidable(`${field}.nodes`, 'nodes are selected by labels that are not read');
  } else if (direction === 'egress' && Array.isArray(peer['domainNames'])) {
    problems.undecidable(`${field}.domainNames`, 'the addresses behind domain names are not known');
  } else {
    problems.undecidable(field, `the peer ${JSON.stringify(Object.keys(peer))} is not evaluated`);
  }
  // An unknown peer: what it accepts is taken as open, what it denies as not denied.
  return action === 'accept' ? [ANYONE] : [];
}

const ANYONE: Peer = { kind: 'anyone' };

function portsOf(rule: Json, field: string, action: Rule['action'], problems: Problems): PortMatch {
  const entries = [
    ...items(rule['ports']).map((item) => legacyPort(fields(item))),
    ...items(rule['protocols']).map((item) => protocolPort(fields(item))),
  ];
  if (entries.length === 0) return { numbers: ALL_PORTS, names: [] };
  const known = entries.filter((entry) => entry !== undefined);
  if (known.length < entries.length) {
    problems.undecidable(field, 'a port of the rule is of a kind that is not evaluated');
    if (action === 'accept') return { numbers: ALL_PORTS, names: [] };
  }
  return {
    numbers: known.map(({ numbers }) => numbers).reduce(union, NO_PORTS),
    names: known.flatMap(({ names }) => names),
  };
}

function anyProtocol(name: string): readonly NamedPort[] {
  return PROTOCOLS.map((protocol) => ({ protocol, name }));
}

/** v1alpha1: `portNumber`, `portRange`, `namedPort`. */
function legacyPort({ portNumber, portRange, namedPort }: Json): PortMatch | undefined {
  if (typeof namedPort === 'string') return { numbers: NO_PORTS, names: anyProtocol(namedPort) };
  const { protocol = 'TCP', port, start = port, end = port } = fields(portRange ?? portNumber);
  return numbered(protocol, start, end);
}

/** v1alpha2: `tcp`, `udp` or `sctp` with an optional `destinationPort`, or `destinationNamedPort`. */
function protocolPort(item: Json): PortMatch | undefined {
  const name = item['destinationNamedPort'];
  if (typeof name === 'string') return { numbers: NO_PORTS, names: anyProtocol(name) };
  const protocol = PROTOCOLS.find((candidate) => isObject(item[candidate.toLowerCase()]));
  if (protocol === undefined) return undefined;
  const { destinationPort } = fields(item[protocol.toLowerCase()]);
  if (destinationPort === undefined) return { numbers: ports(protocol), names: [] };
  const { number, range } = fields(destinationPort);
  const { start = number, end = number } = fields(range);
  return numbered(protocol, start, end);
}

function numbered(protocol: unknown, start: unknown, end: unknown): PortMatch | undefined {
  const known = PROTOCOLS.find((candidate) => candidate === protocol);
  if (known === undefined || typeof start !== 'number' || typeof end !== 'number' || start > end) return undefined;
  const numbers: PortSet = ports(known, start, end);
  return { numbers, names: [] };
}
