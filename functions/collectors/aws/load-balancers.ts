import {
  DescribeLoadBalancersCommand as DescribeClassicCommand,
  DescribeTagsCommand as DescribeClassicTagsCommand,
  type LoadBalancerDescription,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type LoadBalancer,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { type Collected, collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { EksLoadBalancer } from '#domain/evidence/eks-load-balancers.ts';
import type { EksNetwork } from '#domain/evidence/eks-network.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { isNotFound } from './errors.ts';
import { readTags, together } from './load-balancer-tags.ts';
import { required } from './network-answers.ts';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';

type Targets = EksLoadBalancer['targets'];

const GROUPS_AT_ONCE = 5;
const LIST = 'elasticloadbalancing:DescribeLoadBalancers';

/**
 * The balancers of the region that are not internal: two lists, and what they are for only where there is one. Targets are asked for in the clusters' own VPCs;
 * elsewhere a balancer is a cluster's by its tags alone.
 */
export async function readLoadBalancers(
  vpcIds: readonly string[],
  clients: RegionClients,
  reading: Reading,
): Promise<EksNetwork['loadBalancers']> {
  const [current, classic] = await Promise.all([listCurrent(clients, reading), listClassic(clients, reading)]);
  if (current.state === 'unavailable') return current;
  if (classic.state === 'unavailable') return classic;
  const [facing, facingClassic] = await Promise.all([
    describeCurrent(current.value, new Set(vpcIds), clients, reading),
    describeClassic(classic, clients, reading),
  ]);
  return collected(
    { read: current.value.length + classic.value.length, facing: [...facing, ...facingClassic] },
    current.source,
  );
}

function listCurrent({ elbv2 }: RegionClients, reading: Reading): Promise<Collected<readonly LoadBalancer[]>> {
  return reading.part(LIST, (abortSignal) =>
    everyPage(async (Marker) => {
      const answer = await elbv2.send(
        new DescribeLoadBalancersCommand({ PageSize: 400, ...(Marker === undefined ? {} : { Marker }) }),
        { abortSignal },
      );
      return { items: answer.LoadBalancers, token: answer.NextMarker };
    }),
  );
}

function listClassic({ elb }: RegionClients, reading: Reading): Promise<Collected<readonly LoadBalancerDescription[]>> {
  return reading.part(LIST, (abortSignal) =>
    everyPage(async (Marker) => {
      const answer = await elb.send(
        new DescribeClassicCommand({ PageSize: 400, ...(Marker === undefined ? {} : { Marker }) }),
        { abortSignal },
      );
      return { items: answer.LoadBalancerDescriptions, token: answer.NextMarker };
    }),
  );
}

/** Gateway balancers have no scheme: nothing outside the VPC calls them by an address. */
function isFacing({ Scheme, Type }: LoadBalancer): boolean {
  return Scheme !== 'internal' && Type !== 'gateway';
}

async function describeCurrent(
  all: readonly LoadBalancer[],
  vpcIds: ReadonlySet<string>,
  clients: RegionClients,
  reading: Reading,
): Promise<readonly EksLoadBalancer[]> {
  const facing = all.filter(isFacing);
  const inVpcs = facing.filter(({ VpcId = '' }) => vpcIds.has(VpcId));
  const groups = inVpcs.length === 0 ? undefined : await listTargetGroups(clients, reading);
  const reached = new Map(
    await mapConcurrently(inVpcs, GROUPS_AT_ONCE, async (balancer) => {
      const arn = arnOf(balancer);
      return [arn, groups === undefined ? NOT_ASKED : await reachedBy(arn, groups, clients, reading)] as const;
    }),
  );
  const behind = (arn: string) => {
    const part = reached.get(arn);
    return part?.state === 'collected' ? part.value.balancers : [];
  };
  const arns = facing.flatMap((balancer) => [arnOf(balancer), ...behind(arnOf(balancer))]);
  const tags = await readTags([...new Set(arns)], reading, async (ResourceArns, abortSignal) => {
    const { TagDescriptions } = await clients.elbv2.send(new DescribeTagsCommand({ ResourceArns }), { abortSignal });
    return TagDescriptions?.map(({ ResourceArn, Tags }) => ({ of: ResourceArn, tags: Tags }));
  });
  return facing.map((balancer) => {
    const arn = arnOf(balancer);
    return {
      name: balancer.LoadBalancerName ?? arn,
      type: balancer.Type ?? 'absent',
      scheme: fieldOf(v.string(), balancer.Scheme),
      vpcId: fieldOf(v.string(), balancer.VpcId),
      subnetIds: (balancer.AvailabilityZones ?? []).flatMap(({ SubnetId }) =>
        SubnetId === undefined ? [] : [SubnetId],
      ),
      tags: together([arn, ...behind(arn)].map(tags), (lists) => lists.flat()),
      targets: withoutBalancers(reached.get(arn) ?? NOT_ASKED),
    };
  });
}

const NOT_ASKED = unavailable(
  'not-scanned',
  'not asked: the balancer is in no VPC of a cluster',
  'elasticloadbalancing:DescribeTargetHealth',
);

function arnOf({ LoadBalancerArn }: LoadBalancer): string {
  return required(LoadBalancerArn, 'LoadBalancerArn');
}

function listTargetGroups({ elbv2 }: RegionClients, reading: Reading): Promise<Collected<readonly TargetGroup[]>> {
  return reading.part('elasticloadbalancing:DescribeTargetGroups', (abortSignal) =>
    everyPage(async (Marker) => {
      const answer = await elbv2.send(
        new DescribeTargetGroupsCommand({ PageSize: 400, ...(Marker === undefined ? {} : { Marker }) }),
        { abortSignal },
      );
      return { items: answer.TargetGroups, token: answer.NextMarker };
    }),
  );
}

interface Reached {
  readonly instanceIds: string[];
  readonly addresses: string[];
  /** Application balancers that are targets themselves. */
  readonly balancers: string[];
}

/** What a balancer sends its traffic to; through an application balancer that is its target, to that one's targets. */
async function reachedBy(
  arn: string,
  groups: Collected<readonly TargetGroup[]>,
  clients: RegionClients,
  reading: Reading,
  first = true,
): Promise<Collected<Reached>> {
  if (groups.state === 'unavailable') return groups;
  const own = groups.value.filter(
    ({ LoadBalancerArns = [], TargetType }) => LoadBalancerArns.includes(arn) && TargetType !== 'lambda',
  );
  const parts = await mapConcurrently(own, GROUPS_AT_ONCE, async (group): Promise<Collected<Reached>> => {
    const ids = await targetIds(group, clients, reading);
    if (ids.state === 'unavailable') return ids;
    const none = { instanceIds: [], addresses: [], balancers: [] };
    if (group.TargetType === 'ip') return collected({ ...none, addresses: ids.value }, ids.source);
    if (group.TargetType !== 'alb') return collected({ ...none, instanceIds: ids.value }, ids.source);
    const further = first
      ? await mapConcurrently(ids.value, GROUPS_AT_ONCE, (id) => reachedBy(id, groups, clients, reading, false))
      : [];
    return together([collected({ ...none, balancers: ids.value }, ids.source), ...further], union);
  });
  return together([collected(union([]), groups.source), ...parts], union);
}

function union(parts: readonly Reached[]): Reached {
  return {
    instanceIds: parts.flatMap(({ instanceIds }) => instanceIds),
    addresses: parts.flatMap(({ addresses }) => addresses),
    balancers: parts.flatMap(({ balancers }) => balancers),
  };
}

/** A group of several balancers is asked once. A group that is gone has no targets. */
function targetIds(
  { TargetGroupArn }: TargetGroup,
  { elbv2 }: RegionClients,
  reading: Reading,
): Promise<Collected<string[]>> {
  const arn = required(TargetGroupArn, 'TargetGroupArn');
  return reading.once(`targets ${arn}`, () =>
    reading.part(
      'elasticloadbalancing:DescribeTargetHealth',
      async (abortSignal) => {
        const answer = await elbv2.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }), { abortSignal });
        if (answer.TargetHealthDescriptions === undefined) throw new SyntaxError('the answer holds no list');
        return answer.TargetHealthDescriptions.map(({ Target }) => required(Target?.Id, 'Target.Id'));
      },
      { expected: (refusal) => (isNotFound(refusal) ? [] : undefined) },
    ),
  );
}

