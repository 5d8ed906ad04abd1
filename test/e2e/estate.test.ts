import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Finding } from '#domain/finding.ts';
import { drift } from '#estate/demo.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { createLocalRuntime } from '../../bin/local/runtime.ts';

type Runtime = Awaited<ReturnType<typeof createLocalRuntime>>;

let estate: Estate;
let runtime: Runtime;

let slept = 0;
beforeEach(async () => {
  estate = await startEstate(instructive());
  runtime = await createLocalRuntime({
    config: estate.config,
    providers: estate.providers,
    // Waiting costs no time, and the clock goes on by it.
    now: () => new Date(Date.now() + slept),
    sleep: async (ms) => {
      slept += ms;
    },
  });
});

afterEach(async () => {
  await runtime.close();
  await estate.stop();
});

function verdict(findings: readonly Finding[], name: string, control: string) {
  const found = findings.find((finding) => finding.resource.name === name && finding.control === control);
  return found === undefined ? 'none' : `${found.status} ${found.reason}`;
}

describe('the instructive estate', () => {
  test('every sentence gets the verdict that the scenario states', async () => {
    const { findings } = await runtime.scan();
    const judged = estate.scenario.expected.map(
      ([name, control]) => `${name} ${control}: ${verdict(findings, name, control)}`,
    );
    expect(judged).toEqual(
      estate.scenario.expected.map(([name, control, status, reason]) => `${name} ${control}: ${status} ${reason}`),
    );
  });

  test('an account that refuses the role is a coverage FAIL, and a suspended one is skipped', async () => {
    const { findings, run } = await runtime.scan();
    expect(verdict(findings, 'acquired', 'coverage')).toBe('FAIL denied');
    expect(verdict(findings, 'closing', 'coverage')).toBe('NOT_APPLICABLE skipped');
    expect(run.status).toBe('partial');
  });

  test('a first scan is one digest, a drift is one message per resource, and silence follows', async () => {
    await runtime.scan();
    expect(estate.slack.posts.splice(0)).toHaveLength(1);
    drift(estate.scenario);
    await runtime.scan();
    const titles = estate.slack.posts.splice(0).map(({ blocks }) => blocks[0]?.text?.text.replace(/:.*/, ''));
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles.length).toBeGreaterThanOrEqual(5);
    await runtime.scan();
    expect(estate.slack.posts).toEqual([]);
  });

  test('an unchanged target costs one write: its heartbeat', async () => {
    const runs = new RunRepository(runtime.table.client, runtime.table.name);
    const revisions = async () =>
      new Map((await runs.heartbeats()).map(({ report, revision }) => [report.target.id, revision]));
    await runtime.scan();
    const before = await revisions();
    await runtime.scan();
    const after = await revisions();
    expect(before.size).toBeGreaterThan(10);
    expect(
      [...after].map(([id, revision]) => revision - (before.get(id) ?? 0)).filter((writes) => writes !== 1),
    ).toEqual([]);
  });
});

describe('faults', () => {
  test('one throttled-for-ever region loses its own coverage and keeps its findings', async () => {
    await runtime.scan();
    estate.playground.play({ provider: 'aws', operation: 'eks:ListClusters', scope: 'eu-central-1', kind: 'throttle' });
    const { findings, targets } = await runtime.scan();
    const lost = targets
      .filter(({ status }) => status === 'failed')
      .map(({ target, reason }) => `${target.id} ${reason}`);
    expect(lost).toContain('aws:222233334444:eu-central-1 throttled');
    expect(
      targets.filter(({ target, status }) => target.region === 'ap-northeast-1' && status === 'complete').length,
    ).toBeGreaterThan(0);
    expect(findings.some(({ resource }) => resource.name === 'payments-halves')).toBe(false);
    estate.playground.calm();
    const regained = await runtime.scan();
    expect(verdict(regained.findings, 'payments-halves', 'eks-endpoint-public')).toBe('FAIL public-open');
  });

  test.each([
    [
      'a throttle that passes',
      { provider: 'aws', operation: 'eks:DescribeCluster', kind: 'throttle', times: 2 } as const,
      'PASS holds',
    ],
    [
      'a cluster that may not be described',
      { provider: 'aws', operation: 'eks:DescribeCluster', scope: 'payments-prod', kind: 'deny' } as const,
      'UNKNOWN denied',
    ],
    [
      'a truncated description',
      { provider: 'aws', operation: 'eks:DescribeCluster', scope: 'payments-prod', kind: 'truncate' } as const,
      'UNKNOWN malformed-answer',
    ],
  ])('%s', async (_case, fault, expected) => {
    estate.playground.play(fault);
    const { findings } = await runtime.scan();
    expect(verdict(findings, 'payments-prod', 'eks-endpoint-public')).toBe(expected);
    expect(verdict(findings, 'payments-halves', 'eks-endpoint-public')).toBe('FAIL public-open');
  });

  test.each(['rate-limited', 'broken', 'login-page'] as const)(
    'a Slack that is %s loses nothing and hears nothing twice',
    async (mood) => {
      estate.slack.moods.push(mood, mood);
      await runtime.scan();
      expect(estate.slack.posts).toHaveLength(1);
      expect(estate.slack.attempts.count).toBe(3);
    },
  );
});
