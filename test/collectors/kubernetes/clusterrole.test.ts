import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { permissions } from '#collectors/kubernetes/permissions.ts';

interface Role {
  readonly kind: string;
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const file = new URL('../../../deploy/kubernetes/clusterrole.yaml', import.meta.url);
const roles = parseAllDocuments(readFileSync(file, 'utf8')).map((document): Role => document.toJS());

test('the shipped role grants exactly what the collector uses', () => {
  const granted = roles.flatMap(({ rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames }) =>
      resources.includes('configmaps')
        ? (resourceNames ?? ['*']).map((name) => `get ${resources.join()}/${name}`)
        : apiGroups.flatMap((group) =>
            resources.map((resource) => `list ${resource}${group === '' ? '' : `.${group}`}`),
          ),
    ),
  );
  expect(granted.toSorted()).toEqual([...permissions].sort());
});

test('the shipped role can only get and list, and reaches no secret', () => {
  const rules = roles.flatMap(({ rules = [] }) => rules);
  expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list']));
  const reached = rules.flatMap(({ resources }) => resources);
  expect(reached.filter((resource) => /secret|\/|\*|token/.test(resource))).toEqual([]);
});
