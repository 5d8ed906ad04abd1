import { describe, expect, test } from 'vitest';
import { finishRun, runStatus } from '#app/finish-run.ts';
import { planRun } from '#app/plan-run.ts';
import { scanBatch } from '#app/scan-batch.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { NO_COUNTS, type Run, type TargetStatus } from '#domain/run.ts';
import type { PlannedTarget, Target } from '#domain/target.ts';
import { stamp } from './builders.ts';
import { ModelStore } from './model-store.ts';

const context = { signal: new AbortController().signal, now: () => new Date(stamp(5).evaluatedAt) };

function targetOf(id: string): Target {
  return { id, provider: id.startsWith('aws') ? 'aws' : 'azure', account: id.split(':')[1] ?? '' };
}

function heartbeat(id: string, status: TargetStatus, changes: Partial<Heartbeat> = {}): Heartbeat {
  return {
    ...stamp(1),
    revision: 1,
    report: { target: targetOf(id), status, apiCalls: 2, durationMs: 1 },
    counts: NO_COUNTS,
    countsByControl: {},
    pending: [],
    outbox: [],
    ...changes,
  };
}

describe('planning', () => {
  const plan = async (listed: readonly PlannedTarget[], heartbeats: readonly Heartbeat[]) => {
    const run = await planRun({ aws: async () => ({ targets: listed, apiCalls: 3 }) }, heartbeats, context);
    return {
      ids: (run.targets.aws ?? []).map(({ target, listedOnly }) => `${target.id}${listedOnly ? ' again' : ''}`),
      run,
    };
  };
  const region = { target: targetOf('aws:111111111111:eu-central-1') };

  test('an account that could not be entered and can be again regains its coverage', async () => {
    const { ids, run } = await plan([region], [heartbeat('aws:111111111111', 'failed')]);
    expect(ids).toEqual(['aws:111111111111:eu-central-1', 'aws:111111111111 again']);
    expect(run.apiCalls).toBe(3);
  });

  test.each([
    ['another account was entered', [region], [heartbeat('aws:222222222222', 'failed')]],
    ['it was regained before', [region], [heartbeat('aws:111111111111', 'complete')]],
    ['a region failed, which is no scope', [region], [heartbeat('aws:111111111111:us-east-1', 'failed')]],
    ['another provider failed', [region], [heartbeat('azure:tenant:t', 'failed')]],
  ] as const)('nothing is regained when %s', async (_case, listed, heartbeats) => {
    expect((await plan(listed, heartbeats)).ids).toEqual(['aws:111111111111:eu-central-1']);
  });

  test('a scope whose parts fail too is not regained', async () => {
    const failing = { ...region, failure: { reason: 'denied', message: 'no' } } as const;
    expect((await plan([failing], [heartbeat('aws:111111111111', 'failed')])).ids).toEqual([region.target.id]);
  });

  test('a target that is listed twice is scanned once', async () => {
    expect((await plan([region, region], [])).ids).toHaveLength(1);
  });

  const failing = { ...region, failure: { reason: 'not-found', message: 'not visible' } } as const;
  const skipped = { ...region, skipped: 'disabled' };
  test.each([
    ['readable and failing', [region, failing], region],
    ['failing and readable', [failing, region], region],
    ['skipped and readable', [skipped, region], region],
    ['skipped and failing', [skipped, failing], failing],
  ] as const)(
    'a target that two lists hold as %s is planned once, as what tells most',
    async (_case, listed, expected) => {
      expect((await plan(listed, [])).run.targets.aws).toEqual([expected]);
    },
  );
});

