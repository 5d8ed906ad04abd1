import { type Heartbeat, isSettled } from '#domain/heartbeat.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { isAhead, type Run, type RunStatus, type TargetStatus } from '#domain/run.ts';
import type { PlannedTarget } from '#domain/target.ts';

export interface FinishPorts {
  /** Every target's heartbeat, by an index that may be seconds behind. */
  readonly heartbeats: () => Promise<readonly Heartbeat[]>;
  /** One target's heartbeat as it stands. */
  readonly heartbeat: (target: string) => Promise<Heartbeat | undefined>;
  readonly saveRun: (run: Run) => Promise<void>;
  readonly runs: () => Promise<readonly Run[]>;
  /** Stores a coverage FAIL for a target that was planned and not read. */
  readonly recordUnread: (planned: PlannedTarget) => Promise<void>;
  /** The heartbeat's revision up to which each target of the run was announced. */
  readonly announced: (runId: string) => Promise<ReadonlyMap<string, number>>;
  readonly now: () => Date;
  readonly sleep: (ms: number) => Promise<void>;
}

export interface FinishRequest {
  readonly runId: string;
  readonly startedAt: string;
  readonly planned: readonly PlannedTarget[];
  readonly planApiCalls: number;
  /** How long to wait for the changes of the run to be announced. */
  readonly patienceMs: number;
}

const AT_ONCE = 20;
const POLL_MS = 3_000;

/**
 * Closes a run: whatever was planned and left no settled heartbeat of this run is coverage lost, not silence. Saving the closed run is what
 * lets its messages go out, so it is saved when they have been announced: a digest that is made before would miss most of them, and they would
 * follow one by one. Runs before it that never closed (a state machine that died) are closed too, so that their messages are not lost.
 */
export async function finishRun(request: FinishRequest, ports: FinishPorts): Promise<Run> {
  const heartbeats = await heartbeatsOf(request, ports);
  const run = summary(request, heartbeats);
  await waitUntilAnnounced(request, heartbeats, ports);
  for (const older of await ports.runs()) {
    if (older.status === 'running' && older.id !== run.id && older.startedAt < run.startedAt) {
      await ports.saveRun({ ...older, status: 'failed', endedAt: ports.now().toISOString() });
    }
  }
  const closed = { ...run, endedAt: ports.now().toISOString() };
  await ports.saveRun(closed);
  return closed;
}

/** The heartbeat of every planned target, after a coverage FAIL was stored for those that were not read. */
async function heartbeatsOf(request: FinishRequest, ports: FinishPorts): Promise<readonly Heartbeat[]> {
  const listed = new Map((await ports.heartbeats()).map((heartbeat) => [heartbeat.report.target.id, heartbeat]));
  const found = await mapConcurrently(request.planned, AT_ONCE, async (planned) => {
    const { id } = planned.target;
    const seen = listed.get(id);
    if (seen !== undefined && isOfRun(seen, request, ports.now())) return seen;
    // The last scans ended moments ago: only the item itself tells whether the target is missing or the index is late.
    const current = await ports.heartbeat(id);
    if (current !== undefined && isOfRun(current, request, ports.now())) return current;
    await ports.recordUnread(planned);
    return ports.heartbeat(id);
  });
  return found.filter((heartbeat) => heartbeat !== undefined);
}

/** A heartbeat of a later run is newer knowledge than this run's could be; one of a clock that was ahead is not. */
function isOfRun(heartbeat: Heartbeat, { runId, startedAt }: FinishRequest, now: Date): boolean {
  if (!isSettled(heartbeat)) return false;
  const { evaluatedAt } = heartbeat;
  return heartbeat.runId === runId || (evaluatedAt > startedAt && !isAhead(evaluatedAt, now.getTime()));
}

/** Not for ever: what comes later is told later, and a closed run matters more than a whole digest. */
async function waitUntilAnnounced(
  { runId, patienceMs }: FinishRequest,
  heartbeats: readonly Heartbeat[],
  { announced, now, sleep }: FinishPorts,
): Promise<void> {
  const end = now().getTime() + patienceMs;
  const expected = heartbeats.filter((heartbeat) => heartbeat.runId === runId && heartbeat.outbox.length > 0);
  while (expected.length > 0) {
    const done = await announced(runId);
    if (expected.every(({ report, revision }) => (done.get(report.target.id) ?? 0) >= revision)) return;
    if (now().getTime() >= end) return;
    await sleep(POLL_MS);
  }
}

function summary({ runId, startedAt, planned, planApiCalls }: FinishRequest, heartbeats: readonly Heartbeat[]): Run {
  const count = (status: TargetStatus) => heartbeats.filter(({ report }) => report.status === status).length;
  const targets = {
    planned: planned.length,
    complete: count('complete'),
    partial: count('partial'),
    failed: count('failed'),
    skipped: count('skipped'),
  };
  return {
    id: runId,
    startedAt,
    status: runStatus(targets),
    targets,
    apiCalls: planApiCalls + heartbeats.reduce((sum, { report }) => sum + report.apiCalls, 0),
  };
}

/** failed: nothing that should have been read was; partial: something is missing. */
export function runStatus({ planned, complete, partial, failed, skipped }: Run['targets']): RunStatus {
  const wanted = planned - skipped;
  if (wanted > 0 && failed === wanted) return 'failed';
  return partial === 0 && failed === 0 && complete === wanted ? 'complete' : 'partial';
}
