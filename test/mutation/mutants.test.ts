import { describe, expect, test } from 'vitest';
import { instrumented, stretchAt, stretchesOf } from './instrument.ts';
import { mutantsOf } from './mutants.ts';
import { sampleMutants, scoreOf } from './sample.ts';
import { Source } from './syntax.ts';

const mutated = (text: string) => {
  const source = new Source('a.ts', text);
  return mutantsOf(source).map((mutant) => source.withEdits([mutant]));
};

describe('mutants', () => {
  test.each([
    ['a comparison', 'a < b;', '(a <= b);'],
    ['an equality behind other letters', "f('é', a === b);", "f('é', (a !== b));"],
    ['both ways of a condition', 'if (a) b();', 'if (false) b();'],
    ['an or', 'a || b;', '(a && b);'],
    ['a default', 'a ?? b;', '(a);'],
    ['a negation', 'if (!a) b();', 'if (a) b();'],
    ['a quantifier', 'a.every(f);', 'a.some(f);'],
    ['a filter', 'a.filter(f);', 'a;'],
    ['an element', 'const a = [1, 2];', 'const a = [2];'],
    ['a property', 'const a = { b: 1, ...c };', 'const a = {b: 1};'],
    ['a number', 'const a = 1;', 'const a = 2;'],
    ['a string', "const a = 'b';", "const a = '';"],
    ['a statement', 'a(); b();', 'a(); ;'],
  ])('%s', (_case, text, expected) => {
    expect(mutated(text)).toContain(expected);
  });

  test('types, imports and names of properties stay', () => {
    const text = "import { a } from 'b'; type C = 'd' | true; const e: { 'f': C } = g; const h = i as 'j';";
    expect(mutated(text)).toEqual([]);
  });
});

describe('the sample', () => {
  const files = [10, 1].map((lines) => ({
    lines,
    mutants: mutantsOf(new Source(`${lines}.ts`, `f(${'a === 1, '.repeat(30)} true);`)),
  }));

  test('is the same for the same seed, and another for another', () => {
    expect(sampleMutants(files, 20, 1)).toEqual(sampleMutants(files, 20, 1));
    expect(sampleMutants(files, 20, 2)).not.toEqual(sampleMutants(files, 20, 1));
  });

  test('follows the lines of the files, draws nothing twice and ends with the last mutant', () => {
    const some = sampleMutants(files, 22, 1).filter(({ path }) => path === '10.ts');
    expect(some.length).toBeGreaterThan(15);
    const all = sampleMutants(files, 1_000, 1);
    expect(all.length).toBe(files.flatMap(({ mutants }) => mutants).length);
    expect(new Set(all.map(({ path, start, text }) => `${path} ${start} ${text}`)).size).toBe(all.length);
  });

  test('a score comes with its error', () => {
    expect(scoreOf(50, 100)).toMatchObject({
      share: 0.5,
      from: expect.closeTo(0.404, 3),
      to: expect.closeTo(0.596, 3),
    });
    expect(scoreOf(20, 20).from).toBeLessThan(0.9);
  });
});

test('an instrumented program notes the innermost function that ran', () => {
  const source = new Source('a.ts', 'const f = () => (x) => x + 1;\nfunction g() { return f()(1); }\n');
  const text = instrumented(source);
  const ran: string[] = [];
  new Function('globalThis', `${text}; return g();`)({ ringfenceRan: (id: string) => ran.push(id) });
  const stretches = stretchesOf(source);
  expect(ran).toEqual(expect.arrayContaining(stretches.map(({ id }) => id)));
  const place = source.bytes.indexOf('x + 1');
  expect(stretchAt(stretches, place)).toBe('a.ts#2');
  expect(stretchAt(stretches, 0)).toBe('a.ts#0');
});
