import { unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksLoadBalancer } from '#domain/evidence/eks-load-balancers.ts';
import { parseRange, rangesCover } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { NodeSubnets } from './node-subnets.ts';

/** Whether a load balancer serves this cluster, and by what that was seen. */
export type Ownership =
  | { readonly kind: 'own'; readonly by: string }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly message: string };

/** Tags whose value is the cluster's name: load balancer controller (since v2, and v1), EKS Auto Mode. */
const CLUSTER_TAGS = ['elbv2.k8s.aws/cluster', 'ingress.k8s.aws/cluster', 'eks:eks-cluster-name'];
/** The tag whose key holds the name: in-tree provider, and older controllers. */
const CLUSTER_PREFIX = 'kubernetes.io/cluster/';
/** Tags of the Ingress, Service or Gateway that a balancer was made for. They do not name the cluster. */
const STACK_PREFIXES = [
  'ingress.k8s.aws/',
  'service.k8s.aws/',
  'gateway.k8s.aws.alb/',
  'gateway.k8s.aws.nlb/',
  'ingress.eks.amazonaws.com/',
  'service.eks.amazonaws.com/',
  'kubernetes.io/service-name',
  'kubernetes.io/ingress-name',
];

/**
 * The cluster's by its tags, or because a target is one of its instances or an address in its node subnets. Where several clusters share a VPC, their
 * controllers' tags tell them apart. Source: load balancer controller documentation, resource tags; EKS user guide, Auto Mode; cloud-provider-aws.
 */
export function ownershipOf(balancer: EksLoadBalancer, evidence: EksEvidence, nodes: NodeSubnets): Ownership {
  const tags = balancer.tags.state === 'collected' ? balancer.tags.value : [];
  const clusters = tags.flatMap(({ key, value }) => {
    if (CLUSTER_TAGS.includes(key)) return [value];
    return key.startsWith(CLUSTER_PREFIX) ? [key.slice(CLUSTER_PREFIX.length)] : [];
  });
  if (clusters.includes(evidence.name)) return { kind: 'own', by: `its tags name cluster ${evidence.name}` };
  if (balancer.vpcId.state === 'given' && !standsInVpc(balancer.vpcId.value, evidence))
    return unread(balancer, 'tags') ?? { kind: 'foreign' };
  const target = targetIn(balancer, evidence, nodes);
  if (target !== undefined && (target.exact || balancer.vpcId.state === 'given'))
    return { kind: 'own', by: `it leads to ${target.line}` };
  const stack = tags.find(({ key }) => STACK_PREFIXES.some((prefix) => key.startsWith(prefix)));
  if (balancer.vpcId.state !== 'given')
    return {
      kind: 'unknown',
      reason: balancer.vpcId.state === 'absent' ? 'absent-field' : 'malformed-answer',
      message: `the VPC of ${balancer.name} is not known`,
    };
  if (stack !== undefined && clusters.length === 0)
    return { kind: 'own', by: `it was made for a Kubernetes object in the cluster's VPC (${stack.key})` };
  return unread(balancer, 'tags') ?? unread(balancer, 'targets') ?? unseenTarget(balancer, evidence, nodes);
}

/** What the balancer was made for, as its tags say. */
export function madeFor({ tags }: EksLoadBalancer): string | undefined {
  const found =
    tags.state === 'collected'
      ? tags.value.find(
          ({ key }) =>
            /\/stack$/.test(key) || key === 'kubernetes.io/service-name' || key === 'kubernetes.io/ingress-name',
        )
      : undefined;
  return found === undefined ? undefined : `${found.key} ${found.value}`;
}

function standsInVpc(vpcId: string, { cluster, network: { subnets } }: EksEvidence): boolean {
  const own = cluster.state === 'collected' && cluster.value.vpcId.state === 'given' ? [cluster.value.vpcId.value] : [];
  const others = subnets.state === 'collected' ? subnets.value.map((subnet) => subnet.vpcId) : [];
  return [...own, ...others].includes(vpcId);
}

/** Instances have names of their own; an address may be used in another VPC too. */
function targetIn(
  { targets }: EksLoadBalancer,
  { instances }: EksEvidence,
  { subnets }: NodeSubnets,
): { readonly line: string; readonly exact: boolean } | undefined {
  if (targets.state === 'unavailable') return undefined;
  const ids = new Set(instances.state === 'collected' ? instances.value.map(({ id }) => id) : []);
  const instance = targets.value.instanceIds.find((id) => ids.has(id));
  if (instance !== undefined) return { line: `instance ${instance} of the cluster`, exact: true };
  for (const address of targets.value.addresses) {
    const range = parseRange(address);
    const subnet = subnets.find(({ cidr, ipv6Cidrs }) =>
      [cidr, ...ipv6Cidrs].some((block) => {
        const within = parseRange(block);
        return (
          range !== undefined && within !== undefined && range.family === within.family && rangesCover([within], range)
        );
      }),
    );
    if (subnet !== undefined) return { line: `${address} in node subnet ${subnet.id}`, exact: false };
  }
  return undefined;
}

function unread(balancer: EksLoadBalancer, part: 'tags' | 'targets'): Ownership | undefined {
  const read = balancer[part];
  return read.state === 'unavailable'
    ? {
        kind: 'unknown',
        reason: read.reason,
        message: `the ${part} of ${balancer.name} are not known: ${read.message}`,
      }
    : undefined;
}

/** None of its targets is known to be the cluster's, which says nothing where instances or subnets were not read. */
function unseenTarget({ name, targets }: EksLoadBalancer, { instances }: EksEvidence, nodes: NodeSubnets): Ownership {
  if (targets.state === 'unavailable') return { kind: 'foreign' };
  const { instanceIds, addresses } = targets.value;
  const missing =
    instanceIds.length > 0 && instances.state === 'unavailable'
      ? instances
      : addresses.length > 0
        ? (nodes.incomplete ?? goneOf(nodes))
        : undefined;
  return missing === undefined
    ? { kind: 'foreign' }
    : { kind: 'unknown', reason: missing.reason, message: `whether ${name} leads to the cluster: ${missing.message}` };
}

function goneOf({ gone }: NodeSubnets) {
  return gone.length === 0
    ? undefined
    : unavailable('not-found', `${gone.join(', ')} is not shown by EC2`, 'ec2:DescribeSubnets');
}
