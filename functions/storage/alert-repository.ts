import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { AlertMessage, ChangedFinding } from '#domain/alert.ts';
import type { StoredFinding } from '#domain/change.ts';
import { expiry, findingOf, type Item } from './codec.ts';
import { keys } from './keys.ts';
import { putIf } from './put-if.ts';

/** Messages, what was delivered and how, and the change history, all written idempotently. */
export class AlertRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
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

  saveAlert = (message: AlertMessage): Promise<boolean> =>
    this.#putNew({ ...keys.alert(message.runId, message.id), kind: 'alert', message, ttl: expiry(message.at) });

  alertsOf = async (runId: string): Promise<readonly AlertMessage[]> => {
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keys.alert(runId, '').pk },
        ConsistentRead: true,
      },
    );
    const messages: AlertMessage[] = [];
    for await (const { Items = [] } of pages)
      for (const item of Items) messages.push((item as { message: AlertMessage }).message);
    return messages;
  };

  isPublished = async ({ runId, id }: AlertMessage): Promise<boolean> =>
    (await this.#get(keys.alert(runId, id)))?.['publishedAt'] !== undefined;

  markPublished = async ({ runId, id, at }: AlertMessage): Promise<void> => {
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: keys.alert(runId, id),
        UpdateExpression: 'SET publishedAt = :at',
        ExpressionAttributeValues: { ':at': at },
      }),
    );
  };

  dispatchOf = async (runId: string, channel: string): Promise<'digest' | 'each' | undefined> =>
    (await this.#get(keys.dispatch(runId, channel)))?.['mode'] as 'digest' | 'each' | undefined;

  decideDispatch = async (runId: string, channel: string, mode: 'digest' | 'each'): Promise<'digest' | 'each'> => {
    await this.#putNew({ ...keys.dispatch(runId, channel), kind: 'dispatch', mode });
    return (await this.dispatchOf(runId, channel)) ?? mode;
  };

  isSealed = async (runId: string, channel: string): Promise<boolean> =>
    (await this.#get(keys.dispatch(runId, channel)))?.['sealed'] === true;

  seal = async (runId: string, channel: string): Promise<void> => {
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: keys.dispatch(runId, channel),
        UpdateExpression: 'SET sealed = :yes',
        ExpressionAttributeValues: { ':yes': true },
      }),
    );
  };

  isKnownChannel = async (channel: string): Promise<boolean> => (await this.#get(keys.channel(channel))) !== undefined;

  markKnownChannel = async (channel: string): Promise<void> => {
    await this.#putNew({ ...keys.channel(channel), kind: 'channel' });
  };

  claimForDelivery = async (channel: string, messageId: string, deliveryId: string): Promise<boolean> => {
    const key = keys.delivery(channel, `message#${messageId}`);
    if (await this.#putNew({ ...key, kind: 'claim', deliveryId })) return true;
    // The same delivery may ask again after a crash: its message is still its own.
    return (await this.#get(key))?.['deliveryId'] === deliveryId;
  };

  async #get(key: { readonly pk: string; readonly sk: string }): Promise<Item | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: key, ConsistentRead: true }),
    );
    return item;
  }

  #putNew(item: Item): Promise<boolean> {
    return putIf(
      this.#client,
      new PutCommand({ TableName: this.#table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
  }
}
