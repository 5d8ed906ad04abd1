import { describe, expect, test } from 'vitest';
import { json } from '#estate/aws/wire.ts';
import { play } from './harness.ts';
import { cluster, world } from './world.ts';

/** One role for all clusters, as most organisations have it. */
const sharedRole = {
  'eks:DescribeCluster': ({ params }: { readonly params: Readonly<Record<string, string>> }) =>
    json({ cluster: { ...cluster(params['name'] ?? ''), roleArn: 'arn:aws:iam::111111111111:role/eks' } }),
};

describe('calls', () => {
  test.each([1, 10, 100])('%i clusters: EC2 and IAM are asked as often as for one', async (count) => {
    const clusters = Array.from({ length: count }, (_, index) => `c${index}`);
    const { collect, server } = await play(world({ clusters, answers: sharedRole }));
    const collection = await collect();
    expect(collection.gaps).toEqual([]);
    // Nineteen lists of the region, tags, target groups and targets of its internet-facing balancer, its launch template, prefix list and role (an empty Profile and no rule of its own would save two); two
    // attributes and the zones of the VPC. Interfaces, owners of prefix lists and records of zones are asked because a path needs them here.
    expect(server.calls.filter(({ api }) => !api.startsWith('eks:'))).toHaveLength(30);
    // The cluster, its access entries with the policies of the one that is nobody's service role, its four lists, its node group, its Fargate profile and its CNI add-on: EKS has no call for several at once.
    expect(server.calls.filter(({ api }) => api.startsWith('eks:'))).toHaveLength(1 + 10 * count);
    expect(collection.apiCalls).toBe(server.calls.length);
  });

  test('evidence grows with the clusters, not with their square', async () => {
    const sizeOf = async (count: number) => {
      const clusters = Array.from({ length: count }, (_, index) => `c${String(index).padStart(4, '0')}`);
      const { collect } = await play(world({ clusters, answers: sharedRole }));
      const { subjects } = await collect();
      const networks = new Set(subjects.map(({ evidence }) => ('network' in evidence ? evidence.network : undefined)));
      expect(networks.size).toBe(1);
      return (
        subjects.reduce((sum, { evidence }) => sum + JSON.stringify({ ...evidence, network: 0 }).length, 0) / count
      );
    };
    const [few, many] = [await sizeOf(10), await sizeOf(200)];
    expect(many / few).toBeLessThan(1.05);
  });
});
