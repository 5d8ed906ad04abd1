import { describe, expect, test } from 'vitest';
import { aksControls } from '#controls/aks/index.ts';
import type { Subject } from '#domain/collection.ts';
import { closedWorld, type Json, NODES, subnetOf, type World } from '#test/collectors/azure/world.ts';
import { collectWorld, judgeSubject } from './verdicts.ts';

const SETTINGS = { profile: 'closed', controls: {} } as const;

/** Every path into a JSON value. */
function paths(value: unknown, prefix: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...prefix, key], ...paths(inner, [...prefix, key])]);
}

function changed(root: unknown, path: readonly string[], change: (holder: Json, key: string) => void): unknown {
  const copy = structuredClone(root);
  let holder = copy as Json;
  for (const step of path.slice(0, -1)) holder = holder[step] as Json;
  change(holder, path.at(-1) ?? '');
  return copy;
}

const POISONS: Readonly<Record<string, (holder: Json, key: string) => void>> = {
  nulled: (holder, key) => {
    holder[key] = null;
  },
  retyped: (holder, key) => {
    holder[key] = typeof holder[key] === 'object' ? 'x' : { odd: true };
  },
};

async function subjectOf(change: (world: World) => void): Promise<Subject<'aks'>> {
  const world = closedWorld();
  change(world);
  const { subjects } = await collectWorld(world);
  return subjects[0] as Subject<'aks'>;
}

const failing = (world: World) => {
  world.properties['apiServerAccessProfile'] = null;
  subnetOf(world, NODES)['routeTable'] = null;
};

describe.each([
  ['a closed cluster', () => undefined],
  ['an open cluster', failing],
] as const)('evidence of %s', (_title, change) => {
  test.each(Object.keys(POISONS))('%s anywhere: every verdict is UNKNOWN', async (kind) => {
    const subject = await subjectOf(change);
    const poison = POISONS[kind];
    if (poison === undefined) throw new Error(kind);
    const all = paths(subject.evidence);
    expect(all.length).toBeGreaterThan(150);
    for (const path of all) {
      const evidence = changed(subject.evidence, path, poison) as Subject<'aks'>['evidence'];
      const statuses = new Set(
        [...judgeSubject({ ...subject, evidence }, SETTINGS).values()].map(({ status }) => status),
      );
      expect([path.join('.'), [...statuses]]).toEqual([path.join('.'), ['UNKNOWN']]);
    }
  });
});

/** Settings that count as open or unreadable when ARM sends another value: a body in which any one is broken never passes its controls. */
test.each([
  'apiServerAccessProfile',
  'networkProfile',
  'agentPoolProfiles',
  'bootstrapProfile',
  'ingressProfile',
  'serviceMeshProfile',
  'securityProfile',
  'addonProfiles',
  'nodeProvisioningProfile',
  'nodeResourceGroup',
])('ARM answers nonsense for %s: no verdict turns better, and some turn UNKNOWN', async (field) => {
  const before = judgeSubject(await subjectOf(() => undefined), SETTINGS);
  const subject = await subjectOf((world) => {
    world.properties[field] = 42;
  });
  const after = judgeSubject(subject, SETTINGS);
  expect([...after].filter(([id, { status }]) => status === 'PASS' && before.get(id)?.status !== 'PASS')).toEqual([]);
  if (field !== 'securityProfile' && field !== 'bootstrapProfile')
    expect([...after.values()].some(({ status }) => status === 'UNKNOWN')).toBe(true);
});

test('an item without properties leaves every control UNKNOWN', async () => {
  const world = closedWorld();
  const { subjects, gaps } = await collectWorld({ ...world, properties: null as unknown as Json });
  const verdicts = judgeSubject(subjects[0] as Subject, SETTINGS);
  expect([...new Set([...verdicts.values()].map(({ status, reason }) => `${status} ${reason}`))]).toEqual([
    'UNKNOWN absent-field',
  ]);
  expect(verdicts.size).toBe(aksControls.length);
  expect(gaps).toHaveLength(1);
});

test('a subnet that a pool names and nobody looked at is never passed over', async () => {
  const subject = await subjectOf(() => undefined);
  const verdicts = judgeSubject({ ...subject, evidence: { ...subject.evidence, subnets: [] } }, SETTINGS);
  for (const id of ['aks-egress-route', 'aks-outbound-type', 'aks-egress-carve-outs', 'aks-subnet-default-outbound']) {
    expect(verdicts.get(id)).toMatchObject({ status: 'UNKNOWN', reason: 'malformed-answer' });
  }
});