function withoutBalancers(part: Collected<Reached>): Targets {
  return part.state === 'unavailable'
    ? part
    : collected({ instanceIds: part.value.instanceIds, addresses: part.value.addresses }, part.source);
}

async function describeClassic(
  { value, source }: Extract<Collected<readonly LoadBalancerDescription[]>, { state: 'collected' }>,
  clients: RegionClients,
  reading: Reading,
): Promise<readonly EksLoadBalancer[]> {
  const facing = value.filter(({ Scheme }) => Scheme !== 'internal');
  const names = facing.map(({ LoadBalancerName }) => required(LoadBalancerName, 'LoadBalancerName'));
  const tags = await readTags(names, reading, async (LoadBalancerNames, abortSignal) => {
    const { TagDescriptions } = await clients.elb.send(new DescribeClassicTagsCommand({ LoadBalancerNames }), {
      abortSignal,
    });
    return TagDescriptions?.map(({ LoadBalancerName, Tags }) => ({ of: LoadBalancerName, tags: Tags }));
  });
  return facing.map((balancer, index) => ({
    name: names[index] ?? '',
    type: 'classic',
    scheme: fieldOf(v.string(), balancer.Scheme),
    vpcId: fieldOf(v.string(), balancer.VPCId),
    subnetIds: balancer.Subnets ?? [],
    tags: tags(names[index] ?? ''),
    targets: collected(
      {
        instanceIds: (balancer.Instances ?? []).flatMap(({ InstanceId }) =>
          InstanceId === undefined ? [] : [InstanceId],
        ),
        addresses: [],
      },
      source,
    ),
  }));
}
