import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expiry } from './codec.ts';
import { keys } from './keys.ts';
import { putIf } from './put-if.ts';

const PAUSE = 'pause';

/** Which posts a channel has got. A lease keeps two deliveries of one message from posting at the same time. */
export class DeliveryRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #leaseSeconds: number;

  constructor(client: DynamoDBDocumentClient, table: string, leaseSeconds: number) {
    this.#client = client;
    this.#table = table;
    this.#leaseSeconds = leaseSeconds;
  }

  lease = async (channel: string, id: string, now: Date): Promise<'sent' | 'busy' | 'mine'> => {
    const seconds = Math.floor(now.getTime() / 1000);
    const mine = await putIf(
      this.#client,
      new UpdateCommand({
        TableName: this.#table,
        Key: this.#key(channel, id),
        UpdateExpression: 'SET leaseUntil = :until, #ttl = :ttl, kind = :kind',
        ConditionExpression:
          'attribute_not_exists(sentAt) AND (attribute_not_exists(leaseUntil) OR leaseUntil <= :now)',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':until': seconds + this.#leaseSeconds,
          ':now': seconds,
          ':ttl': expiry(now.toISOString()),
          ':kind': 'delivery',
        },
      }),
    );
    if (mine) return 'mine';
    return (await this.isSent(channel, id)) ? 'sent' : 'busy';
  };

  isSent = async (channel: string, id: string): Promise<boolean> => {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: this.#key(channel, id), ConsistentRead: true }),
    );
    return Item?.['sentAt'] !== undefined;
  };

  markSent = async (channel: string, id: string, now: Date): Promise<void> => {
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: this.#key(channel, id),
        UpdateExpression: 'SET sentAt = :at REMOVE leaseUntil',
        ExpressionAttributeValues: { ':at': now.toISOString() },
      }),
    );
  };

  release = async (channel: string, id: string): Promise<void> => {
    await this.#client.send(
      new UpdateCommand({ TableName: this.#table, Key: this.#key(channel, id), UpdateExpression: 'REMOVE leaseUntil' }),
    );
  };

  pause = async (channel: string, until: Date): Promise<void> => {
    await this.#client.send(
      new UpdateCommand({
        TableName: this.#table,
        Key: keys.delivery(channel, PAUSE),
        UpdateExpression: 'SET pausedUntil = :until, kind = :kind',
        ExpressionAttributeValues: { ':until': until.toISOString(), ':kind': 'pause' },
      }),
    );
  };

  pausedUntil = async (channel: string): Promise<Date | undefined> => {
    const { Item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keys.delivery(channel, PAUSE), ConsistentRead: true }),
    );
    const until: unknown = Item?.['pausedUntil'];
    return typeof until === 'string' ? new Date(until) : undefined;
  };

  #key(channel: string, id: string) {
    return keys.delivery(channel, `post#${id}`);
  }
}
