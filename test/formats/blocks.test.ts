import { expect, test } from 'vitest';
import { blocksText } from '#formats/blocks.ts';

test.each([
  ['in the order of their numbers', ['128.0.0.0/1', '9.0.0.0/8'], '9.0.0.0/8, 128.0.0.0/1'],
  ['joined', ['10.0.0.0/9', '10.128.0.0/9'], '10.0.0.0/8'],
  [
    'by what is missing, where that is shorter',
    ['0.0.0.0/5', '8.0.0.0/7', '11.0.0.0/8', '12.0.0.0/6', '16.0.0.0/4', '32.0.0.0/3', '64.0.0.0/2', '128.0.0.0/1'],
    '0.0.0.0/0 except 10.0.0.0/8',
  ],
  ['of both families', ['::/0', '0.0.0.0/0'], '0.0.0.0/0, ::/0'],
])('blocks are told %s', (_case, blocks, text) => {
  expect(blocksText(blocks)).toBe(text);
});
