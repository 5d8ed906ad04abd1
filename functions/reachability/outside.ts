import { type AddressRange, type Family, parseRange, rangesCover, subtract, wholeOf } from '#domain/net/cidr.ts';
import type { Rule } from './model.ts';
import { ALL_PORTS, hasWholeProtocol, isNone, NO_PORTS, type PortSet, samePorts, union } from './ports.ts';
import { evaluateTiers, type RuleTier } from './tiers.ts';

/** Addresses outside the cluster that share one set of ports. */
export interface OutsideRange {
  readonly range: AddressRange;
  readonly ports: PortSet;
}

export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** All of IPv4, and IPv6 only where a rule names an IPv6 block. */
export function familiesNamed(tiers: readonly RuleTier[]): readonly Family[] {
  const named = tiers.some(({ rules }) =>
    rules.some((rule) => addressesOf(rule).some(({ family }) => family === 'ipv6')),
  );
  return named ? FAMILIES : ['ipv4'];
}

/**
 * What the rules let through for every address outside the cluster. Blocks are cut at every border that any rule draws, so overlapping
 * blocks with different ports come out exact.
 */
export function outsideRanges(
  tiers: readonly RuleTier[],
  families: readonly Family[] = familiesNamed(tiers),
): readonly OutsideRange[] {
  const blocks = tiers.flatMap(({ rules }) => rules.flatMap(addressesOf));
  return families.flatMap((family) =>
    joined(
      pieces(family, blocks).map((range) => ({ range, ports: evaluateTiers(tiers, (rule) => portsFor(rule, range)) })),
    ),
  );
}

/** What is open for one of several, each given by what is open for it. */
export function uniteOutside(parts: readonly (readonly OutsideRange[])[]): readonly OutsideRange[] {
  const [only = [], ...more] = parts;
  if (more.length === 0) return only;
  const all = parts.flat();
  return FAMILIES.flatMap((family) =>
    joined(
      pieces(
        family,
        all.map(({ range }) => range),
      ).map((piece) => ({
        range: piece,
        ports: all
          .filter(({ range }) => isWithin(piece, range))
          .map(({ ports }) => ports)
          .reduce(union, NO_PORTS),
      })),
    ),
  );
}

/** Pieces are cut at every border: one that begins inside a block lies inside it. */
function isWithin(piece: AddressRange, { family, first, last }: AddressRange): boolean {
  return family === piece.family && first <= piece.first && piece.first <= last;
}

function addressesOf({ peers }: Rule): readonly AddressRange[] {
  return peers.flatMap((peer) => (peer.kind === 'addresses' ? peer.ranges : []));
}

/** A named port beside an address is looked up on a pod that is not there: it matches nothing outward. */
function portsFor(rule: Rule, piece: AddressRange): PortSet {
  const matches = rule.peers.some(
    (peer) =>
      peer.kind === 'anyone' ||
      peer.kind === 'outside' ||
      (peer.kind === 'addresses' && peer.ranges.some((range) => isWithin(piece, range))),
  );
  return matches ? rule.ports.numbers : NO_PORTS;
}

function pieces(family: Family, blocks: readonly AddressRange[]): readonly AddressRange[] {
  const whole = wholeOf(family);
  const own = blocks.filter((block) => block.family === family);
  const borders = [...new Set([0n, ...own.flatMap(({ first, last }) => [first, last + 1n])])]
    .filter((border) => border <= whole.last)
    .sort((a, b) => (a < b ? -1 : 1));
  return borders.map((first, index) => ({ family, first, last: (borders[index + 1] ?? whole.last + 1n) - 1n }));
}

function joined(ranges: readonly OutsideRange[]): readonly OutsideRange[] {
  const result: OutsideRange[] = [];
  for (const next of ranges) {
    const previous = result.at(-1);
    if (previous !== undefined && samePorts(previous.ports, next.ports)) {
      result[result.length - 1] = { range: { ...previous.range, last: next.range.last }, ports: previous.ports };
    } else {
      result.push(next);
    }
  }
  return result.filter(({ ports }) => !isNone(ports));
}

/** Private, shared, loopback, link-local, documentation, multicast and reserved space. Reference: IANA special-purpose registries. */
const NOT_INTERNET = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].flatMap((block) => parseRange(block) ?? []);

/**
 * Whether the ranges leave the internet open on every port of at least one protocol. `except` of private ranges does not close the
 * internet, and neither does cutting out a few public addresses: what may be missing is one /8 of IPv4 in all. All of IPv6 is ::/0 or
 * its global unicast part, 2000::/3.
 */
export function opensInternet(outside: readonly OutsideRange[]): boolean {
  const open = outside.filter(({ ports }) => ports === ALL_PORTS || hasWholeProtocol(ports)).map(({ range }) => range);
  const closed = subtract(wholeOf('ipv4'), [...open, ...NOT_INTERNET]).reduce(
    (sum, { first, last }) => sum + (last - first + 1n),
    0n,
  );
  return closed <= 1n << 24n || rangesCover(open, GLOBAL_IPV6);
}

const GLOBAL_IPV6: AddressRange = { family: 'ipv6', first: 1n << 125n, last: (1n << 126n) - 1n };
