import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CONTROLS } from '#controls/index.ts';
import { examplesOf, textOf } from './examples.ts';

/** Controls that have no way to fail: what is not as it should be is a value that nobody documented. */
const NEVER_FAIL = ['iks-network-policy', 'kubespray-etcd-deployment'];

const examples = await examplesOf();

describe('the examples of docs/controls.md', () => {
  test('are what the controls say of the evidence of the tests (npm run docs)', async () => {
    const written = new URL('../../bin/docs/examples.json', import.meta.url);
    expect(await readFile(written, 'utf8')).toBe(textOf(examples));
  });

  test('are one PASS and one FAIL of every control; a new one brings its own in <name>.example.ts', () => {
    const lacking = CONTROLS.flatMap(({ id }) =>
      (['PASS', 'FAIL'] as const).flatMap((status) =>
        examples[id]?.[status] === undefined ? [`${id}: ${status}`] : [],
      ),
    );
    expect(lacking).toEqual(NEVER_FAIL.map((id) => `${id}: FAIL`));
  });

  test('name what they found, with proof', () => {
    const all = Object.entries(examples).flatMap(([id, { PASS, FAIL }]) =>
      [PASS, FAIL].map((example) => ({ id, example })),
    );
    const bare = all.filter(
      ({ example }) => example !== undefined && (example.message.length < 5 || example.proof === undefined),
    );
    expect(bare.map(({ id }) => id)).toEqual([]);
  });
});
