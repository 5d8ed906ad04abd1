import { type DynamoDBDocumentClient, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { NextFinding, StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { fenceItem, findingItem, findingOf, heartbeatItem, heartbeatOf, type Item } from './codec.ts';
import { FINDING_PREFIX, HEARTBEAT, keys } from './keys.ts';
import { putIf } from './put-if.ts';

/** What a scan reads and writes of one target: docs/decisions/0004 has the protocol behind the revisions. */
export class ScanRepository {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** One query over the target's partition, consistent: the revisions read here are what the writes are conditional on. */
  readTarget = async (
    target: string,
  ): Promise<{
    readonly heartbeat: Heartbeat | undefined;
    readonly findings: readonly StoredFinding[];
    readonly fences: ReadonlyMap<string, number>;
  }> => {
    const fences = new Map<string, number>();
    let heartbeat: Heartbeat | undefined;
    const findings: StoredFinding[] = [];
    const pages = paginateQuery(
      { client: this.#client },
      {
        TableName: this.#table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keys.target(target) },
        ConsistentRead: true,
      },
    );
    for await (const { Items = [] } of pages) {
      for (const item of Items as Item[]) {
        if (item['sk'] === HEARTBEAT) heartbeat = heartbeatOf(item);
        else if (item['kind'] === 'fence')
          fences.set(String(item['sk']).slice(FINDING_PREFIX.length), Number(item['revision']));
        else findings.push(findingOf(item));
      }
    }
    return { heartbeat, findings, fences };
  };

  writeHeartbeat = (heartbeat: Heartbeat): Promise<boolean> =>
    this.#put(heartbeatItem(heartbeat), heartbeat.revision - 1);

  writeFinding = (entry: NextFinding, revision: number): Promise<boolean> =>
    this.#put(findingItem(entry, revision + 1), revision);

  writeFence = (target: string, finding: string, revision: number): Promise<boolean> =>
    this.#put(fenceItem(target, finding, revision + 1), revision);

  #put(item: Item, over: number): Promise<boolean> {
    return putIf(
      this.#client,
      new PutCommand({
        TableName: this.#table,
        Item: item,
        ...(over === 0
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: '#revision = :over',
              ExpressionAttributeNames: { '#revision': 'revision' },
              ExpressionAttributeValues: { ':over': over },
            }),
      }),
    );
  }
}
