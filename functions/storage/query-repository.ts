import { BatchGetCommand, type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Change, StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import type { Page, PageRequest } from '#domain/page.ts';
import type { Run } from '#domain/run.ts';
import { findingOf, heartbeatOf, type Item } from './codec.ts';
import { keys } from './keys.ts';
import { type IndexName, TABLE } from './table.ts';

const INDEXES = new Map(TABLE.indexes.map(({ name, partitionKey, sortKey }) => [name, { partitionKey, sortKey }]));

/** DynamoDB's own limit of one BatchGetItem. */
const KEYS_AT_ONCE = 100;

/** Reads for the query API: every access pattern is one query on one index. */
export class QueryRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  ofAccount = (account: string, page: PageRequest) => this.#findings('by-account', `ACCOUNT#${account}`, page);

  ofControl = (control: string, page: PageRequest) => this.#findings('by-control', `CONTROL#${control}`, page);

  ofResource = (uid: string, page: PageRequest) => this.#findings('by-resource', `RESOURCE#${uid}`, page);

  /** Open FAILs, newest first. */
  open = (page: PageRequest) => this.#findings('open', 'OPEN', page, { newestFirst: true });

  byId = async (id: string): Promise<StoredFinding | undefined> =>
    (await this.#findings('by-id', `FINDING#${id}`, { limit: 1 })).items[0];

  /** Newest first. */
  history = async (findingId: string, page: PageRequest): Promise<Page<Change>> =>
    mapped(await this.#ofPartition(keys.history(findingId, '', '').pk, page), (item) => item['change'] as Change);

  /** Newest first. */
  runs = async (page: PageRequest): Promise<Page<Run>> =>
    mapped(await this.#ofPartition('RUN', page), (item) => item['run'] as Run);

  targets = async (page: PageRequest): Promise<Page<Heartbeat>> =>
    mapped(await this.#ofIndex('targets', 'TARGET', page), heartbeatOf);

  /** When each of the targets was last scanned. */
  lastScans = async (targets: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const times = new Map<string, string>();
    let left = targets.map((target) => keys.heartbeat(target));
    while (left.length > 0) {
      const asked = left.slice(0, KEYS_AT_ONCE);
      const { Responses = {}, UnprocessedKeys = {} } = await this.#client.send(
        new BatchGetCommand({
          RequestItems: { [this.#table]: { Keys: asked, ProjectionExpression: 'targetSort, evaluatedAt' } },
        }),
      );
      for (const item of Responses[this.#table] ?? [])
        times.set(String(item['targetSort']), String(item['evaluatedAt']));
      const unread = (UnprocessedKeys[this.#table]?.Keys ?? []) as typeof left;
      // Nothing of all that was asked: the table is out of breath, and the ages are no reason to wait.
      if (unread.length === asked.length) break;
      left = [...unread, ...left.slice(KEYS_AT_ONCE)];
    }
    return times;
  };

  async #findings(
    index: IndexName,
    value: string,
    page: PageRequest,
    options: { readonly newestFirst?: boolean } = {},
  ): Promise<Page<StoredFinding>> {
    return mapped(await this.#ofIndex(index, value, page, options), findingOf);
  }

  #ofPartition(pk: string, page: PageRequest): Promise<Page<Item>> {
    const { partitionKey, sortKey } = TABLE;
    return this.#query({ partitionKey, sortKey, value: pk, newestFirst: true }, page);
  }

  #ofIndex(
    index: IndexName,
    value: string,
    page: PageRequest,
    { newestFirst = false }: { readonly newestFirst?: boolean } = {},
  ): Promise<Page<Item>> {
    const named = INDEXES.get(index);
    if (named === undefined) throw new Error(`the table has no index ${index}`);
    return this.#query({ index, ...named, value, newestFirst }, page);
  }

  async #query(
    { index, partitionKey, sortKey, value, newestFirst }: ListOf,
    { limit, from }: PageRequest,
  ): Promise<Page<Item>> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        ...(index === undefined ? {} : { IndexName: index }),
        KeyConditionExpression: '#partition = :value',
        ExpressionAttributeNames: { '#partition': partitionKey },
        ExpressionAttributeValues: { ':value': value },
        ScanIndexForward: !newestFirst,
        Limit: limit,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    const now = Math.floor(Date.now() / 1000);
    // DynamoDB removes expired items only within days.
    const items = Items.filter((item) => typeof item['ttl'] !== 'number' || item['ttl'] > now);
    const places = [...new Set([TABLE.partitionKey, TABLE.sortKey, partitionKey, sortKey])];
    return {
      items,
      after: items.map((item) => Object.fromEntries(places.map((name) => [name, item[name]]))),
      ...(LastEvaluatedKey === undefined ? {} : { next: LastEvaluatedKey }),
    };
  }
}

interface ListOf {
  readonly index?: IndexName;
  readonly partitionKey: string;
  readonly sortKey: string;
  readonly value: string;
  readonly newestFirst: boolean;
}

function mapped<T>({ items, ...rest }: Page<Item>, read: (item: Item) => T): Page<T> {
  return { items: items.map(read), ...rest };
}
