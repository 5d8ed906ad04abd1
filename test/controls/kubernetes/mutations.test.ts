import { describe, expect, test } from 'vitest';
import { judge } from '#controls/judge.ts';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { kubernetesEvidence, subjectOf } from './evidence.ts';

type Path = readonly (string | number)[];

/** Maps whose keys are the cluster's own words: an entry that is not there is a fact, not a broken record. */
const MAPS = new Set(['labels', 'annotations', 'data']);

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return [at, ...pathsOf(part, at)];
  });
}

function changed(
  path: Path,
  change: (parent: Record<string | number, unknown>, key: string | number) => void,
): KubernetesEvidence {
  const copy = structuredClone(kubernetesEvidence());
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], copy);
  change(parent as Record<string | number, unknown>, path.at(-1) ?? '');
  return copy;
}

const reasons = (evidence: KubernetesEvidence) =>
  new Set(
    judge(subjectOf(evidence), kubernetesControls, { profile: 'closed', controls: {} }).map(
      ({ verdict }) => `${verdict.status} ${verdict.reason}`,
    ),
  );

const paths = pathsOf(kubernetesEvidence());

describe('evidence with a part that is not as it must be is never judged', () => {
  test('the walk reaches every part', () => {
    expect(paths.length).toBeGreaterThan(200);
  });

  test('a key that is missing', () => {
    for (const path of paths) {
      if (typeof path.at(-1) === 'number' || MAPS.has(String(path.at(-2)))) continue;
      const evidence = changed(path, (parent, key) => {
        delete parent[key];
      });
      expect(reasons(evidence), path.join('.')).toEqual(new Set(['UNKNOWN malformed-answer']));
    }
  });

  test.each([
    ['null', () => null],
    ['a value of another type', (value: unknown) => (typeof value === 'number' ? 'text' : 7.5)],
  ] as const)('%s in its place', (_case, replace) => {
    for (const path of paths) {
      const evidence = changed(path, (parent, key) => {
        parent[key] = replace(parent[key]);
      });
      expect(reasons(evidence), path.join('.')).toEqual(new Set(['UNKNOWN malformed-answer']));
    }
  });
});

test('no part can be unavailable without a control that says so', () => {
  const parts = Object.entries(kubernetesEvidence()).filter(([, part]) => typeof part === 'object');
  const silent = parts.filter(([name]) => {
    const lost = { state: 'unavailable', reason: 'denied', message: 'forbidden', api: 'list' };
    const evidence = {
      ...kubernetesEvidence({ ciliumConfig: kubernetesEvidence().vpcCniConfig }),
      [name]: lost,
    } as KubernetesEvidence;
    return !reasons(evidence).has('UNKNOWN denied');
  });
  // These matter on other platforms, with another plugin, mesh, binding or Service, or for a warning only.
  expect(silent.map(([name]) => name)).toEqual([
    'policyControllers',
    'vpcCniConfig',
    'nodeClasses',
    'openshift',
    'istioMeshes',
    'istioAuthorizations',
    'linkerdDefaultPolicy',
    'linkerdServers',
    'canReadSecrets',
  ]);
});
