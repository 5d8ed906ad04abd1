import { describe, expect, test } from 'vitest';
import { type Answer, type Call, elb, isClassic, refusal } from '#estate/aws/wire.ts';
import { evidenceOf, play } from './harness.ts';
import { arnOf, balancer, targetGroup, type World, world } from './world.ts';

const api = (action: string) => `elasticloadbalancing:${action}`;
const LIST = api('DescribeLoadBalancers');
const TAGS = api('DescribeTags');
const GROUPS = api('DescribeTargetGroups');
const HEALTH = api('DescribeTargetHealth');

const lists = (current: readonly object[], classic: readonly object[] = []) => ({
  [LIST]: (call: Call): Answer =>
    isClassic(call)
      ? elb('DescribeLoadBalancers', { LoadBalancerDescriptions: classic as never })
      : elb('DescribeLoadBalancers', { LoadBalancers: current as never }),
});
/** Answers each balancer that was asked for, by its ARN or name. */
const tagsOf = (call: Call): Answer => {
  const asked = Object.entries(call.params).flatMap(([key, value]) =>
    /^(ResourceArns|LoadBalancerNames)\.member\.\d+$/.test(key) ? [value] : [],
  );
  const name = isClassic(call) ? 'LoadBalancerName' : 'ResourceArn';
  return elb('DescribeTags', {
    TagDescriptions: asked.map((id) => ({ [name]: id, Tags: [{ Key: 'of', Value: id }] })),
  });
};

async function collectWith(answers: World['answers'] = {}) {
  const { collect, server } = await play(world({ answers }));
  const collection = await collect();
  return { collection, server, loadBalancers: evidenceOf(collection, 'alpha').network.loadBalancers };
}

