import { accountSelector } from './calico-accounts.ts';
import { calicoLabels, calicoNamespaceLabels } from './calico-labels.ts';
import { calicoPeers, serviceIn } from './calico-peers.ts';
import { isCalicoUniversal, parseCalicoSelector } from './calico-selector.ts';
import { calicoErrors } from './calico-validation.ts';
import type { CompileContext } from './context.ts';
import {
  type Compilation,
  type CompiledPolicy,
  type Direction,
  type DirectionRules,
  type PodView,
  type PolicyRef,
  type PortMatch,
  type Rule,
  TIERS,
} from './model.ts';
import { ALL_PORTS, NO_PORTS, type PortSet, PROTOCOLS, type Protocol, ports, subtract, union } from './ports.ts';
import { Problems } from './problems.ts';
import { targetPortsOf } from './service-peers.ts';
import { fields, items, type Json } from './shape.ts';

/**
 * Calico NetworkPolicy and GlobalNetworkPolicy: tiers, policies in `order`, rules Allow, Deny, Pass and Log one after the other, and
 * an implicit deny at the end of a tier for what one of its policies selects. Criteria that are not evaluated are named, and then
 * widen an Allow and void a Deny. Reference: docs.tigera.io, Calico, network policy resource.
 */
export function compileCalicoPolicy(document: Json, ref: PolicyRef, context: CompileContext): Compilation {
  const problems = new Problems(ref);
  for (const { field, message } of calicoErrors(document)) problems.invalid(field, message);
  if (problems.refused) return { policies: [], errors: problems.found };
  const spec = fields(document['spec']);
  // Untracked and pre-DNAT policies concern host endpoints only.
  if (spec['doNotTrack'] === true || spec['preDNAT'] === true) return { policies: [], errors: [] };
  const tier = tierOf(String(spec['tier'] ?? 'default'), context, problems);
  const selects = subjectOf(spec, ref, context, problems);
  const types = typesOf(spec);
  const direction = (name: Direction): DirectionRules => ({
    isolates: tier.isolates,
    rules: items(spec[name]).flatMap((rule, index) =>
      ruleOf(fields(rule), name, `spec.${name}[${index}]`, ref, context, problems),
    ),
  });
  const policy: CompiledPolicy = {
    ref,
    tier: tier.order,
    order: typeof spec['order'] === 'number' ? spec['order'] : Number.MAX_SAFE_INTEGER,
    covers: selects.covers,
    ...(ref.namespace === '' ? {} : { namespace: ref.namespace }),
    selects: selects.matches,
    ...(types.includes('Ingress') ? { ingress: direction('ingress') } : {}),
    ...(types.includes('Egress') ? { egress: direction('egress') } : {}),
  };
  return { policies: problems.refused ? [] : [policy], errors: problems.found, notes: problems.notes };
}

/** Empty or absent: what the rules are for; Ingress where there are none. */
function typesOf(spec: Json): readonly unknown[] {
  const given = items(spec['types']);
  if (given.length > 0) return given;
  const egress = items(spec['egress']).length > 0;
  if (!egress) return ['Ingress'];
  return items(spec['ingress']).length > 0 ? ['Ingress', 'Egress'] : ['Egress'];
}

function tierOf(name: string, { objects }: CompileContext, problems: Problems): { order: number; isolates: boolean } {
  if (name === 'default') return { order: TIERS.default, isolates: true };
  const tier = objects.named('Tier', name);
  if (tier === undefined) {
    problems.undecidable('spec.tier', `the tier "${name}" was not read, so its place among the tiers is not known`);
    return { order: TIERS.default, isolates: true };
  }
  const { order, defaultAction } = fields(tier['spec']);
  return { order: typeof order === 'number' ? order : TIERS.calicoUnordered, isolates: defaultAction !== 'Pass' };
}

function subjectOf(
  spec: Json,
  ref: PolicyRef,
  context: CompileContext,
  problems: Problems,
): Pick<CompiledPolicy, 'covers'> & { matches: (pod: PodView) => boolean } {
  const text = String(spec['selector'] ?? '');
  const namespaces = String(spec['namespaceSelector'] ?? '');
  const pods = parseCalicoSelector(text);
  const inNamespaces = parseCalicoSelector(namespaces);
  const account = String(spec['serviceAccountSelector'] ?? '');
  // Whom the policy selects is open where an account was not read: such a pod is not isolated for certain.
  const ofAccount =
    account === '' ? () => true : accountSelector(account, 'spec.serviceAccountSelector', context, problems, false);
  return {
    covers: (namespace) =>
      account === '' &&
      (ref.namespace === '' || namespace.name === ref.namespace) &&
      isCalicoUniversal(text) &&
      (namespaces === '' || inNamespaces?.(calicoNamespaceLabels({ namespace })) === true),
    matches: (pod) =>
      (ref.namespace === '' || pod.namespace.name === ref.namespace) &&
      pods?.(calicoLabels(pod)) === true &&
      ofAccount(pod) &&
      (namespaces === '' || inNamespaces?.(calicoNamespaceLabels(pod)) === true),
  };
}

