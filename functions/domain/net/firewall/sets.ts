import { type AddressRange, type Family, merge, parseRange, subtract, wholeOf } from '../cidr.ts';

/** A block of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const ALL_PORTS: PortRange = { first: 0, last: 65_535 };
export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** Never routed on the internet: private, shared, local, multicast and reserved ranges (IANA special-purpose registries). */
const NOT_PUBLIC: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '224.0.0.0/3',
  ],
  ipv6: [],
};

/** What routers of the internet carry. IPv6 hands out addresses from 2000::/3 only. */
export const PUBLIC: Readonly<Record<Family, readonly AddressRange[]>> = {
  ipv4: subtract(wholeOf('ipv4'), readable(NOT_PUBLIC.ipv4)),
  ipv6: readable(['2000::/3']),
};

export const EVERYWHERE: readonly AddressRange[] = FAMILIES.map(wholeOf);

function readable(blocks: readonly string[]): readonly AddressRange[] {
  return blocks.map(parseRange).filter((range) => range !== undefined);
}

export function union(ranges: readonly AddressRange[]): readonly AddressRange[] {
  return FAMILIES.flatMap((family) => merge(ranges.filter((range) => range.family === family)));
}

export function without(ranges: readonly AddressRange[], holes: readonly AddressRange[]): readonly AddressRange[] {
  return ranges.flatMap((range) => subtract(range, holes));
}

/** Both lists without overlaps in themselves, as `union` makes them. */
export function intersection(left: readonly AddressRange[], right: readonly AddressRange[]): readonly AddressRange[] {
  return left.flatMap((a) =>
    right.flatMap((b) => {
      const first = a.first > b.first ? a.first : b.first;
      const last = a.last < b.last ? a.last : b.last;
      return a.family === b.family && first <= last ? [{ family: a.family, first, last }] : [];
    }),
  );
}

export function overlaps(left: readonly AddressRange[], right: readonly AddressRange[]): boolean {
  return left.some((a) => right.some((b) => a.family === b.family && a.first <= b.last && b.first <= a.last));
}

export function sizeOf(ranges: readonly AddressRange[]): bigint {
  return union(ranges).reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}

/** `10.0.0.0/8`, one address, or `10.0.0.4-10.0.0.9`, as firewall rules spell them. */
export function parseAddresses(text: string): AddressRange | undefined {
  const [start = '', end, ...rest] = text.split('-');
  if (end === undefined) return parseRange(text);
  const [first, last] = [parseRange(start), parseRange(end)];
  if (rest.length > 0 || first === undefined || last === undefined) return undefined;
  if (first.family !== last.family || first.first > last.last) return undefined;
  return { family: first.family, first: first.first, last: last.last };
}

/** `*`, `443`, or `30000-32767`. */
export function parsePorts(text: string): PortRange | undefined {
  const words = text.trim();
  if (words === '*') return ALL_PORTS;
  const [, start, end] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(words) ?? [];
  if (start === undefined) return undefined;
  const [first, last] = [Number(start), Number(end ?? start)];
  return first <= last && last <= ALL_PORTS.last ? { first, last } : undefined;
}

interface Interval<T> {
  readonly first: T;
  readonly last: T;
}

/**
 * The pieces of `whole` between the ends of `cuts`: inside one piece, every cut covers everything or nothing. `next` and `previous` step
 * by one, because ports are numbers and addresses are bigints.
 */
export function pieces<T extends number | bigint>(
  whole: Interval<T>,
  cuts: readonly Interval<T>[],
  next: (value: T) => T,
  previous: (value: T) => T,
): readonly Interval<T>[] {
  const starts = new Set<T>([whole.first]);
  for (const cut of cuts) {
    if (cut.first > whole.first && cut.first <= whole.last) starts.add(cut.first);
    if (cut.last >= whole.first && cut.last < whole.last) starts.add(next(cut.last));
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map((first, index) => {
    const following = sorted[index + 1];
    return { first, last: following === undefined ? whole.last : previous(following) };
  });
}
