import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { QueryRepository } from '#storage/query-repository.ts';

type Keys = readonly { readonly pk: string; readonly sk: string }[];

/** A table that answers at most `most` keys of each request and gives back the others, as DynamoDB does when it is busy. */
function busyTable(most: number) {
  const requests: Keys[] = [];
  const send = async (command: {
    readonly input: { readonly RequestItems: { readonly ringfence: { readonly Keys: Keys } } };
  }) => {
    const { Keys } = command.input.RequestItems.ringfence;
    requests.push(Keys);
    const left = Keys.slice(most);
    return {
      Responses: {
        ringfence: Keys.slice(0, most).map(({ pk }) => ({
          targetSort: pk.replace('TARGET#', ''),
          evaluatedAt: `scan of ${pk.replace('TARGET#', '')}`,
        })),
      },
      ...(left.length === 0 ? {} : { UnprocessedKeys: { ringfence: { Keys: left } } }),
    };
  };
  const client = { send } as unknown as DynamoDBDocumentClient;
  return { requests, queries: new QueryRepository(client, 'ringfence') };
}

const targets = (count: number) => Array.from({ length: count }, (_, index) => `aws:${index}`);
const times = (names: readonly string[]) => new Map(names.map((name) => [name, `scan of ${name}`]));

describe('when each target was last scanned', () => {
  test('keys that a request left unprocessed are asked for again, before the following ones', async () => {
    const { requests, queries } = busyTable(60);
    expect(await queries.lastScans(targets(250))).toEqual(times(targets(250)));
    expect(requests.map(({ length }) => length)).toEqual([100, 100, 100, 70, 10]);
    expect(requests[1]?.slice(0, 2).map(({ pk }) => pk)).toEqual(['TARGET#aws:60', 'TARGET#aws:61']);
  });

  test('a table that processes nothing of a request is not asked for ever: what was read is the answer', async () => {
    const { requests, queries } = busyTable(0);
    expect(await queries.lastScans(targets(3))).toEqual(new Map());
    expect(requests).toHaveLength(1);
  });

  test('nothing is asked for no targets', async () => {
    const { requests, queries } = busyTable(100);
    expect(await queries.lastScans([])).toEqual(new Map());
    expect(requests).toEqual([]);
  });
});
