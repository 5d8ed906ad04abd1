import type { Part } from '#controls/closed-network.ts';
import type { Collect, Collection, Gap } from '#domain/collection.ts';
import type { Control } from '#domain/control.ts';
import type { Exception, Finding } from '#domain/finding.ts';
import type { TargetReport } from '#domain/run.ts';
import type { Settings } from '#domain/settings.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { egressKeysOf } from './egress-keys.ts';
import { judgeTarget } from './judge-target.ts';
import { type Recorded, recordScan, type ScanStore } from './record-scan.ts';
import { holdFirstNotReady } from './second-reading.ts';

export interface ScanPorts {
  readonly collect: Collect;
  readonly store: ScanStore;
  /** Stored verdicts from inside the clusters of this reading, by cluster uid; clusters that are no kubernetes target are left out. */
  readonly inClusterVerdicts: (
    clusterUids: readonly string[],
  ) => Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>>;
  readonly now: () => Date;
}

export interface ScanRequest {
  readonly planned: PlannedTarget;
  readonly runId: string;
  readonly controls: readonly Control[];
  readonly settings: Settings;
  readonly exceptions: readonly Exception[];
  /** Aborts at the target's deadline. */
  readonly signal: AbortSignal;
}

export interface ScannedTarget {
  readonly report: TargetReport;
  readonly findings: readonly Finding[];
  readonly recorded: Recorded;
}

/** Collect, judge, store. What the stored changes lead to happens behind the store's stream. */
export async function scanTarget(request: ScanRequest, ports: ScanPorts): Promise<ScannedTarget> {
  const { planned, runId } = request;
  const startedAt = ports.now();
  const reading = await read(request, ports);
  const collection =
    reading &&
    (await holdFirstNotReady(reading, runId, async () => (await ports.store.readTarget(planned.target.id)).findings));
  const clusters = (collection?.subjects ?? []).map(({ resource }) => resource.uid);
  const inCluster = clusters.length === 0 ? new Map() : await ports.inClusterVerdicts(clusters);
  const evaluatedAt = startedAt.toISOString();
  const { findings, factsOf } = judgeTarget({
    planned,
    collection,
    controls: request.controls,
    settings: request.settings,
    exceptions: request.exceptions,
    inCluster: (uid) => inCluster.get(uid),
    evaluatedAt,
  });
  const egressKeys = egressKeysOf(request.settings, planned.target, collection);
  const report = {
    ...reportOf(planned, collection, ports.now().getTime() - startedAt.getTime()),
    ...(egressKeys.length === 0 ? {} : { egressKeys }),
  };
  const inventoryComplete = collection?.inventoryComplete ?? false;
  const scan = { report, findings, inventoryComplete, factsOf };
  const recorded = await recordScan(scan, { runId, evaluatedAt }, ports.store);
  return { report, findings, recorded };
}

async function read({ planned, signal }: ScanRequest, ports: ScanPorts): Promise<Collection | undefined> {
  if (planned.failure !== undefined || planned.skipped !== undefined || planned.listedOnly === true) return undefined;
  try {
    return await ports.collect(planned.target, { signal, now: ports.now });
  } catch (error) {
    // A collector that throws has met what it did not expect. The target loses its coverage, and its findings stay as they are.
    const message = `the collector failed: ${error instanceof Error ? error.message : String(error)}`;
    const gap: Gap = { reason: signal.aborted ? 'timeout' : 'malformed-answer', message, api: planned.target.provider };
    return { subjects: [], inventoryComplete: false, gaps: [gap], apiCalls: 0 };
  }
}

function reportOf(planned: PlannedTarget, collection: Collection | undefined, durationMs: number): TargetReport {
  const base = { target: planned.target, apiCalls: collection?.apiCalls ?? 0, durationMs };
  if (planned.skipped !== undefined) return { ...base, status: 'skipped', message: planned.skipped };
  if (planned.failure !== undefined) {
    const { reason, message } = planned.failure;
    return { ...base, status: 'failed', reason, message };
  }
  if (collection === undefined) return { ...base, status: 'complete' };
  const [gap] = collection.gaps;
  if (gap === undefined && collection.inventoryComplete) return { ...base, status: 'complete' };
  const reason = gap === undefined ? {} : { reason: gap.reason, message: `${gap.api}: ${gap.message}` };
  const nothing =
    collection.nothingRead === true || (!collection.inventoryComplete && collection.subjects.length === 0);
  return { ...base, status: nothing ? 'failed' : 'partial', ...reason };
}
