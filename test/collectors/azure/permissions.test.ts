import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { permissions } from '#collectors/azure/index.ts';

const read = (name: string) => readFileSync(new URL(`../../../infra/azure/${name}`, import.meta.url), 'utf8');

test('the role for the command line grants exactly what the collector uses', () => {
  const role = JSON.parse(read('role.json')) as { Actions: string[]; DataActions: string[] };
  expect(role.Actions).toEqual([...permissions]);
  expect(role.DataActions).toEqual([]);
});

test('the Bicep role grants exactly what the collector uses', () => {
  const list = /var actions = \[([^\]]*)\]/.exec(read('role.bicep'))?.[1] ?? '';
  expect([...list.matchAll(/'([^']+)'/g)].map(([, action]) => action)).toEqual([...permissions]);
});

test('nothing but reads', () => {
  expect(permissions.filter((permission) => !permission.endsWith('/read'))).toEqual([]);
  expect(new Set(permissions).size).toBe(permissions.length);
});
