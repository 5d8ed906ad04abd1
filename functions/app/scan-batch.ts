import * as v from 'valibot';
import type { Part } from '#controls/closed-network.ts';
import type { ProviderPort } from '#domain/collection.ts';
import type { Control } from '#domain/control.ts';
import type { Exception } from '#domain/finding.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import type { Settings } from '#domain/settings.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { once } from './once.ts';
import type { ScanStore } from './record-scan.ts';
import { type ScannedTarget, scanTarget } from './scan-target.ts';

/** What a scan needs of the configuration. */
export interface ScanConfig extends Settings {
  readonly exceptions: readonly Exception[];
}

/** How much time the caller leaves. */
export interface Deadline {
  readonly getRemainingTimeInMillis: () => number;
}

/** Time kept for storing and answering when reads are bounded by the time that is left. */
export const RESERVED_MS = 10_000;

/** Aborts shortly before the caller would end, so that what was read is still stored. */
function deadline({ getRemainingTimeInMillis }: Deadline): AbortSignal {
  return AbortSignal.timeout(Math.max(getRemainingTimeInMillis() - RESERVED_MS, 1_000));
}

/** What Step Functions sends: a batch of planned targets with the run they belong to. */
const ScanEvent = v.object({
  BatchInput: v.object({ runId: v.string(), startedAt: v.string() }),
  Items: v.array(v.custom<PlannedTarget>((value) => typeof value === 'object' && value !== null && 'target' in value)),
});

export interface ScanAnswer {
  readonly targets: readonly { readonly id: string; readonly status: string; readonly recorded: string }[];
}

export interface ScanWiring<C extends ScanConfig> {
  readonly config: () => Promise<C>;
  readonly provider: (config: C) => ProviderPort;
  /** The controls of the subjects that the provider gives. */
  readonly controls: readonly Control[];
  readonly store: () => ScanStore;
  readonly inCluster: (config: C, uids: readonly string[]) => Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>>;
  readonly now?: () => Date;
  readonly onScanned: (scanned: ScannedTarget) => void;
}

/** Targets that one invocation reads side by side: enough to hide latency, few enough for one function's memory. */
const TARGETS_AT_ONCE = 5;

/** Scans a batch. A target that fails fails alone; a store that fails fails the batch, which Step Functions sends again. */
export function scanBatch<C extends ScanConfig>(wiring: ScanWiring<C>) {
  const provider = once(async () => wiring.provider(await wiring.config()));
  return async (event: unknown, context: Deadline): Promise<ScanAnswer> => {
    const { BatchInput, Items } = v.parse(ScanEvent, event);
    const config = await wiring.config();
    const { collect } = await provider();
    const signal = deadline(context);
    const scan = async (planned: PlannedTarget) => {
      const scanned = await scanTarget(
        {
          planned,
          runId: BatchInput.runId,
          controls: wiring.controls,
          settings: config,
          exceptions: config.exceptions,
          signal,
        },
        {
          collect,
          store: wiring.store(),
          inClusterVerdicts: (uids) => wiring.inCluster(config, uids),
          now: wiring.now ?? (() => new Date()),
        },
      );
      wiring.onScanned(scanned);
      const { report, recorded } = scanned;
      return { id: report.target.id, status: report.status, recorded };
    };
    return { targets: await mapConcurrently(Items, TARGETS_AT_ONCE, scan) };
  };
}
