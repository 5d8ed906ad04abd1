import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksHealthIssue } from '#domain/evidence/eks-access.ts';
import type { Proof } from '#domain/verdict.ts';

interface Reported {
  /** `the cluster` or `node group workers`. */
  readonly of: string;
  readonly issue: EksHealthIssue;
}

/** What EKS reports about the cluster and its node groups, as far as it was read. */
export function reportedIssues({ cluster, nodeGroups }: EksEvidence): readonly Reported[] {
  const own = cluster.state === 'collected' && cluster.value.health.state === 'given' ? cluster.value.health.value : [];
  const groups = nodeGroups.state === 'collected' ? nodeGroups.value : [];
  return [
    ...own.map((issue) => ({ of: 'the cluster', issue })),
    ...groups.flatMap((group) =>
      group.state === 'collected' && group.value.health.state === 'given'
        ? group.value.health.value.map((issue) => ({ of: `node group ${group.value.name}`, issue }))
        : [],
    ),
  ];
}

/** In EKS's own words. */
export function inWords({ of, issue: { code, message, resourceIds } }: Reported): string {
  const resources = resourceIds.length === 0 ? '' : ` (${resourceIds.join(', ')})`;
  return `${of}: ${code}${message === '' ? '' : `: ${message}`}${resources}`;
}

/** As proof beside another finding: what does not work may be why. */
export function healthProof(evidence: EksEvidence): readonly Proof[] {
  return reportedIssues(evidence).map((reported) => ({
    kind: 'fact',
    line: `EKS reports for ${inWords(reported)}`,
    field: 'health.issues',
    value: reported.issue.code,
  }));
}
