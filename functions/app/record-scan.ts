import { assess, type Change, type NextFinding, type StoredFinding, vanished } from '#domain/change.ts';
import { COMPOSITE, type Finding } from '#domain/finding.ts';
import { type Heartbeat, isSettled } from '#domain/heartbeat.ts';
import { RULES_VERSION, type Rules } from '#domain/rules.ts';
import {
  compareStamps,
  countStatuses,
  isAhead,
  type ScanStamp,
  type StatusCounts,
  type TargetReport,
} from '#domain/run.ts';

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
  /** Digest of the facts that a finding's control read; asked for findings that are written only. */
  readonly factsOf?: (findingId: string) => string | undefined;
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
 * they are announced once, after all of them are stored. A large target takes several such rounds, because the heartbeat is one item of at
 * most 400 KB; no resource is in two of them.
 */
export async function recordScan(scan: ScanResult, stamp: ScanStamp, store: ScanStore): Promise<Recorded> {
  const target = scan.report.target.id;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const state = await store.readTarget(target);
    const { heartbeat } = state;
    if (heartbeat !== undefined && isSuperseded(stamp, heartbeat, scan.report)) return 'superseded';
    const rounds = roundsOf(plannedWrites(scan, state, stamp), heartbeat);
    if (await writeRounds(rounds, scan, stamp, state, store)) {
      return rounds.some(({ writes, outbox }) => writes.length + outbox.length > 0) ? 'changed' : 'unchanged';
    }
  }
  throw new Error(`${target}: gave way to other scans ${MOST_TRIES} times without seeing a newer result`);
}

/** False as soon as another scan was faster. */
async function writeRounds(
  rounds: readonly Round[],
  scan: ScanResult,
  stamp: ScanStamp,
  state: TargetState,
  store: ScanStore,
): Promise<boolean> {
  let revision = state.heartbeat?.revision ?? 0;
  let remaining = rounds.reduce((sum, { writes }) => sum + writes.length, 0);
  const counts = countsOf(scan, state);
  for (const { writes, outbox } of rounds) {
    remaining -= writes.length;
    const claimed: Heartbeat = {
      ...stamp,
      revision: revision + 1,
      report: scan.report,
      ...counts,
      pending: writes.map(({ id }) => id),
      outbox,
      ...(remaining === 0 ? {} : { remaining }),
      ...rulesOf(scan, state.heartbeat, remaining + writes.length === 0),
      ...lastComplete(scan, stamp, state.heartbeat),
    };
    if (!(await store.writeHeartbeat(claimed))) return false;
    if (writes.length + outbox.length === 0) return true;
    if (!(await writeAll(scan.report.target.id, writes, store))) return false;
    revision = claimed.revision + 1;
    const settled = { ...claimed, revision, pending: [], ...rulesOf(scan, state.heartbeat, remaining === 0) };
    if (!(await store.writeHeartbeat(settled))) return false;
  }
  return true;
}

/** A target is recorded under this version once all of its findings are: a scan that read nothing, or died, leaves that to the next one. */
function rulesOf(scan: ScanResult, heartbeat: Heartbeat | undefined, isSettling: boolean): Pick<Heartbeat, 'rules'> {
  const isRecorded = isSettling && ['complete', 'partial'].includes(scan.report.status);
  const rules = isRecorded ? RULES_VERSION : heartbeat?.rules;
  return rules === undefined ? {} : { rules };
}

/** Of one instant and one run, a settled heartbeat is this very result, delivered again. */
function isSuperseded(stamp: ScanStamp, heartbeat: Heartbeat, { durationMs }: TargetReport): boolean {
  if (isAhead(heartbeat.evaluatedAt, Date.parse(stamp.evaluatedAt) + durationMs)) return false;
  const order = compareStamps(heartbeat, stamp);
  return order > 0 || (order === 0 && isSettled(heartbeat));
}

/** What is written between two writes of the heartbeat. */
interface Round {
  readonly writes: readonly PlannedWrite[];
  readonly outbox: readonly string[];
}

/** An entry of `pending` and one of `outbox` take about 150 bytes together; a predecessor's are taken over on top. */
const WRITES_PER_ROUND = 500;

/** The resources whose findings are contested come first, with the predecessor's outbox; a round ends where a resource does. */
function roundsOf(writes: readonly PlannedWrite[], heartbeat: Heartbeat | undefined): readonly Round[] {
  const inherited = heartbeat !== undefined && heartbeat.pending.length > 0 ? heartbeat.outbox : [];
  const contested = new Set(heartbeat?.pending ?? []);
  const resources = [...Map.groupBy(writes, ({ next }) => next?.finding.resource.uid ?? '').values()];
  const first = resources.filter((group) => group.some(({ id }) => contested.has(id))).flat();
  const rounds: PlannedWrite[][] = [first];
  for (const group of resources) {
    if (group.some(({ id }) => contested.has(id))) continue;
    const round = rounds.at(-1);
    if (round === undefined || (round.length > 0 && round.length + group.length > WRITES_PER_ROUND))
      rounds.push([...group]);
    else round.push(...group);
  }
  return rounds.map((round, index) => ({
    writes: round,
    outbox: [
      ...new Set([
        ...(index === 0 ? inherited : []),
        ...round.flatMap(({ id, change }) => (change === undefined ? [] : [outboxEntry(id, change)])),
      ]),
    ],
  }));
}

interface PlannedWrite {
  readonly id: string;
  /** Undefined: nothing is to be there. */
  readonly next: NextFinding | undefined;
  readonly revision: number;
  /** Id of the change that this write makes, where it makes one. */
  readonly change: string | undefined;
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
  const plan = (id: string, next: NextFinding | undefined) => {
    const before = stored.get(id);
    const change = next?.change?.id === before?.change?.id ? undefined : next?.change?.id;
    writes.set(id, { id, next, revision: before?.revision ?? fences.get(id) ?? 0, change });
  };
  for (const id of contested) {
    const before = stored.get(id);
    plan(id, before === undefined ? undefined : touched(before, stamp));
  }
  const rules: Rules = {
    version: RULES_VERSION,
    firstScan: heartbeat !== undefined && heartbeat.rules !== RULES_VERSION,
    factsOf: scan.factsOf ?? (() => undefined),
  };
  const known = new Set(
    findings.filter(({ goneAt }) => goneAt === undefined).map(({ finding }) => finding.resource.uid),
  );
  const changes = new Map<string, Change[]>();
  // The composite has the cause of its parts, so it is assessed after them.
  for (const finding of judged.toSorted((a, b) => Number(a.control === COMPOSITE) - Number(b.control === COMPOSITE))) {
    const { uid } = finding.resource;
    const ofResource = changes.get(uid) ?? [];
    const before = stored.get(finding.id);
    const surroundings = { knownResource: known.has(uid), changes: ofResource };
    const next = assess(before, finding, stamp, rules, surroundings);
    if (next === undefined) continue;
    plan(finding.id, next);
    if (next.change !== undefined && next.change.id !== before?.change?.id)
      changes.set(uid, [...ofResource, next.change]);
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
  const there = new Set(scan.findings.map(({ resource }) => resource.uid));
  return findings
    .filter((entry) => entry.goneAt === undefined && !seen.has(entry.finding.id))
    .map((entry) => vanished(entry, stamp.evaluatedAt, there.has(entry.finding.resource.uid)));
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
