import { type AddressRange, rangesCover } from '../cidr.ts';
import {
  type ApplicationRule,
  type FirewallRules,
  type NatRule,
  type NetworkRule,
  PROTOCOLS,
  type Protocol,
  type WebProtocol,
} from './rules.ts';
import {
  ALL_PORTS,
  EVERYWHERE,
  intersection,
  overlaps,
  type PortRange,
  PUBLIC,
  pieces,
  sizeOf,
  union,
  without,
} from './sets.ts';
import { isWithinTag } from './tags.ts';
import { isAny, matchesTarget } from './targets.ts';

/** What some sources may reach by network rules, with one protocol on some ports. */
export interface NetworkReach {
  readonly sources: readonly AddressRange[];
  readonly protocol: Protocol;
  readonly ports: readonly PortRange[];
  /** Exactly the addresses that are allowed. */
  readonly allowed: readonly AddressRange[];
  /** Everything that the allowing rules name, whatever earlier rules took of it. */
  readonly named: readonly AddressRange[];
  /** Allowed service tags and names. */
  readonly names: readonly string[];
  /** The allowing rules. */
  readonly rules: readonly string[];
  /** Addresses that no network rule decides: application rules do. */
  readonly undecided: readonly AddressRange[];
}

/** What some sources may reach by application rules, with one protocol on one port. */
export interface ApplicationReach {
  readonly sources: readonly AddressRange[];
  readonly protocol: WebProtocol;
  readonly port: number;
  /** Allowed targets, each without those that an earlier rule decided. */
  readonly targets: readonly { readonly target: string; readonly except: readonly string[]; readonly rule: string }[];
}

export interface Egress {
  readonly network: readonly NetworkReach[];
  readonly application: readonly ApplicationReach[];
}

/** Everything that the rules let out of `sources`, as whole sets and not by samples. */
export function egressOf(rules: FirewallRules, sources: readonly AddressRange[]): Egress {
  const groups = sourceGroups(rules, sources);
  return {
    network: groups.flatMap(networkReach),
    application: groups.flatMap(applicationReach),
  };
}

/** Addresses that every rule treats alike, with the rules that speak of them. */
interface SourceGroup extends FirewallRules {
  readonly sources: readonly AddressRange[];
}

function sourceGroups(rules: FirewallRules, sources: readonly AddressRange[]): readonly SourceGroup[] {
  const all = [...rules.nat, ...rules.network, ...rules.application];
  const groups = new Map<string, AddressRange[]>();
  for (const source of union(sources)) {
    const cuts = all.flatMap((rule) => rule.sources.filter(({ family }) => family === source.family));
    for (const { first, last } of pieces(
      source,
      cuts,
      (value) => value + 1n,
      (value) => value - 1n,
    )) {
      const piece = { family: source.family, first, last };
      const key = `${source.family} ${all.map((rule) => (overlaps([piece], rule.sources) ? '1' : '0')).join('')}`;
      groups.set(key, [...(groups.get(key) ?? []), piece]);
    }
  }
  return [...groups.values()].map((found) => {
    const speaks = (rule: { readonly sources: readonly AddressRange[] }) => overlaps(found.slice(0, 1), rule.sources);
    return {
      sources: union(found),
      nat: rules.nat.filter(speaks),
      network: rules.network.filter(speaks),
      application: rules.application.filter(speaks),
    };
  });
}

function networkReach(group: SourceGroup): readonly NetworkReach[] {
  return PROTOCOLS.flatMap((protocol) => {
    const speaking = [...group.nat, ...group.network].filter((rule) => rule.protocols.includes(protocol));
    const cuts = hasPorts(protocol) ? speaking.flatMap(({ ports }) => ports) : [];
    const alike = new Map<string, { ports: PortRange[]; rules: readonly (NatRule | NetworkRule)[] }>();
    for (const piece of pieces(
      ALL_PORTS,
      cuts,
      (value) => value + 1,
      (value) => value - 1,
    )) {
      const matching = speaking.filter((rule) => onPorts(rule, protocol, piece));
      const key = speaking.map((rule) => (matching.includes(rule) ? '1' : '0')).join('');
      const known = alike.get(key);
      if (known === undefined) alike.set(key, { ports: [piece], rules: matching });
      else known.ports.push(piece);
    }
    return [...alike.values()].map(({ ports, rules }) => ({
      sources: group.sources,
      protocol,
      ports,
      ...destinationsOf(rules, familyOf(group)),
    }));
  });
}

const familyOf = ({ sources }: SourceGroup) => sources[0]?.family ?? 'ipv4';
const hasPorts = (protocol: Protocol) => protocol === 'tcp' || protocol === 'udp';

