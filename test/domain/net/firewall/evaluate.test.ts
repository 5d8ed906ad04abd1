import { describe, expect, test } from 'vitest';
import { type AddressRange, parseRange } from '#domain/net/cidr.ts';
import { type Egress, egressOf, openingOf } from '#domain/net/firewall/evaluate.ts';
import {
  type ApplicationRule,
  type FirewallRules,
  inOrder,
  type NatRule,
  type NetworkRule,
  PROTOCOLS,
  type Protocol,
} from '#domain/net/firewall/rules.ts';
import { ALL_PORTS, PUBLIC, parseAddresses, parsePorts } from '#domain/net/firewall/sets.ts';
import { matchesTarget } from '#domain/net/firewall/targets.ts';
import { BruteForce, type Collection, type Policies } from './brute-force.ts';

const range = (text: string): AddressRange => {
  const found = parseAddresses(text);
  if (found === undefined) throw new Error(`not a range: ${text}`);
  return found;
};

/** A generator with a fixed seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const SOURCES = ['0.0.0.0/0', '10.1.0.0/24', '10.1.0.0/25', '10.1.0.16-10.1.0.40', '10.1.1.0/24', '192.0.2.0/24'].map(
  range,
);
const DESTINATIONS = [
  '0.0.0.0/0',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '10.0.0.0/8',
  '10.2.0.0/16',
  '20.0.0.0/8',
  '20.1.2.3',
  '64.0.0.0/2',
  '192.0.0.0/2',
  '20.1.0.0-20.9.0.0',
].map(range);
const PORTS = ['*', '443', '80', '1-1024', '1024-65535'].map((text) => parsePorts(text) ?? ALL_PORTS);
const TARGETS = ['*', '*.a.test', 'x.a.test', 'a.test', '*a.test', 'b.test', 'tag:windowsupdate'];
const NAMES = ['x.a.test', 'y.a.test', 'a.test', 'ba.test', 'b.test', 'c.test', 'tag:windowsupdate'];

function randomPolicies(seed: number): Policies {
  const next = random(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const one = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const some = <T>(list: readonly T[]): readonly T[] => Array.from({ length: 1 + below(2) }, () => one(list));
  let left = 1 + below(30);
  const rule = (kind: Collection['kind'], action: 'allow' | 'deny'): NatRule | NetworkRule | ApplicationRule => {
    const common = { name: `r${left}`, sources: some(SOURCES) };
    if (kind === 'application')
      return {
        ...common,
        action,
        targets: some(TARGETS),
        protocols: some([{ type: 'https', port: 443 } as const, { type: 'http', port: 80 } as const]),
      };
    const protocols = one<readonly Protocol[]>([['tcp'], ['udp'], ['icmp'], ['tcp', 'udp'], PROTOCOLS]);
    const match = { ...common, protocols, ports: some(PORTS), destinations: some(DESTINATIONS) };
    return kind === 'nat' ? { ...match, translatedTo: '10.1.0.9' } : { ...match, action, names: [] };
  };
  const collection = (): Collection => {
    const kind = one<Collection['kind']>(['network', 'network', 'application', 'nat']);
    const action = one<'allow' | 'deny'>(['allow', 'allow', 'deny']);
    const size = Math.min(left, 1 + below(4));
    left -= size;
    return { kind, priority: 100 + below(1000), rules: Array.from({ length: size }, () => rule(kind, action)) };
  };
  return Array.from({ length: 1 + below(3) }, () =>
    Array.from({ length: 1 + below(2) }, () => ({
      priority: 100 + below(1000),
      collections: Array.from({ length: 1 + below(4) }, () => (left > 0 ? [collection()] : [])).flat(),
    })),
  );
}

function compiled(policies: Policies): FirewallRules {
  const placed = (kind: Collection['kind'], from = 0) =>
    policies.flatMap((groups, layer) =>
      layer < from
        ? []
        : groups.flatMap((group) =>
            group.collections
              .filter((entry) => entry.kind === kind)
              .map(({ priority, rules }) => ({ layer, group: group.priority, collection: priority, rules })),
          ),
    );
  return {
    nat: inOrder(placed('nat', policies.length - 1)) as NatRule[],
    network: inOrder(placed('network')) as NetworkRule[],
    application: inOrder(placed('application')) as ApplicationRule[],
  };
}

const within = (ranges: readonly AddressRange[], value: bigint) =>
  ranges.some(({ family, first, last }) => family === 'ipv4' && first <= value && value <= last);

/** One address of every piece that the ranges cut the world into, with the first address of the next. */
function points(ranges: readonly AddressRange[], inside: AddressRange): readonly { first: bigint; last: bigint }[] {
  const starts = [...new Set([inside.first, ...ranges.flatMap(({ first, last }) => [first, last + 1n])])]
    .filter((value) => value >= inside.first && value <= inside.last)
    .sort((a, b) => (a < b ? -1 : 1));
  return starts.map((first, index) => ({ first, last: (starts[index + 1] ?? inside.last + 1n) - 1n }));
}

