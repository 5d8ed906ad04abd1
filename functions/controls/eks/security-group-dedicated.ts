import type { EksEvidence } from '#domain/evidence/eks.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { withGroupsOnly } from './shared/fix.ts';
import { type ClusterGroups, withClusterGroups, withRules } from './shared/group-rules.ts';

export default defineEksControl({
  id: 'eks-security-group-dedicated',
  title: "The cluster's security groups belong to it alone",
  severity: 'MEDIUM',
  basis: 'seed 001 (S6): a dedicated security group per cluster',
  reference: 'EKS user guide, security group requirements',
  remediation: 'Give each cluster a group of its own, and update the clusters that share one.',
  needs: ['eks:DescribeCluster', 'ec2:DescribeSecurityGroups'],
  evaluate(subject) {
    const { evidence } = subject;
    return withClusterGroups(subject, (groups) =>
      combine(
        [
          ...evidence.neighbours.map((neighbour) => judgeNeighbour(neighbour, groups, evidence)),
          judgeNames(evidence, groups),
        ],
        groups.additional.length === 0
          ? 'the cluster has the group that EKS made for it, and no other'
          : `no other cluster of the region uses ${groups.additional.join(', ')}`,
      ),
    );
  },
});

/** Lender and borrower both fail: the group of one cluster among the additional groups of another opens both to each other. */
function judgeNeighbour(
  { name, groups: theirs }: EksEvidence['neighbours'][number],
  { own, additional }: ClusterGroups,
  evidence: EksEvidence,
): Verdict {
  if (theirs.state === 'unavailable') return unknownBecause(theirs);
  const { value, source } = theirs;
  if (value.own.state === 'malformed')
    return unknown('malformed-answer', `the group of cluster ${name} is ${value.own.raw}`);
  const foreign = value.own.state === 'given' ? [...value.additional, value.own.value] : value.additional;
  const shared = [...new Set([...additional, ...(own === undefined ? [] : [own])])].filter((id) =>
    foreign.includes(id),
  );
  const proof: readonly Proof[] = [
    {
      kind: 'fact',
      line: `cluster ${name} uses ${foreign.length === 0 ? 'no group that is known' : foreign.join(', ')}`,
      field: `neighbours.${name}`,
      value: foreign,
      source,
    },
  ];
  if (shared.length === 0) return pass('', proof);
  const lent = own !== undefined && shared.includes(own);
  return fail(
    lent ? 'lent' : 'shared',
    `${shared.join(', ')} ${lent ? 'is used by cluster' : 'is shared with cluster'} ${name} too`,
    proof,
    {
      fix: lent
        ? withGroupsOnly(
            value.additional.filter((id) => id !== own),
            { ...evidence, name },
          )
        : withGroupsOnly(
            additional.filter((id) => !shared.includes(id)),
            evidence,
          ),
    },
  );
}

/** The VPC's default group belongs to whoever names none. */
function judgeNames(evidence: EksEvidence, groups: ClusterGroups): Verdict {
  return withRules(evidence, groups, (found, gone) => {
    const standard = found.filter(({ id, name }) => name === 'default' && groups.additional.includes(id));
    const proof: readonly Proof[] = [
      ...found.map(
        ({ id, name }): Proof => ({
          kind: 'fact',
          line: `${id} is named ${name}`,
          field: `${id}.GroupName`,
          value: name,
        }),
      ),
      ...groups.proof,
    ];
    if (standard.length > 0) {
      return fail(
        'default-group',
        `${standard.map(({ id }) => id).join(', ')} is the default group of the VPC`,
        proof,
        {
          fix: withGroupsOnly(
            groups.additional.filter((id) => !standard.some((group) => group.id === id)),
            evidence,
          ),
        },
      );
    }
    return gone ?? pass('', proof);
  });
}
