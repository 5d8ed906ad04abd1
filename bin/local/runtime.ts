import { randomUUID } from 'node:crypto';
import { deliverSlack } from '#app/deliver-slack.ts';
import { finishRun } from '#app/finish-run.ts';
import { handleStored, type StreamPorts } from '#app/handle-stream.ts';
import { planRun } from '#app/plan-run.ts';
import { RESERVED_MS, scanBatch } from '#app/scan-batch.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import { CONTROLS } from '#controls/index.ts';
import type { AlertMessage, Delivery } from '#domain/alert.ts';
import type { ProviderPort } from '#domain/collection.ts';
import type { Finding } from '#domain/finding.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import type { Run, TargetReport } from '#domain/run.ts';
import type { PlannedTarget, Provider } from '#domain/target.ts';
import { inClusterVerdicts } from '#handlers/in-cluster.ts';
import { postToSlack } from '#notifiers/slack.ts';
import { toSlack } from '#notifiers/slack-blocks.ts';
import { AlertRepository } from '#storage/alert-repository.ts';
import { documentClient } from '#storage/client.ts';
import { DeliveryRepository } from '#storage/delivery-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { ScanRepository } from '#storage/scan-repository.ts';
import { LOCAL_TABLE, startLocalTable } from './table.ts';

export interface LocalOptions {
  readonly config: ResolvedConfig;
  readonly providers: Readonly<Partial<Record<Provider, ProviderPort>>>;
  /** Directory that keeps the state; undefined: memory. */
  readonly directory?: string;
  /** To the organisation's own topic, where one is configured. */
  readonly publish?: (message: AlertMessage) => Promise<void>;
  readonly onProgress?: (progress: Progress) => void;
  readonly onUndelivered?: (detail: string) => void;
  readonly linkBase?: string;
  /** What reading one target may take, and planning. */
  readonly targetTimeoutMs?: number;
  readonly now?: () => Date;
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface Progress {
  readonly done: number;
  readonly planned: number;
  readonly report?: TargetReport;
}

export interface RunResult {
  readonly run: Run;
  readonly targets: readonly TargetReport[];
  readonly findings: readonly Finding[];
  /** What the run changed in the state, a message for each resource. */
  readonly changes: readonly AlertMessage[];
  /** Nothing was stored before, so everything is new. */
  readonly first: boolean;
}

const TARGET_TIMEOUT_MS = 5 * 60_000;
const TARGETS_AT_ONCE = 16;
/** Posts that a receiver puts off for longer than this are left for the next start. */
const LONGEST_WAIT_SECONDS = 60;
const MOST_POSTS = 8;
/** The state's directory is open in this process alone, and it does one thing at a time: whoever held a lease before is dead. */
const NO_LEASE = 0;

/**
 * The deployed use cases in one process: the table is an embedded DynamoDB, its stream is made from the repository's own conditional writes,
 * and the queue before Slack is a list. What was stored and not yet told, because an earlier process was killed, is told at the start.
 */
export async function createLocalRuntime(options: LocalOptions) {
  const table = await startLocalTable(options.directory);
  const client = documentClient(table.endpoint);
  const now = options.now ?? (() => new Date());
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  const scans = new ScanRepository(client, LOCAL_TABLE);
  const runs = new RunRepository(client, LOCAL_TABLE);
  const alerts = new AlertRepository(client, LOCAL_TABLE, NO_LEASE);
  const deliveries = new DeliveryRepository(client, LOCAL_TABLE, NO_LEASE);
  const queue: Delivery[] = [];
  const told: AlertMessage[] = [];
  const stream: StreamPorts = {
    store: alerts,
    settings: options.config.alerts,
    keepHistory: alerts.keepHistory,
    sleep,
    publish: async (message) => {
      await options.publish?.(message);
      told.push(message);
    },
    enqueue: async (delivery) => {
      queue.push(delivery);
    },
  };

  /** The repository, followed by what the stream would bring. */
  const store: Pick<ScanRepository, 'readTarget' | 'writeHeartbeat' | 'writeFinding' | 'writeFence'> = {
    readTarget: scans.readTarget,
    writeFence: scans.writeFence,
    writeHeartbeat: async (heartbeat) => {
      const written = await scans.writeHeartbeat(heartbeat);
      if (written) await handleStored({ kind: 'heartbeat', heartbeat }, stream);
      return written;
    },
    writeFinding: async (next, revision) => {
      const written = await scans.writeFinding(next, revision);
      if (written) await handleStored({ kind: 'finding', finding: { ...next, revision: revision + 1 } }, stream);
      return written;
    },
  };
  const saveRun = async (run: Run) => {
    await runs.save(run);
    await handleStored({ kind: 'run', run }, stream);
  };

  async function drain(): Promise<void> {
    for (const delivery of queue.splice(0)) await deliver(delivery);
  }

  async function deliver(delivery: Delivery): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const delivered = await deliverSlack(delivery, {
        store: deliveries,
        channels: options.config.alerts.slack,
        post: ({ webhook }, message) => postToSlack(webhook, toSlack(message, options.linkBase)),
        now,
      });
      if (delivered.state === 'done') return;
      if (tries >= MOST_POSTS || delivered.afterSeconds > LONGEST_WAIT_SECONDS) {
        options.onUndelivered?.(`${delivery.channel}: ${delivered.detail}; it is kept and sent at the next start`);
        return;
      }
      await sleep(delivered.afterSeconds * 1000);
    }
  }

  /** An earlier process may have stored changes and died before it told them. */
  async function recover(): Promise<void> {
    for (const heartbeat of await runs.heartbeats()) {
      if (heartbeat.outbox.length === 0) continue;
      const { findings } = await scans.readTarget(heartbeat.report.target.id);
      const untold = new Set(heartbeat.outbox);
      for (const finding of findings)
        if (untold.has(`${finding.finding.id}:${finding.change?.id}`)) await alerts.keepHistory(finding);
      // What did not settle is taken over by the next scan. Its stored changes are in history now, should that scan change them again.
      await handleStored({ kind: 'heartbeat', heartbeat }, stream);
    }
    for (const run of (await runs.latest(RECOVERED_RUNS)).toReversed()) {
      if (run.status === 'running') await saveRun({ ...run, status: 'failed', endedAt: now().toISOString() });
      else await handleStored({ kind: 'run', run }, stream);
    }
    await drain();
  }

  async function scan(): Promise<RunResult> {
    const startedAt = now().toISOString();
    const runId = `run-${startedAt.replaceAll(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
    const planners = Object.fromEntries(Object.entries(options.providers).map(([name, port]) => [name, port.plan]));
    const plan = await planRun(planners, await runs.heartbeats(), {
      signal: AbortSignal.timeout(options.targetTimeoutMs ?? TARGET_TIMEOUT_MS),
      now,
    });
    const planned = Object.values(plan.targets).flat();
    const first = (await runs.latest(1)).length === 0;
    await saveRun({
      id: runId,
      startedAt,
      status: 'running',
      targets: { planned: planned.length, complete: 0, partial: 0, failed: 0, skipped: 0 },
      apiCalls: 0,
    });
    const reports: TargetReport[] = [];
    const findings: Finding[] = [];
    options.onProgress?.({ done: 0, planned: planned.length });
    // In-cluster verdicts are part of the composites of the cloud's clusters: they are read first.
    for (const wave of [planned.filter(isInside), planned.filter((target) => !isInside(target))]) {
      await mapConcurrently(wave, TARGETS_AT_ONCE, async (target) => {
        const port = options.providers[target.target.provider];
        if (port === undefined) return;
        const batch = scanBatch({
          config: async () => options.config,
          provider: () => port,
          controls: CONTROLS,
          store: () => store,
          inCluster: (_config, uids) => inClusterVerdicts(options.config, uids, scans, now),
          now,
          onScanned: (scanned) => {
            reports.push(scanned.report);
            findings.push(...scanned.findings);
            options.onProgress?.({ done: reports.length, planned: planned.length, report: scanned.report });
          },
        });
        const deadline = Date.now() + (options.targetTimeoutMs ?? TARGET_TIMEOUT_MS) + RESERVED_MS;
        await batch(
          { BatchInput: { runId, startedAt }, Items: [target] },
          { getRemainingTimeInMillis: () => deadline - Date.now() },
        );
      });
    }
    const run = await finishRun(
      { runId, startedAt, planned, planApiCalls: plan.apiCalls, patienceMs: 0 },
      {
        heartbeats: runs.heartbeats,
        heartbeat: runs.heartbeat,
        announced: runs.announced,
        sleep,
        saveRun,
        runs: () => runs.latest(RECOVERED_RUNS),
        recordUnread: async () => undefined,
        now,
      },
    );
    await drain();
    return {
      run,
      targets: sortedBy(reports, ({ target }) => target.id),
      findings: sortFindings(findings),
      changes: sortedBy(
        told.splice(0).filter((message) => message.runId === runId),
        ({ resource }) => resource.uid,
      ),
      first,
    };
  }

  await recover();
  return {
    scan,
    table: { client, name: LOCAL_TABLE },
    close: async () => {
      client.destroy();
      await table.close();
    },
  };
}

const RECOVERED_RUNS = 5;

function isInside({ target }: PlannedTarget): boolean {
  return target.provider === 'kubernetes';
}

/** The one order of outputs: resource, then control. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return sortedBy(findings, ({ resource, control }) => `${resource.uid}\n${control}`);
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
