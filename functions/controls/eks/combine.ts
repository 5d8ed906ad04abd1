import { fail, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { mergeFixes } from './fix.ts';

/** Many verdicts in one: a FAIL stands whatever else is missing, then the first UNKNOWN, and a PASS needs all of them. */
export function combine(verdicts: readonly Verdict[], message: string): Verdict {
  const proof = verdicts.flatMap((verdict) => verdict.proof);
  const failing = verdicts.filter((verdict) => verdict.status === 'FAIL');
  const [first] = failing;
  if (first !== undefined) {
    const fixes = failing.flatMap(({ fix }) => (fix === undefined ? [] : [fix]));
    // The graver one decides: without a severity of its own a verdict carries the control's.
    const severity = failing.every((verdict) => verdict.severity !== undefined) ? first.severity : undefined;
    return fail(
      first.reason,
      failing.map((verdict) => verdict.message).join('; '),
      [...failing.flatMap((verdict) => verdict.proof), ...proof.filter((line) => !inside(line, failing))],
      {
        ...(severity === undefined ? {} : { severity }),
        ...(fixes.length === 0 ? {} : { fix: mergeFixes(fixes) }),
      },
    );
  }
  const open = verdicts.find((verdict) => verdict.status === 'UNKNOWN');
  if (open?.status === 'UNKNOWN') return unknown(open.reason, open.message, proof);
  const declared = verdicts.some(({ reason }) => reason === 'declared');
  return pass(message, proof, declared ? 'declared' : 'holds');
}

function inside(line: Proof, verdicts: readonly Verdict[]): boolean {
  return verdicts.some(({ proof }) => proof.includes(line));
}
