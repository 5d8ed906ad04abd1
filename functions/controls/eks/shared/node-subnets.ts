import { type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksEvidence, EksNodeGroup } from '#domain/evidence/eks.ts';
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
}

/** Subnets of nodes united with the cluster's own; both may differ, and EKS allows that. */
export interface NodeSubnets {
  readonly subnets: readonly EksSubnet[];
  /** Named by the cluster or a node group, and positively not there. */
  readonly gone: readonly string[];
  readonly sets: readonly NodeSet[];
  /** Why there may be subnets that were not seen; a FAIL stands all the same, a would-be PASS does not. */
  readonly incomplete: Unavailable | undefined;
}

export function nodeSubnets(evidence: EksEvidence, subject: ReadCluster): NodeSubnets {
  const gathered = gather(evidence, subject);
  const ids = new Set(gathered.sets.flatMap(({ subnetIds }) => subnetIds));
  const { subnets } = evidence.network;
  if (subnets.state === 'unavailable') return { subnets: [], gone: [], sets: gathered.sets, incomplete: subnets };
  const found = subnets.value.filter(({ id }) => ids.has(id));
  const known = new Set(found.map(({ id }) => id));
  const gone = [...ids].filter((id) => !known.has(id)).sort();
  const none =
    found.length === 0
      ? unavailable('absent-field', 'no subnet of the cluster is known', 'ec2:DescribeSubnets')
      : undefined;
  return { subnets: found, gone, sets: gathered.sets, incomplete: gathered.incomplete ?? none };
}

/** A subnet that was shared and is no longer is not shown either, and its nodes go on: a PASS needs every subnet that is named. */
export function goneSubnets({ gone }: NodeSubnets): Unavailable | undefined {
  return gone.length === 0
    ? undefined
    : unavailable('not-found', `${gone.join(', ')}, where nodes may be, is not shown by EC2`, 'ec2:DescribeSubnets');
}

function gather(
  evidence: EksEvidence,
  subject: ReadCluster,
): { readonly sets: readonly NodeSet[]; readonly incomplete: Unavailable | undefined } {
  const { clusterSecurityGroupId, subnetIds, autoMode } = subject.cluster;
  const own = clusterSecurityGroupId.state === 'given' ? [clusterSecurityGroupId.value] : [];
  const sets: NodeSet[] = [];
  const missing: Unavailable[] = [];
  if (subnetIds.state === 'given') sets.push({ name: 'cluster', subnetIds: subnetIds.value, groupIds: own });
  else
    missing.push(
      unavailable(
        subnetIds.state === 'malformed' ? 'malformed-answer' : 'absent-field',
        'the cluster names no subnets',
        'eks:DescribeCluster',
      ),
    );
  if (autoMode.state === 'given' && autoMode.value) {
    missing.push(
      unavailable('undecidable', 'Auto Mode keeps its node subnets inside the cluster', 'eks:DescribeCluster'),
    );
  }
  if (autoMode.state === 'malformed')
    missing.push(unavailable('malformed-answer', `computeConfig.enabled is ${autoMode.raw}`, 'eks:DescribeCluster'));
  addNodeGroups(evidence, own, sets, missing);
  addFargate(evidence, own, sets, missing);
  const { instances } = evidence;
  if (instances.state === 'unavailable') missing.push(instances);
  else
    for (const { id, subnetId, groupIds } of instances.value) sets.push({ name: id, subnetIds: [subnetId], groupIds });
  return { sets, incomplete: missing[0] };
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
