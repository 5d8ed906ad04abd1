import type { TargetState } from '#app/record-scan.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { Part } from '#controls/closed-network.ts';
import type { Finding } from '#domain/finding.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Status } from '#domain/verdict.ts';

/** The slowest schedule that is still a schedule, and a day: the clouds' own scans may run before the one that reads the clusters from inside. */
const OLDEST_MS = 8 * 24 * 3_600_000;

/**
 * Verdicts from inside the clusters that are configured kubernetes targets too. Only what the last scan of a target that is still configured read may close
 * anything: after a scan that died, or long ago, a FAIL is all that stands.
 */
export async function inClusterVerdicts(
  { readInside }: Pick<ResolvedConfig, 'readInside'>,
  uids: readonly string[],
  store: { readonly readTarget: (target: string) => Promise<TargetState> },
  now: () => Date,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>> {
  const targets = Map.groupBy(readInside, ({ cluster }) => cluster);
  const entries = await Promise.all(
    [...new Set(uids)].flatMap((uid) => {
      const configured = targets.get(uid);
      if (configured === undefined) return [];
      const states = Promise.all(configured.map(({ target }) => store.readTarget(target)));
      return [states.then((read) => [uid, worstOf(read.map((state) => partsOf(uid, state, now())))] as const)];
    }),
  );
  return new Map(entries);
}

function partsOf(uid: string, { heartbeat, findings }: TargetState, now: Date): ReadonlyMap<string, Part> {
  return new Map(
    findings
      .filter(({ finding, goneAt }) => goneAt === undefined && finding.resource.uid === uid)
      .map(({ finding }) => {
        const doubt = finding.status === 'FAIL' ? undefined : doubtOf(finding.id, heartbeat, now);
        return [finding.control, doubt === undefined ? partOf(finding, now) : { status: 'UNKNOWN', reason: doubt }];
      }),
  );
}

/** The exception of a stored finding may have ended since. */
function partOf({ status, reason, exception }: Finding, now: Date): Part {
  const holds = exception !== undefined && now.toISOString().slice(0, 10) <= exception.expires;
  return { status, reason, ...(holds ? { exception } : {}) };
}

/** Why a stored verdict is not knowledge of the present. */
function doubtOf(finding: string, heartbeat: Heartbeat | undefined, now: Date): UnknownReason | undefined {
  if (heartbeat === undefined) return 'not-scanned';
  const { report, evaluatedAt, pending, remaining } = heartbeat;
  if (report.status === 'failed') return report.reason ?? 'not-scanned';
  if (pending.includes(finding) || remaining !== undefined) return 'not-scanned';
  return now.getTime() - Date.parse(evaluatedAt) > OLDEST_MS ? 'not-scanned' : undefined;
}

const WORST_FIRST: readonly Status[] = ['FAIL', 'UNKNOWN', 'PASS', 'NOT_APPLICABLE'];
const NOT_READ: Part = { status: 'UNKNOWN', reason: 'not-scanned' };

/** One cluster may be configured under several names: what one of them sees open is open, and what one of them did not read is not known. */
function worstOf(readings: readonly ReadonlyMap<string, Part>[]): ReadonlyMap<string, Part> {
  const controls = new Set(readings.flatMap((reading) => [...reading.keys()]));
  return new Map(
    [...controls].map((control) => {
      const parts = readings.map((reading) => reading.get(control) ?? NOT_READ);
      const [worst = NOT_READ] = parts.toSorted(
        (a, b) =>
          WORST_FIRST.indexOf(a.status) - WORST_FIRST.indexOf(b.status) ||
          Number(a.exception !== undefined) - Number(b.exception !== undefined),
      );
      return [control, worst];
    }),
  );
}
