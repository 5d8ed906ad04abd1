import type { Source } from '#domain/collected.ts';
import {
  type AksEvidence,
  type AksPool,
  type AksRouteTable,
  type AksSubnetFacts,
  VIRTUAL_NODES,
} from '#domain/evidence/aks.ts';
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
    ...(optional(pool.secondaryInterfaces, `secondaryNetworkInterfaces of pool ${pool.name}`) ?? []).map(
      ({ subnetId }) => optional(subnetId, `vnetSubnetId of a second interface of pool ${pool.name}`),
    ),
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

/** Whether the route table serves subnets of this cluster only, so that a change of it changes nothing else. */
export function isOwnTable({ evidence }: ReadCluster, table: AksRouteTable): boolean {
  const own = new Set(evidence.subnets.map(({ id }) => id));
  return table.subnets.state === 'given' && table.subnets.value.every((id) => own.has(id));
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

/** Who sends from a subnet that nobody knows. While there is anybody, nothing holds of "every subnet". */
export function homeless({ cluster, evidence }: ReadCluster): readonly string[] {
  const placed = new Set(evidence.subnets.flatMap(({ usedBy }) => usedBy));
  const pools = poolsOf(cluster)
    .filter((pool) => optional(pool.nodeSubnetId, `vnetSubnetID of pool ${pool.name}`) === undefined)
    .filter(({ name }) => !placed.has(`nodes of ${name}`))
    .map(({ name }) => `pool ${name}`);
  const virtual = optional(cluster.virtualNodes, 'addonProfiles.aciConnectorLinux');
  const running = virtual !== undefined && optional(virtual.enabled, 'aciConnectorLinux.enabled') === true;
  return running && !placed.has(VIRTUAL_NODES) ? [...pools, 'virtual nodes'] : pools;
}

/** The parts of a verdict over every subnet, with one for those whose subnet is not known. */
export function everySubnet(subject: ReadCluster, rule: (subnet: SubnetCase) => Verdict): readonly Verdict[] {
  const parts = eachSubnet(subject, rule);
  const users = homeless(subject);
  if (parts.length === 0 || users.length === 0) return parts;
  return [
    ...parts,
    unknown('absent-field', `the subnet of ${users.join(', ')} is not known`, [
      {
        kind: 'fact',
        line: `${users.join(', ')}: no subnet is named, and none was found in the node resource group`,
        field: 'properties.agentPoolProfiles[].vnetSubnetID',
        value: null,
        source: subject.source,
      },
    ]),
  ];
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
