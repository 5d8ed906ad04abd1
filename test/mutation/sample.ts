import type { Mutant } from './mutants.ts';

/** A stream of numbers in [0, 1) that is the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Candidates {
  readonly lines: number;
  readonly mutants: readonly Mutant[];
}

/**
 * Draws mutants: the file in proportion to its lines, then one of the operators that it has, then one mutant of that operator. Texts are so many
 * that they would otherwise crowd out the logic. None is drawn twice.
 */
export function sampleMutants(files: readonly Candidates[], count: number, seed: number): readonly Mutant[] {
  const random = randomOf(seed);
  const left = files.map(({ lines, mutants }) => ({ lines, groups: Map.groupBy(mutants, ({ operator }) => operator) }));
  const drawn: Mutant[] = [];
  while (drawn.length < count) {
    const usable = left.filter(({ groups }) => groups.size > 0);
    const file = drawWeighted(usable, random);
    if (file === undefined) break;
    const operators = [...file.groups.keys()];
    const operator = operators[Math.floor(random() * operators.length)];
    const group = operator === undefined ? [] : [...(file.groups.get(operator) ?? [])];
    const [mutant] = group.splice(Math.floor(random() * group.length), 1);
    if (operator === undefined || mutant === undefined) break;
    if (group.length === 0) file.groups.delete(operator);
    else file.groups.set(operator, group);
    drawn.push(mutant);
  }
  return drawn;
}

function drawWeighted<T extends { readonly lines: number }>(files: readonly T[], random: () => number): T | undefined {
  let at = random() * files.reduce((sum, { lines }) => sum + lines, 0);
  for (const file of files) {
    at -= file.lines;
    if (at < 0) return file;
  }
  return files.at(-1);
}

export interface Score {
  readonly share: number;
  /** 95 %, after Wilson: honest for small samples and for shares near 1. */
  readonly from: number;
  readonly to: number;
}

export function scoreOf(detected: number, all: number): Score {
  if (all === 0) return { share: 0, from: 0, to: 1 };
  const z = 1.96;
  const share = detected / all;
  const middle = (share + z ** 2 / (2 * all)) / (1 + z ** 2 / all);
  const half = (z / (1 + z ** 2 / all)) * Math.sqrt((share * (1 - share)) / all + z ** 2 / (4 * all ** 2));
  return { share, from: middle - half, to: middle + half };
}
