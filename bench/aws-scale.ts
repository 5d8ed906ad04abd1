import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Estate, startEstate } from '#estate/estate.ts';
import { ACCOUNT, awsScenario, context, oneAccount } from './calls.ts';

const run = promisify(execFile);

/** V8 lets garbage stand while memory is free: these make it take only what the reading needs. */
const FRUGAL = ['--max-semi-space-size=2', '--optimize-for-size'];

/** Peak of a process that reads one region, against the number of its clusters. */
export async function memoryBench(): Promise<readonly Record<string, string | number>[]> {
  const rows: Record<string, string | number>[] = [];
  let first: number | undefined;
  for (const clusters of [10, 100, 1_000]) {
    const estate = await startEstate(awsScenario(1, clusters));
    const { roleName = '', externalId = '' } = estate.config.aws ?? {};
    const script = fileURLToPath(new URL('./aws-memory.ts', import.meta.url));
    const { stdout } = await run(process.execPath, [...FRUGAL, script, ACCOUNT, 'eu-north-1', roleName, externalId]);
    await estate.stop();
    const { mib } = JSON.parse(stdout) as { readonly mib: number };
    first ??= mib;
    rows.push({
      'clusters, each in a VPC of its own': clusters,
      'peak MiB': mib,
      'against 10': (mib / first).toFixed(2),
      budget: '1.20',
    });
  }
  return rows;
}

const OTHERS = 5;
/** Long against what the machine needs for itself: the wall is waiting, as against the real service. */
const LATENCY_MS = 150;
const CLUSTERS = 4;

/** Wall time of five regions beside one that is throttled for ever, against the same five in peace. */
export async function throttledRegionBench(): Promise<Record<string, string | number>> {
  const estate = await startEstate(awsScenario(OTHERS + 1, CLUSTERS, 'everywhere'));
  estate.playground.latencyMs = LATENCY_MS;
  await othersAlone(estate, false);
  const calm: number[] = [];
  const beside: number[] = [];
  // In turns, so that whatever else the machine does meets both alike.
  for (let turn = 0; turn < 5; turn += 1) {
    calm.push(await othersAlone(estate, false));
    beside.push(await othersAlone(estate, true));
  }
  await estate.stop();
  const [peace, throttled] = [median(calm), median(beside)];
  return {
    case: `${OTHERS} regions of ${CLUSTERS} clusters at ${LATENCY_MS} ms, one more throttled for ever`,
    'in peace ms': Math.round(peace),
    'beside it ms': Math.round(throttled),
    'costs the others': `${((throttled / peace - 1) * 100).toFixed(1)} %`,
    budget: '5 %',
  };
}

async function othersAlone(estate: Estate, throttle: boolean): Promise<number> {
  const port = oneAccount(estate, 1_000);
  const { targets } = await port.plan(context());
  const [sick, ...healthy] = targets.map(({ target }) => target);
  const ends = new AbortController();
  if (throttle)
    estate.playground.play({ provider: 'aws', operation: '*', kind: 'throttle', scope: sick?.region ?? '' });
  const start = performance.now();
  const suffering =
    throttle && sick !== undefined ? port.collect(sick, { ...context(), signal: ends.signal }) : Promise.resolve();
  await Promise.all(healthy.map((target) => port.collect(target, context())));
  const ms = performance.now() - start;
  ends.abort();
  await suffering;
  estate.playground.calm();
  return ms;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** EC2's bucket for reads holds 100 and refills by 20 a second: what share of it does a scan of many VPCs take? */
export async function paceBench(): Promise<Record<string, string | number>> {
  const estate = await startEstate(awsScenario(1, 30));
  const port = oneAccount(estate);
  const { targets } = await port.plan(context());
  estate.playground.resetCounts();
  const start = performance.now();
  for (const { target } of targets) await port.collect(target, context());
  const seconds = (performance.now() - start) / 1_000;
  const requests = [...estate.playground.counts].reduce(
    (sum, [name, count]) => sum + (name.startsWith('aws ec2:') ? count : 0),
    0,
  );
  await estate.stop();
  return {
    case: '30 clusters in 30 VPCs, as configured by default',
    'EC2 requests': requests,
    seconds: seconds.toFixed(1),
    'share of the bucket': (requests / (100 + 20 * seconds)).toFixed(2),
    budget: '0.25',
  };
}
