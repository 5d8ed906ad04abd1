import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTROLS } from '#controls/index.ts';
import { judge } from '#controls/judge.ts';
import type { Subject } from '#domain/collection.ts';
import type { Settings } from '#domain/settings.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { guardedCluster, SEED_FILES, SEED_INVENTORY, scan } from './kubespray/inventories.ts';
import { SAMPLES } from './samples.ts';

/**
 * The first promise, over all controls: take any part of the evidence away, and no verdict becomes PASS. The evidence is what the real
 * collectors read off the simulated clouds, good clusters and bad ones, and the samples of the other platforms.
 */

type Path = readonly (string | number)[];
type Node = Record<string | number, unknown>;

const SETTINGS: readonly Settings[] = [
  { profile: 'closed', controls: {} },
  { profile: 'private', controls: {} },
];

/** Maps whose keys are a cluster's own words: an entry that is not there is a fact, not a broken record. */
const OWN_WORDS = new Set(['labels', 'annotations', 'data']);

let estate: Estate;
const subjects: Subject[] = [];

beforeAll(async () => {
  estate = await startEstate(instructive());
  const context = { signal: AbortSignal.timeout(60_000), now: () => new Date('2026-11-01T00:00:00Z') };
  for (const port of Object.values(estate.providers)) {
    for (const { target, failure, skipped } of (await port.plan(context)).targets) {
      if (failure === undefined && skipped === undefined)
        subjects.push(...(await port.collect(target, context)).subjects);
    }
  }
  subjects.push(...(await scan({ version: 'v2.20.0' }, {})).subjects);
  subjects.push(...(await scan({ version: 'v2.20.0', ...SEED_INVENTORY }, SEED_FILES, guardedCluster())).subjects);
  for (const { kind, name, evidence } of SAMPLES) {
    subjects.push({
      kind,
      resource: { uid: name, type: 'target', provider: 'aws', account: '', region: '', name },
      evidence,
    } as Subject);
  }
}, 60_000);

afterAll(() => estate.stop());

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return [at, ...pathsOf(part, at)];
  });
}

/** The evidence with one part changed; everything beside the path is shared. */
function changed(root: unknown, path: Path, change: (parent: Node, key: string | number) => void): unknown {
  const copy: Node = Array.isArray(root) ? ([...root] as unknown as Node) : { ...(root as Node) };
  const [key, ...rest] = path;
  if (key === undefined) return copy;
  if (rest.length === 0) change(copy, key);
  else copy[key] = changed(copy[key], rest, change);
  return copy;
}

function statuses(subject: Subject, evidence: unknown, settings: Settings): ReadonlyMap<string, string> {
  const judged = judge({ ...subject, evidence } as Subject, CONTROLS, settings);
  return new Map(judged.map(({ control, verdict }) => [control.id, verdict.status]));
}

interface Mutation {
  readonly name: string;
  readonly applies: (value: unknown, path: Path) => boolean;
  readonly change: (parent: Node, key: string | number) => void;
}

const isTagged = (value: unknown, state: string) =>
  typeof value === 'object' && value !== null && (value as Node)['state'] === state;

const BREAKING: readonly Mutation[] = [
  {
    name: 'removed',
    applies: (_value, path) => typeof path.at(-1) === 'string' && !OWN_WORDS.has(String(path.at(-2))),
    change: (parent, key) => {
      delete parent[key];
    },
  },
  {
    name: 'null',
    applies: () => true,
    change: (parent, key) => {
      parent[key] = null;
    },
  },
  {
    name: 'of another type',
    applies: () => true,
    change: (parent, key) => {
      parent[key] = typeof parent[key] === 'number' ? 'text' : 7.5;
    },
  },
];

const HONEST: readonly Mutation[] = [
  {
    name: 'a read that was refused',
    applies: (value) => isTagged(value, 'collected'),
    change: (parent, key) => {
      parent[key] = { state: 'unavailable', reason: 'denied', message: 'not allowed', api: 'x:Read' };
    },
  },
  {
    name: 'a field of another type than documented',
    applies: (value) => isTagged(value, 'given'),
    change: (parent, key) => {
      parent[key] = { state: 'malformed', raw: '"nonsense"' };
    },
  },
  {
    name: 'a value that nobody documented',
    // The zone's id is a name: any two different ones are two zones.
    applies: (value, path) =>
      isTagged(value, 'given') && typeof (value as Node)['value'] === 'string' && path.at(-1) !== 'zoneId',
    change: (parent, key) => {
      parent[key] = { ...(parent[key] as Node), value: 'nobody-documented-this' };
    },
  },
  {
    name: 'a field that was not sent',
    applies: (value) => isTagged(value, 'given'),
    change: (parent, key) => {
      parent[key] = { state: 'absent' };
    },
  },
];

/** The schema refuses broken records whatever they say: of each kind a few subjects show it. */
const SUBJECTS_OF_A_KIND = 4;

function someOfEachKind(): readonly Subject[] {
  const groups = Map.groupBy(subjects, ({ kind }) => kind);
  return [...groups.values()].flatMap((group) => group.slice(0, SUBJECTS_OF_A_KIND));
}

describe('no verdict becomes PASS', () => {
  test('every kind of subject is among the samples', () => {
    expect(new Set(subjects.map(({ kind }) => kind))).toEqual(
      new Set(['eks', 'aks', 'iks', 'ibm-account', 'kubernetes', 'kubespray']),
    );
  });

  test.each(BREAKING)(
    'with a part that is $name: nothing is judged at all',
    ({ applies, change }) => {
      for (const subject of someOfEachKind()) {
        for (const path of pathsOf(subject.evidence)) {
          if (!applies(undefined, path)) continue;
          const mutated = changed(subject.evidence, path, change);
          const judged = statuses(subject, mutated, SETTINGS[0] as Settings);
          expect(
            [...judged.values()].filter((status) => status !== 'UNKNOWN'),
            `${subject.resource.name} ${path.join('.')}`,
          ).toEqual([]);
        }
      }
    },
    60_000,
  );

  test.each(HONEST)(
    'with $name',
    ({ applies, change }) => {
      let mutations = 0;
      for (const settings of SETTINGS) {
        for (const subject of subjects) {
          const before = statuses(subject, subject.evidence, settings);
          for (const path of pathsOf(subject.evidence)) {
            const value = path.reduce<unknown>((part, key) => (part as Node)[key], subject.evidence);
            if (!applies(value, path)) continue;
            mutations += 1;
            const after = statuses(subject, changed(subject.evidence, path, change), settings);
            const risen = [...after]
              .filter(([id, status]) => status === 'PASS' && before.get(id) !== 'PASS')
              .map(([id]) => id);
            expect(risen, `${subject.resource.name} ${settings.profile} ${path.join('.')}`).toEqual([]);
          }
        }
      }
      expect(mutations).toBeGreaterThan(100);
    },
    60_000,
  );
});
