import { expect, test } from 'vitest';
import { countAzureRequests } from '../../../bench/azure-requests.ts';

test('requests grow with subscriptions and clusters only as documented', async () => {
  expect(await countAzureRequests(5, 3, 100)).toEqual({
    subscriptions: 5,
    clusters: 3,
    rows: 100,
    total: 1 + 5 + 2 + 5 * 3 * 2,
    byKind: { 'listing of subscriptions': 1, 'managed-cluster lists': 5, 'Resource Graph': 2, 'per cluster': 30 },
  });
  expect((await countAzureRequests(4, 0, 100)).total).toBe(1 + 4);
  expect((await countAzureRequests(2, 1, 2001)).byKind['Resource Graph']).toBe(3 + 1);
});
