import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { Level } from 'level';
import { TABLE } from '#storage/table.ts';
import { CannotRun } from '../cannot-run.ts';

export const LOCAL_TABLE = 'ringfence';

export interface LocalTable {
  /** Holds a path that only this process knows; nothing else is answered on the port. */
  readonly endpoint: string;
  readonly close: () => Promise<void>;
}

/** The single table on an embedded DynamoDB: in memory, or kept in a directory that only its owner enters. */
export async function startLocalTable(directory: string | undefined): Promise<LocalTable> {
  if (directory !== undefined) await prepare(directory);
  const server = dynalite({
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
    ...(directory === undefined ? {} : { path: directory }),
  }) as Server;
  const path = keepToOwnProcess(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await createTable(client);
  client.destroy();
  return {
    endpoint,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The database's own list of its files. */
export function holdsState(directory: string): boolean {
  return existsSync(join(directory, 'CURRENT'));
}

/** A directory of its own that no other process has open. The embedded server would only find out at its first request, and fall. */
async function prepare(directory: string): Promise<void> {
  const refuse = (why: string) => new CannotRun([`the store ${directory} ${why}`]);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if ((await readdir(directory)).length > 0 && !holdsState(directory))
      throw refuse('is a directory with other things in it: name an empty or a new one');
    const database = new Level(directory);
    await database.open();
    await database.close();
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    const { cause = error } = error as Error;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw refuse(code === 'LEVEL_LOCKED' ? 'is in use by another process' : `cannot be opened: ${message}`);
  }
}

/**
 * The embedded server checks no signature and lets every origin in, so that any page in a browser and any user of the machine could read and
 * rewrite the state. Requests have to know a path that is made here; gives it back.
 */
function keepToOwnProcess(server: Server): string {
  const path = `/${randomBytes(24).toString('hex')}`;
  const [answer] = server.listeners('request');
  if (answer === undefined) throw new Error('the embedded table answers no requests');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const own = request.url === path || request.url === `${path}/`;
    if (own) answer.call(server, Object.assign(request, { url: '/' }), response);
    else response.writeHead(403).end();
  });
  return path;
}

/** The table as CreateTable takes it. */
export function tableDefinition(TableName: string) {
  const keySchema = (partition: string, sort: string) => [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
  const names = new Set([
    TABLE.partitionKey,
    TABLE.sortKey,
    ...TABLE.indexes.flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]),
  ]);
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: [...names].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    KeySchema: keySchema(TABLE.partitionKey, TABLE.sortKey),
    GlobalSecondaryIndexes: TABLE.indexes.map(({ name, partitionKey, sortKey }) => ({
      IndexName: name,
      KeySchema: keySchema(partitionKey, sortKey),
      Projection: { ProjectionType: 'ALL' as const },
    })),
  };
}

/** Returns when the table can be used. */
export async function createTable(client: Pick<DynamoDBClient, 'send'>): Promise<void> {
  try {
    await client.send(new CreateTableCommand(tableDefinition(LOCAL_TABLE)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: LOCAL_TABLE }));
    if (Table?.TableStatus === 'ACTIVE') break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
