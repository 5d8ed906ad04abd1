import type { Source, Unavailable } from './collected.ts';
import type { UnknownReason } from './reason.ts';

export const STATUSES = ['PASS', 'FAIL', 'UNKNOWN', 'NOT_APPLICABLE'] as const;
export type Status = (typeof STATUSES)[number];

/** From worst to mildest. */
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Negative when `a` is worse than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);
}

export type ProofValue = string | number | boolean | null | readonly string[];

/**
 * One fact that carries the verdict.
 *
 * `line` is the fact as one line for people. The rest is the same fact as data: where it was read (`source`), which field, which value,
 * and for a network path every hop in order (`["subnet-1", "rtb-2", "0.0.0.0/0", "igw-3"]`).
 */
export interface Proof {
  readonly line: string;
  /** fact: read as it stands. path: joined from several reads. derived: concluded. declared: configuration. attested: a person's word. */
  readonly kind: 'fact' | 'path' | 'derived' | 'declared' | 'attested';
  readonly source?: Source;
  readonly field?: string;
  readonly value?: ProofValue;
  readonly hops?: readonly string[];
}

/** How to repair this very finding, with the ids involved. Printed, never executed. */
export interface Fix {
  /** What to make sure of before any of it is applied, a sentence each; shown before the commands. */
  readonly checkFirst?: readonly string[];
  readonly commands: readonly string[];
  readonly fragments: readonly {
    readonly language: 'cloudformation' | 'cdk' | 'bicep' | 'yaml';
    readonly code: string;
  }[];
  /**
   * The evidence that nothing else uses what the commands remove, replace or detach. A fix without it has no such command: it says in `checkFirst`
   * what to find out, because a fix must not break what works.
   */
  readonly nothingElseUses?: readonly Proof[];
}

interface Judged {
  readonly message: string;
  /** The key line first. */
  readonly proof: readonly Proof[];
}

export type Verdict =
  | (Judged & { readonly status: 'PASS'; readonly reason: string })
  | (Judged & { readonly status: 'NOT_APPLICABLE'; readonly reason: string })
  | (Judged & { readonly status: 'UNKNOWN'; readonly reason: UnknownReason })
  | (Judged & {
      readonly status: 'FAIL';
      /** Names the defect: `public-open`, `missing`, `no-default-route`, ... */
      readonly reason: string;
      /** Only where the defect is graver or milder than the control's own severity. */
      readonly severity?: Severity;
      /** Only where this defect needs another remedy than the control's own. */
      readonly remediation?: string;
      readonly fix?: Fix;
    });

export function pass(message: string, proof: readonly Proof[], reason = 'holds'): Verdict {
  return { status: 'PASS', reason, message, proof };
}

export function notApplicable(reason: string, message: string, proof: readonly Proof[] = []): Verdict {
  return { status: 'NOT_APPLICABLE', reason, message, proof };
}

export function unknown(reason: UnknownReason, message: string, proof: readonly Proof[] = []): Verdict {
  return { status: 'UNKNOWN', reason, message, proof };
}

/** UNKNOWN because a read failed: carries the refusal's own reason, and names the call in the proof. */
export function unknownBecause(part: Unavailable, proof: readonly Proof[] = []): Verdict {
  return unknown(part.reason, part.message, [
    { kind: 'fact', line: `${part.api}: ${part.message}`, field: part.api, value: part.reason },
    ...proof,
  ]);
}

export interface FailOptions {
  readonly severity?: Severity;
  readonly remediation?: string;
  readonly fix?: Fix;
}

export function fail(reason: string, message: string, proof: readonly Proof[], options: FailOptions = {}): Verdict {
  return { status: 'FAIL', reason, message, proof, ...options };
}
