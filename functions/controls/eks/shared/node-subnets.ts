import { type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksEvidence, EksNodeGroup } from '#domain/evidence/eks.ts';
import type { EksInstance } from '#domain/evidence/eks-instances.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import type { ReadCluster } from './cluster.ts';

/** Nodes that share subnets and security groups. */
export interface NodeSet {
  readonly name: string;
  readonly subnetIds: readonly string[];
  /** Groups of the nodes' interfaces; undefined when a template could not be read. */
  readonly groupIds: readonly string[] | undefined;
  /** Why the groups are not known. */
  readonly unread?: Unavailable;
  /** Why there may be nobody in these subnets. */
  readonly uncertain?: Unavailable;
}

/** Where the VPC CNI gives pods addresses beside the nodes' own subnets. Sources: VPC CNI documentation, custom networking, enhanced subnet discovery, external SNAT. */
export interface PodSubnets {
  readonly subnets: readonly EksSubnet[];
  /** Those of them that surely hold pods. */
  readonly certain: readonly EksSubnet[];
  /** For the groups of endpoints: inside the VPC pods always keep their address. */
  readonly sets: readonly NodeSet[];
  /**
   * Whether pods leave by the routes of these subnets (external SNAT) or by their node's. Unavailable: the setting is inside the cluster, or was not read.
   */
  readonly ownRoutes: boolean | Unavailable;
  /** Why pods may be elsewhere too. */
  readonly unclear: Unclear | undefined;
}

export interface Unclear {
  readonly part: Unavailable;
  /** Where they may be; undefined: in any subnet of the VPC. */
  readonly among: readonly EksSubnet[] | undefined;
}

/** Where nodes are. The control plane's own subnets may be others, and EKS allows that. */
export interface NodeSubnets {
  readonly subnets: readonly EksSubnet[];
  /** Named by the cluster or a node group, and positively not there. */
  readonly gone: readonly string[];
  readonly sets: readonly NodeSet[];
  /** Why there may be subnets that were not seen; a FAIL stands all the same, a would-be PASS does not. */
  readonly incomplete: Unavailable | undefined;
  /** The same, where the answer is inside the cluster: it does not matter where every other subnet of the VPC gives the same answer. */
  readonly autoMode: Unavailable | undefined;
  /** Subnets of the same VPCs that no node was seen in. */
  readonly beside: readonly EksSubnet[];
  /** Who may start nodes in other subnets than these, in words. */
  readonly starters: readonly string[];
  /** Subnets that give pods addresses beside these, where a control asks for them. */
  readonly pods?: PodSubnets;
  /** Named by the cluster for the control plane's interfaces, and by no node. */
  readonly controlPlaneOnly: readonly string[];
}

/** Every reason for which a would-be PASS over the node subnets is none. */
export function unseenNodes(nodes: NodeSubnets): Unavailable | undefined {
  return nodes.incomplete ?? nodes.autoMode ?? goneSubnets(nodes);
}

/**
 * The one place that says where nodes are: subnets of node groups, Fargate profiles and instances. The cluster's own subnets hold the interfaces of the control
 * plane; they count as node subnets only where the others are not all known, or name none. Source: EKS user guide, VPC and subnet requirements.
 */
export function nodeSubnets(evidence: EksEvidence, subject: ReadCluster): NodeSubnets {
  return resolve(gather(evidence, subject), evidence);
}

/** Node subnets united with the cluster's own, in which load balancers may be made. */
export function nodeAndClusterSubnets(evidence: EksEvidence, subject: ReadCluster): NodeSubnets {
  const gathered = gather(evidence, subject);
  return resolve(
    { ...gathered, sets: [...gathered.clusterSets, ...gathered.nodeSets], controlPlaneOnly: [] },
    evidence,
  );
}

interface Gathered {
  readonly sets: readonly NodeSet[];
  readonly clusterSets: readonly NodeSet[];
  readonly nodeSets: readonly NodeSet[];
  readonly incomplete: Unavailable | undefined;
  readonly autoMode: Unavailable | undefined;
  readonly starters: readonly string[];
  readonly controlPlaneOnly: readonly string[];
}

function resolve(gathered: Gathered, { network: { subnets } }: EksEvidence): NodeSubnets {
  const { sets, incomplete, autoMode, starters, controlPlaneOnly } = gathered;
  const ids = new Set(sets.flatMap(({ subnetIds }) => subnetIds));
  const rest = { sets, autoMode, starters, controlPlaneOnly };
  if (subnets.state === 'unavailable') return { ...rest, subnets: [], gone: [], beside: [], incomplete: subnets };
  const found = subnets.value.filter(({ id }) => ids.has(id));
  const known = new Set(found.map(({ id }) => id));
  const vpcs = new Set(found.map(({ vpcId }) => vpcId));
  const none =
    found.length === 0
      ? unavailable('absent-field', 'no subnet of the cluster is known', 'ec2:DescribeSubnets')
      : undefined;
  return {
    ...rest,
    subnets: found,
    gone: [...ids].filter((id) => !known.has(id)).sort(),
    beside: subnets.value.filter(({ id, vpcId }) => vpcs.has(vpcId) && !known.has(id)),
    incomplete: incomplete ?? none,
  };
}

/** A subnet that was shared and is no longer is not shown either, and its nodes go on: a PASS needs every subnet that is named. */
export function goneSubnets({ gone }: Pick<NodeSubnets, 'gone'>): Unavailable | undefined {
  return gone.length === 0
    ? undefined
    : unavailable('not-found', `${gone.join(', ')}, where nodes may be, is not shown by EC2`, 'ec2:DescribeSubnets');
}

