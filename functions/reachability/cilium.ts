import { ciliumPeers } from './cilium-peers.ts';
import { ciliumSelector } from './cilium-selector.ts';
import { ciliumErrors } from './cilium-validation.ts';
import type { CompileContext } from './context.ts';
import {
  type Compilation,
  type CompiledPolicy,
  type NamedPort,
  NETWORK_POLICY_ORDER,
  type PolicyRef,
  type PortMatch,
  type Rule,
  TIERS,
} from './model.ts';
import { ALL_PORTS, NO_PORTS, type PortSet, PROTOCOLS, type Protocol, ports, union } from './ports.ts';
import { Problems } from './problems.ts';
import { fields, isObject, items, type Json } from './shape.ts';

/**
 * CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, `spec` and `specs`.
 *
 * Other than in a NetworkPolicy an empty list of rules does nothing, while `ingress: [{}]` denies by default and allows nothing.
 * `enableDefaultDeny` overrides. Deny rules beat every allow, those of NetworkPolicies too. Layer 7 rules narrow a port that they
 * open: the port counts as open. Reference: docs.cilium.io, network policy, and the CRD's description of Rule.
 */
export function compileCiliumPolicy(document: Json, ref: PolicyRef, context: CompileContext): Compilation {
  return compile(document, ref, context, 'pods');
}

/** The host policies of a CiliumClusterwideNetworkPolicy: each spec with a `nodeSelector`, which selects by the nodes' labels. */
export function compileCiliumHostPolicy(document: Json, ref: PolicyRef, context: CompileContext): Compilation {
  return compile(document, ref, context, 'hosts');
}

/** Whom the compiled policies concern: a spec of the other sort is checked and left out. */
type Subject = 'pods' | 'hosts';

function compile(document: Json, ref: PolicyRef, context: CompileContext, subject: Subject): Compilation {
  const problems = new Problems(ref);
  for (const { field, message } of ciliumErrors(document)) problems.invalid(field, message);
  if (problems.refused) return { policies: [], errors: problems.found };
  const single = isObject(document['spec']) ? [{ spec: document['spec'], field: 'spec' }] : [];
  const several = items(document['specs']).map((spec, index) => ({ spec: fields(spec), field: `specs[${index}]` }));
  const specs = [...single, ...several];
  if (specs.length === 0) problems.invalid('spec', 'spec or specs must be given');
  const policies = specs.flatMap(({ spec, field }) => compileSpec(spec, field, ref, context, subject, problems));
  return { policies: problems.refused ? [] : policies, errors: problems.found, notes: problems.notes };
}

function compileSpec(
  spec: Json,
  field: string,
  ref: PolicyRef,
  context: CompileContext,
  wanted: Subject,
  problems: Problems,
): readonly CompiledPolicy[] {
  const { endpointSelector, nodeSelector } = spec;
  if (isObject(endpointSelector) === isObject(nodeSelector)) {
    problems.invalid(field, 'must have exactly one of endpointSelector and nodeSelector');
    return [];
  }
  if (isObject(nodeSelector) && ref.namespace !== '') {
    problems.invalid(`${field}.nodeSelector`, 'is only allowed in a clusterwide policy');
  }
  if (isObject(nodeSelector) !== (wanted === 'hosts')) return [];
  const subject = ciliumSelector(endpointSelector ?? nodeSelector, ref.namespace);
  const common = {
    ref,
    covers: subject.covers,
    ...(ref.namespace === '' ? {} : { namespace: ref.namespace }),
    selects: subject.matches,
  };
  const part = (name: 'ingress' | 'egress', deny: boolean) => rulesOf(spec, name, deny, field, ref, context, problems);
  const defaultDeny = fields(spec['enableDefaultDeny']);
  const isolates = (name: 'ingress' | 'egress') =>
    typeof defaultDeny[name] === 'boolean'
      ? defaultDeny[name]
      : items(spec[name]).length > 0 || items(spec[`${name}Deny`]).length > 0;
  const allowing = (name: 'ingress' | 'egress') => {
    const rules = part(name, false);
    return rules.length > 0 || isolates(name) ? { [name]: { isolates: isolates(name), rules } } : {};
  };
  const denying = (name: 'ingress' | 'egress') => {
    const rules = part(name, true);
    return rules.length > 0 ? { [name]: { isolates: false, rules } } : {};
  };
  return [
    { ...common, tier: TIERS.ciliumDeny, order: 0, ...denying('ingress'), ...denying('egress') },
    { ...common, tier: TIERS.default, order: NETWORK_POLICY_ORDER, ...allowing('ingress'), ...allowing('egress') },
  ];
}

function rulesOf(
  spec: Json,
  name: 'ingress' | 'egress',
  deny: boolean,
  field: string,
  ref: PolicyRef,
  context: CompileContext,
  problems: Problems,
): readonly Rule[] {
  const list = deny ? `${name}Deny` : name;
  return items(spec[list]).map((item, index): Rule => {
    const rule = fields(item);
    const path = `${field}.${list}[${index}]`;
    const action = deny ? 'deny' : 'accept';
    const peers = ciliumPeers(rule, name === 'ingress' ? 'from' : 'to', {
      ref,
      action,
      field: path,
      context,
      problems,
    });
    return { action, peers, ports: portsOf(rule, path, action, problems), policy: ref, field: path };
  });
}

/** No `toPorts`: every port. Only ICMP: no port. */
function portsOf(rule: Json, field: string, action: Rule['action'], problems: Problems): PortMatch {
  const given = items(rule['toPorts']).flatMap((entry) => items(fields(entry)['ports']).map(fields));
  const withoutList = items(rule['toPorts']).some((entry) => items(fields(entry)['ports']).length === 0);
  if (given.length === 0 && items(rule['icmps']).length > 0) return { numbers: NO_PORTS, names: [] };
  if (given.length === 0 || withoutList) return { numbers: ALL_PORTS, names: [] };
  // A layer 7 deny hardly exists; one that narrows a denied port denies less than the whole port.
  if (action === 'deny' && items(rule['toPorts']).some((entry) => isObject(fields(entry)['rules']))) {
    problems.undecidable(`${field}.toPorts`, 'a layer 7 rule denies a part of a port only');
    return { numbers: NO_PORTS, names: [] };
  }
  const parsed = given.map(portOf);
  return {
    numbers: parsed.map(({ numbers }) => numbers).reduce(union, NO_PORTS),
    names: parsed.flatMap(({ names }) => names),
  };
}

/** `port` is a number as text, or a name; 0 or none is every port. `protocol` ANY or none is every protocol. */
function portOf({ port, endPort, protocol }: Json): PortMatch {
  const name = String(protocol ?? 'ANY').toUpperCase();
  const protocols: readonly Protocol[] =
    name === 'ANY' ? PROTOCOLS : PROTOCOLS.filter((candidate) => candidate === name);
  const text = String(port ?? '0');
  if (!/^\d+$/.test(text)) {
    return { numbers: NO_PORTS, names: protocols.map((one): NamedPort => ({ protocol: one, name: text })) };
  }
  const first = Number(text);
  const last = typeof endPort === 'number' && endPort > 0 ? endPort : first;
  const sets = protocols.map((one): PortSet => (first === 0 ? ports(one) : ports(one, first, last)));
  return { numbers: sets.reduce(union, NO_PORTS), names: [] };
}
