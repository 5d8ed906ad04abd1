import { describe, expect, test } from 'vitest';
import { findingId } from '#app/finding-id.ts';
import { recordScan } from '#app/record-scan.ts';
import { parseConfig } from '#config/load.ts';
import { resolveConfig } from '#config/resolve.ts';
import type { Finding } from '#domain/finding.ts';
import type { TargetStatus } from '#domain/run.ts';
import type { Status } from '#domain/verdict.ts';
import { inClusterVerdicts } from '#handlers/in-cluster.ts';
import { finding, stamp } from '../app/builders.ts';
import { freshTable } from '../app/table.ts';

const UID = 'arn:aws:eks:eu-west-1:111111111111:cluster/prod';
const OTHER = 'arn:aws:eks:eu-west-1:111111111111:cluster/other';
const YAML = `
aws: {}
kubernetes:
  clusters:
    - { name: prod, server: "https://10.0.0.1", token: "\${env:KUBE_TOKEN}", cluster: "${UID}" }
    - { name: lab, server: "https://10.0.0.2" }
`;
const SERVICES = 'kubernetes-services-internal';

const { scans } = await freshTable();

/** Each test has clusters of its own. */
let made = 0;
function names() {
  made += 1;
  const uid = `arn:aws:eks:eu-west-1:111111111111:cluster/prod-${made}`;
  return { uid, target: `kubernetes:prod-${made}`, renamed: `kubernetes:production-${made}` };
}

/** Stores one reading of a cluster from inside. */
async function store(
  uid: string,
  target: string,
  status: Status,
  minute: number,
  report: TargetStatus = 'complete',
): Promise<void> {
  const inside: Finding = {
    ...finding({ control: SERVICES, status, target, reason: status === 'UNKNOWN' ? 'denied' : 'stored' }),
    id: findingId(uid, SERVICES),
    resource: { uid, type: 'kubernetes.cluster', provider: 'kubernetes', account: target, region: '', name: target },
  };
  const at = stamp(minute);
  const scanned = { id: target, provider: 'kubernetes' as const, account: target };
  const result = { report: { target: scanned, status: report, apiCalls: 1, durationMs: 1 }, inventoryComplete: true };
  expect(await recordScan({ ...result, findings: [{ ...inside, evaluatedAt: at.evaluatedAt }] }, at, scans)).toBe(
    'changed',
  );
}

/** What finishing a run stores of a target whose batch died. */
async function died(target: string, minute: number): Promise<void> {
  const report = {
    target: { id: target, provider: 'kubernetes' as const, account: target },
    status: 'failed' as const,
    reason: 'timeout' as const,
    message: 'the scan of this target ended without a result',
    apiCalls: 0,
    durationMs: 0,
  };
  await recordScan({ report, findings: [], inventoryComplete: false }, stamp(minute), scans);
}

const minutes = (minute: number) => () => new Date(stamp(minute).evaluatedAt);

async function verdictOf(uid: string, targets: readonly string[], minute: number) {
  const readInside = targets.map((target) => ({ cluster: uid, target }));
  const verdicts = await inClusterVerdicts({ readInside }, [uid, OTHER], scans, minutes(minute));
  expect([...verdicts.keys()]).toEqual([uid]);
  return verdicts.get(uid)?.get(SERVICES);
}

test("the cloud's own scan knows the clusters that are read from inside too, without their credentials", async () => {
  const config = await resolveConfig(parseConfig(YAML, 'ringfence.yaml'), {
    env: {},
    readSecret: async (arn) => Promise.reject(new Error(arn)),
    readFile: async (path) => Promise.reject(new Error(path)),
    providers: ['aws'],
    alerts: false,
  });
  expect(config.kubernetes).toBeUndefined();
  const verdicts = await inClusterVerdicts(config, [UID, OTHER], scans, minutes(0));
  // Configured and never read: the composite must count this dimension as undecided, which a missing entry would leave out.
  expect([...verdicts]).toEqual([[UID, new Map()]]);
});

describe('a stored verdict from inside', () => {
  test.each(['PASS', 'FAIL', 'UNKNOWN', 'NOT_APPLICABLE'] as const)('counts as it is: %s', async (status) => {
    const { uid, target } = names();
    await store(uid, target, status, 0);
    expect(await verdictOf(uid, [target], 5)).toEqual({ status, reason: status === 'UNKNOWN' ? 'denied' : 'stored' });
  });

  test.each([
    ['PASS', { status: 'UNKNOWN', reason: 'timeout' }],
    ['NOT_APPLICABLE', { status: 'UNKNOWN', reason: 'timeout' }],
    ['FAIL', { status: 'FAIL', reason: 'stored' }],
  ] as const)('of a target whose last scan died closes nothing any more: %s', async (status, expected) => {
    const { uid, target } = names();
    await store(uid, target, status, 0);
    await died(target, 60);
    expect(await verdictOf(uid, [target], 65)).toEqual(expected);
  });

  test('is too old to close anything when nobody looked inside for longer than a week and a day', async () => {
    const { uid, target } = names();
    await store(uid, target, 'PASS', 0);
    const week = 8 * 24 * 60;
    expect(await verdictOf(uid, [target], week)).toEqual({ status: 'PASS', reason: 'stored' });
    expect(await verdictOf(uid, [target], week + 1)).toEqual({ status: 'UNKNOWN', reason: 'not-scanned' });
  });

  test('of a name that is configured no more says nothing, however often it is met', async () => {
    const { uid, target, renamed } = names();
    await store(uid, renamed, 'FAIL', 0);
    await store(uid, target, 'PASS', 1);
    expect(await verdictOf(uid, [renamed], 5)).toEqual({ status: 'FAIL', reason: 'stored' });
  });

  test.each([
    ['FAIL', 'PASS', 'FAIL'],
    ['PASS', 'FAIL', 'FAIL'],
    ['PASS', 'UNKNOWN', 'UNKNOWN'],
    ['NOT_APPLICABLE', 'PASS', 'PASS'],
  ] as const)('meets another of the same cluster: %s and %s give %s', async (first, second, expected) => {
    const { uid, target, renamed } = names();
    await store(uid, target, first, 0);
    await store(uid, renamed, second, 0);
    expect(await verdictOf(uid, [target, renamed], 5)).toMatchObject({ status: expected });
  });

  test('does not speak for a second target of the same cluster that was never read', async () => {
    const { uid, target, renamed } = names();
    await store(uid, target, 'PASS', 0);
    expect(await verdictOf(uid, [target, renamed], 5)).toEqual({ status: 'UNKNOWN', reason: 'not-scanned' });
  });

  test('that a scan still had in hand when it died is not trusted', async () => {
    const { uid, target } = names();
    await store(uid, target, 'PASS', 0);
    const { heartbeat } = await scans.readTarget(target);
    if (heartbeat === undefined) throw new Error('nothing was stored');
    const pending = [findingId(uid, SERVICES)];
    expect(await scans.writeHeartbeat({ ...heartbeat, revision: heartbeat.revision + 1, pending })).toBe(true);
    expect(await verdictOf(uid, [target], 5)).toEqual({ status: 'UNKNOWN', reason: 'not-scanned' });
  });
});
