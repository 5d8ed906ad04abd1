import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Change, StoredFinding } from '#domain/change.ts';
import { findingOf, type Item } from './codec.ts';
import { keys } from './keys.ts';
import type { IndexName } from './table.ts';

/** One page of an index, and where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: Item;
}

export interface PageRequest {
  readonly limit: number;
  readonly from?: Item;
}

const INDEX_KEYS: Readonly<
  Record<Exclude<IndexName, 'targets'>, { readonly partition: string; readonly sort: string }>
> = {
  'by-account': { partition: 'accountKey', sort: 'accountSort' },
  'by-resource': { partition: 'resourceKey', sort: 'resourceSort' },
  'by-control': { partition: 'controlKey', sort: 'controlSort' },
  open: { partition: 'openKey', sort: 'openSort' },
  'by-id': { partition: 'idKey', sort: 'idSort' },
};

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

  findingsOfResource = async (uid: string): Promise<readonly StoredFinding[]> => {
    const all: StoredFinding[] = [];
    let from: Item | undefined;
    do {
      const page = await this.ofResource(uid, { limit: 500, ...(from === undefined ? {} : { from }) });
      all.push(...page.items);
      from = page.next;
    } while (from !== undefined);
    return all;
  };

  byId = async (id: string): Promise<StoredFinding | undefined> =>
    (await this.#findings('by-id', `FINDING#${id}`, { limit: 1 })).items[0];

  /** Newest first. */
  history = async (findingId: string, page: PageRequest): Promise<Page<Change>> => {
    const { items, next } = await this.#query(
      {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keys.history(findingId, '', '').pk },
        ScanIndexForward: false,
      },
      page,
    );
    return { items: items.map((item) => item['change'] as Change), ...(next === undefined ? {} : { next }) };
  };

  async #findings(
    index: Exclude<IndexName, 'targets'>,
    value: string,
    page: PageRequest,
    options: { readonly newestFirst?: boolean } = {},
  ): Promise<Page<StoredFinding>> {
    const { items, next } = await this.#query(
      {
        IndexName: index,
        KeyConditionExpression: '#partition = :value',
        ExpressionAttributeNames: { '#partition': INDEX_KEYS[index].partition },
        ExpressionAttributeValues: { ':value': value },
        ScanIndexForward: options.newestFirst !== true,
      },
      page,
    );
    return { items: items.map(findingOf), ...(next === undefined ? {} : { next }) };
  }

  async #query(
    input: Omit<ConstructorParameters<typeof QueryCommand>[0], 'TableName'>,
    { limit, from }: PageRequest,
  ): Promise<Page<Item>> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        ...input,
        TableName: this.#table,
        Limit: limit,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    const now = Math.floor(Date.now() / 1000);
    // DynamoDB removes expired items only within days.
    const items = Items.filter((item) => typeof item['ttl'] !== 'number' || item['ttl'] > now);
    return { items, ...(LastEvaluatedKey === undefined ? {} : { next: LastEvaluatedKey }) };
  }
}
