import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listedIn } from '../../bin/new-control/listing.ts';
import { scaffold } from '../../bin/new-control/scaffold.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

/** One new control of each kind: what the control is called, and where its files are. */
const NEW = [
  ['eks', 'of-a-release', 'eks/of-a-release'],
  ['aks', 'has-pool', 'aks/has-pool'],
  ['iks', 'has-worker', 'iks/has-worker'],
  ['ibm-account', 'delete', 'iks/account-delete'],
  ['kubernetes', 'has-namespace', 'kubernetes/has-namespace'],
  ['kubespray', 'has-host', 'kubespray/has-host'],
] as const;

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'ringfence-new-control-'));
  for (const name of [
    'functions',
    'bin',
    'estate',
    'docs',
    'test/controls',
    'test/collectors',
    'test/report',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    'ringfence.schema.json',
  ])
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});

afterAll(() => rm(copy, { recursive: true, force: true }));

interface Result {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** The names of the tests that passed and of those that failed, in the copy. */
async function outcomes(files: readonly string[], named: string) {
  const report = join(copy, 'report.json');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const options = ['--project', 'shared', '--reporter', 'json', '--outputFile', report, '-t', named];
  await run(process.execPath, [vitest, 'run', ...options, ...files], { cwd: copy }).catch(() => undefined);
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as Result;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const of = (status: string) => results.filter((result) => result.status === status).map(({ fullName }) => fullName);
  return { passed: of('passed').sort(), failed: of('failed').sort() };
}

async function change(path: string, from: string | RegExp, to: string) {
  const file = join(copy, 'functions/controls', path);
  const text = await readFile(file, 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  await writeFile(file, changed);
}

describe('npm run new-control', () => {
  const CASES = ['passes', 'fails', 'is UNKNOWN where it is not known'];
  const names = NEW.flatMap(([kind, name]) => CASES.map((title) => `${kind}-${name} ${title}`)).sort();
  const files = NEW.map(([, , path]) => `test/controls/${path}.test.ts`);

  test('writes a control, its example, its test and its listing, and the pages that name it', async () => {
    const [[kind, name, path], ...others] = NEW;
    const { stdout } = await run('npm', ['run', '--silent', 'new-control', '--', kind, name], { cwd: copy });
    expect(stdout.trim().split('\n')).toEqual(
      expect.arrayContaining([
        `functions/controls/${path}.ts`,
        `test/controls/${path}.example.ts`,
        `test/controls/${path}.test.ts`,
        `functions/controls/${kind}/index.ts`,
        'docs/controls.md',
        'ringfence.schema.json',
      ]),
    );
    expect(await readFile(join(copy, 'docs/controls.md'), 'utf8')).toContain(`### ${kind}-${name}\n`);
    for (const other of others) scaffold(copy, other[0], other[1]);
  }, 60_000);

  test('is green at once: PASS, FAIL and UNKNOWN of every kind, and the catalogue', async () => {
    const { passed, failed } = await outcomes([...files, 'test/controls/catalogue.test.ts'], '');
    expect(failed).toEqual([]);
    expect(passed).toEqual(expect.arrayContaining(names));
    expect(passed).toContain('every control is named by the tests of its platform');
  }, 120_000);

  test('is red where the control ignores what cannot be judged', async () => {
    // A part that was not read passes; and a control beside the door passes a cluster that is not there yet.
    await change('iks/has-worker.ts', 'return unknownBecause(workers)', "return pass('no worker is known', [])");
    await change(
      'eks/of-a-release.ts',
      /export default defineEksControl\(([\s\S]*)\);\n$/,
      "export default { ...($1), subject: 'eks' as const, evaluate: () => pass('it holds', []) };\n",
    );
    const { failed } = await outcomes(
      ['iks/has-worker', 'kubernetes/has-namespace', 'states'].map((name) => `test/controls/${name}.test.ts`),
      'iks-has-worker|kubernetes-has-namespace|no control of eks',
    );
    expect(failed).toEqual(
      expect.arrayContaining([
        'iks-has-worker is UNKNOWN where it is not known',
        'no control of eks judges what is CREATING',
        'no control of eks judges what is DELETING',
        'no control of eks judges what is local to an Outpost',
      ]),
    );
    expect(failed.filter((name) => name.startsWith('kubernetes'))).toEqual([]);
  }, 120_000);
});

describe('npm run new-control refuses', () => {
  test.each([
    ['a platform that does not exist', 'gke', 'x', /no platform 'gke': it is eks, aks, iks/],
    ['a name of JavaScript objects as a platform', 'constructor', 'x', /no platform 'constructor'/],
    ['a name that exists', 'eks', 'audit-log', /functions\/controls\/eks\/audit-log\.ts exists/],
    ['a name whose test exists', 'eks', 'egress', /test\/controls\/eks\/egress\.test\.ts exists/],
    ['the prefix of the platform', 'eks', 'eks-api-log', /leave the prefix out: .*name api-log/],
    ['the prefix of the account', 'ibm-account', 'ibm-account-x', /leave the prefix out/],
    ["a control of the account among the cluster's", 'iks', 'account-x', /new-control -- ibm-account x/],
    ['the name of the list', 'eks', 'index', /'index' is the list/],
    ['capitals', 'eks', 'ApiLog', /'ApiLog' is not a name/],
    ['a path', 'eks', '../x', /is not a name/],
    ['a file name', 'eks', 'x.ts', /is not a name/],
    ['nothing as a name', 'eks', '', /is not a name/],
    ['two hyphens in a row', 'eks', 'a--b', /is not a name/],
  ])('%s', (_case, platform, name, message) => {
    expect(() => scaffold(copy, platform, name)).toThrow(message);
  });

  test('in one line and with exit code 1', async () => {
    const { code, stderr } = (await run(process.execPath, [join(ROOT, 'bin/new-control.ts'), 'eks']).catch(
      (failure: { readonly code: number; readonly stderr: string }) => failure as { code: number; stderr: string },
    )) as { code?: number; stderr: string };
    expect([code, stderr]).toEqual([
      1,
      'new-control: two words are needed: npm run new-control -- <platform> <name>\n',
    ]);
  });
});

describe('the list of controls', () => {
  const index = (...files: string[]) =>
    [
      "import type { Control } from '#domain/control.ts';",
      ...files.map((file) => `import ${file} from './${file}.ts';`),
      '',
      `export const eksControls: readonly Control[] = [${files.join(', ')}];`,
      '',
    ].join('\n');

  test.each([
    ['at its place', 'b', ['a', 'b', 'c']],
    ['first', '0', ['0', 'a', 'c']],
    ['last', 'd', ['a', 'c', 'd']],
  ])('has the import %s', (_case, file, order) => {
    const imports = [...(listedIn(index('a', 'c'), file) ?? '').matchAll(/from '\.\/(\w+)\.ts'/g)].map(
      ([, name]) => name,
    );
    expect(imports).toEqual(order);
  });

  test('stays on one line as long as it fits', () => {
    expect(listedIn(index('a'), 'b')).toContain('= [a, b];\n');
    const long = Array.from({ length: 20 }, (_, number) => `control${number}`);
    expect(listedIn(index(...long), 'b')).toContain('= [\n  control0,\n');
  });

  test('that was written otherwise is not touched', () => {
    expect(listedIn('export const controls = all();\n', 'b')).toBeUndefined();
  });
});
