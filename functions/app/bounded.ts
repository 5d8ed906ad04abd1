import type { Fix, Proof } from '#domain/verdict.ts';

/** A stored finding is one item of at most 400 KB, whatever a cluster of ten thousand pods gives as proof. */
const MOST_PROOF = 150_000;
const MOST_FIX = 50_000;
const LONGEST_TEXT = 4_000;
const MOST_VALUES = 200;

/** The key line first, as it was, and as many facts as there is room for; what is left out is counted. */
export function boundedProof(proof: readonly Proof[]): readonly Proof[] {
  const kept = within(proof.map(slim), MOST_PROOF);
  const left = proof.length - kept.length;
  if (left === 0) return kept;
  return [...kept, { kind: 'derived', line: `and ${left} more facts, which one stored finding has no room for` }];
}

export function boundedText(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1).toWellFormed()}…`;
}

export function boundedFix({ commands, fragments, checkFirst, nothingElseUses }: Fix): Fix {
  return {
    ...(checkFirst === undefined ? {} : { checkFirst: within(checkFirst.map(boundedText), MOST_FIX) }),
    commands: within(commands, MOST_FIX),
    fragments: within(fragments, MOST_FIX),
    ...(nothingElseUses === undefined ? {} : { nothingElseUses: boundedProof(nothingElseUses) }),
  };
}

function slim({ line, value, hops, ...rest }: Proof): Proof {
  return {
    ...rest,
    line: boundedText(line),
    ...(value === undefined ? {} : { value: typeof value === 'object' && value !== null ? boundedList(value) : value }),
    ...(hops === undefined ? {} : { hops: boundedList(hops) }),
  };
}

function boundedList(values: readonly string[]): readonly string[] {
  if (values.length <= MOST_VALUES) return values;
  return [...values.slice(0, MOST_VALUES), `and ${values.length - MOST_VALUES} more`];
}

/** The first of them that fit together. */
function within<T>(items: readonly T[], bytes: number): readonly T[] {
  let left = bytes;
  const end = items.findIndex((item) => {
    left -= new TextEncoder().encode(JSON.stringify(item)).length;
    return left < 0;
  });
  return end === -1 ? items : items.slice(0, end);
}