describe('balancers', () => {
  test('those that are not internal are evidence, with tags and targets', async () => {
    const { loadBalancers, server } = await collectWith();
    expect(loadBalancers).toMatchObject({
      value: {
        read: 2,
        facing: [
          {
            name: 'web',
            type: 'application',
            scheme: { value: 'internet-facing' },
            vpcId: { value: 'vpc-1' },
            subnetIds: ['subnet-1', 'subnet-2'],
            tags: { value: [{ key: 'elbv2.k8s.aws/cluster', value: 'alpha' }] },
            targets: { value: { instanceIds: ['i-self'], addresses: [] } },
          },
        ],
      },
    });
    expect([TAGS, GROUPS, HEALTH].map(server.count)).toEqual([1, 1, 1]);
  });

  test('without an internet-facing one the region costs two lists and nothing more', async () => {
    const { loadBalancers, server } = await collectWith(lists([balancer('inner', { Scheme: 'internal' })]));
    expect(loadBalancers).toMatchObject({ value: { read: 1, facing: [] } });
    expect([LIST, TAGS, GROUPS, HEALTH].map(server.count)).toEqual([2, 0, 0, 0]);
  });

  test('a gateway balancer faces nobody; one without a scheme may', async () => {
    const { Scheme: _, ...without } = balancer('old');
    const { loadBalancers } = await collectWith({
      ...lists([balancer('appliance', { Type: 'gateway', Scheme: '' }), without]),
      [TAGS]: tagsOf,
    });
    expect(loadBalancers).toMatchObject({ value: { read: 2, facing: [{ name: 'old', scheme: { state: 'absent' } }] } });
  });

  test('in another VPC only its tags are asked for', async () => {
    const { loadBalancers, server } = await collectWith({
      ...lists([balancer('far', { VpcId: 'vpc-9' })]),
      [TAGS]: tagsOf,
    });
    expect(loadBalancers).toMatchObject({ value: { facing: [{ name: 'far', targets: { reason: 'not-scanned' } }] } });
    expect([TAGS, GROUPS, HEALTH].map(server.count)).toEqual([1, 0, 0]);
  });

  test('classic ones name their instances themselves', async () => {
    const classic = {
      LoadBalancerName: 'a1b2',
      Scheme: 'internet-facing',
      VPCId: 'vpc-1',
      Subnets: ['subnet-1'],
      Instances: [{ InstanceId: 'i-self' }],
    };
    const { loadBalancers, server } = await collectWith({
      ...lists([], [classic, { ...classic, LoadBalancerName: 'b', Scheme: 'internal' }]),
      [TAGS]: tagsOf,
    });
    expect(loadBalancers).toMatchObject({
      value: {
        read: 2,
        facing: [
          {
            name: 'a1b2',
            type: 'classic',
            tags: { value: [{ key: 'of', value: 'a1b2' }] },
            targets: { value: { instanceIds: ['i-self'] } },
          },
        ],
      },
    });
    expect([GROUPS, HEALTH].map(server.count)).toEqual([0, 0]);
  });

  test('two pages, and tags in twenties', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `lb-${index}`);
    const page = (from: number, to: number) => names.slice(from, to).map((name) => balancer(name, { VpcId: 'vpc-9' }));
    const { loadBalancers, server } = await collectWith({
      [LIST]: (call) => {
        if (isClassic(call)) return elb('DescribeLoadBalancers', { LoadBalancerDescriptions: [] });
        return call.params['Marker'] === undefined
          ? elb('DescribeLoadBalancers', { LoadBalancers: page(0, 20), NextMarker: 'more' })
          : elb('DescribeLoadBalancers', { LoadBalancers: page(20, 25) });
      },
      [TAGS]: tagsOf,
    });
    expect(loadBalancers.state === 'collected' && loadBalancers.value.facing.map(({ name }) => name)).toEqual(names);
    expect(server.count(TAGS)).toBe(2);
  });

  test('through an application balancer that is its target', async () => {
    const { loadBalancers } = await collectWith({
      ...lists([balancer('front', { Type: 'network' }), balancer('inner', { Scheme: 'internal' })]),
      [TAGS]: tagsOf,
      [GROUPS]: () =>
        elb('DescribeTargetGroups', {
          TargetGroups: [targetGroup('to-inner', 'front', 'alb'), targetGroup('pods', 'inner', 'ip')],
        }),
      [HEALTH]: ({ params }) =>
        elb('DescribeTargetHealth', {
          TargetHealthDescriptions: [
            { Target: { Id: params['TargetGroupArn']?.includes('to-inner') === true ? arnOf('inner') : '10.0.1.5' } },
          ],
        }),
    });
    expect(loadBalancers).toMatchObject({
      value: {
        facing: [
          {
            name: 'front',
            tags: { value: [{ value: arnOf('front') }, { value: arnOf('inner') }] },
            targets: { value: { instanceIds: [], addresses: ['10.0.1.5'] } },
          },
        ],
      },
    });
  });

  test('a target group that is gone by now has no targets, and a function is none', async () => {
    const { loadBalancers, collection, server } = await collectWith({
      ...lists([balancer('web')]),
      [GROUPS]: () =>
        elb('DescribeTargetGroups', {
          TargetGroups: [targetGroup('gone', 'web'), targetGroup('code', 'web', 'lambda')],
        }),
      [HEALTH]: () => refusal('elasticloadbalancing', 'TargetGroupNotFound', 400),
    });
    expect(loadBalancers).toMatchObject({
      value: { facing: [{ targets: { value: { instanceIds: [], addresses: [] } } }] },
    });
    expect(server.count(HEALTH)).toBe(1);
    expect(collection.gaps).toEqual([]);
  });

  test('a balancer that is gone by now does not hide the tags of the others', async () => {
    const { loadBalancers, collection } = await collectWith({
      ...lists([balancer('web', { VpcId: 'vpc-9' }), balancer('gone', { VpcId: 'vpc-9' })]),
      [TAGS]: (call) =>
        Object.values(call.params).includes(arnOf('gone'))
          ? refusal('elasticloadbalancing', 'LoadBalancerNotFound', 400)
          : tagsOf(call),
    });
    expect(loadBalancers).toMatchObject({
      value: {
        facing: [
          { name: 'web', tags: { value: [{ key: 'of' }] } },
          { name: 'gone', tags: { value: [] } },
        ],
      },
    });
    expect(collection.gaps).toEqual([]);
  });

  test.each<[string, string, Answer]>([
    [
      'the list',
      LIST,
      { body: '<DescribeLoadBalancersResponse><DescribeLoadBalancersResult/></DescribeLoadBalancersResponse>' },
    ],
    ['a page that is not AWS’s', LIST, { body: '<html><body>sign in</body></html>' }],
  ])('%s is malformed', async (_case, call, answer) => {
    const { loadBalancers } = await collectWith({ [call]: () => answer });
    expect(loadBalancers).toMatchObject({ state: 'unavailable', reason: 'malformed-answer' });
  });
});
