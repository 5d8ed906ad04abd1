import { type AddressRange, type Family, merge, parseRange, subtract, toCidrs, wholeOf } from '#domain/net/cidr.ts';

/** Blocks of addresses for a reader: in order, and by what is missing where that is shorter (`0.0.0.0/0 except 10.0.0.0/8`). */
export function blocksText(blocks: readonly string[]): string {
  const ranges = blocks.flatMap((block) => parseRange(block) ?? []);
  return (['ipv4', 'ipv6'] as const)
    .map((family) => familyText(merge(ranges.filter((range) => range.family === family)), family))
    .filter((text) => text !== '')
    .join(', ');
}

function familyText(ranges: readonly AddressRange[], family: Family): string {
  if (ranges.length === 0) return '';
  const present = ranges.flatMap(toCidrs);
  const [all = ''] = toCidrs(wholeOf(family));
  const missing = subtract(wholeOf(family), ranges).flatMap(toCidrs);
  return missing.length > 0 && missing.length + 1 < present.length
    ? `${all} except ${missing.join(', ')}`
    : present.join(', ');
}
