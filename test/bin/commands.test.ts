import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { catalogue } from '#app/catalogue.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { type Ran, ringfence, spawnRingfence } from './run-ringfence.ts';

let directory: string;
let estate: Estate;
const fileOf = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ringfence-commands-'));
  estate = await startEstate(instructive());
  const { aws, azure, ibm } = estate.config;
  const tenants = azure?.tenants.map(({ id }) => ({ id, credential: { type: 'access-token' } }));
  const sections = {
    aws,
    azure: { tenants, endpoint: azure?.endpoint },
    ibm: { accounts: ibm?.accounts, endpoints: ibm?.endpoints },
  };
  await writeFile(fileOf('all.yaml'), stringify(sections, { aliasDuplicateObjects: false }));
  await writeFile(fileOf('azure.yaml'), stringify({ azure: sections.azure }));
  await writeFile(fileOf('nothing.yaml'), 'profile: closed\n');
});

afterAll(async () => {
  await estate.stop();
  await rm(directory, { recursive: true });
});

const TOKEN = { AZURE_ACCESS_TOKEN: 'token-that-must-not-show' };
const scan = (file: string, ...args: readonly string[]) =>
  ringfence(['scan', '--config', fileOf(file), ...args], TOKEN);

describe('ringfence scan', () => {
  let everything: Ran;
  beforeAll(async () => {
    everything = await scan('all.yaml', '--format', 'json');
  });

  test('one configured provider is enough, and the others are not asked', async () => {
    const { code, stdout, stderr } = await scan('azure.yaml', '--format', 'json');
    const { schema, targets, findings } = JSON.parse(stdout);
    expect(schema).toBe('ringfence/v1');
    expect(new Set(targets.map(({ provider }: { readonly provider: string }) => provider))).toEqual(new Set(['azure']));
    expect(findings.length).toBeGreaterThan(10);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('incomplete coverage is exit 3, and the account that could not be entered is a finding', () => {
    const { code, stdout, stderr } = everything;
    expect(code).toBe(3);
    expect(stderr).toMatch(/^ringfence: coverage is incomplete: 1 of \d+ targets were not read completely\n$/);
    expect(JSON.parse(stdout).findings).toContainEqual(
      expect.objectContaining({
        control: 'coverage',
        status: 'FAIL',
        reason: 'denied',
        resource: expect.objectContaining({ uid: 'aws:444455556666', type: 'target' }),
      }),
    );
  });

  test('a FAIL at --fail-on is exit 2, and the text says both', async () => {
    const { code, stderr } = await scan('all.yaml', '--fail-on', 'critical', '--output', fileOf('out.txt'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/fail at CRITICAL or above\nringfence: coverage is incomplete/);
  });

  test('two scans of the same state differ in times and ids only', async () => {
    const same = (text: string) =>
      text
        .replaceAll(/run-[\w-]+/g, 'RUN')
        .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
        .replaceAll(/"durationMs": \d+/g, '"durationMs": 0');
    const again = await scan('all.yaml', '--format', 'json');
    expect(same(again.stdout)).toBe(same(everything.stdout));
  });

  test.each(['table', 'html', 'sarif'])('--format %s goes to --output', async (format) => {
    const output = fileOf(`out.${format}`);
    const { stdout } = await scan('azure.yaml', '--format', format, '--output', output);
    expect(stdout).toBe('');
    expect((await readFile(output, 'utf8')).length).toBeGreaterThan(2);
  });

  test('no credential shows anywhere', () => {
    const { stdout, stderr } = everything;
    for (const { apiKey } of estate.config.ibm?.accounts ?? []) expect(stdout + stderr).not.toContain(apiKey);
    expect(stdout + stderr).not.toContain(TOKEN.AZURE_ACCESS_TOKEN);
  });
});

describe('a process of its own ends with the exit code', () => {
  test.each([
    [0, ['--version'], '', /^\d+\.\d+\.\d+\n$/],
    [1, ['scan', '--config', 'none.yaml'], 'ringfence: none.yaml does not exist', /^$/],
    [2, ['scan', '--config', 'all.yaml', '--fail-on', 'critical'], 'fail at CRITICAL or above', /payments-halves/],
    [3, ['scan', '--config', 'all.yaml'], 'ringfence: coverage is incomplete', /payments-halves/],
  ] as const)('%i', async (exit, args, expectedError, expectedOutput) => {
    const { code, stdout, stderr } = await spawnRingfence(
      args.map((arg) => (arg === 'all.yaml' ? fileOf(arg) : arg)),
      TOKEN,
    );
    expect(stderr).toContain(expectedError);
    expect(stdout).toMatch(expectedOutput);
    expect(code).toBe(exit);
  });
});

describe('could not run: exit 1 with one clear line', () => {
  test.each([
    ['no file', ['scan', '--config', 'none.yaml'], /^ringfence: none\.yaml does not exist: [^\n]+\n$/],
    ['an unknown severity', ['scan', '--fail-on', 'awful'], /expected one of CRITICAL/],
    ['an unknown command', ['scna'], /unknown command/],
    ['a cluster without a control', ['explain', 'shop'], /if it is a cluster: explain shop\/closed-network\n$/],
    ['a store for what is simulated', ['start', '--store', 'mine'], /^ringfence: --store needs --config: [^\n]+\n$/],
    ['an unknown control', ['explain', 'eks-nope', '--store', 'none-such'], /^ringfence: [^\n]+\n$/],
  ])('%s', async (_case, args, expected) => {
    const { code, stdout, stderr } = await ringfence(args);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('a configuration that names nothing to scan', async () => {
    const { code, stderr } = await scan('nothing.yaml');
    expect(stderr).toMatch(/names nothing to scan/);
    expect(code).toBe(1);
  });

  test('a provider that is not configured', async () => {
    const { code, stderr } = await scan('azure.yaml', '--provider', 'ibm');
    expect(stderr).toMatch(/has no ibm section/);
    expect(code).toBe(1);
  });

  test('a missing token', async () => {
    const { code, stderr } = await ringfence(['scan', '--config', fileOf('azure.yaml')], { AZURE_ACCESS_TOKEN: '' });
    expect(stderr).toMatch(/azure\.yaml:\d+: azure\.tenants.*AZURE_ACCESS_TOKEN is not set\n$/);
    expect(code).toBe(1);
  });
});

describe('ringfence config check', () => {
  test('says what would be scanned', async () => {
    const { code, stdout } = await ringfence(['config', 'check', '--config', fileOf('all.yaml')], TOKEN);
    expect(stdout).toMatch(/is valid: profile closed, aws, azure, ibm/);
    expect(code).toBe(0);
  });

  test('reports file, line and key of every error', async () => {
    const reference = ['$', '{env:RINGFENCE_NO_SUCH}'].join('');
    await writeFile(fileOf('bad.yaml'), 'profil: closed\naws:\n  accounts: [1111]\n');
    await writeFile(fileOf('unset.yaml'), `ibm:\n  accounts:\n    - { id: a, apiKey: "${reference}" }\n`);
    const bad = await ringfence(['config', 'check', '--config', fileOf('bad.yaml')]);
    expect(bad.stderr.trimEnd().split('\n').sort()).toEqual([
      `ringfence: ${fileOf('bad.yaml')}:1: profil: unknown key, did you mean profile?`,
      `ringfence: ${fileOf('bad.yaml')}:3: aws.accounts[0]: expected a 12-digit account id in quotes, found 1111`,
    ]);
    const unset = await ringfence(['config', 'check', '--config', fileOf('unset.yaml')]);
    expect(unset.stderr).toBe(
      `ringfence: ${fileOf('unset.yaml')}:3: ibm.accounts[0].apiKey: the environment variable RINGFENCE_NO_SUCH is not set\n`,
    );
    expect([bad.code, unset.code]).toEqual([1, 1]);
  });

  test('inventories that are not there are named, and exceptions that have expired are counted', async () => {
    const gone = 'kubespray:\n  inventories:\n    - name: t\n      inventory: hosts.yaml\n      vars: [extra.yaml]\n';
    await writeFile(fileOf('gone.yaml'), gone);
    const { code, stderr } = await ringfence(['config', 'check', '--config', fileOf('gone.yaml')]);
    expect(stderr).toBe(
      `ringfence: ${fileOf('gone.yaml')}:4: kubespray.inventories[0].inventory: ${fileOf('hosts.yaml')} does not exist\n` +
        `ringfence: ${fileOf('gone.yaml')}:5: kubespray.inventories[0].vars[0]: ${fileOf('extra.yaml')} does not exist\n`,
    );
    expect(code).toBe(1);
    const old = 'aws: {}\nexceptions: [{ control: coverage, resource: r, owner: o, reason: x, expires: 2020-01-01 }]\n';
    await writeFile(fileOf('old.yaml'), old);
    const { stdout } = await ringfence(['config', 'check', '--config', fileOf('old.yaml')]);
    expect(stdout).toMatch(/, 0 Slack channels, 1 exception \(1 expired\)\n$/);
  });

  test.each([
    [
      'a directory',
      () => mkdir(fileOf('folder.yaml'), { recursive: true }),
      'folder.yaml is a directory, expected a file',
    ],
    [
      'no UTF-8',
      () => writeFile(fileOf('latin.yaml'), Buffer.from('profile: closed\n# caf\xe9\n', 'latin1')),
      'latin.yaml:2: the file is not UTF-8 text',
    ],
  ])('%s', async (_case, make, expected) => {
    await make();
    const { code, stderr } = await ringfence(['config', 'check', '--config', fileOf(expected.split(/[ :]/)[0] ?? '')]);
    expect(stderr).toBe(`ringfence: ${fileOf(expected)}\n`);
    expect(code).toBe(1);
  });
});

describe('the catalogue on the command line', () => {
  test('controls --format json lists every control', async () => {
    const { code, stdout } = await ringfence(['controls', '--format', 'json']);
    const entries: readonly { readonly id: string }[] = JSON.parse(stdout);
    expect(entries.map(({ id }) => id)).toEqual(catalogue().map(({ id }) => id));
    expect(entries[0]).toMatchObject({ title: expect.any(String), severity: expect.any(String), provider: 'aws' });
    expect(code).toBe(0);
  });

  test('explain tells what a control demands', async () => {
    const { code, stdout } = await ringfence(['explain', 'aks-egress-route']);
    expect(stdout).toContain('aks-egress-route');
    expect(stdout).toContain('route 0.0.0.0/0');
    expect(code).toBe(0);
  });
});
