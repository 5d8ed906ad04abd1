import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { TEST_TLS } from '../kubernetes/tls.ts';
import { endpoints, ok, play, record, verdictsOf } from './world.ts';

/** Both halves over real sockets: the probe that runs inside, and the scanner that stands outside. */

const PROBE = join(import.meta.dirname, '../../../probes/ibm-reachability.mjs');
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const apiServer = () => listen(createTlsServer(TEST_TLS, (socket) => socket.on('error', () => undefined)));
const closedPort = async () => {
  const server = createTcpServer();
  const port = await listen(server);
  servers.pop();
  await new Promise((resolve) => server.close(resolve));
  return port;
};

async function probe(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROBE, ...args]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('the probe that runs inside', () => {
  test.each([
    ['an API server', apiServer, true],
    ['a closed port', closedPort, false],
    ['a server that hangs up', () => listen(createTcpServer((socket) => socket.destroy())), false],
  ] as const)('%s', async (_case, start, connected) => {
    const address = `https://127.0.0.1:${await start()}/`;
    const before = Date.now();
    const result = await probe('c1', address);
    expect(result).toMatchObject({ cluster: 'c1', address, connected });
    expect(Date.parse(String(result['at']))).toBeGreaterThanOrEqual(before);
  });

  test.each([[[]], [['c1']], [['c1', 'http://127.0.0.1']], [['c1', 'nonsense']]])(
    'called with %j it says how to call it',
    async (args) => {
      await expect(promisify(execFile)(process.execPath, [PROBE, ...args])).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('usage:'),
      });
    },
  );
});

describe('both halves joined', () => {
  const at = '2026-10-31T23:00:00.000Z';
  const inside = { cluster: 'c1', connected: true, at };

  async function judged(result: string, urls: Readonly<Record<string, string>>, cluster = 'c1'): Promise<string> {
    const { collect } = await play(
      { '/global/v2/getCluster': () => ok(record({ serviceEndpoints: endpoints(urls), masterURL: '' })) },
      { probes: [{ cluster, result }] },
    );
    return verdictsOf(await collect())['prod']?.['iks-reachability'] ?? '';
  }

  test.each([
    ['publicServiceEndpointURL', 'FAIL reachable-outside'],
    ['privateServiceEndpointURL', 'FAIL reachable-outside'],
  ])('an answer to the scanner at %s is told, whatever the probe says', async (name, expected) => {
    const urls = { publicServiceEndpointURL: '', privateServiceEndpointURL: '' };
    expect(await judged(JSON.stringify(inside), { ...urls, [name]: `https://127.0.0.1:${await apiServer()}` })).toBe(
      expected,
    );
  });

  test.each([
    ['by id', inside, 'c1', 'PASS holds'],
    ['by name in the configuration', inside, 'prod', 'PASS holds'],
    ['about another cluster', { ...inside, cluster: 'c2' }, 'prod', 'UNKNOWN conflicting-fields'],
    ['a day and a minute old', { ...inside, at: '2026-10-30T23:59:00Z' }, 'c1', 'UNKNOWN undecidable'],
    ['of tomorrow', { ...inside, at: '2026-11-02T00:00:00Z' }, 'c1', 'UNKNOWN undecidable'],
    ['not connected', { ...inside, connected: false }, 'c1', 'FAIL unreachable-inside'],
    [
      'of a public address',
      { ...inside, address: 'https://c1.jp-tok.containers.cloud.ibm.com:1' },
      'c1',
      'UNKNOWN undecidable',
    ],
    ['without a time', { cluster: 'c1', connected: true }, 'c1', 'UNKNOWN malformed-answer'],
  ] as const)('a result %s', async (_case, result, configured, expected) => {
    const closed = { privateServiceEndpointURL: `https://127.0.0.1:${await closedPort()}` };
    expect(await judged(JSON.stringify(result), closed, configured)).toBe(expected);
  });

  test('of several lines the last one counts', async () => {
    const closed = { privateServiceEndpointURL: `https://127.0.0.1:${await closedPort()}` };
    const lines = [{ ...inside, connected: false, at: '2026-10-31T22:00:00Z' }, inside].map((line) =>
      JSON.stringify(line),
    );
    expect(await judged(`${lines.join('\n')}\n`, closed)).toBe('PASS holds');
  });

  test('no word from inside: a silence outside proves nothing', async () => {
    const closed = { privateServiceEndpointURL: `https://127.0.0.1:${await closedPort()}` };
    expect(await judged('no JSON', closed)).toBe('UNKNOWN malformed-answer');
  });
});
