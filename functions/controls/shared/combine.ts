import {
  compareSeverity,
  type Fix,
  fail,
  notApplicable,
  type Proof,
  pass,
  type Severity,
  unknown,
  type Verdict,
} from '#domain/verdict.ts';

type Failed = Extract<Verdict, { status: 'FAIL' }>;

/**
 * One verdict over many parts (pools, subnets, frontends, groups): it fails if one part fails, is unknown if one is unknown, and passes only if
 * all that apply pass. The deciding parts come first in the proof; every part is in it.
 */
export function combine(parts: readonly Verdict[], whenPassed: string): Verdict {
  const failed = parts.filter((part) => part.status === 'FAIL');
  const [worst] = failed;
  if (worst !== undefined) return fail(worst.reason, messages(failed), proofs(failed, parts), options(failed));
  const open = parts.filter((part) => part.status === 'UNKNOWN');
  const [first] = open;
  if (first !== undefined) return unknown(first.reason, messages(open), proofs(open, parts));
  const passed = parts.filter((part) => part.status === 'PASS');
  // What rests on a declaration in one part rests on it as a whole.
  const declared = passed.some(({ reason }) => reason === 'declared');
  if (passed.length > 0) return pass(whenPassed, proofs(passed, parts), declared ? 'declared' : 'holds');
  return notApplicable(
    parts[0]?.reason ?? 'nothing-to-judge',
    parts[0]?.message ?? 'there is nothing to judge',
    proofs([], parts),
  );
}

function messages(parts: readonly Verdict[]): string {
  return [...new Set(parts.map(({ message }) => message))].join('; ');
}

function proofs(first: readonly Verdict[], all: readonly Verdict[]): readonly Proof[] {
  const ordered = [...first, ...all.filter((part) => !first.includes(part))];
  const seen = new Set<string>();
  return ordered.flatMap(({ proof }) => proof).filter(({ line }) => !seen.has(line) && seen.add(line));
}

function options(failed: readonly Failed[]) {
  const severities = failed.map(({ severity }) => severity);
  // One part without an own severity is as grave as the control itself.
  const severity = severities.includes(undefined) ? undefined : (severities as Severity[]).sort(compareSeverity)[0];
  const fixes = failed.map(({ fix }) => fix).filter((fix): fix is Fix => fix !== undefined);
  return {
    ...(severity === undefined ? {} : { severity }),
    ...(fixes.length === 0 ? {} : { fix: mergeFixes(fixes) }),
  };
}

/** Several remedies as one; what two of them share is said once. */
export function mergeFixes(fixes: readonly Fix[]): Fix {
  const fragments = new Map(fixes.flatMap((fix) => fix.fragments).map((entry) => [entry.code, entry]));
  const checkFirst = [...new Set(fixes.flatMap((fix) => fix.checkFirst ?? []))];
  const unused = new Map(fixes.flatMap((fix) => fix.nothingElseUses ?? []).map((entry) => [entry.line, entry]));
  return {
    ...(checkFirst.length === 0 ? {} : { checkFirst }),
    commands: [...new Set(fixes.flatMap(({ commands }) => commands))],
    fragments: [...fragments.values()],
    ...(unused.size === 0 ? {} : { nothingElseUses: [...unused.values()] }),
  };
}
