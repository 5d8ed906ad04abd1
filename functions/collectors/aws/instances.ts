import { DescribeInstancesCommand, type Instance, type InstanceNetworkInterface } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { fieldOf } from '#domain/collected.ts';
import type { EksInstance } from '#domain/evidence/eks-instances.ts';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';

/** The tag whose key names the cluster, and those whose value does. Sources: EKS user guide, self-managed nodes; EC2 instances that EKS starts. */
const TAG_BY_KEY = 'kubernetes.io/cluster/';
const TAGS_BY_VALUE = ['aws:eks:cluster-name', 'eks:cluster-name', 'eks:eks-cluster-name'];
const NODE_GROUP = 'eks:nodegroup-name';
/** The second one is Karpenter's before v0.32. */
const NODE_POOLS = ['karpenter.sh/nodepool', 'karpenter.sh/provisioner-name'];

interface TaggedInstance {
  readonly cluster: string;
  readonly instance: EksInstance;
}

/** Instances of the region that carry a cluster's tag, by cluster name. */
export function readInstances({ ec2 }: RegionClients, reading: Reading) {
  return reading.part('ec2:DescribeInstances', async (abortSignal) => {
    const reservations = await everyPage(async (NextToken) => {
      const answer = await ec2.send(
        new DescribeInstancesCommand({
          Filters: [
            { Name: 'tag-key', Values: [`${TAG_BY_KEY}*`, ...TAGS_BY_VALUE] },
            { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
          ],
          MaxResults: 1000,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
        { abortSignal },
      );
      return { items: answer.Reservations, token: answer.NextToken };
    });
    return reservations.flatMap(({ Instances = [] }) => Instances.flatMap(ofClusters));
  });
}

function ofClusters(raw: Instance): readonly TaggedInstance[] {
  const instance = toInstance(raw);
  if (instance === undefined) return [];
  const clusters = (raw.Tags ?? []).flatMap(({ Key = '', Value = '' }) => {
    if (Key.startsWith(TAG_BY_KEY)) return [Key.slice(TAG_BY_KEY.length)];
    return TAGS_BY_VALUE.includes(Key) ? [Value] : [];
  });
  return [...new Set(clusters)].map((cluster) => ({ cluster, instance }));
}

function toInstance(raw: Instance): EksInstance | undefined {
  const { InstanceId, SubnetId, SecurityGroups = [], NetworkInterfaces = [], Tags = [] } = raw;
  if (InstanceId === undefined || SubnetId === undefined) return undefined;
  const tag = (...keys: string[]) => Tags.find(({ Key = '' }) => keys.includes(Key))?.Value;
  return {
    id: InstanceId,
    status: fieldOf(v.string(), raw.State?.Name),
    nodeGroup: fieldOf(v.string(), tag(NODE_GROUP)),
    nodePool: fieldOf(v.string(), tag(...NODE_POOLS)),
    subnetId: SubnetId,
    groupIds: SecurityGroups.flatMap(({ GroupId }) => (GroupId === undefined ? [] : [GroupId])),
    publicAddress: hasPublicAddress(raw),
    interfaces: NetworkInterfaces.flatMap(toInterface),
  };
}

function toInterface({ SubnetId, Attachment, Groups = [] }: InstanceNetworkInterface): EksInstance['interfaces'] {
  if (SubnetId === undefined) return [];
  return [
    {
      subnetId: SubnetId,
      index: fieldOf(v.number(), Attachment?.DeviceIndex),
      groupIds: Groups.flatMap(({ GroupId }) => (GroupId === undefined ? [] : [GroupId])),
    },
  ];
}

/** The instance itself names its first address only. */
function hasPublicAddress({ PublicIpAddress, NetworkInterfaces = [] }: Instance): boolean {
  return (
    PublicIpAddress !== undefined ||
    NetworkInterfaces.some(
      ({ Association, PrivateIpAddresses = [] }) =>
        Association?.PublicIp !== undefined ||
        PrivateIpAddresses.some((address) => address.Association?.PublicIp !== undefined),
    )
  );
}
