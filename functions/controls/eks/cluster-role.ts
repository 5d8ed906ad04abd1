import { shellQuote } from '#domain/shell.ts';
import { fail, pass, unknownBecause } from '#domain/verdict.ts';
import { clusterFact, missingField } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';

const POLICY = 'AmazonEKSClusterPolicy';

/** AmazonEKSServicePolicy, which the seed names too, has not been needed since 16 April 2020. Source: EKS user guide, cluster IAM role. */
export default defineEksControl({
  id: 'eks-cluster-role',
  title: 'The cluster role carries the policy EKS needs',
  severity: 'INFORMATIONAL',
  basis: 'seed 001 (S1): the cluster role and its policies',
  reference: 'EKS user guide, cluster IAM role',
  remediation: `Attach ${POLICY} to the cluster role, or declare the policy that stands for it.`,
  needs: ['eks:DescribeCluster', 'iam:ListAttachedRolePolicies'],
  parameters: {
    equivalentPolicies: { describe: `names of own policies that stand for ${POLICY}`, default: [] },
  },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const { roleArn } = subject.cluster;
    const { rolePolicies, partition } = evidence;
    if (roleArn.state !== 'given') return missingField('roleArn', roleArn);
    const role = clusterFact(subject, 'roleArn', roleArn.value);
    if (rolePolicies.state === 'unavailable') return unknownBecause(rolePolicies, [role]);
    const attached = rolePolicies.value;
    const proof = [
      {
        kind: 'fact' as const,
        line: `attached to ${roleArn.value}: ${attached.length === 0 ? 'nothing' : attached.join(', ')}`,
        field: 'AttachedPolicies',
        value: attached,
        source: rolePolicies.source,
      },
      role,
    ];
    if (attached.includes(POLICY)) return pass(`${POLICY} is attached`, proof);
    const own = parameters.equivalentPolicies.find((name) => attached.includes(name));
    if (own !== undefined) {
      return pass(
        `${own} is attached, declared to stand for ${POLICY}`,
        [...proof, { kind: 'declared', line: `equivalentPolicies: ${own}` }],
        'declared',
      );
    }
    const name = roleArn.value.slice(roleArn.value.lastIndexOf('/') + 1);
    return fail('missing', `${POLICY} is not attached to ${name}`, proof, {
      fix: {
        commands: [
          `aws iam attach-role-policy --role-name ${shellQuote(name)} --policy-arn arn:${partition}:iam::aws:policy/${POLICY}`,
        ],
        fragments: [
          {
            language: 'cloudformation',
            code: `# ${name}\nType: AWS::IAM::Role\nProperties:\n  ManagedPolicyArns:\n    - !Sub arn:\${AWS::Partition}:iam::aws:policy/${POLICY}`,
          },
        ],
      },
    });
  },
});