/** ICMP has no ports: a rule for it names all of them. */
function onPorts({ ports }: { readonly ports: readonly PortRange[] }, protocol: Protocol, piece: PortRange): boolean {
  if (!hasPorts(protocol)) return ports.some(({ first, last }) => first <= 1 && last >= ALL_PORTS.last);
  return ports.some(({ first, last }) => first <= piece.first && piece.last <= last);
}

/** The first rule that matches an address decides about it. */
function destinationsOf(
  rules: readonly (NatRule | NetworkRule)[],
  family: AddressRange['family'],
): Pick<NetworkReach, 'allowed' | 'named' | 'names' | 'rules' | 'undecided'> {
  let undecided = EVERYWHERE.filter((range) => range.family === family);
  const allowed: AddressRange[] = [];
  const named: AddressRange[] = [];
  const names = new Set<string>();
  const decided: string[] = [];
  const by = new Set<string>();
  let everywhere = false;
  for (const rule of rules) {
    const own = rule.destinations.filter((range) => range.family === family);
    const ownNames = 'names' in rule ? rule.names : [];
    if ('action' in rule && rule.action === 'allow') {
      const taken = intersection(undecided, union(own));
      const fresh = everywhere ? [] : ownNames.filter((name) => !decided.some((earlier) => isWithinTag(name, earlier)));
      if (taken.length > 0 || fresh.length > 0) by.add(rule.name);
      allowed.push(...taken);
      named.push(...own);
      for (const name of fresh) names.add(name);
    }
    undecided = [...without(undecided, own)];
    decided.push(...ownNames);
    // A tag is a list of public addresses: a rule for all of those decides about it too.
    everywhere ||= PUBLIC[family].every((range) => rangesCover(own, range));
  }
  return { allowed: union(allowed), named: union(named), names: [...names].sort(), rules: [...by], undecided };
}

function applicationReach(group: SourceGroup): readonly ApplicationReach[] {
  const network = networkReach(group);
  const asked = new Map(
    group.application.flatMap(({ protocols }) => protocols).map((entry) => [`${entry.type}:${entry.port}`, entry]),
  );
  return [...asked.values()].flatMap(({ type, port }) => {
    const before = network.find(
      ({ protocol, ports }) => protocol === 'tcp' && ports.some(({ first, last }) => first <= port && port <= last),
    );
    if (before === undefined || before.undecided.length === 0) return [];
    const targets = targetsOf(
      group.application.filter(({ protocols }) => protocols.some((own) => own.type === type && own.port === port)),
    );
    return targets.length === 0 ? [] : [{ sources: group.sources, protocol: type, port, targets }];
  });
}

function targetsOf(rules: readonly ApplicationRule[]): ApplicationReach['targets'] {
  const earlier: string[] = [];
  const allowed: { target: string; except: readonly string[]; rule: string }[] = [];
  for (const { action, targets, name } of rules) {
    for (const target of action === 'allow' ? targets : []) {
      if (!earlier.some((other) => covers(other, target))) allowed.push({ target, except: [...earlier], rule: name });
    }
    earlier.push(...targets);
  }
  return allowed;
}

/** Whether every name of `target` is one of `wide`; in doubt not. */
function covers(wide: string, target: string): boolean {
  if (wide === target || isAny(wide)) return true;
  if (target.includes('*'))
    return (
      wide.startsWith('*') && wide.lastIndexOf('*') === 0 && target.startsWith('*') && target.endsWith(wide.slice(1))
    );
  return matchesTarget(target, wide);
}

/** Why the internet as a whole is reachable, or undefined. */
export interface Opening {
  readonly rules: readonly string[];
  readonly what: string;
}

/**
 * The first thing that lets the whole internet through. By addresses: the allowing rules together name every public address on some port,
 * and earlier denials leave at least half of them; so a list of denials in front of "allow everything" does not hide it, and a list that
 * leaves a few addresses is an allow-list by other means. By names: the target `*` that no earlier `*` took.
 */
export function openingOf({ network, application }: Egress): Opening | undefined {
  for (const reach of network) {
    const family = reach.sources[0]?.family ?? 'ipv4';
    if (!PUBLIC[family].every((range) => rangesCover(reach.named, range))) continue;
    if (2n * sizeOf(intersection(reach.allowed, PUBLIC[family])) < sizeOf(PUBLIC[family])) continue;
    return { rules: reach.rules, what: `every address by ${reach.protocol}${portsOf(reach)}` };
  }
  for (const { protocol, port, targets } of application) {
    const any = targets.filter(({ target }) => isAny(target));
    if (any.length > 0)
      return { rules: any.map(({ rule }) => rule), what: `every name by ${protocol} on port ${port}` };
  }
  return undefined;
}

function portsOf({ protocol, ports }: NetworkReach): string {
  if (!hasPorts(protocol)) return '';
  const text = ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
  return ports.length === 1 && text === '0-65535' ? ' on any port' : ` on ports ${text}`;
}
