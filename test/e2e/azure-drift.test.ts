import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AksSpec } from '#estate/azure/model.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { aksOf } from '#estate/scenario.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { createLocalRuntime } from '../../bin/local/runtime.ts';

let estate: Estate;
let runtime: Awaited<ReturnType<typeof createLocalRuntime>>;

beforeEach(async () => {
  estate = await startEstate(instructive());
  const { azure } = estate.providers;
  runtime = await createLocalRuntime({ config: estate.config, providers: { azure }, sleep: async () => undefined });
  await runtime.scan();
  estate.slack.posts.length = 0;
});

afterEach(async () => {
  await runtime.close();
  await estate.stop();
});

const CHANGES: readonly (readonly [name: string, control: string, change: (spec: AksSpec) => void])[] = [
  [
    'the outbound type is changed after creation',
    'aks-outbound-type',
    (spec) => Object.assign(spec, { outboundType: 'loadBalancer' }),
  ],
  ['the route table is emptied', 'aks-egress-route', (spec) => Object.assign(spec, { defaultRoute: 'none' })],
  ['the firewall is deleted', 'aks-egress-firewall', (spec) => Object.assign(spec, { firewall: false })],
  ['a pool gets public addresses', 'aks-node-public-ip', (spec) => spec.poolsWithPublicAddress.push('work')],
];

test.each(CHANGES)('%s: one change of %s, one message, and no second one', async (_name, control, change) => {
  change(aksOf(estate.scenario, 'retail-prod'));
  await runtime.scan();
  const about = estate.slack.posts.filter(({ blocks }) => blocks[0]?.text?.text.startsWith('retail-prod'));
  expect(about).toHaveLength(1);
  expect(JSON.stringify(about[0]).split(`\`${control}\``)).toHaveLength(2);
  await runtime.scan();
  expect(estate.slack.posts).toHaveLength(1);
});

test('a subscription that is not listed any more is coverage lost and told once; nothing of it closes; listed again, it is regained', async () => {
  const { subscriptions } = estate.scenario.azure;
  const [lost] = subscriptions.splice(
    subscriptions.findIndex(({ clusters }) => clusters.some(({ name }) => name === 'retail-prod')),
    1,
  );
  if (lost === undefined) throw new Error('the scenario lost its subscription');
  const coverage = ({ findings }: Awaited<ReturnType<typeof runtime.scan>>) =>
    findings.find(
      ({ control, resource }) => control === 'coverage' && resource.uid === `azure:${lost.id.toLowerCase()}`,
    );
  const messages = () => estate.slack.posts.splice(0).map((post) => JSON.stringify(post));

  const without = await runtime.scan();
  expect(without.run.status).toBe('partial');
  expect(coverage(without)).toMatchObject({ status: 'FAIL', reason: 'not-found' });
  const told = messages();
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('is not visible to this identity any more');

  const again = await runtime.scan();
  expect(again.run.status).toBe('partial');
  expect(coverage(again)).toMatchObject({ status: 'FAIL', reason: 'not-found' });
  expect(messages()).toEqual([]);

  subscriptions.push(lost);
  const regained = await runtime.scan();
  expect(regained.run.status).toBe('complete');
  expect(coverage(regained)).toMatchObject({ status: 'PASS' });
  // Only its coverage had changed: the clusters are what they were before.
  const closed = messages();
  expect(closed).toHaveLength(1);
  expect(closed[0]).toContain('*regained* · `coverage`');
});
