import type { Field } from '#domain/collected.ts';
import { fail, type Proof, pass, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { clusterFact, missingField } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { inWords, reportedIssues } from './shared/health.ts';

export default defineEksControl({
  id: 'eks-nodes-healthy',
  title: 'The cluster and its node groups report no health issue',
  severity: 'MEDIUM',
  basis: 'seed 001: the nodes of a private cluster join it',
  reference: 'EKS API reference, ClusterIssue and Issue; EKS user guide, node group error codes',
  remediation:
    'Follow the words of EKS. Nodes that do not join a closed cluster mostly lack a way to EC2, ECR, S3 or STS: look at eks-vpc-endpoints and eks-endpoint-private first.',
  needs: ['eks:DescribeCluster', 'eks:ListNodegroups', 'eks:DescribeNodegroup'],
  evaluate(subject) {
    const { cluster, evidence } = subject;
    const { nodeGroups } = evidence;
    const issues = reportedIssues(evidence).map((reported): Verdict => {
      const line = inWords(reported);
      return fail('health-issue', line, [{ kind: 'fact', line, field: 'health.issues', value: reported.issue.code }]);
    });
    const read = [
      told('cluster.health.issues', cluster.health, clusterFact(subject, 'health.issues', codesOf(cluster.health))),
      ...(nodeGroups.state === 'unavailable'
        ? [unknownBecause(nodeGroups)]
        : nodeGroups.value.map((group) => {
            if (group.state === 'unavailable') return unknownBecause(group);
            const { name, health } = group.value;
            const line = `node group ${name}: health.issues = [${codesOf(health).join(', ')}]`;
            return told(`health.issues of node group ${name}`, health, {
              kind: 'fact',
              line,
              field: `${name}.health.issues`,
              value: codesOf(health),
              source: group.source,
            });
          })),
    ];
    return combine([...issues, ...read], 'EKS reports no health issue of the cluster and its node groups');
  },
});

function codesOf(health: Field<readonly { readonly code: string }[]>): readonly string[] {
  return health.state === 'given' ? health.value.map(({ code }) => code) : [];
}

function told(name: string, health: Field<unknown>, proof: Proof): Verdict {
  return health.state === 'given' ? pass('', [proof]) : missingField(name, health);
}
