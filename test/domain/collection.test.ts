import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Gap, gapsInOrder } from '#domain/collection.ts';

const gap = (api: string, resource?: string): Gap => ({
  reason: 'denied',
  message: `${api} is denied`,
  api,
  ...(resource === undefined ? {} : { resource }),
});

test('whatever order reads fail in, coverage tells the same first gap', () => {
  const gaps = [gap('b'), gap('a', 'x'), gap('a', 'y'), gap('a'), gap('c')];
  const expected = ['c', 'a', 'a x', 'a y', 'b'];
  fc.assert(
    fc.property(fc.shuffledSubarray(gaps, { minLength: gaps.length }), (shuffled) => {
      const told = gapsInOrder(shuffled, ['c', 'a', 'b']).map(({ api, resource }) =>
        [api, resource].filter(Boolean).join(' '),
      );
      expect(told).toEqual(expected);
    }),
  );
});
