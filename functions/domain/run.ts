import type { UnknownReason } from './reason.ts';
import type { Target } from './target.ts';
import type { Status } from './verdict.ts';

/** complete: read to the end. partial: something is missing. failed: nothing could be read. skipped: rightly not scanned. */
export type TargetStatus = 'complete' | 'partial' | 'failed' | 'skipped';

/** What one scan of a target came to; the public shape of `targets` in outputs. */
export interface TargetReport {
  readonly target: Target;
  readonly status: TargetStatus;
  readonly reason?: UnknownReason;
  readonly message?: string;
  readonly apiCalls: number;
  readonly durationMs: number;
  /** Keys of the provider's `centralEgress` that name something of this target. */
  readonly egressKeys?: readonly string[];
}

export type RunStatus = 'running' | 'complete' | 'partial' | 'failed';

/** One scheduled scan. Times are ISO 8601 in UTC. */
export interface Run {
  readonly id: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly status: RunStatus;
  readonly targets: {
    readonly planned: number;
    readonly complete: number;
    readonly partial: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly apiCalls: number;
}

/** Identifies one scan of one target; later ones win. */
export interface ScanStamp {
  readonly runId: string;
  readonly evaluatedAt: string;
}

/** Negative when `a` is older. Two scans of one instant are ordered by their run, so that every order of arrival ends the same. */
export function compareStamps(a: ScanStamp, b: ScanStamp): number {
  if (a.evaluatedAt !== b.evaluatedAt) return a.evaluatedAt < b.evaluatedAt ? -1 : 1;
  return a.runId === b.runId ? 0 : a.runId < b.runId ? -1 : 1;
}

/** What the clocks of two machines may be apart. */
const CLOCKS_APART_MS = 24 * 3_600_000;

/**
 * Whether a time lies so far ahead that a clock was wrong when it was written. It is no newer knowledge: whatever is read until it comes would lose against it,
 * and the state would stand still without a word.
 */
export function isAhead(evaluatedAt: string, now: number): boolean {
  return Date.parse(evaluatedAt) > now + CLOCKS_APART_MS;
}

export type StatusCounts = Readonly<Record<Status, number>>;

export const NO_COUNTS: StatusCounts = { PASS: 0, FAIL: 0, UNKNOWN: 0, NOT_APPLICABLE: 0 };

export function countStatuses(statuses: Iterable<Status>): StatusCounts {
  const counts = { ...NO_COUNTS };
  for (const status of statuses) counts[status] += 1;
  return counts;
}
