import { calicoLabels, calicoNamespaceLabels } from './calico-labels.ts';
import { calicoPeers } from './calico-peers.ts';
import { isCalicoUniversal, parseCalicoSelector } from './calico-selector.ts';
import { calicoErrors } from './calico-validation.ts';
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
import { ALL_PORTS, NO_PORTS, type PortSet, PROTOCOLS, type Protocol, ports, union } from './ports.ts';
import { Problems } from './problems.ts';
import { fields, items, type Json } from './shape.ts';

/**
 * Calico NetworkPolicy and GlobalNetworkPolicy: tiers, policies in `order`, rules Allow, Deny, Pass and Log one after the other, and
 * an implicit deny at the end of a tier for what one of its policies selects. Criteria that are not evaluated are named, and then
 * widen an Allow and void a Deny. Reference: docs.tigera.io, Calico, network policy resource.
 */
export function compileCalicoPolicy(document: Json, ref: PolicyRef, all: readonly Json[]): Compilation {
  const problems = new Problems(ref);
  for (const { field, message } of calicoErrors(document)) problems.invalid(field, message);
  if (problems.refused) return { policies: [], errors: problems.found };
  const spec = fields(document['spec']);
  // Untracked and pre-DNAT policies concern host endpoints only.
  if (spec['doNotTrack'] === true || spec['preDNAT'] === true) return { policies: [], errors: [] };
  const tier = tierOf(String(spec['tier'] ?? 'default'), all, problems);
  const selects = subjectOf(spec, ref, problems);
  const types = typesOf(spec);
  const direction = (name: Direction): DirectionRules => ({
    isolates: tier.isolates,
    rules: items(spec[name]).flatMap((rule, index) =>
      ruleOf(fields(rule), name, `spec.${name}[${index}]`, ref, problems),
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
  return { policies: problems.refused ? [] : [policy], errors: problems.found };
}

/** Empty or absent: what the rules are for; Ingress where there are none. */
function typesOf(spec: Json): readonly unknown[] {
  const given = items(spec['types']);
  if (given.length > 0) return given;
  const egress = items(spec['egress']).length > 0;
  if (!egress) return ['Ingress'];
  return items(spec['ingress']).length > 0 ? ['Ingress', 'Egress'] : ['Egress'];
}

function tierOf(name: string, all: readonly Json[], problems: Problems): { order: number; isolates: boolean } {
  if (name === 'default') return { order: TIERS.default, isolates: true };
  const tier = all.find((object) => object['kind'] === 'Tier' && fields(object['metadata'])['name'] === name);
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
  problems: Problems,
): Pick<CompiledPolicy, 'covers'> & { matches: (pod: PodView) => boolean } {
  const text = String(spec['selector'] ?? '');
  const namespaces = String(spec['namespaceSelector'] ?? '');
  const pods = parseCalicoSelector(text);
  const inNamespaces = parseCalicoSelector(namespaces);
  const account = spec['serviceAccountSelector'];
  if (account !== undefined && account !== '') {
    // Labels of service accounts are not read: whom the policy selects is open, so it isolates nobody for certain.
    problems.undecidable('spec.serviceAccountSelector', 'service accounts are selected by labels that are not read');
    return { covers: () => false, matches: () => false };
  }
  return {
    covers: (namespace) =>
      (ref.namespace === '' || namespace.name === ref.namespace) &&
      isCalicoUniversal(text) &&
      (namespaces === '' || inNamespaces?.(calicoNamespaceLabels({ namespace })) === true),
    matches: (pod) =>
      (ref.namespace === '' || pod.namespace.name === ref.namespace) &&
      pods?.(calicoLabels(pod)) === true &&
      (namespaces === '' || inNamespaces?.(calicoNamespaceLabels(pod)) === true),
  };
}

const ACTIONS = new Map<unknown, Rule['action']>([
  ['Allow', 'accept'],
  ['Deny', 'deny'],
  ['Pass', 'pass'],
]);

function ruleOf(rule: Json, direction: Direction, field: string, ref: PolicyRef, problems: Problems): readonly Rule[] {
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
  const peers = calicoPeers(peerSide, { ref, action, field, problems });
  return [{ action, peers, ports: portsOf(rule), policy: ref, field }];
}

const PEER = ['nets', 'notNets', 'selector', 'namespaceSelector'];

/** Criteria beyond the peer's addresses and selectors and the destination's ports. */
function narrowing(rule: Json, direction: Direction): readonly string[] {
  const known = {
    source: direction === 'ingress' ? PEER : [],
    destination: [...(direction === 'egress' ? PEER : []), 'ports'],
  };
  const further = ['notProtocol', 'http', 'ipVersion', 'notICMP'].filter((key) => rule[key] !== undefined);
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

function portsOf(rule: Json): PortMatch {
  const protocol = rule['protocol'];
  const given = items(fields(rule['destination'])['ports']);
  if (protocol === undefined || protocol === null) return { numbers: ALL_PORTS, names: [] };
  const known =
    NUMBERS.get(String(protocol)) ?? PROTOCOLS.find((candidate) => candidate === String(protocol).toUpperCase());
  // ICMP and the like open no port.
  if (known === undefined) return { numbers: NO_PORTS, names: [] };
  if (given.length === 0) return { numbers: ports(known), names: [] };
  const parsed = given.map((port) => /^(\d+)(?::(\d+))?$/.exec(String(port)));
  const sets = parsed.flatMap((found): PortSet[] =>
    found === null ? [] : [ports(known, Math.max(1, Number(found[1])), Number(found[2] ?? found[1]))],
  );
  const names = given
    .filter((_, index) => parsed[index] === null)
    .map((name) => ({ protocol: known, name: String(name) }));
  return { numbers: sets.reduce(union, NO_PORTS), names };
}
