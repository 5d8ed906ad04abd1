import type { ScanStamp, StatusCounts, TargetReport } from './run.ts';

/** The one item per target that every scan writes, whether anything changed or not. */
export interface Heartbeat extends ScanStamp {
  /** Counts the writes of this item: whoever read an older one may not write. */
  readonly revision: number;
  readonly report: TargetReport;
  readonly counts: StatusCounts;
  readonly countsByControl: Readonly<Record<string, Partial<StatusCounts>>>;
  /** Findings that this round of the scan still has to write; empty when the round is settled. */
  readonly pending: readonly string[];
  /** Changes of this round, and of a scan that died before it settled, that are still to be announced: `<finding id>:<change id>`. */
  readonly outbox: readonly string[];
  /** Findings that later rounds of this scan will write; left out when there are none. */
  readonly remaining?: number;
  /** Version of the rules that the target's findings were last recorded under; absent in what version 0.1.0 stored. */
  readonly rules?: string;
  /** When the target was last read completely. */
  readonly lastCompleteAt?: string;
}

/** Whether the scan has written all that it had to write. */
export function isSettled({ pending, remaining }: Heartbeat): boolean {
  return pending.length === 0 && remaining === undefined;
}
