import { describe, expect, test } from 'vitest';
import { CONTROLS } from '#controls/index.ts';
import { judge } from '#controls/judge.ts';
import type { Subject } from '#domain/collection.ts';
import type { Control } from '#domain/control.ts';
import { EVIDENCE_SCHEMAS } from '#domain/evidence/index.ts';
import type { Settings } from '#domain/settings.ts';
import type { Status, Verdict } from '#domain/verdict.ts';
import { collectSubjects } from './subjects.ts';

/**
 * The first promise, over all controls: take any part of the evidence away, and no verdict becomes PASS. Nor does one become FAIL: what is not known
 * is UNKNOWN. A field that was not sent decides only where the control declares the provider's documented default. The evidence is what the real
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

const subjects = await collectSubjects();

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

function verdictsOf(subject: Subject, evidence: unknown, settings: Settings): ReadonlyMap<string, Verdict> {
  const judged = judge({ ...subject, evidence } as Subject, CONTROLS, settings);
  return new Map(judged.map(({ control, verdict }) => [control.id, verdict]));
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The path as controls declare it: without positions, and without the wrapping of what was read. */
function fieldOf(path: Path): string {
  return path.filter((key) => typeof key === 'string' && key !== 'value').join('.');
}

interface AnySchema {
  readonly kind: string;
  readonly entries?: Readonly<Record<string, AnySchema>>;
  readonly options?: readonly unknown[];
  readonly item?: AnySchema;
}

/** Every field of a schema, spelled as `fieldOf` does. */
function fieldsOf({ entries = {}, options = [], item }: AnySchema, at: readonly string[] = []): readonly string[] {
  const own = Object.entries(entries).flatMap(([key, part]) => {
    const here = key === 'value' ? at : [...at, key];
    return [here.join('.'), ...fieldsOf(part, here)];
  });
  const variants = options.filter((option): option is AnySchema => typeof option === 'object' && option !== null);
  return [
    ...own,
    ...variants.flatMap((option) => fieldsOf(option, at)),
    ...(item === undefined ? [] : fieldsOf(item, at)),
  ];
}

/** A person's word stands in where nothing could be read, and says that it does. */
function isExempt({ defaults = {} }: Control, path: Path, change: Mutation['change'], verdict: Verdict): boolean {
  if (verdict.status === 'PASS' && verdict.reason === 'attested') return true;
  return change === dropped && fieldOf(path) in defaults;
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

const dropped: Mutation['change'] = (parent, key) => {
  parent[key] = { state: 'absent' };
};

interface HonestMutation extends Mutation {
  /** What the mutation must not turn a verdict into. */
  readonly decides: readonly Status[];
}

const NEITHER = ['PASS', 'FAIL'] as const;

const HONEST: readonly HonestMutation[] = [
  {
    name: 'a read that was refused',
    decides: NEITHER,
    applies: (value) => isTagged(value, 'collected'),
    change: (parent, key) => {
      parent[key] = { state: 'unavailable', reason: 'denied', message: 'not allowed', api: 'x:Read' };
    },
  },
  {
    name: 'a field of another type than documented',
    decides: NEITHER,
    applies: (value) => isTagged(value, 'given'),
    change: (parent, key) => {
      parent[key] = { state: 'malformed', raw: '"nonsense"' };
    },
  },
  {
    name: 'a value that nobody documented',
    // A name that leads nowhere is a finding.
    decides: ['PASS'],
    // The zone's id is a name: any two different ones are two zones.
    applies: (value, path) =>
      isTagged(value, 'given') && typeof (value as Node)['value'] === 'string' && path.at(-1) !== 'zoneId',
    change: (parent, key) => {
      parent[key] = { ...(parent[key] as Node), value: 'nobody-documented-this' };
    },
  },
  {
    name: 'a field that was not sent',
    decides: NEITHER,
    applies: (value) => isTagged(value, 'given'),
    change: dropped,
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
          const judged = verdictsOf(subject, mutated, SETTINGS[0] as Settings);
          expect(
            [...judged.values()].filter(({ status }) => status !== 'UNKNOWN'),
            `${subject.resource.name} ${path.join('.')}`,
          ).toEqual([]);
        }
      }
    },
    60_000,
  );

  test.each(HONEST)(
    'and none becomes FAIL: $name',
    ({ applies, change, decides }) => {
      let mutations = 0;
      for (const settings of SETTINGS) {
        for (const subject of subjects) {
          const before = verdictsOf(subject, subject.evidence, settings);
          for (const path of pathsOf(subject.evidence)) {
            const value = path.reduce<unknown>((part, key) => (part as Node)[key], subject.evidence);
            if (!applies(value, path)) continue;
            mutations += 1;
            const after = verdictsOf(subject, changed(subject.evidence, path, change), settings);
            const turned = CONTROLS.filter((control) => {
              const [was, is] = [before.get(control.id), after.get(control.id)];
              if (is === undefined || was?.status === is.status || !decides.includes(is.status)) return false;
              return !isExempt(control, path, change, is);
            }).map(({ id }) => `${id} ${after.get(id)?.status} ${after.get(id)?.message}`);
            expect(turned, `${subject.resource.name} ${settings.profile} ${path.join('.')}`).toEqual([]);
          }
        }
      }
      expect(mutations).toBeGreaterThan(100);
    },
    60_000,
  );

  test('where an element of a list is gone, unless the verdict was about that very element', () => {
    const settings = SETTINGS[0] as Settings;
    for (const subject of someOfEachKind()) {
      const before = verdictsOf(subject, subject.evidence, settings);
      for (const path of pathsOf(subject.evidence)) {
        const list = path.slice(0, -1).reduce<unknown>((part, key) => (part as Node)[key], subject.evidence);
        if (!Array.isArray(list)) continue;
        const element: unknown = list[Number(path.at(-1))];
        const evidence = changed(subject.evidence, path.slice(0, -1), (parent, key) => {
          parent[key] = list.toSpliced(Number(path.at(-1)), 1);
        });
        const id = (element as { readonly id?: unknown } | null)?.id;
        const isStillNamed = typeof id === 'string' && textsOf(evidence).includes(id);
        const passing = [...verdictsOf(subject, evidence, settings)].filter(([control, { status }]) => {
          const was = before.get(control);
          if (status !== 'PASS' || was === undefined || was.status === 'PASS') return false;
          const said = JSON.stringify([was.message, was.proof]);
          return isStillNamed || !textsOf(element).some((text) => text !== '' && said.includes(text));
        });
        expect(
          passing.map(([control]) => control),
          `${subject.resource.name} ${path.join('.')}`,
        ).toEqual([]);
      }
    }
  }, 60_000);

  test('and every declared default is a field of the evidence', () => {
    const declared = CONTROLS.flatMap(({ id, subject, defaults = {} }) =>
      Object.entries(defaults).map(([field, { source }]) => ({ id, subject, field, source })),
    );
    const known = new Map(Object.entries(EVIDENCE_SCHEMAS).map(([kind, schema]) => [kind, new Set(fieldsOf(schema))]));
    expect(declared.filter(({ subject, field }) => known.get(subject)?.has(field) !== true)).toEqual([]);
    expect(declared.filter(({ source }) => source.length < 10)).toEqual([]);
    expect(declared.length).toBeGreaterThan(10);
  });
});
