import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '#domain/finding.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import type { IbmAccount } from '#estate/ibm/model.ts';
import { ibmAccountOf } from '#estate/scenario.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { createLocalRuntime } from '../../bin/local/runtime.ts';

/** A conversion to VRF and a real loss of it look alike for half an hour. */

let estate: Estate;
let runtime: Awaited<ReturnType<typeof createLocalRuntime>>;
let account: IbmAccount;

beforeEach(async () => {
  estate = await startEstate(instructive());
  const { ibm } = estate.providers;
  runtime = await createLocalRuntime({ config: estate.config, providers: { ibm }, sleep: async () => undefined });
  account = ibmAccountOf(estate.scenario, 'core-banking');
  await runtime.scan();
  estate.slack.posts.length = 0;
});

afterEach(async () => {
  await runtime.close();
  await estate.stop();
});

function verdict(findings: readonly Finding[], name: string, control: string): string {
  const found = findings.find((finding) => finding.resource.name === name && finding.control === control);
  return `${found?.status} ${found?.reason}`;
}

async function scanned() {
  const { findings } = await runtime.scan();
  const posts = estate.slack.posts.splice(0);
  return {
    vrf: verdict(findings, 'core-banking', 'ibm-account-vrf'),
    closed: verdict(findings, 'core-prod', 'iks-closed'),
    composite: verdict(findings, 'core-prod', 'closed-network'),
    titles: posts.map(({ blocks }) => blocks[0]?.text?.text.replace(/[ :].*/, '')).sort(),
  };
}

test('the first NotReady after VRF was on decides nothing and tells nobody; the second does', async () => {
  account.privateNetwork = 'not-ready';
  expect(await scanned()).toEqual({
    vrf: 'UNKNOWN transitional-state',
    closed: 'UNKNOWN transitional-state',
    composite: 'UNKNOWN transitional-state',
    titles: [],
  });
  const second = await scanned();
  expect(second).toMatchObject({ vrf: 'FAIL not-ready', closed: 'FAIL not-closed', composite: 'FAIL open' });
  expect(second.titles).toEqual(['core-banking', 'core-prod']);
  expect(await scanned()).toMatchObject({ vrf: 'FAIL not-ready', titles: [] });
});

test('a conversion that ends is never told of', async () => {
  account.privateNetwork = 'not-ready';
  await runtime.scan();
  account.privateNetwork = 'connected';
  expect(await scanned()).toEqual({ vrf: 'PASS holds', closed: 'PASS holds', composite: 'PASS holds', titles: [] });
});

test('each NotReady is one request: there is nothing to be gained by asking again at once', async () => {
  account.privateNetwork = 'not-ready';
  const asked = () =>
    [...estate.playground.counts]
      .filter(([operation]) => operation.includes('isConnectedToPrivateEndpointService'))
      .reduce((sum, [, count]) => sum + count, 0);
  const before = asked();
  await runtime.scan();
  await runtime.scan();
  expect(asked() - before).toBe(2 * estate.scenario.ibm.accounts.length);
});

test('an account that was never ready fails at once, and VRF coming on is one message per resource', async () => {
  const other = ibmAccountOf(estate.scenario, 'branch-office');
  other.privateNetwork = 'connected';
  const { findings } = await runtime.scan();
  expect(verdict(findings, 'branch-prod', 'iks-closed')).toBe('PASS holds');
  const texts = estate.slack.posts.splice(0).map((post) => JSON.stringify(post));
  expect(texts.filter((text) => text.includes('`iks-closed`'))).toHaveLength(1);
  expect(texts).toHaveLength(2);
});