const ACTIONS = new Map<unknown, Rule['action']>([
  ['Allow', 'accept'],
  ['Deny', 'deny'],
  ['Pass', 'pass'],
]);

function ruleOf(
  rule: Json,
  direction: Direction,
  field: string,
  ref: PolicyRef,
  context: CompileContext,
  problems: Problems,
): readonly Rule[] {
  const action = ACTIONS.get(rule['action']);
  // What is logged goes on to the next rule.
  if (action === undefined) return [];
  const narrowed = narrowing(rule, direction);
  if (narrowed.length > 0) {
    problems.undecidable(field, `${narrowed.join(', ')} not evaluated`);
    // Without its narrowing criteria an Allow is wider than it is; a Deny or Pass would be too, so it is left out.
    if (action !== 'accept') return [];
  }
  const peerSide = fields(rule[direction === 'ingress' ? 'source' : 'destination']);
  const peers = calicoPeers(peerSide, { ref, action, field, context, problems });
  const service = direction === 'egress' ? serviceIn(fields(peerSide['services']), ref, context) : undefined;
  return [{ action, peers, ports: service === undefined ? portsOf(rule) : targetPortsOf(service), policy: ref, field }];
}

const PEER = ['nets', 'notNets', 'selector', 'notSelector', 'namespaceSelector', 'serviceAccounts', 'services'];

/** Criteria beyond the peer's addresses and selectors and the destination's ports. */
function narrowing(rule: Json, direction: Direction): readonly string[] {
  const notPorts = items(fields(rule['destination'])['notPorts']).every(
    (port) => numericPorts('TCP', port) !== undefined,
  )
    ? ['notPorts']
    : [];
  const known = {
    source: direction === 'ingress' ? PEER : [],
    destination: [...(direction === 'egress' ? PEER : []), 'ports', ...notPorts],
  };
  const further = ['http', 'ipVersion', 'notICMP'].filter((key) => rule[key] !== undefined);
  const sides = (['source', 'destination'] as const).flatMap((side) =>
    Object.keys(fields(rule[side]))
      .filter((key) => !known[side].includes(key))
      .map((key) => `${side}.${key}`),
  );
  return [...further, ...sides];
}

const NUMBERS = new Map<string, Protocol>([
  ['6', 'TCP'],
  ['17', 'UDP'],
  ['132', 'SCTP'],
]);

function protocolOf(given: unknown): Protocol | undefined {
  return NUMBERS.get(String(given)) ?? PROTOCOLS.find((candidate) => candidate === String(given).toUpperCase());
}

/** `80`, or `80:90`; undefined for the name of a port. */
function numericPorts(protocol: Protocol, port: unknown): PortSet | undefined {
  const found = /^(\d+)(?::(\d+))?$/.exec(String(port));
  return found === null ? undefined : ports(protocol, Math.max(1, Number(found[1])), Number(found[2] ?? found[1]));
}

function portsOf({ protocol, notProtocol, destination }: Json): PortMatch {
  if (protocol === undefined || protocol === null) {
    const without = notProtocol === undefined || notProtocol === null ? undefined : protocolOf(notProtocol);
    return { numbers: without === undefined ? ALL_PORTS : subtract(ALL_PORTS, ports(without)), names: [] };
  }
  const known = protocolOf(protocol);
  // ICMP and the like open no port.
  if (known === undefined) return { numbers: NO_PORTS, names: [] };
  const { ports: given, notPorts } = fields(destination);
  const without = items(notPorts)
    .flatMap((port) => numericPorts(known, port) ?? [])
    .reduce(union, NO_PORTS);
  if (items(given).length === 0) return { numbers: subtract(ports(known), without), names: [] };
  const numbers = items(given).flatMap((port) => numericPorts(known, port) ?? []);
  const names = items(given).filter((port) => numericPorts(known, port) === undefined);
  return {
    numbers: subtract(numbers.reduce(union, NO_PORTS), without),
    names: names.map((name) => ({ protocol: known, name: String(name) })),
  };
}
