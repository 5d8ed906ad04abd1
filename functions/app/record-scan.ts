import { assess, type NextFinding, type StoredFinding, vanished } from '#domain/change.ts';
import type { Finding } from '#domain/finding.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { compareStamps, countStatuses, type ScanStamp, type StatusCounts, type TargetReport } from '#domain/run.ts';

/** What the store holds of one target, read by one query. */
export interface TargetState {
  readonly heartbeat: Heartbeat | undefined;
  readonly findings: readonly StoredFinding[];
  /** Revisions of places that are kept free of a finding that another scan had in hand and nobody found again. */
  readonly fences: ReadonlyMap<string, number>;
}

/** The store as this use case needs it. Every write is conditional and answers false when somebody else was faster. */
export interface ScanStore {
  readonly readTarget: (target: string) => Promise<TargetState>;
  /** Written only over the revision before it (0: over nothing). */
  readonly writeHeartbeat: (heartbeat: Heartbeat) => Promise<boolean>;
  /** Written only over `revision` (0: over nothing). */
  readonly writeFinding: (finding: NextFinding, revision: number) => Promise<boolean>;
  /** Takes the place of a finding that does not exist, so that a late write of it loses; over `revision` likewise. */
  readonly writeFence: (target: string, finding: string, revision: number) => Promise<boolean>;
}

export interface ScanResult {
  readonly report: TargetReport;
  readonly findings: readonly Finding[];
  /** Whether resources that are missing in `findings` may be closed. */
  readonly inventoryComplete: boolean;
}

export type Recorded = 'unchanged' | 'changed' | 'superseded';

/** Two scans of one target cross each other at most a few times: the older one gives way as soon as it sees the newer heartbeat. */
const MOST_TRIES = 10;

/**
 * Stores one scan of one target: one read and one write when nothing changed.
 *
 * The heartbeat is the fence. It is written before the findings, over the revision that was read, and names the findings that will follow
 * (`pending`). A later scan that meets an unsettled heartbeat writes those findings itself, so that what a dead or late scan still had in hand
 * loses; an earlier scan that meets a newer heartbeat gives way. The settling write carries the changes to announce (`outbox`), so that
 * they are announced once, after all of them are stored.
 */
export async function recordScan(scan: ScanResult, stamp: ScanStamp, store: ScanStore): Promise<Recorded> {
  const target = scan.report.target.id;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const state = await store.readTarget(target);
    const { heartbeat } = state;
    if (heartbeat !== undefined && isSuperseded(stamp, heartbeat)) return 'superseded';
    const writes = plannedWrites(scan, state, stamp);
    const claimed: Heartbeat = {
      ...stamp,
      revision: (heartbeat?.revision ?? 0) + 1,
      report: scan.report,
      ...countsOf(scan, state),
      pending: writes.map(({ id }) => id),
      outbox: outboxOf(writes, state),
      ...lastComplete(scan, stamp, heartbeat),
    };
    if (!(await store.writeHeartbeat(claimed))) continue;
    if (writes.length === 0 && claimed.outbox.length === 0) return 'unchanged';
    const written = await writeAll(target, writes, store);
    const settled = { ...claimed, revision: claimed.revision + 1, pending: [] };
    if (written && (await store.writeHeartbeat(settled))) return 'changed';
  }
  throw new Error(`${target}: gave way to other scans ${MOST_TRIES} times without seeing a newer result`);
}

/** Of one instant and one run, a settled heartbeat is this very result, delivered again. */
function isSuperseded(stamp: ScanStamp, heartbeat: Heartbeat): boolean {
  const order = compareStamps(heartbeat, stamp);
  return order > 0 || (order === 0 && heartbeat.pending.length === 0);
}

interface PlannedWrite {
  readonly id: string;
  /** Undefined: nothing is to be there. */
  readonly next: NextFinding | undefined;
  readonly revision: number;
}