describe('a target of an earlier run that nothing lists any more', () => {
  const OLD = 'aws:111111111111:us-east-1';
  const held = { countsByControl: { coverage: { PASS: 1 }, 'closed-network': { PASS: 1 } } };
  const asked: (readonly [string, boolean])[] = [];
  const missing = (target: Target, holdsResources: boolean): PlannedTarget => {
    asked.push([target.id, holdsResources]);
    const id = target.account === '222222222222' ? 'aws:222222222222' : target.id;
    return { target: targetOf(id), failure: { reason: 'not-found', message: 'not listed any more' } };
  };
  const lost = async (heartbeats: readonly Heartbeat[]) => {
    asked.length = 0;
    const targets = [{ target: targetOf('aws:111111111111:eu-central-1') }];
    const run = await planRun({ aws: async () => ({ targets, apiCalls: 1, missing }) }, heartbeats, context);
    return (run.targets.aws ?? []).slice(1).map(({ target, failure }) => [target.id, failure?.reason]);
  };

  test('loses its coverage, however complete it was', async () => {
    expect(
      await lost([heartbeat(OLD, 'complete', held), heartbeat('aws:111111111111:eu-central-1', 'complete')]),
    ).toEqual([[OLD, 'not-found']]);
    expect(asked).toEqual([[OLD, true]]);
  });

  test('is told of again by every run until it is listed', async () => {
    expect(await lost([heartbeat(OLD, 'failed', held)])).toEqual([[OLD, 'not-found']]);
  });

  test('had findings of its own only beside its coverage', async () => {
    await lost([heartbeat(OLD, 'complete', { countsByControl: { coverage: { PASS: 1 } } })]);
    expect(asked).toEqual([[OLD, false]]);
  });

  test('is said once for an account, whatever its regions', async () => {
    const regions = ['eu-west-1', 'us-east-1'].map((name) => heartbeat(`aws:222222222222:${name}`, 'complete', held));
    expect(await lost(regions)).toEqual([['aws:222222222222', 'not-found']]);
  });

  test.each([
    ['it was left out rightly', [heartbeat(OLD, 'skipped', held)]],
    ['another provider scanned it', [heartbeat('azure:s', 'complete', held)]],
    ['it is the organisation', [heartbeat('aws:organization', 'complete', held)]],
    [
      'its account was suspended since',
      [heartbeat('aws:222222222222:us-east-1', 'complete', held), heartbeat('aws:222222222222', 'skipped', stamp(2))],
    ],
  ] as const)('is no loss when %s', async (_case, heartbeats) => {
    expect(await lost(heartbeats)).toEqual([]);
  });

  test('is a loss when its account was suspended, and scanned again after that', async () => {
    const again = heartbeat('aws:222222222222:us-east-1', 'complete', { ...held, ...stamp(3) });
    expect(await lost([again, heartbeat('aws:222222222222', 'skipped', stamp(2))])).toEqual([
      ['aws:222222222222', 'not-found'],
    ]);
  });

  test('stays as it is where every target stands in the configuration', async () => {
    const run = await planRun(
      { aws: async () => ({ targets: [], apiCalls: 0 }) },
      [heartbeat(OLD, 'complete', held)],
      context,
    );
    expect(run.targets).toEqual({});
  });
});

describe('finishing', () => {
  const request = {
    runId: 'run-1',
    startedAt: stamp(0).evaluatedAt,
    planned: ['aws:1:a', 'aws:1:b', 'aws:1:c'].map((id) => ({ target: targetOf(id) })),
    planApiCalls: 5,
    patienceMs: 10_000,
  };

  function world(heartbeats: readonly Heartbeat[], runs: readonly Run[] = [], index = heartbeats) {
    const state = {
      heartbeats: [...heartbeats],
      saved: [] as Run[],
      unread: [] as string[],
      announced: new Map<string, number>(),
      slept: 0,
    };
    return {
      state,
      ports: {
        heartbeats: async () => index,
        heartbeat: async (id: string) => state.heartbeats.find(({ report }) => report.target.id === id),
        announced: async () => state.announced,
        sleep: async (ms: number) => {
          state.slept += ms;
        },
        saveRun: async (run: Run) => void state.saved.push(run),
        runs: async () => runs,
        recordUnread: async ({ target }: PlannedTarget) => {
          state.unread.push(target.id);
          state.heartbeats = [
            ...state.heartbeats.filter(({ report }) => report.target.id !== target.id),
            heartbeat(target.id, 'failed'),
          ];
        },
        now: () => new Date(context.now().getTime() + state.slept),
      },
    };
  }

  test('a heartbeat of a clock that was days ahead is no reading of this run', async () => {
    const ahead = { runId: 'run-x', evaluatedAt: '2027-11-01T00:00:00.000Z' };
    const beats = ['a', 'b'].map((name) => heartbeat(`aws:1:${name}`, 'complete', { runId: 'run-1' }));
    const { state, ports } = world([...beats, heartbeat('aws:1:c', 'complete', ahead)]);
    const run = await finishRun(request, ports);
    expect(state.unread).toEqual(['aws:1:c']);
    expect(run).toMatchObject({ status: 'partial', targets: { complete: 2, failed: 1 } });
  });

  test('what was planned and left no settled heartbeat of this run is coverage lost', async () => {
    const old = { runId: 'run-0', evaluatedAt: '2026-10-01T00:00:00.000Z' };
    const { state, ports } = world([
      heartbeat('aws:1:a', 'complete'),
      heartbeat('aws:1:b', 'complete', { pending: ['x'] }),
      heartbeat('aws:1:c', 'complete', old),
    ]);
    const run = await finishRun(request, ports);
    expect(state.unread).toEqual(['aws:1:b', 'aws:1:c']);
    expect(run).toMatchObject({ status: 'partial', targets: { planned: 3, complete: 1, failed: 2 }, apiCalls: 11 });
    expect(state.saved).toEqual([run]);
  });

  test('a later run knows better', async () => {
    const later = { runId: 'run-2', evaluatedAt: stamp(9).evaluatedAt };
    const { state, ports } = world(['a', 'b', 'c'].map((name) => heartbeat(`aws:1:${name}`, 'complete', later)));
    await finishRun(request, ports);
    expect(state.unread).toEqual([]);
  });

  test('a heartbeat that the index does not show yet is no lost coverage', async () => {
    const all = ['a', 'b', 'c'].map((name) => heartbeat(`aws:1:${name}`, 'complete'));
    const { state, ports } = world(all, [], all.slice(0, 1));
    const run = await finishRun(request, ports);
    expect(state.unread).toEqual([]);
    expect(run).toMatchObject({ status: 'complete', targets: { complete: 3 } });
  });

  test('a target whose scan died between two rounds is coverage lost', async () => {
    const { state, ports } = world([
      heartbeat('aws:1:a', 'complete', { remaining: 500 }),
      heartbeat('aws:1:b', 'complete'),
      heartbeat('aws:1:c', 'complete'),
    ]);
    await finishRun(request, ports);
    expect(state.unread).toEqual(['aws:1:a']);
  });

  describe('closes when its changes were announced', () => {
    const changed = ['a', 'b', 'c'].map((name) =>
      heartbeat(`aws:1:${name}`, 'complete', name === 'c' ? {} : { revision: 4, outbox: ['f:c'] }),
    );

    test('waits for the last of them', async () => {
      const { state, ports } = world(changed);
      const run = await finishRun(request, {
        ...ports,
        sleep: async (ms) => {
          await ports.sleep(ms);
          state.announced.set('aws:1:a', 4);
          // An earlier round of the target is not the last one.
          state.announced.set('aws:1:b', state.slept > 6_000 ? 4 : 2);
        },
      });
      expect(state.slept).toBe(9_000);
      expect(state.saved).toEqual([run]);
    });

    test('and not for ever', async () => {
      const { state, ports } = world(changed);
      await finishRun(request, ports);
      expect(state.slept).toBeLessThanOrEqual(12_000);
      expect(state.saved.map(({ status }) => status)).toEqual(['complete']);
    });

    test('without changes it does not wait', async () => {
      const { state, ports } = world(['a', 'b', 'c'].map((name) => heartbeat(`aws:1:${name}`, 'complete')));
      await finishRun(request, ports);
      expect(state.slept).toBe(0);
    });
  });

  test('runs that never closed are closed, so that their messages go out; later ones are left alone', async () => {
    const targets = { planned: 0, complete: 0, partial: 0, failed: 0, skipped: 0 };
    const running = (id: string, startedAt: string): Run => ({
      id,
      startedAt,
      status: 'running',
      targets,
      apiCalls: 0,
    });
    const { state, ports } = world(
      ['a', 'b', 'c'].map((name) => heartbeat(`aws:1:${name}`, 'complete')),
      [running('dead', '2026-10-01T00:00:00.000Z'), running('next', stamp(30).evaluatedAt)],
    );
    await finishRun(request, ports);
    expect(state.saved.map(({ id, status }) => `${id} ${status}`)).toEqual(['dead failed', 'run-1 complete']);
  });

  test.each([
    [{ complete: 2 }, 'complete'],
    [{ complete: 1, skipped: 1 }, 'complete'],
    [{ complete: 1, failed: 1 }, 'partial'],
    [{ complete: 1, partial: 1 }, 'partial'],
    [{ failed: 2 }, 'failed'],
    [{ failed: 1, skipped: 1 }, 'failed'],
    [{ skipped: 2 }, 'complete'],
    [{ complete: 1 }, 'partial'],
  ] as const)('of two targets %o is %s', (counts, status) => {
    expect(runStatus({ planned: 2, complete: 0, partial: 0, failed: 0, skipped: 0, ...counts })).toBe(status);
  });
});

