import { describe, expect, test } from 'vitest';
import type { AnnouncePorts } from '#app/announce.ts';
import { handleStored, type StoredItem } from '#app/handle-stream.ts';
import { recordScan } from '#app/record-scan.ts';
import type { Delivery } from '#domain/alert.ts';
import type { Finding } from '#domain/finding.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { RULES_VERSION } from '#domain/rules.ts';
import packageFile from '../../package.json' with { type: 'json' };
import { alertSettings, finding, reading, recording, stamp } from './builders.ts';
import { ModelStore } from './model-store.ts';
import { freshTable } from './table.ts';

test('the rules have the version of the package', () => {
  expect(RULES_VERSION).toBe(packageFile.version);
});

type Given = Partial<Finding> & { readonly cluster?: string };

/** A reading with these findings. */
function scanOf(findings: readonly Given[], minute: number, facts?: string, status?: 'failed' | 'partial') {
  const at = stamp(minute);
  const scan = reading({}, at);
  return {
    ...scan,
    report: { ...scan.report, ...(status === undefined ? {} : { status }) },
    findings: findings.map((changes) => finding({ ...changes, evaluatedAt: at.evaluatedAt })),
    ...(facts === undefined ? {} : { factsOf: () => facts }),
  };
}

/** What an earlier version left behind. */
function downgrade(store: ModelStore, version?: string): void {
  const { rules: _rules, ...heartbeat } = store.heartbeat as Heartbeat;
  store.heartbeat = version === undefined ? heartbeat : { ...heartbeat, rules: version };
  for (const [id, stored] of store.findings) {
    if (stored.lastDecided === undefined) continue;
    const { rules: _version, facts, ...decided } = stored.lastDecided;
    const kept = version === undefined || facts === undefined ? {} : { facts };
    store.findings.set(id, {
      ...stored,
      lastDecided: { ...decided, ...(version === undefined ? {} : { rules: version }), ...kept },
    });
  }
}

const fact = (field: string, value: string | boolean) =>
  ({ kind: 'fact', line: `${field} = ${value}`, field, value }) as const;
const PASS = { status: 'PASS', reason: 'holds', proof: [fact('public', false)] } as const;
const FAIL = { status: 'FAIL', proof: [fact('public', false), fact('balancer', 'internet-facing')] } as const;
const OTHER = { control: 'eks-load-balancer-internal' } as const;
const COMPOSITE = { control: 'closed-network' } as const;

async function causes(
  before: readonly Given[],
  after: readonly Given[],
  facts: readonly [string?, string?] = [],
  version?: string,
): Promise<Readonly<Record<string, string | undefined>>> {
  const store = new ModelStore();
  await recordScan(scanOf(before, 1, facts[0]), stamp(1), store.open());
  downgrade(store, version);
  await recordScan(scanOf(after, 2, facts[1]), stamp(2), store.open());
  return Object.fromEntries(
    [...store.findings.values()]
      .filter(({ change }) => change?.runId === 'run-2')
      .map(({ finding: { control }, change }) => [control, change?.cause]),
  );
}

describe('a change in the first scan under a new version', () => {
  test('is made by the rules where no stated fact differs', async () => {
    expect(await causes([PASS], [FAIL])).toEqual({ 'eks-endpoint-public': 'rules-changed' });
  });

  test('is made by the cluster where a stated fact differs', async () => {
    const changed = { ...FAIL, proof: [fact('public', true)] };
    expect(await causes([PASS], [changed])).toEqual({ 'eks-endpoint-public': undefined });
  });

  test('is made by the rules where the digests of the facts are equal, whatever the proofs say', async () => {
    const changed = { ...FAIL, proof: [fact('public', 'no')] };
    expect(await causes([PASS], [changed], ['same', 'same'], '0.1.9')).toEqual({
      'eks-endpoint-public': 'rules-changed',
    });
  });

  test.each([
    ['is followed further', ['subnet-1', 'rtb-1', 'vpce-1', 'igw-1'], 'rules-changed'],
    ['leads elsewhere', ['subnet-1', 'rtb-1', 'igw-1'], undefined],
  ] as const)('of a path that %s', async (_case, hops, cause) => {
    const path = (list: readonly string[]) => ({ kind: 'path', line: list.join(), hops: list }) as const;
    const before = { ...PASS, proof: [path(['subnet-1', 'rtb-1', 'vpce-1'])] };
    expect(await causes([before], [{ ...FAIL, proof: [path(hops)] }])).toEqual({ 'eks-endpoint-public': cause });
  });

  test('is made by the rules where the control is new and the cluster is known', async () => {
    expect(await causes([PASS], [PASS, { ...FAIL, ...OTHER }])).toEqual({
      'eks-load-balancer-internal': 'rules-changed',
    });
  });

  test('is made by the cluster where the cluster is new', async () => {
    expect(await causes([PASS], [PASS, { ...FAIL, cluster: 'bank' }])).toEqual({ 'eks-endpoint-public': undefined });
  });

  test('is made by the rules where the control left this version', async () => {
    expect(await causes([FAIL, { ...PASS, ...OTHER }], [{ ...PASS, ...OTHER }])).toEqual({
      'eks-endpoint-public': 'rules-changed',
    });
  });

  test('is made by the cluster where the resource is gone', async () => {
    expect(await causes([FAIL], [])).toEqual({ 'eks-endpoint-public': undefined });
  });

  test.each([
    ['the rules made the change of its part', PASS, 'rules-changed'],
    ['the cluster made one of its changes', { ...PASS, proof: [fact('public', true)] }, undefined],
  ] as const)('of the composite: %s', async (_case, part, cause) => {
    const found = await causes(
      [{ ...PASS, ...COMPOSITE }, part, { ...PASS, ...OTHER }],
      [
        { ...FAIL, ...COMPOSITE },
        { ...FAIL, proof: [fact('public', false)] },
        { ...FAIL, ...OTHER },
      ],
    );
    expect(found['closed-network']).toBe(cause);
    expect(found['eks-load-balancer-internal']).toBe('rules-changed');
  });

  test('of coverage is never made by the rules', async () => {
    const coverage = { control: 'coverage', proof: [] };
    expect(await causes([PASS, { ...PASS, ...coverage }], [PASS, { ...FAIL, ...coverage }])).toEqual({
      coverage: undefined,
    });
  });
});

