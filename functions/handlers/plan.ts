import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { once } from '#app/once.ts';
import { planRun } from '#app/plan-run.ts';
import { createAwsProvider } from '#collectors/aws/index.ts';
import { createAzureProvider } from '#collectors/azure/index.ts';
import { createIbmProvider } from '#collectors/ibm/index.ts';
import { createKubernetesProvider } from '#collectors/kubernetes/index.ts';
import { createKubesprayProvider } from '#collectors/kubespray/index.ts';
import { environment } from '#config/environment.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { Plan } from '#domain/collection.ts';
import { BRANCHES, type Branch, PROVIDER_FACTS } from '#domain/provider-facts.ts';
import { type PlannedTarget, PROVIDERS, type Provider } from '#domain/target.ts';
import { documentClient } from '#storage/client.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { configFor, handlerOf, logger } from './runtime.ts';

const PlanEvent = v.object({ runId: v.string(), startedAt: v.string() });

const config = configFor(PROVIDERS);
const s3 = once(() => new S3Client({}));

/** Lists every target, keeps one JSON array per branch in S3, and opens the run. */
export const handler = handlerOf(async (event: unknown, context: Context) => {
  const { runId, startedAt } = v.parse(PlanEvent, event);
  const runs = new RunRepository(documentClient(), environment('RINGFENCE_TABLE'));
  const resolved = await config();
  const plan = await planRun(planners(resolved), await runs.heartbeats(), {
    signal: AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - 30_000, 1_000)),
    now: () => new Date(),
  });
  const branches = branchesOf(plan.targets);
  const providers = Object.fromEntries(
    await Promise.all(BRANCHES.map(async (branch) => [branch, await keep(runId, branch, branches[branch])] as const)),
  );
  const planned = BRANCHES.reduce((sum, branch) => sum + branches[branch].length, 0);
  await runs.save({
    id: runId,
    startedAt,
    status: 'running',
    targets: { planned, complete: 0, partial: 0, failed: 0, skipped: 0 },
    apiCalls: plan.apiCalls,
  });
  logger.info('run planned', { runId, planned, apiCalls: plan.apiCalls });
  return { runId, startedAt, planApiCalls: plan.apiCalls, providers };
});

const PLANNERS: Readonly<Record<Provider, (config: ResolvedConfig) => Plan | undefined>> = {
  aws: ({ aws }) => aws && createAwsProvider(aws).plan,
  azure: ({ azure }) => azure && createAzureProvider(azure).plan,
  ibm: ({ ibm }) => ibm && createIbmProvider(ibm).plan,
  kubernetes: ({ kubernetes }) => kubernetes && createKubernetesProvider(kubernetes).plan,
  kubespray: ({ kubespray }) => kubespray && createKubesprayProvider(kubespray).plan,
};

/** Of the providers that are configured. */
function planners(config: ResolvedConfig): Readonly<Partial<Record<Provider, Plan>>> {
  return Object.fromEntries(
    PROVIDERS.flatMap((provider) => {
      const plan = PLANNERS[provider](config);
      return plan === undefined ? [] : [[provider, plan]];
    }),
  );
}

function branchesOf(
  targets: Readonly<Partial<Record<Provider, readonly PlannedTarget[]>>>,
): Readonly<Record<Branch, readonly PlannedTarget[]>> {
  const lists: Record<Branch, PlannedTarget[]> = { aws: [], azure: [], ibm: [], kubernetes: [] };
  for (const planned of Object.values(targets).flat())
    lists[PROVIDER_FACTS[planned.target.provider].branch].push(planned);
  return lists;
}

async function keep(runId: string, branch: string, targets: readonly PlannedTarget[]) {
  const Key = `plans/${runId}/${branch}.json`;
  await s3().send(
    new PutObjectCommand({
      Bucket: environment('RINGFENCE_RUN_BUCKET'),
      Key,
      Body: JSON.stringify(targets),
      ContentType: 'application/json',
    }),
  );
  return { key: Key, count: targets.length };
}