function gather(evidence: EksEvidence, subject: ReadCluster): Gathered {
  const { clusterSecurityGroupId, subnetIds } = subject.cluster;
  const own = clusterSecurityGroupId.state === 'given' ? [clusterSecurityGroupId.value] : [];
  const nodeSets: NodeSet[] = [];
  const unread: Unavailable[] = [];
  addNodeGroups(evidence, own, nodeSets, unread);
  addFargate(evidence, own, nodeSets, unread);
  const { instances } = evidence;
  if (instances.state === 'unavailable') unread.push(instances);
  else nodeSets.push(...instanceSets(instances.value));
  const autoMode = autoModeOf(subject);
  const named = new Set(nodeSets.flatMap((set) => set.subnetIds));
  // Where every other place is known and some are named, the cluster's own subnets are the control plane's alone.
  const settled = unread.length === 0 && autoMode === undefined && named.size > 0;
  const clusterIds = subnetIds.state === 'given' ? subnetIds.value : [];
  const clusterSets = subnetIds.state === 'given' ? [{ name: 'cluster', subnetIds: clusterIds, groupIds: own }] : [];
  const unnamed = unavailable(
    subnetIds.state === 'malformed' ? 'malformed-answer' : 'absent-field',
    'the cluster names no subnets',
    'eks:DescribeCluster',
  );
  return {
    sets: [
      ...clusterSets.map((set) => (settled ? { ...set, subnetIds: clusterIds.filter((id) => named.has(id)) } : set)),
      ...nodeSets,
    ],
    clusterSets,
    nodeSets,
    incomplete: subnetIds.state === 'given' ? unread[0] : unnamed,
    autoMode,
    starters: autoMode === undefined && instances.state === 'collected' ? startersOf(instances.value) : [],
    controlPlaneOnly: settled ? clusterIds.filter((id) => !named.has(id)) : [],
  };
}

/** Instances in the same subnet with the same groups are one set: a cluster may have thousands. */
function instanceSets(instances: readonly EksInstance[]): readonly NodeSet[] {
  const sets = new Map<string, NodeSet>();
  for (const { id, subnetId, groupIds } of instances) {
    const key = `${subnetId} ${[...groupIds].sort().join(' ')}`;
    if (!sets.has(key)) sets.set(key, { name: id, subnetIds: [subnetId], groupIds });
  }
  return [...sets.values()];
}

/** Who starts instances in subnets that only the cluster's inside names. */
function startersOf(instances: readonly EksInstance[]): readonly string[] {
  const pools = instances.flatMap(({ nodePool }) => (nodePool.state === 'given' ? [nodePool.value] : []));
  const own = instances.some(({ nodePool, nodeGroup }) => nodePool.state !== 'given' && nodeGroup.state !== 'given');
  return [
    ...[...new Set(pools)].sort().map((pool) => `Karpenter (node pool ${pool})`),
    ...(own ? ['groups of self-managed nodes'] : []),
  ];
}

function autoModeOf({ cluster: { autoMode } }: ReadCluster): Unavailable | undefined {
  if (autoMode.state === 'malformed')
    return unavailable('malformed-answer', `computeConfig.enabled is ${autoMode.raw}`, 'eks:DescribeCluster');
  return autoMode.state === 'given' && autoMode.value
    ? unavailable('undecidable', 'Auto Mode keeps its node subnets inside the cluster', 'eks:DescribeCluster')
    : undefined;
}

function addNodeGroups(
  { nodeGroups }: EksEvidence,
  own: readonly string[],
  sets: NodeSet[],
  missing: Unavailable[],
): void {
  if (nodeGroups.state === 'unavailable') {
    missing.push(nodeGroups);
    return;
  }
  for (const group of nodeGroups.value) {
    if (group.state === 'unavailable') {
      missing.push(group);
      continue;
    }
    const { name, subnetIds, launchTemplate } = group.value;
    if (subnetIds.state !== 'given') {
      missing.push(unavailable('absent-field', `node group ${name} names no subnets`, 'eks:DescribeNodegroup'));
      continue;
    }
    sets.push({ name, subnetIds: subnetIds.value, ...groupsOf(launchTemplate, own) });
  }
}

/** Groups of a launch template replace the cluster's. */
function groupsOf(
  template: EksNodeGroup['launchTemplate'],
  own: readonly string[],
): Pick<NodeSet, 'groupIds' | 'unread'> {
  if (template.use === 'none') return { groupIds: own };
  const { content } = template;
  if (content.state === 'unavailable') return { groupIds: undefined, unread: content };
  const { securityGroupIds } = content.value;
  return { groupIds: securityGroupIds.length > 0 ? securityGroupIds : own };
}

function addFargate(
  { fargateProfiles }: EksEvidence,
  own: readonly string[],
  sets: NodeSet[],
  missing: Unavailable[],
): void {
  if (fargateProfiles.state === 'unavailable') {
    missing.push(fargateProfiles);
    return;
  }
  for (const profile of fargateProfiles.value) {
    if (profile.state === 'unavailable') missing.push(profile);
    else if (profile.value.subnetIds.state === 'given')
      sets.push({ name: profile.value.name, subnetIds: profile.value.subnetIds.value, groupIds: own });
    else
      missing.push(
        unavailable(
          'absent-field',
          `Fargate profile ${profile.value.name} names no subnets`,
          'eks:DescribeFargateProfile',
        ),
      );
  }
}