describe('the scan that follows', () => {
  async function upgraded(status?: 'failed' | 'partial'): Promise<ModelStore> {
    const store = new ModelStore();
    await recordScan(scanOf([PASS], 1), stamp(1), store.open());
    downgrade(store);
    const first = status === 'failed' ? [] : [PASS];
    await recordScan(
      { ...scanOf(first, 2, undefined, status), inventoryComplete: status === undefined },
      stamp(2),
      store.open(),
    );
    return store;
  }

  const causeOf = (store: ModelStore) => [...store.findings.values()][0]?.change?.cause;

  test('announces its changes as the cluster’s own', async () => {
    const store = await upgraded();
    await recordScan(scanOf([FAIL], 3), stamp(3), store.open());
    expect(causeOf(store)).toBeUndefined();
  });

  test('is the first one where the target could not be read before', async () => {
    const store = await upgraded('failed');
    await recordScan(scanOf([FAIL], 3), stamp(3), store.open());
    expect(causeOf(store)).toBe('rules-changed');
  });

  test('is the first one for a finding that was undecided before', async () => {
    const store = new ModelStore();
    await recordScan(scanOf([PASS], 1), stamp(1), store.open());
    downgrade(store);
    await recordScan(scanOf([{ ...PASS, status: 'UNKNOWN' }], 2), stamp(2), store.open());
    await recordScan(scanOf([FAIL], 3), stamp(3), store.open());
    expect(causeOf(store)).toBe('rules-changed');
    await recordScan(scanOf([PASS], 4), stamp(4), store.open());
    expect(causeOf(store)).toBeUndefined();
  });

  test('is the first one where the scan before died between two writes', async () => {
    const store = new ModelStore();
    await recordScan(scanOf([PASS, { ...PASS, ...OTHER }], 1), stamp(1), store.open());
    downgrade(store);
    const changed = [FAIL, { ...FAIL, ...OTHER }];
    let seen = 0;
    const dying = store.open(async () => {
      seen += 1;
      if (seen > 3) throw new Error('killed');
    });
    await expect(recordScan(scanOf(changed, 2), stamp(2), dying)).rejects.toThrow('killed');
    await recordScan(scanOf(changed, 3), stamp(3), store.open());
    expect([...store.findings.values()].map(({ change }) => change?.cause)).toEqual(['rules-changed', 'rules-changed']);
  });
});

describe('announcing what the rules changed', () => {
  async function announced(firstScan: 'digest' | 'each', records: readonly StoredItem[]): Promise<readonly Delivery[]> {
    const table = await freshTable();
    const enqueued: Delivery[] = [];
    const ports: AnnouncePorts & { keepHistory: typeof table.alerts.keepHistory } = {
      store: table.alerts,
      keepHistory: table.alerts.keepHistory,
      settings: alertSettings({ firstScan }),
      sleep: async () => undefined,
      publish: async () => undefined,
      enqueue: async (delivery) => {
        enqueued.push(delivery);
      },
    };
    await table.alerts.markKnownChannel('platform');
    for (const item of records) await handleStored(item, ports);
    return [...new Map(enqueued.map((delivery) => [delivery.id, delivery])).values()];
  }

  const run: StoredItem = {
    kind: 'run',
    run: {
      id: 'run-2',
      startedAt: stamp(2).evaluatedAt,
      endedAt: stamp(3).evaluatedAt,
      status: 'complete',
      targets: { planned: 1, complete: 1, partial: 0, failed: 0, skipped: 0 },
      apiCalls: 1,
    },
  };

  async function records(): Promise<readonly StoredItem[]> {
    const store = new ModelStore();
    const names = ['shop', 'bank', 'blog'];
    await recordScan(
      scanOf(
        names.map((cluster) => ({ ...PASS, cluster })),
        1,
      ),
      stamp(1),
      store.open(),
    );
    downgrade(store);
    const items: StoredItem[] = [];
    const drifted = { ...FAIL, cluster: 'blog', proof: [fact('public', true)] };
    const after = [{ ...FAIL, cluster: 'shop' }, { ...FAIL, cluster: 'bank' }, drifted];
    await recordScan(scanOf(after, 2), stamp(2), recording(store.open(), items));
    return items;
  }

  test.each(['digest', 'each'] as const)(
    'is one digest, beside the clusters’ own messages (firstScan: %s)',
    async (mode) => {
      const deliveries = await announced(mode, [...(await records()), run]);
      expect(deliveries.map(({ id, kind }) => [kind, id.split('.')[0]])).toEqual([
        ['alert', expect.any(String)],
        ['digest', 'rules'],
      ]);
      const digest = deliveries.flatMap((delivery) => (delivery.kind === 'digest' ? [delivery.digest] : []))[0];
      expect(digest).toMatchObject({ rules: RULES_VERSION, opened: 2, closed: 0, resources: 2 });
      expect(deliveries[0]).toMatchObject({ alert: { resource: { name: 'blog' } } });
    },
  );

  test('a change that is stored after the digest is a digest of its own', async () => {
    const deliveries = await announced('digest', [run, ...(await records())]);
    expect(deliveries.map(({ kind }) => kind).sort()).toEqual(['alert', 'digest', 'digest']);
  });
});
