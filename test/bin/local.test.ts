import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, test } from 'vitest';
import { cursorSeal } from '#app/cursor.ts';
import { documentClient } from '#storage/client.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { serveQueries } from '../../bin/local/server.ts';
import { LOCAL_TABLE, startLocalTable } from '../../bin/local/table.ts';

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function localTable(directory?: string) {
  const table = await startLocalTable(directory);
  endings.push(table.close);
  const client = documentClient(table.endpoint);
  endings.push(() => client.destroy());
  return { table, client };
}

const QUERY = {
  TableName: LOCAL_TABLE,
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': 'RUN' },
};

/** What a page of another origin sends, after the browser's own question whether it may. */
const FOREIGN = {
  origin: 'https://evil.example',
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.Scan',
  'x-amz-date': '20261101T000000Z',
  authorization:
    'AWS4-HMAC-SHA256 Credential=x/20261101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=aa',
};

describe('the embedded table', () => {
  test('answers its own process', async () => {
    const { client } = await localTable();
    expect((await client.send(new QueryCommand(QUERY))).Items).toEqual([]);
  });

  test.each(['/', '/x', '//', '/?a=b'])('answers nobody who found the port and asks for %s', async (path) => {
    const { table } = await localTable();
    const url = `${new URL(table.endpoint).origin}${path}`;
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: { ...FOREIGN, 'access-control-request-method': 'POST' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    const read = await fetch(url, {
      method: 'POST',
      headers: FOREIGN,
      body: JSON.stringify({ TableName: LOCAL_TABLE }),
    });
    expect([read.status, await read.text()]).toEqual([403, '']);
  });

  test('lies in a directory that only its owner enters', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'ringfence-test-'));
    endings.push(() => rmSync(parent, { recursive: true }));
    const directory = join(parent, 'deep', 'state');
    await localTable(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });
});

describe('the local query API', () => {
  async function statusFor(host: string): Promise<number> {
    const { client } = await localTable();
    const runs = new RunRepository(client, LOCAL_TABLE);
    const server = await serveQueries(
      {
        store: { ...new QueryRepository(client, LOCAL_TABLE), heartbeats: runs.heartbeats },
        controls: [],
        exceptions: async () => [],
        ...cursorSeal('a test key'),
      },
      0,
    );
    endings.push(server.close);
    const { port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      request(
        { host: '127.0.0.1', port, path: '/v1/summary', headers: { host: host.replace('PORT', port) } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      )
        .on('error', reject)
        .end();
    });
  }

  test.each(['127.0.0.1:PORT', 'localhost:PORT', '[::1]:PORT'])('answers for %s', async (host) => {
    expect(await statusFor(host)).toBe(200);
  });

  // A name that was pointed at 127.0.0.1 makes a foreign page same-origin for the browser.
  test.each(['evil.example:PORT', '127.0.0.1.evil.example:PORT', 'localhost.evil.example', '127.0.0.1@evil.example'])(
    'refuses %s',
    async (host) => {
      expect(await statusFor(host)).toBe(421);
    },
  );
});
