import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTROLS } from '#controls/index.ts';
import type { Control } from '#domain/control.ts';

/** The catalogue holds its own rules: a control is found by its id, and a folder of controls holds nothing else. */

const ROOT = join(import.meta.dirname, '../..');
const AREA = join(ROOT, 'functions/controls');
const PLATFORMS = ['eks', 'aks', 'iks', 'kubernetes', 'kubespray'] as const;
/** Controls of an IBM account lie beside those of its clusters. */
const PREFIXES: Readonly<Record<(typeof PLATFORMS)[number], readonly (readonly [file: string, id: string])[]>> = {
  eks: [['', 'eks-']],
  aks: [['', 'aks-']],
  iks: [
    ['account-', 'ibm-account-'],
    ['', 'iks-'],
  ],
  kubernetes: [['', 'kubernetes-']],
  kubespray: [['', 'kubespray-']],
};

function idOf(platform: (typeof PLATFORMS)[number], file: string): string {
  const name = basename(file, '.ts');
  const [start, prefix] = PREFIXES[platform].find(([begin]) => name.startsWith(begin)) ?? ['', `${platform}-`];
  return `${prefix}${name.slice(start.length)}`;
}

const files = PLATFORMS.flatMap((platform) =>
  globSync('*.ts', { cwd: join(AREA, platform) })
    .filter((file) => file !== 'index.ts')
    .map((file) => ({ platform, file })),
);

describe('a folder of controls', () => {
  test('belongs to every platform', () => {
    const folders = globSync('*/', { cwd: AREA }).map((folder) => basename(folder));
    expect(new Set(folders)).toEqual(new Set([...PLATFORMS, 'shared']));
    expect(PLATFORMS.filter((platform) => !existsSync(join(AREA, platform, 'shared')))).toEqual([]);
  });

  test.each(files)('holds one control, by its id: $platform/$file', async ({ platform, file }) => {
    const exported = (await import(join(AREA, platform, file))) as { readonly default?: Control };
    expect(Object.keys(exported)).toEqual(['default']);
    expect(exported.default?.id).toBe(idOf(platform, file));
    expect(CONTROLS).toContain(exported.default);
  });

  test('is listed completely', () => {
    expect(CONTROLS.map(({ id }) => id).sort()).toEqual(files.map(({ platform, file }) => idOf(platform, file)).sort());
  });
});

test.each(CONTROLS.map((control) => [control.id, control] as const))('%s says what it is', (_id, control) => {
  const { title, basis, reference, remediation, needs } = control;
  for (const text of [title, basis, reference, remediation]) expect(text.trim().length).toBeGreaterThan(5);
  expect(title.endsWith('.')).toBe(false);
  expect(needs.length).toBeGreaterThan(0);
});

/** Tests of a control are found by its id: in a describe, or in a table of cases. The tables of Kubespray leave its prefix out. */
test('every control is named by the tests of its platform', () => {
  const texts = new Map(
    PLATFORMS.map((platform) => {
      const cwd = join(ROOT, 'test/controls', platform);
      return [
        platform,
        globSync('*.ts', { cwd })
          .map((file) => readFileSync(join(cwd, file), 'utf8'))
          .join('\n'),
      ];
    }),
  );
  const untested = files
    .map(({ platform, file }) => ({ platform, id: idOf(platform, file) }))
    .filter(
      ({ platform, id }) =>
        !new RegExp(`['"\`]${id.replace(/^kubespray-/, '(?:kubespray-)?')}\\b`).test(texts.get(platform) ?? ''),
    );
  expect(untested).toEqual([]);
});