const NODES = ['10.1.0.0/24', '10.1.1.0/25'].map(range);
const WORLD = range('0.0.0.0/0');
const NODE_POINTS = NODES.flatMap((node) => points(SOURCES, node)).map(({ first }) => first);
const PLACES = points([...DESTINATIONS, ...PUBLIC.ipv4], WORLD).map(({ first, last }) => ({
  first,
  size: last - first + 1n,
  isPublic: within(PUBLIC.ipv4, first),
}));
const PUBLIC_SIZE = PUBLIC.ipv4.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
const PORT_POINTS = [0, 1, 80, 443, 444, 1024, 1025];
const REQUESTS = [
  { protocol: 'https', port: 443 },
  { protocol: 'http', port: 80 },
] as const;

function disagreements(policies: Policies, egress: Egress): readonly string[] {
  const brute = new BruteForce(policies, {
    sources: NODE_POINTS,
    destinations: PLACES.map(({ first }) => first),
    ports: PORT_POINTS,
  });
  const found: string[] = [];
  let open = false;
  NODE_POINTS.forEach((source, sourceIndex) => {
    const own = egress.network.filter((entry) => within(entry.sources, source));
    PROTOCOLS.forEach((protocol) => {
      PORT_POINTS.forEach((port, portIndex) => {
        const reach = own.filter(
          (entry) =>
            entry.protocol === protocol && entry.ports.some(({ first, last }) => first <= port && port <= last),
        );
        const truth = brute.network(protocol, sourceIndex, portIndex, PLACES.length);
        PLACES.forEach(({ first }, index) => {
          const outcome = truth[index]?.outcome;
          const allowed = reach.some((entry) => within(entry.allowed, first));
          const undecided = reach.some((entry) => within(entry.undecided, first));
          if (allowed !== (outcome === 'allow') || undecided !== (outcome === 'undecided'))
            found.push(`${protocol}/${port} ${source} → ${first} is ${outcome}`);
        });
        const outside = PLACES.flatMap((place, index) => (place.isPublic ? [{ ...place, ...truth[index] }] : []));
        const size = outside.reduce((sum, { outcome, size }) => (outcome === 'allow' ? sum + size : sum), 0n);
        open ||= outside.every(({ named }) => named) && 2n * size >= PUBLIC_SIZE;
      });
    });
    for (const { protocol, port } of REQUESTS) {
      const truth = brute.network('tcp', sourceIndex, PORT_POINTS.indexOf(port), PLACES.length);
      const arrives = truth.some(({ outcome }) => outcome === 'undecided');
      const outcomeOf = (name: string) => (arrives ? brute.application({ source, protocol, port, name }) : 'undecided');
      const reach = egress.application.filter(
        (entry) => within(entry.sources, source) && entry.protocol === protocol && entry.port === port,
      );
      const reached = (name: string) =>
        reach.some(({ targets }) =>
          targets.some(
            ({ target, except }) =>
              matchesTarget(name, target) && !except.some((earlier) => matchesTarget(name, earlier)),
          ),
        );
      for (const name of NAMES)
        if (reached(name) !== (outcomeOf(name) === 'allow'))
          found.push(`${protocol}:${port} ${source} → ${name} is ${outcomeOf(name)}`);
      // A name that no rule of the pool spells is let through by `*` only.
      open ||= outcomeOf('nobody.invalid') === 'allow';
    }
  });
  if (open !== (openingOf(egress) !== undefined)) found.push(`opening ${open}`);
  return found;
}

describe('whole sets against packets', () => {
  test('300 random rule sets, up to 30 rules, three policies deep: no disagreement', () => {
    const sets = Array.from({ length: 300 }, (_, index) => randomPolicies(index + 1)).map((policies) => ({
      policies,
      egress: egressOf(compiled(policies), NODES),
    }));
    const wrong = sets.flatMap(({ policies, egress }, index) =>
      disagreements(policies, egress).map((line) => `${index + 1}: ${line}`),
    );
    expect(wrong.slice(0, 5)).toEqual([]);
    // The sample is worth its name: deep, large, and with both answers.
    const sizes = sets.map(
      ({ policies }) => policies.flat().flatMap(({ collections }) => collections.flatMap(({ rules }) => rules)).length,
    );
    expect(Math.max(...sizes)).toBeGreaterThan(20);
    expect(sets.some(({ policies }) => policies.length === 3)).toBe(true);
    const openings = sets.filter(({ egress }) => openingOf(egress) !== undefined).length;
    expect(openings).toBeGreaterThan(30);
    expect(openings).toBeLessThan(270);
  });
});

