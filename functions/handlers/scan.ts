import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { environment } from '#config/environment.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { Part } from '#controls/closed-network.ts';
import { CONTROLS } from '#controls/index.ts';
import type { ProviderPort } from '#domain/collection.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { documentClient } from '#storage/client.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { ScanRepository } from '#storage/scan-repository.ts';
import { once } from '../app/once.ts';
import { type ScannedTarget, scanTarget } from '../app/scan-target.ts';
import { deadline, logger } from './runtime.ts';

/** What Step Functions sends: a batch of planned targets with the run they belong to. */
const ScanEvent = v.object({
  BatchInput: v.object({ runId: v.string(), startedAt: v.string() }),
  Items: v.array(v.custom<PlannedTarget>((value) => typeof value === 'object' && value !== null && 'target' in value)),
});

export interface ScanAnswer {
  readonly targets: readonly { readonly id: string; readonly status: string; readonly recorded: string }[];
}

export interface ScanWiring {
  readonly config: () => Promise<ResolvedConfig>;
  readonly provider: (config: ResolvedConfig) => ProviderPort;
  readonly store: () => Pick<ScanRepository, 'readTarget' | 'writeHeartbeat' | 'writeFinding'>;
  readonly inCluster: (
    config: ResolvedConfig,
    uids: readonly string[],
  ) => Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>>;
  readonly now?: () => Date;
  readonly onScanned?: (scanned: ScannedTarget) => void;
}

/** Targets that one invocation reads side by side: enough to hide latency, few enough for one function's memory. */
const TARGETS_AT_ONCE = 5;

/** Scans a batch. A target that fails fails alone; a store that fails fails the batch, which Step Functions sends again. */
export function scanBatch(wiring: ScanWiring) {
  const provider = once(async () => wiring.provider(await wiring.config()));
  return async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<ScanAnswer> => {
    const { BatchInput, Items } = v.parse(ScanEvent, event);
    const config = await wiring.config();
    const { collect } = await provider();
    const signal = deadline(context);
    const scan = async (planned: PlannedTarget) => {
      const scanned = await scanTarget(
        {
          planned,
          runId: BatchInput.runId,
          controls: CONTROLS,
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
      wiring.onScanned?.(scanned);
      const { report, recorded } = scanned;
      logger.info('target scanned', {
        target: report.target.id,
        status: report.status,
        reason: report.reason,
        apiCalls: report.apiCalls,
        durationMs: report.durationMs,
        recorded,
      });
      return { id: report.target.id, status: report.status, recorded };
    };
    return { targets: await inTurns(Items, TARGETS_AT_ONCE, scan) };
  };
}

async function inTurns<T, R>(items: readonly T[], width: number, work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

const repositories = once(() => {
  const client = documentClient();
  const table = environment('RINGFENCE_TABLE');
  return { scan: new ScanRepository(client, table), query: new QueryRepository(client, table) };
});

/** The wiring of the deployed functions; each handler adds its provider. */
export const deployed = {
  store: () => repositories().scan,
  inCluster: (config: ResolvedConfig, uids: readonly string[]) => inClusterVerdicts(config, uids, repositories().query),
};

/** Verdicts from inside the clusters that are configured kubernetes targets too. */
export async function inClusterVerdicts(
  config: ResolvedConfig,
  uids: readonly string[],
  repository: Pick<QueryRepository, 'findingsOfResource'>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>> {
  const configured = new Set(
    (config.kubernetes?.clusters ?? []).flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster])),
  );
  const entries = await Promise.all(
    uids
      .filter((uid) => configured.has(uid))
      .map(async (uid) => {
        const findings = await repository.findingsOfResource(uid);
        const inside = findings.filter(({ finding }) => finding.control.startsWith('kubernetes-'));
        return [
          uid,
          new Map(inside.map(({ finding }) => [finding.control, { status: finding.status, message: finding.message }])),
        ] as const;
      }),
  );
  return new Map(entries);
}
