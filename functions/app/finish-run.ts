import type { Heartbeat } from '#domain/heartbeat.ts';
import type { Run, RunStatus, TargetStatus } from '#domain/run.ts';
import type { PlannedTarget } from '#domain/target.ts';

export interface FinishPorts {
  readonly heartbeats: () => Promise<readonly Heartbeat[]>;
  readonly saveRun: (run: Run) => Promise<void>;
  readonly runs: () => Promise<readonly Run[]>;
  /** Stores a coverage FAIL for a target that was planned and not read. */
  readonly recordUnread: (planned: PlannedTarget) => Promise<void>;
  readonly now: () => Date;
}

export interface FinishRequest {
  readonly runId: string;
  readonly startedAt: string;
  readonly planned: readonly PlannedTarget[];
  readonly planApiCalls: number;
}

/**
 * Closes a run: whatever was planned and left no settled heartbeat of this run is coverage lost, not silence. Saving the closed run is what
 * lets its messages go out. Runs before it that never closed (a state machine that died) are closed too, so that their messages are not lost.
 */
export async function finishRun(request: FinishRequest, ports: FinishPorts): Promise<Run> {
  const unread = missingOf(request, await ports.heartbeats());
  for (const planned of unread) await ports.recordUnread(planned);
  const settled = settledOf(request, await ports.heartbeats());
  const run: Run = { ...summary(request, settled), endedAt: ports.now().toISOString() };
  for (const older of await ports.runs()) {
    if (older.status === 'running' && older.id !== run.id && older.startedAt < run.startedAt) {
      await ports.saveRun({ ...older, status: 'failed', endedAt: ports.now().toISOString() });
    }
  }
  await ports.saveRun(run);
  return run;
}

function missingOf(
  { planned, runId, startedAt }: FinishRequest,
  heartbeats: readonly Heartbeat[],
): readonly PlannedTarget[] {
  const done = new Set(
    heartbeats
      // A heartbeat of a later run is newer knowledge than this run's could be.
      .filter(
        (heartbeat) =>
          heartbeat.pending.length === 0 && (heartbeat.runId === runId || heartbeat.evaluatedAt > startedAt),
      )
      .map(({ report }) => report.target.id),
  );
  return planned.filter(({ target }) => !done.has(target.id));
}

function settledOf({ planned }: FinishRequest, heartbeats: readonly Heartbeat[]): readonly Heartbeat[] {
  const ids = new Set(planned.map(({ target }) => target.id));
  return heartbeats.filter(({ report }) => ids.has(report.target.id));
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
