import type { ApplicationRule, NatRule, NetworkRule, Protocol, WebProtocol } from '#domain/net/firewall/rules.ts';

/** Rule sets as somebody might write them, and their meaning packet by packet: slow, plain, and nothing of the engine's own. */

export interface Collection {
  readonly kind: 'nat' | 'network' | 'application';
  readonly priority: number;
  readonly rules: readonly (NatRule | NetworkRule | ApplicationRule)[];
}

export interface Group {
  readonly priority: number;
  readonly collections: readonly Collection[];
}

/** The farthest parent first. */
export type Policies = readonly (readonly Group[])[];

/** The points to ask about. Packets name them by their place in these lists. */
export interface Points {
  readonly sources: readonly bigint[];
  readonly destinations: readonly bigint[];
  readonly ports: readonly number[];
}

export type Outcome = 'allow' | 'deny' | 'translate' | 'undecided';

/** One rule, asked once about each point. */
interface Line {
  readonly outcome: Outcome;
  readonly protocols: readonly Protocol[];
  readonly sources: readonly boolean[];
  readonly destinations: readonly boolean[];
  readonly ports: readonly boolean[];
  readonly allPorts: boolean;
}

const holds = <T extends bigint | number>(list: readonly { readonly first: T; readonly last: T }[], value: T) =>
  list.some(({ first, last }) => first <= value && value <= last);

function rulesOf(policies: Policies, kind: Collection['kind']): Collection['rules'] {
  const found: Collection['rules'][number][] = [];
  for (const policy of policies)
    for (const group of [...policy].sort((a, b) => a.priority - b.priority))
      for (const collection of [...group.collections].sort((a, b) => a.priority - b.priority))
        if (collection.kind === kind) found.push(...collection.rules);
  return found;
}

function lineOf(rule: NatRule | NetworkRule, points: Points): Line {
  return {
    outcome: 'action' in rule ? rule.action : 'translate',
    protocols: rule.protocols,
    sources: points.sources.map((value) => holds(rule.sources, value)),
    destinations: points.destinations.map((value) => holds(rule.destinations, value)),
    ports: points.ports.map((value) => holds(rule.ports, value)),
    allPorts: rule.ports.some(({ first, last }) => first === 0 && last === 65_535),
  };
}

/** The rules' meaning packet by packet. */
export class BruteForce {
  readonly #lines: readonly Line[];
  readonly #application: readonly ApplicationRule[];

  constructor(policies: Policies, points: Points) {
    const nat = rulesOf(policies.slice(-1), 'nat') as readonly NatRule[];
    const network = rulesOf(policies, 'network') as readonly NetworkRule[];
    this.#lines = [...nat, ...network].map((rule) => lineOf(rule, points));
    this.#application = rulesOf(policies, 'application') as readonly ApplicationRule[];
  }

  #speaking(protocol: Protocol, source: number, port: number): readonly Line[] {
    const withPorts = protocol === 'tcp' || protocol === 'udp';
    return this.#lines.filter(
      (line) =>
        line.protocols.includes(protocol) && line.sources[source] && (withPorts ? line.ports[port] : line.allPorts),
    );
  }

  /** For each destination, what becomes of the packet, and whether any allowing rule speaks of it. */
  network(
    protocol: Protocol,
    source: number,
    port: number,
    destinations: number,
  ): readonly { readonly outcome: Outcome; readonly named: boolean }[] {
    const speaking = this.#speaking(protocol, source, port);
    return Array.from({ length: destinations }, (_, index) => ({
      outcome: speaking.find((line) => line.destinations[index])?.outcome ?? 'undecided',
      named: speaking.some((line) => line.outcome === 'allow' && line.destinations[index]),
    }));
  }

  application(request: Request): Outcome {
    for (const rule of this.#application) {
      const speaks =
        holds(rule.sources, request.source) &&
        rule.protocols.some(({ type, port }) => type === request.protocol && port === request.port) &&
        rule.targets.some((target) => glob(target, request.name));
      if (speaks) return rule.action;
    }
    return 'undecided';
  }
}

export interface Request {
  readonly source: bigint;
  readonly protocol: WebProtocol;
  readonly port: number;
  readonly name: string;
}

/** `*` stands for any text; a tag stands for itself, and only `*` means it too. */
function glob(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('tag:') || name.startsWith('tag:')) return pattern === name;
  if (!pattern.startsWith('*')) return pattern === name;
  return name.endsWith(pattern.slice(1));
}
