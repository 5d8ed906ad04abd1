import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ringfence } from './run-ringfence.ts';

const ACCOUNT = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const CONFIG = `# the whole estate
ibm:
  # read by the platform team
  accounts:
    - { id: ${ACCOUNT}, apiKey: "\${env:IBMCLOUD_API_KEY}" } # rotated monthly
`;
const SHOWN = `Account ID: ${ACCOUNT}
VRF Enabled: true
Service Endpoint Enabled: false
`;

let directory: string;
let config: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ringfence-attest-'));
  config = join(directory, 'ringfence.yaml');
  await mkdir(join(directory, 'attested'));
  await writeFile(config, CONFIG);
  await writeFile(join(directory, 'attested/show.txt'), SHOWN);
});

afterEach(() => rm(directory, { recursive: true }));

const attest = (...more: readonly string[]) =>
  ringfence([
    ...['attest', 'ibm', '--config', config, '--account', ACCOUNT, '--file', join(directory, 'attested/show.txt')],
    ...more,
  ]);

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

describe('ringfence attest ibm', () => {
  test('keeps the word in the configuration, with author, date and expiry; comments stay', async () => {
    const { code, stdout, stderr } = await attest('--author', 'Ada Lovelace', '--days', '30');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`ringfence.yaml:7: account ${ACCOUNT}: VRF on, service endpoint off`);
    expect(stdout).toContain(`attested by Ada Lovelace on ${day(0)}, until ${day(30)}`);
    const text = await readFile(config, 'utf8');
    for (const comment of ['# the whole estate', '# read by the platform team', '# rotated monthly'])
      expect(text).toContain(comment);
    expect(parse(text).ibm.attestations).toEqual([
      { account: ACCOUNT, file: 'attested/show.txt', author: 'Ada Lovelace', date: day(0), expires: day(30) },
    ]);
    expect((await readdir(directory)).sort()).toEqual(['attested', 'ringfence.yaml']);
  });

  test('a configuration that only its owner reads stays so, and a link stays a link', async () => {
    const real = join(directory, 'attested/real.yaml');
    await rename(config, real);
    await chmod(real, 0o600);
    await symlink(real, config);
    // Somebody else's trap at a name that could be foreseen.
    await symlink(join(directory, 'attested/show.txt'), `${real}.new`);
    expect((await attest()).code).toBe(0);
    expect((await stat(real)).mode & 0o777).toBe(0o600);
    expect((await lstat(config)).isSymbolicLink()).toBe(true);
    expect(await readFile(join(directory, 'attested/show.txt'), 'utf8')).toBe(SHOWN);
    expect(parse(await readFile(real, 'utf8')).ibm.attestations).toHaveLength(1);
  });

  test('replaces the earlier word about the same account, and says so', async () => {
    await attest('--author', 'Ada');
    const { stdout } = await attest('--author', 'Grace');
    expect(stdout).toContain('the earlier attestation is replaced');
    expect(parse(await readFile(config, 'utf8')).ibm.attestations).toMatchObject([{ author: 'Grace' }]);
  });

  test('without a name, the user who runs it is the author', async () => {
    expect((await attest()).code).toBe(0);
    const [entry] = parse(await readFile(config, 'utf8')).ibm.attestations;
    expect(entry.author).not.toBe('');
  });

  test.each([
    ['another account', `Account ID: ffff\n${SHOWN.split('\n').slice(1).join('\n')}`, [], 'is about account ffff'],
    [
      'a line that is missing',
      `Account ID: ${ACCOUNT}\nVRF Enabled: true\n`,
      [],
      'has no line "Service Endpoint Enabled"',
    ],
    ['a value that is neither', SHOWN.replace('true', 'ja'), [], '"VRF Enabled" is ja, expected true or false'],
    ['a language that is not known', 'VRF aktiviert: true\n', [], 'in a language that is known'],
    ['no number of days', SHOWN, ['--days', '0'], '--days 0 is not a number of days'],
  ])('%s is refused, and the configuration stays as it was', async (_case, text, more, message) => {
    await writeFile(join(directory, 'attested/show.txt'), text);
    const { code, stderr } = await attest(...more);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(await readFile(config, 'utf8')).toBe(CONFIG);
  });

  test('an account that the configuration does not scan is refused', async () => {
    const { code, stderr } = await attest('--account', 'ffffffffffffffffffffffffffffffff');
    expect(code).toBe(1);
    expect(stderr).toContain('ibm.accounts has no account ffffffffffffffffffffffffffffffff');
  });

  test('a file that is not there is one line', async () => {
    const { code, stderr } = await attest('--file', join(directory, 'nowhere.txt'));
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('nowhere.txt cannot be read');
  });
});
