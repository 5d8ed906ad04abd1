import type { Source } from '#domain/collected.ts';
import type { AksEvidence, AksPool, AksSubnetFacts } from '#domain/evidence/aks.ts';
import { notApplicable, unknown, type Verdict } from '#domain/verdict.ts';
import { had, judged, optional, type ReadCluster, required, same, short } from './cluster.ts';

export interface SubnetCase {
  readonly id: string;
  /** As a message calls it. */
  readonly name: string;
  readonly usedBy: string;
  readonly facts: AksSubnetFacts;
  readonly source: Source;
}

/** A rule over every subnet that the pools name. A subnet that a pool names and nobody read is never passed over. */
export function eachSubnet(subject: ReadCluster, rule: (subnet: SubnetCase) => Verdict): readonly Verdict[] {
  const read = new Map(subject.evidence.subnets.map((entry) => [entry.id, entry]));
  return subnetIds(subject).map((id) => {
    const entry = read.get(id);
    if (entry === undefined)
      return unknown('malformed-answer', `a pool names the subnet ${id}, but it was not looked at`);
    return judged(() => rule(caseOf(entry, subject.source)));
  });
}

function caseOf(entry: AksEvidence['subnets'][number], fallback: Source): SubnetCase {
  const facts = had(entry.facts);
  return {
    id: entry.id,
    name: `subnet ${short(entry.id)}`,
    usedBy: entry.usedBy.join(', '),
    facts,
    source: entry.facts.state === 'collected' ? entry.facts.source : fallback,
  };
}

/** Subnets of the organisation's own networks; empty when every pool lives in a network that AKS manages. */
function subnetIds({ cluster, evidence }: ReadCluster): readonly string[] {
  const pools = poolsOf(cluster).flatMap((pool) => [
    optional(pool.nodeSubnetId, `vnetSubnetID of pool ${pool.name}`),
    optional(pool.podSubnetId, `podSubnetID of pool ${pool.name}`),
  ]);
  const hosted = optional(cluster.hostedSubnetIds, 'hostedSystemProfile') ?? [];
  const ids = [
    ...pools,
    ...hosted.map((subnet) => optional(subnet, 'a subnet of hostedSystemProfile')),
    // Nodes of auto-provisioning show by the subnets of their machines only.
    ...evidence.subnets.map(({ id }) => id),
  ];
  return [...new Set(ids.filter((id) => id !== undefined))].sort();
}

/** Only a cluster whose nodes AKS makes elsewhere is returned without pools. */
export function poolsOf(cluster: ReadCluster['cluster']): readonly AksPool[] {
  const elsewhere =
    optional(cluster.hostedSystemPools, 'hostedSystemProfile.enabled') === true ||
    same(optional(cluster.nodeProvisioningMode, 'nodeProvisioningProfile.mode'), 'Auto');
  return elsewhere
    ? (optional(cluster.pools, 'agentPoolProfiles') ?? [])
    : required(cluster.pools, 'agentPoolProfiles');
}

/** What holds where no subnet was named: the nodes live in a network that AKS manages, provided that there are any. */
export function withoutSubnets({ cluster }: ReadCluster): Verdict {
  const nodes =
    poolsOf(cluster).length > 0 ||
    optional(cluster.hostedSystemPools, 'hostedSystemProfile.enabled') === true ||
    same(optional(cluster.nodeProvisioningMode, 'nodeProvisioningProfile.mode'), 'Auto');
  return nodes
    ? notApplicable('managed-network', 'the nodes live in a network that AKS manages, which cannot be customised')
    : unknown('absent-field', 'the cluster shows no agent pools, so its subnets are not known');
}

/** A subnet or table in the middle of a change proves nothing yet. */
export function inTransition(state: string | undefined): boolean {
  return state !== undefined && !same(state, 'Succeeded');
}
