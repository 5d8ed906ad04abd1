import { type DynamoDBDocumentClient, GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Heartbeat } from '#domain/heartbeat.ts';
import type { Run } from '#domain/run.ts';
import { expiry, heartbeatOf, type Item } from './codec.ts';
import { keys } from './keys.ts';

/** Runs and the heartbeats of all targets. */
export class RunRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  save = async (run: Run): Promise<void> => {
    await this.#client.send(
      new PutCommand({
        TableName: this.#table,
        Item: { ...keys.run(run.startedAt, run.id), kind: 'run', run, ttl: expiry(run.startedAt) },
      }),
    );
  };

  /** Newest first, at most `limit`. */
  latest = async (limit: number): Promise<readonly Run[]> => {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': 'RUN' },
        ScanIndexForward: false,
        Limit: limit,
      },
    );
    const runs: Run[] = [];
    for await (const { Items = [] } of pages) {
      for (const item of Items) runs.push((item as { run: Run }).run);
      if (runs.length >= limit) break;
    }
    return runs.slice(0, limit);
  };

  /** One target's heartbeat as it stands, where the index may be behind. */
  heartbeat = async (target: string): Promise<Heartbeat | undefined> => {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keys.heartbeat(target), ConsistentRead: true }),
    );
    return item === undefined ? undefined : heartbeatOf(item);
  };

  /** Which revision of its heartbeat each target of the run was announced up to. */
  announced = async (runId: string): Promise<ReadonlyMap<string, number>> => {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keys.announced(runId, '').pk },
        ConsistentRead: true,
      },
    );
    const revisions = new Map<string, number>();
    for await (const { Items = [] } of pages)
      for (const item of Items) revisions.set(String(item['sk']), Number(item['revision']));
    return revisions;
  };

  /** Every target's heartbeat, by the sparse index. */
  heartbeats = async (): Promise<readonly Heartbeat[]> => {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        IndexName: 'targets',
        KeyConditionExpression: 'targetKey = :key',
        ExpressionAttributeValues: { ':key': 'TARGET' },
      },
    );
    const heartbeats: Heartbeat[] = [];
    for await (const { Items = [] } of pages) for (const item of Items) heartbeats.push(heartbeatOf(item as Item));
    return heartbeats;
  };
}
