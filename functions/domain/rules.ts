import type { Finding } from './finding.ts';
import type { Proof } from './verdict.ts';

/** Version of the controls; the package's own. A verdict that another version gave may differ without any change of the cluster. */
export const RULES_VERSION = '0.2.0';

/** How the scan that is being recorded was judged. */
export interface Rules {
  readonly version: string;
  /** The target was last recorded under another version, so that its verdicts may differ because of the rules alone. */
  readonly firstScan: boolean;
  /** Digest of the facts that the finding's control read; undefined where none were kept. */
  readonly factsOf: (findingId: string) => string | undefined;
}

/**
 * Whether nothing that both proofs state contradicts each other: the facts were the same, as far as findings without a digest of them can tell.
 * Conclusions are left out, because the rules make them. A path that is only followed further is the same path.
 */
export function stateTheSame(before: Finding, after: Finding): boolean {
  const known = statements(before.proof);
  for (const [name, now] of statements(after.proof)) {
    const then = known.get(name);
    if (then !== undefined && !now.startsWith(then) && !then.startsWith(now)) return false;
  }
  return true;
}

function statements(proof: readonly Proof[]): ReadonlyMap<string, string> {
  return new Map(
    proof.flatMap(({ kind, field, value, hops, source }): [string, string][] => {
      if (kind === 'path') return hops === undefined ? [] : [[`path ${hops[0] ?? ''}`, hops.join('\n')]];
      if (kind !== 'fact' || field === undefined || value === undefined) return [];
      // Closed at its end, so that no value is the beginning of another.
      return [[`${source?.api ?? ''} ${field}`, `${JSON.stringify(value)};`]];
    }),
  );
}
