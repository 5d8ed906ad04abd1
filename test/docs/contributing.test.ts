import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judge } from '#controls/judge.ts';
import type { Subject } from '#domain/collection.ts';
import type { Control } from '#domain/control.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';
import { SAMPLES } from '../controls/samples.ts';

/** The examples of CONTRIBUTING.md, in a folder that looks like the repository: they compile, and judge the samples of their platform. */
const ROOT = join(import.meta.dirname, '../..');
const KINDS = ['eks', 'aks', 'iks', 'kubernetes', 'kubespray'] as const satisfies readonly SubjectKind[];

const text = await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
const examples = [...text.matchAll(/```ts\n\s*\/\/ (functions\/controls\/(\w+)\/[\w-]+\.ts)\n(.*?)```/gs)].map(
  ([, path = '', kind = '', code = '']) => ({ path, kind, code }),
);

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'contributing-'));
  await symlink(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
  for (const file of ['package.json', 'tsconfig.json'])
    await writeFile(join(scratch, file), await readFile(join(ROOT, file)));
  await mkdir(join(scratch, 'functions/controls'), { recursive: true });
  for (const area of ['domain', 'reachability', 'controls/shared'])
    await symlink(join(ROOT, 'functions', area), join(scratch, 'functions', area));
  for (const { path, kind, code } of examples) {
    await mkdir(join(scratch, dirname(path)), { recursive: true });
    await symlink(
      join(ROOT, 'functions/controls', kind, 'shared'),
      join(scratch, 'functions/controls', kind, 'shared'),
    );
    await writeFile(join(scratch, path), code);
  }
});

afterAll(() => rm(scratch, { recursive: true }));

describe('the examples of CONTRIBUTING.md', () => {
  test('show every door', () => {
    expect(examples.map(({ kind }) => kind)).toEqual(KINDS);
  });

  test('compile', async () => {
    const { compilerOptions } = JSON.parse(await readFile(join(ROOT, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: object;
    };
    const config = { compilerOptions, files: examples.map(({ path }) => path) };
    await writeFile(join(scratch, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [compiler, '--noEmit', '--singleThreaded'], { cwd: scratch });
  }, 60_000);

  test.each(examples)('judge: $path', async ({ path, kind }) => {
    const { default: control } = (await import(join(scratch, path))) as { readonly default: Control };
    const settings = { profile: 'closed', controls: {} } as const;
    const statuses = SAMPLES.filter((sample) => sample.kind === kind).map(({ name, evidence }) => {
      const resource = { uid: name, type: 'target', provider: 'aws', account: '', region: '', name };
      return judge({ kind, resource, evidence } as unknown as Subject, [control], settings)[0]?.verdict.status;
    });
    for (const status of statuses) expect(['PASS', 'FAIL']).toContain(status);
    if (kind !== 'kubespray') expect(statuses.length).toBeGreaterThan(0);
    expect(control.subject).toBe(kind);
  });
});
