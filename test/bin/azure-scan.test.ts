import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type LoopbackArm, startArm } from '#test/collectors/azure/loopback-arm.ts';
import { closedWorld, SPOKE } from '#test/collectors/azure/world.ts';
import { type Ran, spawnRingfence } from './run-ringfence.ts';

/** One good subscription among four that refuse, hang, never end their answer, or are not there at all. */
const REFUSED = 'refused-subscription';
const HANGING = 'hanging-subscription';
const ENDLESS = 'endless-subscription';
const MISSING = 'missing-subscription';
const DEADLINE_SECONDS = 3;

const world = closedWorld();
let directory: string;
let arm: LoopbackArm;
let ran: Ran;
let seconds: number;

function clustersOf(subscription: string, page: string | null, path: string): Answer {
  if (subscription === HANGING) return { hang: true };
  if (subscription === ENDLESS) return { hang: 'body' };
  if (subscription === REFUSED)
    return {
      status: 403,
      body: { error: { code: 'AuthorizationFailed', message: `not over /subscriptions/${REFUSED}` } },
    };
  return page === null
    ? { body: { value: [], nextLink: `${arm.url}${path}?$skiptoken=2` } }
    : { body: { value: [{ ...world.cluster, properties: world.properties }] } };
}

/** What the good subscription's cluster is asked for beyond Resource Graph. */
function detailsOf(path: string): readonly unknown[] | undefined {
  if (path.endsWith('/privateEndpointConnections')) return world.connections;
  return world.ruleGroups[/^(.*)\/ruleCollectionGroups$/.exec(path)?.[1] ?? ''];
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ringfence-azure-'));
  arm = await startArm(({ path, search, body }) => {
    if (path === '/subscriptions')
      return {
        body: {
          value: [SPOKE, REFUSED, HANGING, ENDLESS].map((id) => ({
            subscriptionId: id,
            displayName: id,
            state: 'Enabled',
          })),
        },
      };
    const [, subscription] = /^\/subscriptions\/([^/]+)\/providers\/[^/]+\/managedClusters$/.exec(path) ?? [];
    if (subscription !== undefined) return clustersOf(subscription, search.get('$skiptoken'), path);
    if (path.endsWith('ResourceGraph/resources'))
      return {
        body: {
          data: String(body['query']).startsWith('resources ') ? world.rows : world.groups,
          resultTruncated: 'false',
        },
      };
    const answer = detailsOf(path);
    if (answer !== undefined) return { body: { value: answer } };
    return { status: 404, body: { error: { code: 'ResourceNotFound', message: path } } };
  });
  const config = join(directory, 'ringfence.yaml');
  await writeFile(
    config,
    JSON.stringify({
      azure: { endpoint: arm.url, tenants: [{ id: 't', expected: [MISSING], credential: { type: 'access-token' } }] },
    }),
  );
  const start = performance.now();
  ran = await spawnRingfence(['scan', '--config', config, '--format', 'json', '--deadline', String(DEADLINE_SECONDS)], {
    AZURE_ACCESS_TOKEN: 'loopback-token',
  });
  seconds = (performance.now() - start) / 1000;
});

afterAll(async () => {
  await arm.close();
  await rm(directory, { recursive: true });
});

test('the good subscription is judged, coverage says which others were not read and why, and the exit code is 3', () => {
  const { findings } = JSON.parse(ran.stdout) as {
    readonly findings: readonly Readonly<
      Record<'control' | 'status' | 'reason' | 'message', string> & { resource: { account: string } }
    >[];
  };
  const of = (account: string, control: string) =>
    findings.find((finding) => finding.resource.account === account && finding.control === control);
  expect(ran.code).toBe(3);
  expect(of(SPOKE, 'aks-egress-route')).toMatchObject({ status: 'PASS' });
  expect(of(SPOKE, 'closed-network')).toMatchObject({ status: 'PASS' });
  expect(of(SPOKE, 'coverage')).toMatchObject({ status: 'PASS' });
  expect(of(REFUSED, 'coverage')).toMatchObject({
    status: 'FAIL',
    reason: 'denied',
    message: expect.stringContaining(`not over /subscriptions/${REFUSED}`),
  });
  for (const account of [HANGING, ENDLESS])
    expect(of(account, 'coverage')).toMatchObject({ status: 'FAIL', reason: 'timeout' });
  expect(of(MISSING, 'coverage')).toMatchObject({ status: 'FAIL', reason: 'not-found' });
});

test('the scan ends with the deadline, not with the time-out of a request', () => {
  expect(seconds).toBeGreaterThan(DEADLINE_SECONDS);
  expect(seconds).toBeLessThan(19);
});