function plannedWrites(
  scan: ScanResult,
  { heartbeat, findings, fences }: TargetState,
  stamp: ScanStamp,
): readonly PlannedWrite[] {
  const stored = new Map(findings.map((entry) => [entry.finding.id, entry]));
  const contested = new Set(heartbeat?.pending ?? []);
  const judged = scan.inventoryComplete ? [...scan.findings, ...vanishedOf(scan, findings, stamp)] : scan.findings;
  const writes = new Map<string, PlannedWrite>();
  for (const id of contested) {
    const before = stored.get(id);
    const next = before === undefined ? undefined : touched(before, stamp);
    writes.set(id, { id, next, revision: before?.revision ?? fences.get(id) ?? 0 });
  }
  for (const finding of judged) {
    const before = stored.get(finding.id);
    const next = assess(before, finding, stamp);
    const revision = before?.revision ?? fences.get(finding.id) ?? 0;
    if (next !== undefined) writes.set(finding.id, { id: finding.id, next, revision });
  }
  return [...writes.values()];
}

/** The same content under a new revision: the write that another scan still has in hand then fails. */
function touched(stored: StoredFinding, stamp: ScanStamp): NextFinding {
  const { revision: _revision, ...rest } = stored;
  return { ...rest, finding: { ...stored.finding, evaluatedAt: stamp.evaluatedAt } };
}

function vanishedOf(scan: ScanResult, findings: readonly StoredFinding[], stamp: ScanStamp): readonly Finding[] {
  const seen = new Set(scan.findings.map(({ id }) => id));
  return findings
    .filter((entry) => entry.goneAt === undefined && !seen.has(entry.finding.id))
    .map((entry) => vanished(entry, stamp.evaluatedAt));
}

/**
 * This scan's changes, and those of a predecessor that did not settle. Which of the predecessor's were really stored is looked up when they are
 * announced: one that was not stored never happened.
 */
function outboxOf(writes: readonly PlannedWrite[], { heartbeat, findings }: TargetState): readonly string[] {
  const before = new Map(findings.map(({ finding, change }) => [finding.id, change?.id]));
  const own = writes.flatMap(({ id, next }) =>
    next?.change !== undefined && next.change.id !== before.get(id) ? [outboxEntry(id, next.change.id)] : [],
  );
  const inherited = heartbeat !== undefined && heartbeat.pending.length > 0 ? heartbeat.outbox : [];
  return [...new Set([...inherited, ...own])];
}

function outboxEntry(finding: string, change: string): string {
  return `${finding}:${change}`;
}

async function writeAll(target: string, writes: readonly PlannedWrite[], store: ScanStore): Promise<boolean> {
  for (let start = 0; start < writes.length; start += WRITES_AT_ONCE) {
    const batch = writes.slice(start, start + WRITES_AT_ONCE);
    const written = await Promise.all(
      batch.map(({ id, next, revision }) =>
        next === undefined ? store.writeFence(target, id, revision) : store.writeFinding(next, revision),
      ),
    );
    if (written.includes(false)) return false;
  }
  return true;
}

const WRITES_AT_ONCE = 10;

/** Counts of what is on record after this scan: findings of an incomplete scan's missing resources still count. */
function countsOf(scan: ScanResult, { findings }: TargetState): Pick<Heartbeat, 'counts' | 'countsByControl'> {
  const seen = new Set(scan.findings.map(({ id }) => id));
  const kept = scan.inventoryComplete
    ? []
    : findings
        .filter(({ finding, goneAt }) => goneAt === undefined && !seen.has(finding.id))
        .map(({ finding }) => finding);
  const all = [...scan.findings, ...kept];
  const byControl: Record<string, Partial<StatusCounts>> = {};
  for (const { control, status } of all) {
    byControl[control] = { ...byControl[control], [status]: (byControl[control]?.[status] ?? 0) + 1 };
  }
  return { counts: countStatuses(all.map(({ status }) => status)), countsByControl: byControl };
}

function lastComplete(
  scan: ScanResult,
  stamp: ScanStamp,
  heartbeat: Heartbeat | undefined,
): Pick<Heartbeat, 'lastCompleteAt'> {
  const at = scan.report.status === 'complete' ? stamp.evaluatedAt : heartbeat?.lastCompleteAt;
  return at === undefined ? {} : { lastCompleteAt: at };
}
