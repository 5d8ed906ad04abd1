import { expect, test } from 'vitest';
import { queryApi } from '../../web/api.ts';

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

test('a list is read to its last page', async () => {
  const asked: string[] = [];
  const api = queryApi(async (url) => {
    asked.push(url);
    return url.includes('cursor=') ? json({ clusters: ['b'] }) : json({ clusters: ['a'], nextCursor: 'a&b=' });
  });
  expect(await api.clusters()).toEqual(['a', 'b']);
  expect(asked).toEqual(['/v1/clusters?limit=500', '/v1/clusters?limit=500&cursor=a%26b%3D']);
});

test('a uid with slashes is one part of the path', async () => {
  const asked: string[] = [];
  const api = queryApi(async (url) => {
    asked.push(url);
    return json({});
  });
  await api.cluster('/subscriptions/s/a b');
  expect(asked).toEqual(['/v1/clusters/%2Fsubscriptions%2Fs%2Fa%20b']);
});

test.each([
  [
    "the problem's own words",
    json({ title: 'Not found', detail: 'there is no cluster x' }, 404),
    /there is no cluster x/,
  ],
  ['the status of an answer that is no problem+json', new Response('<html>', { status: 502 }), /HTTP 502/],
])('a refusal is told with %s', async (_case, response, words) => {
  await expect(queryApi(async () => response).summary()).rejects.toThrow(words);
});
