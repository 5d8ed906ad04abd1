import { expect, test } from 'vitest';
import { isCalicoUniversal } from '#reachability/calico-selector.ts';

test.each([
  ['', true],
  [' all( ) ', true],
  ['all()', true],
  ['all() && x', false],
  ["app == 'web'", false],
])('%j selects everything: %s', (selector, universal) => expect(isCalicoUniversal(selector)).toBe(universal));

test('a selector of blanks, which any tenant may write, costs no time', { timeout: 5_000 }, () => {
  expect(isCalicoUniversal(`${' '.repeat(1_000_000)}x`)).toBe(false);
});