describe('scanning a batch', () => {
  test('a collector that throws costs its own target its coverage and no other', async () => {
    const stores = new Map(['aws:1:a', 'aws:1:b'].map((id) => [id, new ModelStore()]));
    const storeOf = (id: string) => {
      const store = stores.get(id);
      if (store === undefined) throw new Error(`no store for ${id}`);
      return store.open();
    };
    const scan = scanBatch({
      controls: [],
      config: async () => ({ profile: 'closed' as const, controls: {}, exceptions: [] }),
      provider: () => ({
        plan: async () => ({ targets: [], apiCalls: 0 }),
        collect: async ({ id }) => {
          if (id === 'aws:1:a') throw new Error('what the provider never answers');
          return { subjects: [], inventoryComplete: true, gaps: [], apiCalls: 1 };
        },
        doctor: async () => [],
      }),
      store: () => ({
        readTarget: (id) => storeOf(id).readTarget(id),
        writeHeartbeat: (beat) => storeOf(beat.report.target.id).writeHeartbeat(beat),
        writeFinding: (next, revision) => storeOf(next.finding.target).writeFinding(next, revision),
        writeFence: (id, finding, revision) => storeOf(id).writeFence(id, finding, revision),
      }),
      inCluster: async () => new Map(),
      onScanned: () => undefined,
    });
    const Items = [...stores.keys()].map((id) => ({ target: targetOf(id) }));
    const answer = await scan(
      { BatchInput: { runId: 'run-1', startedAt: stamp(0).evaluatedAt }, Items },
      { getRemainingTimeInMillis: () => 60_000 },
    );
    expect(answer.targets.map(({ id, status }) => `${id} ${status}`)).toEqual(['aws:1:a failed', 'aws:1:b complete']);
    const [lost] = [...(stores.get('aws:1:a')?.findings.values() ?? [])];
    expect(lost).toMatchObject({
      finding: { control: 'coverage', status: 'FAIL', reason: 'malformed-answer' },
      change: { kind: 'opened' },
    });
  });
});
