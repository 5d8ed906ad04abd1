import { describe, expect, test } from 'vitest';
import { boundedFix, boundedProof, boundedText } from '#app/bounded.ts';
import { assess } from '#domain/change.ts';
import type { Proof } from '#domain/verdict.ts';
import { findingItem } from '#storage/codec.ts';
import { finding, stamp } from './builders.ts';

const pods = Array.from({ length: 10_000 }, (_, index) => `namespace-${index % 50}/pod-${index}-漢字`);

describe('what a finding carries', () => {
  test.each([
    ['a fact for each of ten thousand pods', pods.map((pod): Proof => ({ kind: 'fact', line: pod, value: pod }))],
    ['one fact that lists them all', [{ kind: 'fact', line: pods.join(', '), value: pods }] as const],
    ['a path through all of them', [{ kind: 'path', line: 'path', hops: pods }] as const],
  ])('%s: fits into an item of 400 KB, with the key line first and the rest counted', (_case, proof) => {
    const text = pods.join(', ');
    const bounded = finding({
      proof: boundedProof(proof),
      message: boundedText(text),
      fix: boundedFix({ commands: pods, fragments: [{ language: 'yaml', code: text }] }),
    });
    const next = assess(undefined, bounded, stamp(1));
    if (next === undefined) throw new Error('a first verdict is stored');
    expect(Buffer.byteLength(JSON.stringify(findingItem(next, 1)))).toBeLessThan(380_000);
    expect(bounded.proof[0]?.line.slice(0, 4)).toBe(proof[0]?.line.slice(0, 4));
    expect(JSON.stringify(bounded.proof)).toMatch(/and \d+ more/);
  });

  test('an ordinary proof, text and fix stay as they are', () => {
    const { proof, message } = finding();
    const fix = { commands: ['aws eks update-cluster-config'], fragments: [] };
    expect([boundedProof(proof), boundedText(message), boundedFix(fix)]).toEqual([proof, message, fix]);
  });
});
