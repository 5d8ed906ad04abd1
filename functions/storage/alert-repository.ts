import { randomUUID } from 'node:crypto';
import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { AlertMessage, ChangedFinding } from '#domain/alert.ts';
import type { StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { DAYS_OF_NOTES, expiry, findingOf, type Item } from './codec.ts';
import { keys } from './keys.ts';
import { putIf } from './put-if.ts';

/** Ids of a sealed digest per item: an item holds 400 KB, an id about 100 bytes. */
const IDS_PER_ITEM = 2_000;

/** Messages, what was published and how runs speak to channels, and the change history, all written idempotently. */
export class AlertRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #leaseSeconds: number;

  constructor(client: DynamoDBDocumentClient, table: string, leaseSeconds: number) {
    this.#client = client;
    this.#table = table;
    this.#leaseSeconds = leaseSeconds;
  }

  /** One history entry per change; writing it again changes nothing. */
  keepHistory = async ({ finding, change }: StoredFinding): Promise<void> => {
    if (change === undefined) return;
    await this.#putNew({
      ...keys.history(finding.id, change.at, change.id),
      kind: 'history',
      change,
      finding,
      ttl: expiry(change.at),
    });
  };

  changeOf = async (target: string, findingId: string, changeId: string): Promise<ChangedFinding | undefined> => {
    const at = changeId.split('.').slice(2).join('.');
    const kept = await this.#get(keys.history(findingId, at, changeId));
    if (kept !== undefined) return kept as unknown as ChangedFinding;
    const item = await this.#get(keys.finding(target, findingId));
    const stored = item === undefined ? undefined : findingOf(item);
    return stored?.change?.id === changeId ? { finding: stored.finding, change: stored.change } : undefined;
  };

  saveAlert = async (message: AlertMessage): Promise<void> => {
    await this.#putNew({
      ...keys.alert(message.runId, message.id),
      kind: 'alert',
      message,
      ttl: expiry(message.at),
    });
  };

  alertsOf = async (runId: string): Promise<readonly AlertMessage[]> =>
    (await this.#partition(keys.alert(runId, '').pk)).map((item) => (item as { message: AlertMessage }).message);

  claimPublication = async ({ runId, id }: AlertMessage): Promise<'published' | 'busy' | 'mine'> => {
    const now = Math.floor(Date.now() / 1000);
    const mine = await putIf(
      this.#client,
      new UpdateCommand({
        TableName: this.#table,
        Key: keys.alert(runId, id),
        UpdateExpression: 'SET publishingUntil = :until',
        ConditionExpression:
          'attribute_not_exists(publishedAt) AND (attribute_not_exists(publishingUntil) OR publishingUntil <= :now)',
        ExpressionAttributeValues: { ':until': now + this.#leaseSeconds, ':now': now },
      }),
    );
    if (mine) return 'mine';
    return (await this.#get(keys.alert(runId, id)))?.['publishedAt'] === undefined ? 'busy' : 'published';
  };

  releasePublication = ({ runId, id }: AlertMessage): Promise<void> =>
    this.#update(keys.alert(runId, id), 'REMOVE publishingUntil');

  markPublished = ({ runId, id }: AlertMessage): Promise<void> =>
    this.#update(keys.alert(runId, id), 'SET publishedAt = :at REMOVE publishingUntil', {
      ':at': new Date().toISOString(),
    });

  markAnnounced = async ({ runId, evaluatedAt, revision, report }: Heartbeat): Promise<void> => {
    await putIf(
      this.#client,
      new PutCommand({
        TableName: this.#table,
        Item: {
          ...keys.announced(runId, report.target.id),
          kind: 'announced',
          revision,
          ttl: expiry(evaluatedAt, DAYS_OF_NOTES),
        },
        ConditionExpression: 'attribute_not_exists(pk) OR #revision < :revision',
        ExpressionAttributeNames: { '#revision': 'revision' },
        ExpressionAttributeValues: { ':revision': revision },
      }),
    );
  };

  dispatchOf = async (runId: string, channel: string): Promise<'digest' | 'each' | undefined> =>
    (await this.#get(keys.dispatch(runId, channel)))?.['mode'] as 'digest' | 'each' | undefined;

  decideDispatch = async (runId: string, channel: string, mode: 'digest' | 'each'): Promise<'digest' | 'each'> => {
    const ttl = expiry(new Date().toISOString());
    await this.#putNew({ ...keys.dispatch(runId, channel), kind: 'dispatch', mode, ttl });
    return (await this.dispatchOf(runId, channel)) ?? mode;
  };

  /** Lists are written first, each under a name of its own; the one that the decision then points to is the list. */
  sealDigest = async (runId: string, channel: string, ids: readonly string[]): Promise<ReadonlySet<string>> => {
    const sealed = await this.digestMembers(runId, channel);
    if (sealed !== undefined) return sealed;
    const list = randomUUID();
    const ttl = expiry(new Date().toISOString());
    for (let start = 0; start < ids.length; start += IDS_PER_ITEM) {
      const members = ids.slice(start, start + IDS_PER_ITEM);
      await this.#putNew({ ...keys.digest(list, start), kind: 'digest', members, ttl });
    }
    await putIf(
      this.#client,
      new UpdateCommand({
        TableName: this.#table,
        Key: keys.dispatch(runId, channel),
        UpdateExpression: 'SET sealed = :list',
        ConditionExpression: 'attribute_not_exists(sealed)',
        ExpressionAttributeValues: { ':list': list },
      }),
    );
    return (await this.digestMembers(runId, channel)) ?? new Set(ids);
  };

  digestMembers = async (runId: string, channel: string): Promise<ReadonlySet<string> | undefined> => {
    const list = (await this.#get(keys.dispatch(runId, channel)))?.['sealed'];
    if (typeof list !== 'string') return undefined;
    const items = await this.#partition(keys.digest(list, 0).pk);
    return new Set(items.flatMap((item) => item['members'] as readonly string[]));
  };

  isKnownChannel = async (channel: string): Promise<boolean> => (await this.#get(keys.channel(channel))) !== undefined;

  markKnownChannel = async (channel: string): Promise<void> => {
    await this.#putNew({ ...keys.channel(channel), kind: 'channel' });
  };

  async #get(key: { readonly pk: string; readonly sk: string }): Promise<Item | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: key, ConsistentRead: true }),
    );
    return item;
  }

  async #partition(pk: string): Promise<readonly Item[]> {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
      },
    );
    const all: Item[] = [];
    for await (const { Items = [] } of pages) all.push(...Items);
    return all;
  }

  async #update(
    key: { readonly pk: string; readonly sk: string },
    expression: string,
    values?: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: key,
        UpdateExpression: expression,
        ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
      }),
    );
  }

  #putNew(item: Item): Promise<boolean> {
    return putIf(
      this.#client,
      new PutCommand({ TableName: this.#table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
  }
}
