import { createAwsProvider } from '#collectors/aws/index.ts';
import type { ProviderPort } from '#domain/collection.ts';
import { eks } from '#estate/aws/model.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { iks } from '#estate/ibm/model.ts';
import type { Scenario } from '#estate/scenario.ts';
import { instructive } from '#estate/scenarios/instructive.ts';

export const ACCOUNT = '222233334444';
export const context = () => ({ signal: AbortSignal.timeout(120_000), now: () => new Date() });

/** One account, the given regions, and so many clusters in the first of them or in each. */
export function awsScenario(regions: number, clusters: number, where: 'first' | 'everywhere' = 'first'): Scenario {
  const names = Array.from({ length: regions }, (_, index) => `eu-north-${index + 1}`);
  const inhabited = where === 'first' ? names.slice(0, 1) : names;
  const base = instructive();
  return {
    ...base,
    aws: {
      ...base.aws,
      hub: ACCOUNT,
      regions: names,
      accounts: [
        {
          id: ACCOUNT,
          name: 'bench',
          state: 'ACTIVE',
          trusts: true,
          clusters: inhabited.flatMap((region) =>
            Array.from({ length: clusters }, (_, index) => eks(`c${index}`, 'one of many', region)),
          ),
        },
      ],
    },
  };
}

/** The account by its id, so that start-up is what one account costs: entering it and asking for its regions. */
export function oneAccount({ config }: Estate, rateFraction?: number): ProviderPort {
  const { roleName = '', externalId = '' } = config.aws ?? {};
  const paced = rateFraction === undefined ? {} : { rateFraction };
  return createAwsProvider(
    { accounts: [ACCOUNT], roleName, externalId, regions: 'all', ...paced },
    { homeRegion: 'us-east-1' },
  );
}

async function scanAll(
  port: ProviderPort,
): Promise<{ readonly plan: number; readonly collect: number; readonly ms: number }> {
  const start = performance.now();
  const { targets, apiCalls } = await port.plan(context());
  const collected = await Promise.all(targets.map(({ target }) => port.collect(target, context())));
  return {
    plan: apiCalls,
    collect: collected.reduce((sum, one) => sum + one.apiCalls, 0),
    ms: performance.now() - start,
  };
}

/** Requests of scans over the simulated clouds. */
export async function callsBench(): Promise<readonly Record<string, string | number>[]> {
  const rows: Record<string, string | number>[] = [];
  const empty = await startEstate(awsScenario(20, 0));
  const { plan, collect } = await scanAll(oneAccount(empty));
  await empty.stop();
  rows.push({
    case: '20 empty AWS regions',
    calls: collect,
    'start-up': plan,
    budget: '20, and 2 to start',
  });
  for (const clusters of [1, 10]) {
    const estate = await startEstate(awsScenario(1, clusters));
    const scanned = await scanAll(oneAccount(estate));
    const eksCalls = [...estate.playground.counts].reduce(
      (sum, [name, count]) => sum + (name.startsWith('aws eks:') ? count : 0),
      0,
    );
    await estate.stop();
    rows.push({
      case: `AWS region, ${clusters} clusters in ${clusters} VPCs, a node group and three add-ons each`,
      calls: scanned.collect,
      'start-up': scanned.plan,
      budget: `12 + 4c + 2v = ${12 + 6 * clusters}; EKS alone takes 1 + 7c = ${eksCalls}, all others 11 + 3v + a role`,
    });
  }
  for (const [kind, clusters] of [
    ['classic', 0],
    ['classic', 10],
    ['vpc', 1],
    ['vpc', 10],
  ] as const)
    rows.push(await ibmRow(kind, clusters));
  return rows;
}

const IBM_FIXED = 'token, account, classic read, 3 lists';

/** One account with so many clusters, each with one worker subnet on VPC. */
async function ibmRow(kind: 'classic' | 'vpc', clusters: number): Promise<Record<string, string | number>> {
  const account = {
    id: 'bench',
    name: 'bench',
    apiKey: 'k',
    privateNetwork: 'connected' as const,
    clusters: Array.from({ length: clusters }, (_, index) =>
      iks(`c${index}aaaaaaaaaaaaaaaaaa`, `c${index}`, 'one of many', { kind }),
    ),
  };
  const estate = await startEstate({ ...instructive(), ibm: { accounts: [account] } });
  const scanned = await scanAll(estate.providers.ibm);
  await estate.stop();
  const each = kind === 'vpc' ? 5 : 4;
  return {
    case: `IBM account, ${clusters} ${kind} clusters`,
    calls: scanned.collect,
    'start-up': scanned.plan,
    budget:
      clusters === 0
        ? `7 (${IBM_FIXED}, and the resource controller because they are empty)`
        : `7 + ${each}c = ${7 + each * clusters} (${IBM_FIXED}, rules; per cluster detail, workers, load balancers, webhook${kind === 'vpc' ? ', subnet' : ''})`,
  };
}

const LATENCY_MS = 80;
/** Dependent calls of one region: enter, list, describe, list node groups, describe one, subnets, the network, VPC attributes, prefix lists. */
const LONGEST_CHAIN = 9;

const RUNS = 5;
const MOST = 1.3;

/**
 * Wall time of ten clusters at a set latency, against the longest chain of calls that wait for each other. The median of runs after a first one:
 * the first compiles the SDKs, which is no part of waiting.
 */
export async function latencyBench(): Promise<Record<string, string | number>> {
  const estate = await startEstate(awsScenario(1, 10));
  const times: number[] = [];
  const { targets } = await oneAccount(estate).plan(context());
  const [target] = targets;
  for (let run = 0; run <= RUNS; run += 1) {
    // A new one, as in a function of its own: it has to enter the account. Without the pace: at a quarter of EC2's bucket, ten separate VPCs wait
    // for it longer than for the network.
    const port = oneAccount(estate, 1);
    estate.playground.latencyMs = run === 0 ? 0 : LATENCY_MS;
    const start = performance.now();
    if (target !== undefined) await port.collect(target.target, context());
    if (run > 0) times.push(performance.now() - start);
    estate.playground.latencyMs = 0;
  }
  await estate.stop();
  const ms = times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
  const ratio = ms / (LONGEST_CHAIN * LATENCY_MS);
  return {
    case: `10 clusters at ${LATENCY_MS} ms, not paced`,
    ms: Math.round(ms),
    'longest chain': LONGEST_CHAIN * LATENCY_MS,
    ratio: ratio.toFixed(2),
    limit: MOST,
    'within limit': ratio <= MOST ? 'yes' : 'OVER',
  };
}
