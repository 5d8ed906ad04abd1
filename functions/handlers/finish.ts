import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { unmatchedEgressKeys } from '#app/egress-keys.ts';
import { finishRun } from '#app/finish-run.ts';
import { recordUnread } from '#app/record-unread.ts';
import { environment } from '#config/environment.ts';
import { PROVIDER_FACTS } from '#domain/provider-facts.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { documentClient } from '#storage/client.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { ScanRepository } from '#storage/scan-repository.ts';
import { readObject } from './objects.ts';
import { configFor, handlerOf, logger } from './runtime.ts';

const FinishEvent = v.object({
  runId: v.string(),
  startedAt: v.string(),
  planApiCalls: v.number(),
  providers: v.record(v.string(), v.object({ key: v.string(), count: v.number() })),
  /** What each provider's branch ended with: `broken` where its map failed as a whole. */
  branches: v.array(v.looseObject({ broken: v.optional(v.looseObject({ Error: v.optional(v.string()) })) })),
});

const OLDER_RUNS = 20;
/** Most of the function's own time; what is left closes the run. */
const PATIENCE_MS = 10 * 60_000;
const config = configFor([]);

/** Closes the run: what was planned and never read is coverage lost. The closed run is what lets its messages go to Slack. */
export const handler = handlerOf(async (event: unknown) => {
  const { runId, startedAt, planApiCalls, providers, branches } = v.parse(FinishEvent, event);
  const client = documentClient();
  const table = environment('RINGFENCE_TABLE');
  const runs = new RunRepository(client, table);
  const scans = new ScanRepository(client, table);
  const settings = await config();
  const lists = await Promise.all(
    Object.entries(providers).map(([branch, { key, count }]) => (count === 0 ? [] : planOf(branch, key, runs))),
  );
  const run = await finishRun(
    { runId, startedAt, planned: lists.flat(), planApiCalls, patienceMs: PATIENCE_MS },
    {
      heartbeats: runs.heartbeats,
      heartbeat: runs.heartbeat,
      announced: runs.announced,
      sleep: (ms) => sleep(ms),
      saveRun: runs.save,
      runs: () => runs.latest(OLDER_RUNS),
      recordUnread: ({ target }) => recordUnread(target, { runId, settings }, { store: scans, now: () => new Date() }),
      now: () => new Date(),
    },
  );
  const broken = branches.filter((branch) => branch.broken !== undefined);
  for (const branch of broken) logger.error('a provider was not scanned', { runId, broken: branch.broken });
  const reports = (await runs.heartbeats()).flatMap((beat) => (beat.runId === runId ? [beat.report] : []));
  for (const key of unmatchedEgressKeys(settings, reports))
    logger.warn('a declaration of central egress matches nothing that was read', { runId, key });
  logger.info('run finished', { run });
  return { ...run, brokenBranches: broken.length };
});

/** What was planned for a branch. Where the list cannot be read (nor was it by the map), what was scanned before should have been now. */
async function planOf(branch: string, key: string, runs: RunRepository): Promise<readonly PlannedTarget[]> {
  try {
    return JSON.parse(await readObject(environment('RINGFENCE_RUN_BUCKET'), key)) as readonly PlannedTarget[];
  } catch (error) {
    logger.error('a plan could not be read', { key, error: error instanceof Error ? error : String(error) });
    const known = (await runs.heartbeats()).filter(({ report: { target, status } }) => {
      return status !== 'skipped' && PROVIDER_FACTS[target.provider].branch === branch;
    });
    return known.map(({ report: { target } }) => ({ target }));
  }
}
