import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { deployment, manifests } from '../../reachability/harness.ts';
import { smallCluster, startApiServer } from './api-server.ts';

/** A name without a place to break at, as the ids of IBM Cloud are. */
const LONG = 'abcdef0123456789abcdef0123456789';
const cli = fileURLToPath(new URL('../../../bin/ringfence.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a user starts it, with an environment that holds no credentials at all. */
function ringfence(directory: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: directory };
    const child = execFile(process.execPath, [cli, ...args], { cwd: directory, env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });
}

async function inFolder<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'ringfence-'));
  try {
    return await run(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('ringfence scan --provider kubernetes needs no cloud credentials', async () => {
  const server = await startApiServer({ objects: smallCluster(), faults: { '/api/v1/services': { status: 403 } } });
  const { code, stdout } = await inFolder(async (directory) => {
    const text = `kubernetes:\n  clusters:\n    - { name: tokyo, server: "${server.url}", token: secret }\n`;
    await writeFile(join(directory, 'ringfence.yaml'), text);
    return ringfence(directory, 'scan', '--provider', 'kubernetes', '--format', 'json');
  });
  await server.close();
  const { targets, findings } = JSON.parse(stdout) as {
    targets: { id: string; status: string }[];
    findings: { control: string; status: string; reason: string }[];
  };
  expect(targets).toEqual([expect.objectContaining({ id: 'kubernetes:tokyo', status: 'partial' })]);
  expect(findings).toContainEqual(expect.objectContaining({ control: 'kubernetes-cni-enforces', status: 'PASS' }));
  expect(findings).toContainEqual(
    expect.objectContaining({ control: 'kubernetes-services-internal', status: 'UNKNOWN', reason: 'denied' }),
  );
  expect(findings).toContainEqual(expect.objectContaining({ control: 'coverage', status: 'FAIL' }));
  expect(code).toBe(3);
});

test('ringfence reachability prints its answer on stdout', async () => {
  const { code, stdout, stderr } = await inFolder(async (directory) => {
    await writeFile(join(directory, 'all.yaml'), manifests([deployment('shop', 'web', {})]));
    return ringfence(directory, 'reachability', '--manifests', '.', '--format', 'json');
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ connections: [{ src: '0.0.0.0/0' }, { dst: '0.0.0.0/0' }], errors: [] });
});

test('ringfence doctor kubernetes: a cluster that is not there is missing access, and blinds every control', async () => {
  const server = await startApiServer({ objects: smallCluster() });
  await server.close();
  const [{ code, stdout }, table] = await inFolder(async (directory) => {
    const text = `kubernetes:\n  clusters:\n    - { name: ${LONG}, server: "${server.url}", token: secret }\n`;
    await writeFile(join(directory, 'ringfence.yaml'), text);
    return Promise.all([
      ringfence(directory, 'doctor', 'kubernetes', '--format', 'json'),
      ringfence(directory, 'doctor', 'kubernetes'),
    ]);
  });
  // Names that are too long for their column break, and are not cut off.
  expect(table.stdout).not.toContain('…');
  const rows: readonly { readonly permission: string; readonly outcome: string; readonly blinds: readonly string[] }[] =
    JSON.parse(stdout);
  expect(rows).toMatchObject([{ permission: 'get /version', outcome: 'failed' }]);
  expect(rows[0]?.blinds).toContain('kubernetes-rbac');
  expect(rows[0]?.blinds).toContain('kubernetes-services-internal');
  expect(code).toBe(3);
});
