import { expect, test } from 'vitest';
import { ok, play } from './world.ts';

const LISTED = ['c1', 'c2'].map((id) => ({ id, name: `name-${id}`, state: 'normal', region: 'jp-tok' }));
const RECORD = {
  state: 'normal',
  serviceEndpoints: { privateServiceEndpointEnabled: true, publicServiceEndpointEnabled: false },
};

test.each([
  ['is not found', { status: 404, body: { code: 'G0004', description: 'could not be found' } }],
  ['is reported as deleted', ok({ ...RECORD, id: 'c2', state: 'deleted' })],
] as const)('a cluster that was listed and then %s is left out, and its neighbour is judged', async (_case, answer) => {
  const { collect, counts } = await play({
    '/global/v2/classic/getClusters': () => ok(LISTED),
    '/global/v2/getCluster': (_count, url) =>
      url.searchParams.get('cluster') === 'c2' ? answer : ok({ ...RECORD, id: 'c1' }),
  });
  const { subjects, gaps, inventoryComplete } = await collect();
  const clusters = subjects.filter(({ kind }) => kind === 'iks').map(({ resource }) => resource.name);
  expect([clusters, gaps, inventoryComplete]).toEqual([['name-c1'], [], true]);
  expect(counts.get('/global/v2/getCluster')).toBe(2);
});