describe('openings', () => {
  const EVERYBODY = [range('0.0.0.0/0')];
  const HALVES = ['0.0.0.0/1', '128.0.0.0/1'].map(range);
  const rule = (
    action: 'allow' | 'deny',
    destinations: readonly AddressRange[],
    extra: Partial<NetworkRule> = {},
  ): NetworkRule => ({
    name: action,
    action,
    sources: EVERYBODY,
    protocols: ['tcp'],
    ports: [{ first: 443, last: 443 }],
    destinations,
    names: [],
    ...extra,
  });
  const web = (action: 'allow' | 'deny', ...targets: string[]): ApplicationRule => ({
    name: action,
    action,
    sources: EVERYBODY,
    protocols: [{ type: 'https', port: 443 }],
    targets,
  });
  const what = (rules: Partial<FirewallRules>) =>
    openingOf(egressOf({ nat: [], network: [], application: [], ...rules }, NODES))?.what;

  test.each<[string, Partial<FirewallRules>, string | undefined]>([
    ['no rule at all', {}, undefined],
    ['everything on one port', { network: [rule('allow', EVERYBODY)] }, 'every address by tcp on ports 443'],
    [
      'halves in two rules',
      { network: HALVES.map((half) => rule('allow', [half])) },
      'every address by tcp on ports 443',
    ],
    ['one half only', { network: [rule('allow', HALVES.slice(0, 1))] }, undefined],
    [
      'the public addresses without the private ones',
      { network: [rule('allow', PUBLIC.ipv4)] },
      'every address by tcp on ports 443',
    ],
    ['denied before it is allowed', { network: [rule('deny', EVERYBODY), rule('allow', EVERYBODY)] }, undefined],
    [
      'allowed before it is denied',
      { network: [rule('allow', EVERYBODY), rule('deny', EVERYBODY)] },
      'every address by tcp on ports 443',
    ],
    [
      'a short list of denials first',
      { network: [rule('deny', [range('20.0.0.0/8')]), rule('allow', EVERYBODY)] },
      'every address by tcp on ports 443',
    ],
    [
      'nearly everything denied first',
      { network: [rule('deny', [...HALVES.slice(0, 1), range('128.0.0.0-223.0.0.0')]), rule('allow', EVERYBODY)] },
      undefined,
    ],
    ['of another source', { network: [rule('allow', EVERYBODY, { sources: [range('192.0.2.0/24')] })] }, undefined],
    [
      'of one node only',
      { network: [rule('allow', EVERYBODY, { sources: [range('10.1.0.7')] })] },
      'every address by tcp on ports 443',
    ],
    [
      'ICMP',
      { network: [rule('allow', EVERYBODY, { protocols: ['icmp'], ports: [ALL_PORTS] })] },
      'every address by icmp',
    ],
    ['any name', { application: [web('allow', '*')] }, 'every name by https on port 443'],
    [
      'any name but a few',
      { application: [web('deny', '*.evil.test'), web('allow', '*')] },
      'every name by https on port 443',
    ],
    ['any name after all were denied', { application: [web('deny', '*'), web('allow', '*')] }, undefined],
    [
      'any name, but a network rule denies it first',
      { network: [rule('deny', EVERYBODY)], application: [web('allow', '*')] },
      undefined,
    ],
    ['any URL', { application: [web('allow', 'url:*/*')] }, 'every name by https on port 443'],
    ['one domain', { application: [web('allow', '*.example.test', 'tag:windowsupdate')] }, undefined],
    ['a tag in a network rule', { network: [rule('allow', [], { names: ['azurecloud.westeurope'] })] }, undefined],
  ])('%s', (_title, rules, expected) => {
    expect(what(rules)).toBe(expected);
  });

  test('IPv6 is judged by itself', () => {
    const six = parseRange('::/0') as AddressRange;
    const rules = { nat: [], application: [], network: [rule('allow', [six], { sources: [six] })] };
    expect(openingOf(egressOf(rules, NODES))).toBeUndefined();
    expect(openingOf(egressOf(rules, [range('fd00::/64')]))?.what).toBe('every address by tcp on ports 443');
  });

  test('tags are listed, except behind a rule that decided about them', () => {
    const names = (...network: NetworkRule[]) =>
      egressOf({ nat: [], network, application: [] }, NODES).network.flatMap((reach) => reach.names);
    const storage = rule('allow', [], { names: ['storage.westeurope'] });
    expect(names(storage)).toEqual(['storage.westeurope']);
    expect(names(rule('deny', [], { names: ['storage'] }), storage)).toEqual([]);
    expect(names(rule('deny', PUBLIC.ipv4), storage)).toEqual([]);
    expect(names(rule('deny', HALVES.slice(0, 1)), storage)).toEqual(['storage.westeurope']);
  });
});
