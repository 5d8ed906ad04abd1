import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';

/** The tag whose key names the cluster, and those whose value does. Sources: EKS user guide, self-managed nodes; EC2 instances that EKS starts. */
const TAG_BY_KEY = 'kubernetes.io/cluster/';
const TAGS_BY_VALUE = ['aws:eks:cluster-name', 'eks:cluster-name', 'eks:eks-cluster-name'];

/** Instances of the region that carry a cluster's tag, by cluster name; managed groups' instances are left out. */
export function readSelfManaged({ ec2 }: RegionClients, reading: Reading) {
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
    return reservations.flatMap(({ Instances = [] }) => Instances.flatMap(toNodes));
  });
}

interface TaggedNode {
  readonly cluster: string;
  readonly node: {
    readonly id: string;
    readonly subnetId: string;
    readonly groupIds: string[];
    readonly publicAddress: boolean;
  };
}

function toNodes(instance: Instance): readonly TaggedNode[] {
  const { InstanceId, SubnetId, SecurityGroups = [], Tags = [] } = instance;
  if (InstanceId === undefined || SubnetId === undefined || Tags.some(({ Key }) => Key === 'eks:nodegroup-name'))
    return [];
  const node = {
    id: InstanceId,
    subnetId: SubnetId,
    groupIds: SecurityGroups.flatMap(({ GroupId }) => (GroupId === undefined ? [] : [GroupId])),
    publicAddress: hasPublicAddress(instance),
  };
  const clusters = Tags.flatMap(({ Key = '', Value = '' }) => {
    if (Key.startsWith(TAG_BY_KEY)) return [Key.slice(TAG_BY_KEY.length)];
    return TAGS_BY_VALUE.includes(Key) ? [Value] : [];
  });
  return [...new Set(clusters)].map((cluster) => ({ cluster, node }));
}

/** On whichever of its interfaces and addresses: the instance itself tells the first one only. */
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
