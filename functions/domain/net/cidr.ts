import ipaddr from 'ipaddr.js';

export type Family = 'ipv4' | 'ipv6';

/** A block of addresses as numbers: containment is arithmetic, never a comparison of text. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

const BITS: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** Private and never routed on the internet: RFC 1918, shared address space RFC 6598, link-local, loopback, unique local RFC 4193. */
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
];

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32`, or a single address. Host bits are ignored, as routers do (`132.1.50.0/0` is everything).
 * `undefined` for anything else.
 */
export function parseRange(text: string): AddressRange | undefined {
  const [address = '', prefix, ...rest] = text.trim().split('/');
  if (rest.length > 0) return undefined;
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const bits = BITS[family];
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(length >= 0 && length <= bits)) return undefined;
  const size = 1n << BigInt(bits - length);
  const first = (numberOf(address) / size) * size;
  return { family, first, last: first + size - 1n };
}

function familyOf(address: string): Family | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return 'ipv4';
  return address.includes(':') && ipaddr.IPv6.isValid(address) ? 'ipv6' : undefined;
}

function numberOf(address: string): bigint {
  return ipaddr
    .parse(address)
    .toByteArray()
    .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** Whether the union of `blocks` contains every address of `range`. A block that cannot be read covers nothing. */
export function rangesCover(blocks: readonly AddressRange[], range: AddressRange): boolean {
  let next = range.first;
  for (const block of merge(blocks.filter(({ family }) => family === range.family))) {
    if (block.first > next) break;
    if (block.last >= next) next = block.last + 1n;
    if (next > range.last) return true;
  }
  return next > range.last;
}

/** Sorted, without overlaps, neighbours joined. All of one family. */
export function merge(ranges: readonly AddressRange[]): readonly AddressRange[] {
  const merged: AddressRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0))) {
    const previous = merged.at(-1);
    if (previous !== undefined && range.first <= previous.last + 1n) {
      if (range.last > previous.last) merged[merged.length - 1] = { ...previous, last: range.last };
    } else {
      merged.push(range);
    }
  }
  return merged;
}

/** What is left of `range` without `holes`. */
export function subtract(range: AddressRange, holes: readonly AddressRange[]): readonly AddressRange[] {
  const left: AddressRange[] = [];
  let next = range.first;
  for (const hole of merge(holes.filter(({ family }) => family === range.family))) {
    if (hole.last < next) continue;
    if (hole.first > range.last) break;
    if (hole.first > next) left.push({ family: range.family, first: next, last: hole.first - 1n });
    next = hole.last + 1n;
  }
  if (next <= range.last) left.push({ family: range.family, first: next, last: range.last });
  return left;
}

/** What `range` has in common with the blocks. */
export function intersect(range: AddressRange, blocks: readonly AddressRange[]): readonly AddressRange[] {
  return merge(blocks.filter(({ family }) => family === range.family)).flatMap(({ family, first, last }) => {
    const from = first > range.first ? first : range.first;
    const to = last < range.last ? last : range.last;
    return from > to ? [] : [{ family, first: from, last: to }];
  });
}

/** The same over text. A range that cannot be read is covered by nothing; a block that cannot be read covers nothing. */
export function covers(blocks: readonly string[], range: string): boolean {
  const wanted = parseRange(range);
  return wanted !== undefined && rangesCover(readable(blocks), wanted);
}

/** Whether the blocks together are the whole family, in one piece or in halves (`0.0.0.0/1` + `128.0.0.0/1`). */
export function coversAll(blocks: readonly string[], family: Family): boolean {
  return rangesCover(readable(blocks), wholeOf(family));
}

export function wholeOf(family: Family): AddressRange {
  return { family, first: 0n, last: (1n << BigInt(BITS[family])) - 1n };
}

const PRIVATE_RANGES = readable(PRIVATE);

/** Every address of the family that is not private. */
export function publicRanges(family: Family): readonly AddressRange[] {
  return subtract(wholeOf(family), PRIVATE_RANGES);
}

/** Whether every address of the block is private; `further` adds ranges that the organisation declares its own. */
export function isWithinPrivate(block: string, further: readonly string[] = []): boolean {
  const range = parseRange(block);
  return range !== undefined && rangesCover([...PRIVATE_RANGES, ...readable(further)], range);
}

function readable(blocks: readonly string[]): readonly AddressRange[] {
  return blocks.map(parseRange).filter((range) => range !== undefined);
}

/** The fewest CIDR blocks that make up the range, smallest address first. */
export function toCidrs(range: AddressRange): readonly string[] {
  const bits = BITS[range.family];
  const blocks: string[] = [];
  let next = range.first;
  while (next <= range.last) {
    let size = next === 0n ? 1n << BigInt(bits) : next & -next;
    while (next + size - 1n > range.last) size >>= 1n;
    blocks.push(`${addressOf(next, range.family)}/${bits - (size.toString(2).length - 1)}`);
    next += size;
  }
  return blocks;
}

function addressOf(value: bigint, family: Family): string {
  const bytes = Array.from({ length: BITS[family] / 8 }, (_, index) =>
    Number((value >> BigInt(BITS[family] - 8 * (index + 1))) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes).toString();
}
