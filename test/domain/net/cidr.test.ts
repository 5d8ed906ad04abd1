import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  covers,
  coversAll,
  isWithinPrivate,
  parseRange,
  rangesCover,
  subtract,
  toCidrs,
  wholeOf,
} from '#domain/net/cidr.ts';

const block = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => `${address}/${length}`);

describe('the whole internet', () => {
  test.each([
    ['plain', ['0.0.0.0/0'], true],
    ['host bits set', ['132.1.50.0/0'], true],
    ['two halves', ['0.0.0.0/1', '128.0.0.0/1'], true],
    ['halves in the other order, with an overlap', ['128.0.0.0/1', '64.0.0.0/2', '0.0.0.0/1'], true],
    ['one address short', ['0.0.0.0/1', '128.0.0.0/2', '192.0.0.0/3', '224.0.0.0/4', '240.0.0.0/5'], false],
    ['the other family only', ['::/0'], false],
    ['text that is no block', ['0.0.0.0/33', 'any', '0/0', '1.2.3/0'], false],
    ['nothing', [], false],
  ] as const)('%s → %s', (_case, blocks, expected) => {
    expect(coversAll(blocks, 'ipv4')).toBe(expected);
  });

  test('IPv6 by halves', () => {
    expect(coversAll(['::/1', '8000::/1'], 'ipv6')).toBe(true);
    expect(coversAll(['::/1'], 'ipv6')).toBe(false);
  });
});

describe('containment', () => {
  test.each([
    [['10.0.0.0/16'], '10.0.3.0/24', true],
    [['10.0.0.0/17', '10.0.128.0/17'], '10.0.0.0/16', true],
    [['10.0.0.0/17'], '10.0.0.0/16', false],
    [['10.0.0.0/24'], '10.0.1.0/24', false],
    [['2001:db8::/32'], '2001:db8:1::/48', true],
    [['10.0.0.1'], '10.0.0.1/32', true],
    [['10.0.0.0/8'], 'nonsense', false],
  ] as const)('%j covers %s: %s', (blocks, range, expected) => {
    expect(covers(blocks, range)).toBe(expected);
  });

  test.each([
    ['10.1.2.0/24', true],
    ['172.32.0.0/12', false],
    ['100.64.0.0/10', true],
    ['0.0.0.0/0', false],
    ['10.0.0.0/7', false],
    ['fd00::/8', true],
    ['2001:db8::/32', false],
  ] as const)('%s is private: %s', (range, expected) => {
    expect(isWithinPrivate(range)).toBe(expected);
  });

  test('a declared range counts as private', () => {
    expect(isWithinPrivate('198.51.100.0/24', ['198.51.0.0/16'])).toBe(true);
  });
});

describe('properties', () => {
  test('a block covers itself, and more blocks never cover less', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 6 }), block, (blocks, more) => {
        for (const range of blocks) {
          expect(covers(blocks, range)).toBe(true);
          expect(covers([...blocks, more], range)).toBe(true);
        }
      }),
    );
  });

  test('what is left after holes and the holes together are the whole again', () => {
    fc.assert(
      fc.property(block, fc.array(block, { maxLength: 5 }), (text, holes) => {
        const range = parseRange(text);
        const cut = holes.map(parseRange).filter((hole) => hole !== undefined);
        if (range === undefined) throw new Error(`${text} is a block`);
        const left = subtract(range, cut);
        expect(rangesCover([...left, ...cut], range)).toBe(true);
        for (const piece of left)
          for (const hole of cut) expect(piece.first > hole.last || piece.last < hole.first).toBe(true);
      }),
    );
  });

  test('a range splits into blocks that cover exactly it', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 0xffffffffn), fc.bigInt(0n, 0xffffffffn), (a, b) => {
        const range = { family: 'ipv4' as const, first: a < b ? a : b, last: a < b ? b : a };
        const pieces = toCidrs(range)
          .map(parseRange)
          .filter((piece) => piece !== undefined);
        expect(rangesCover(pieces, range)).toBe(true);
        expect(pieces.reduce((sum, piece) => sum + (piece.last - piece.first + 1n), 0n)).toBe(
          range.last - range.first + 1n,
        );
      }),
    );
  });

  test('the whole family is one block', () => {
    expect(toCidrs(wholeOf('ipv4'))).toEqual(['0.0.0.0/0']);
    expect(toCidrs(wholeOf('ipv6'))).toEqual(['::/0']);
  });
});
