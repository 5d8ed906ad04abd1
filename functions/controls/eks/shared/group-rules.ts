import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { SecurityGroup, SecurityRule } from '#domain/evidence/eks-network.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { fail, type Proof, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { clusterFact, missingField, type ReadCluster } from './cluster.ts';
import { withGroupsOnly } from './fix.ts';

const OWN = 'resourcesVpcConfig.clusterSecurityGroupId';
const ADDITIONAL = 'resourcesVpcConfig.securityGroupIds';

export interface ClusterGroups {
  /** The group that EKS made for the cluster; undefined on clusters older than platform version eks.3 of 1.14. */
  readonly own: string | undefined;
  readonly additional: readonly string[];
  readonly proof: readonly Proof[];
}

/** The groups of the control plane. The first one to be judged by is EKS's own, the additional ones stand in where it is not told. */
export function withClusterGroups(subject: ReadCluster, judge: (groups: ClusterGroups) => Verdict): Verdict {
  const { clusterSecurityGroupId, securityGroupIds } = subject.cluster;
  if (clusterSecurityGroupId.state === 'malformed') return missingField(OWN, clusterSecurityGroupId);
  if (securityGroupIds.state === 'malformed') return missingField(ADDITIONAL, securityGroupIds);
  const own = clusterSecurityGroupId.state === 'given' ? clusterSecurityGroupId.value : undefined;
  const additional = securityGroupIds.state === 'given' ? securityGroupIds.value : [];
  const proof = [clusterFact(subject, OWN, own ?? 'not sent'), clusterFact(subject, ADDITIONAL, additional)];
  if (own === undefined && additional.length === 0) {
    return unknown('absent-field', 'the answer names no security group of the cluster', proof);
  }
  return judge({ own, additional, proof });
}

export const idsOf = ({ own, additional }: ClusterGroups): readonly string[] => [
  ...new Set([...(own === undefined ? [] : [own]), ...additional]),
];

/** The rules behind the ids. A group that EC2 positively does not know is a finding of its own. */
export function withRules(
  evidence: EksEvidence,
  groups: ClusterGroups,
  judge: (found: readonly SecurityGroup[], gone: Verdict | undefined) => Verdict,
): Verdict {
  const { securityGroups } = evidence.network;
  if (securityGroups.state === 'unavailable') return unknownBecause(securityGroups, groups.proof);
  const ids = idsOf(groups);
  const found = securityGroups.value.filter(({ id }) => ids.includes(id));
  const lost = ids.filter((id) => !found.some((group) => group.id === id));
  const gone =
    lost.length === 0
      ? undefined
      : fail('not-found', `EC2 does not know security group ${lost.join(', ')}`, groups.proof, {
          fix: withGroupsOnly(
            groups.additional.filter((id) => !lost.includes(id)),
            evidence,
          ),
        });
  return judge(found, gone);
}

/** The ranges that a rule names itself or by prefix lists, and the first list whose entries are not known. */
export function rangesOf(
  { ranges, prefixListIds }: SecurityRule,
  { network: { prefixLists } }: EksEvidence,
): {
  readonly ranges: readonly { readonly cidr: string; readonly list?: string }[];
  readonly unread: { readonly reason: UnknownReason; readonly message: string } | undefined;
} {
  const known = prefixLists.state === 'collected' ? prefixLists.value : [];
  const listed = prefixListIds.flatMap((list) =>
    (known.find(({ id }) => id === list)?.cidrs ?? []).map((cidr) => ({ cidr, list })),
  );
  const lost = prefixListIds.find((list) => !known.some(({ id }) => id === list));
  const unread =
    lost === undefined
      ? undefined
      : prefixLists.state === 'unavailable'
        ? { reason: prefixLists.reason, message: `prefix list ${lost}: ${prefixLists.message}` }
        : { reason: 'not-found' as const, message: `the entries of prefix list ${lost} are not known` };
  return { ranges: [...ranges.map((cidr) => ({ cidr })), ...listed], unread };
}
