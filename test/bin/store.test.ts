import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { drift } from '#estate/demo.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { startLocalTable } from '../../bin/local/table.ts';
import { ringfence, spawnRingfence } from './run-ringfence.ts';

let directory: string;
let estate: Estate;
const scenario = instructive();
const fileOf = (name: string) => join(directory, name);
const scan = (...args: readonly string[]) => ringfence(['scan', '--config', fileOf('aws.yaml'), ...args]);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ringfence-store-'));
  estate = await startEstate(scenario);
  await writeFile(fileOf('aws.yaml'), stringify({ aws: estate.config.aws }));
});

afterAll(async () => {
  await estate.stop();
  await rm(directory, { recursive: true });
});

describe('ringfence scan --store', () => {
  test('tells what changed since the last scan, and keeps every finding with its proof', async () => {
    const store = fileOf('state');
    const first = await scan('--store', store);
    expect(first.stdout).toMatch(/\n\nThe first scan of this store: everything is new\n$/);
    drift(scenario);
    const second = await scan('--store', store);
    expect(second.stdout).toMatch(
      /\n\nChanged since the last scan\n {2}failed {4}payments-prod\n {12}closed-network HIGH, eks-endpoint-public CRITICAL\n {2}fixed {5}payments-s3\n {12}closed-network, eks-vpc-endpoints\n {2}fixed {5}acquired\n {12}coverage\n$/,
    );
    const third = await scan('--store', store);
    expect(third.stdout).toMatch(/\n\nNothing changed since the last scan\n$/);

    const explained = await ringfence(['explain', 'payments-prod/eks-endpoint-public', '--store', store]);
    expect(explained.stdout).toMatch(/^FAIL CRITICAL {2}eks-endpoint-public\n/);
    expect(explained.stdout).toContain('resourcesVpcConfig.publicAccessCidrs = [0.0.0.0/0]');
    expect(explained.stdout).toMatch(/\$ aws eks update-cluster-config --region ap-northeast-1 --name payments-prod /);
    const missing = await ringfence(['explain', 'nobody/eks-endpoint-public', '--store', store]);
    expect(missing).toMatchObject({
      code: 1,
      stderr: `ringfence: ${store} holds no finding of eks-endpoint-public on nobody\n`,
    });
  });

  test('a directory with other things in it is neither written to nor read', async () => {
    const other = fileOf('documents');
    await mkdir(other);
    await writeFile(join(other, 'letter.txt'), 'dear all');
    const written = await scan('--store', other);
    expect(written).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/with other things in it/) });
    const read = await ringfence(['findings', '--store', other]);
    expect(read).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/holds no state/) });
  });

  test('a store that another process has open is refused in one line', async () => {
    const store = fileOf('busy');
    const table = await startLocalTable(store);
    // The embedded server opens its files with the first request, which made the table.
    try {
      const { code, stderr } = await spawnRingfence(['scan', '--config', fileOf('aws.yaml'), '--store', store]);
      expect(stderr).toBe(`ringfence: the store ${store} is in use by another process\n`);
      expect(code).toBe(1);
    } finally {
      await table.close();
    }
  });
});

describe('told before anything is scanned', () => {
  test.each([
    ['a directory that does not exist', () => join(directory, 'none', 'out.json'), /cannot be written: ENOENT/],
    ['a directory', () => directory, /cannot be written: it is a directory/],
  ])('--output that is %s', async (_case, path, expected) => {
    const before = estate.playground.total;
    const { code, stdout, stderr } = await scan('--output', path());
    expect(stderr).toMatch(expected);
    expect({ code, stdout, asked: estate.playground.total - before }).toEqual({ code: 1, stdout: '', asked: 0 });
  });
});

describe('without credentials', () => {
  const NOBODY = {
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_SESSION_TOKEN: '',
    AWS_PROFILE: 'nobody',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-east-1',
  };

  test.each([
    ['the own account', 'aws: {}'],
    ['an organisation', 'aws: { organization: true, roleName: R }'],
    ['a list of accounts', 'aws: { accounts: ["111111111111", "222222222222"], roleName: R }'],
  ])('%s: exit 1 with one clear line', async (_case, text) => {
    await writeFile(fileOf('nobody.yaml'), text);
    const { code, stdout, stderr } = await ringfence(['scan', '--config', fileOf('nobody.yaml')], NOBODY);
    expect(stderr).toMatch(/^ringfence: no aws credentials: [^\n]+ \(set AWS_PROFILE, [^\n]+\)\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('beside a provider that was read, they are a gap in the coverage', async () => {
    const token = { type: 'access-token' };
    const tenants = estate.config.azure?.tenants.map(({ id }) => ({ id, credential: token }));
    await writeFile(
      fileOf('both.yaml'),
      stringify({ aws: {}, azure: { ...estate.config.azure, tenants } }, { aliasDuplicateObjects: false }),
    );
    const env = { ...NOBODY, AZURE_ACCESS_TOKEN: 'x' };
    const { code, stdout } = await ringfence(['scan', '--config', fileOf('both.yaml'), '--format', 'json'], env);
    const { findings } = JSON.parse(stdout);
    expect(code).toBe(3);
    expect(findings).toContainEqual(
      expect.objectContaining({ control: 'coverage', status: 'FAIL', reason: 'credentials' }),
    );
  });
});

test('--version names the version of the package', async () => {
  expect((await ringfence(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
