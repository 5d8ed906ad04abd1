import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { fail, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import type { ReadCluster } from './shared/cluster.ts';
import { withClusterSubnets } from './shared/cluster-subnets.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { withoutSubnet } from './shared/fix.ts';

/** What EKS asks of each cluster subnet, and what it recommends. Source: EKS user guide, subnet requirements. */
const REQUIRED = 6;
const RECOMMENDED = 16;

export default defineEksControl({
  id: 'eks-subnet-addresses',
  title: 'Cluster subnets have the free addresses EKS needs',
  severity: 'MEDIUM',
  basis: 'seed 001 (S2): subnets of the cluster',
  reference: 'EKS user guide, VPC and subnet requirements',
  remediation:
    'Free addresses in the subnet that the finding names, or give the cluster a larger one of the same zone.',
  needs: ['eks:DescribeCluster', 'ec2:DescribeSubnets'],
  evaluate(subject) {
    const { evidence } = subject;
    return withClusterSubnets(evidence, subject, (found, gone) =>
      combine(
        [
          ...gone.map((id) =>
            fail(
              'not-found',
              `${id} is gone`,
              [{ kind: 'fact', line: `${id} is gone`, field: id, value: 'not-found' }],
              { fix: withoutSubnet(id, idsOf(subject), evidence) },
            ),
          ),
          // The graver finding first: its severity is the one that counts.
          ...found.map((subnet) => judgeSubnet(subnet, idsOf(subject), evidence)).sort((a, b) => rank(a) - rank(b)),
        ],
        `every cluster subnet has ${RECOMMENDED} or more free addresses`,
      ),
    );
  },
});

function rank(verdict: Verdict): number {
  return verdict.status === 'FAIL' && verdict.severity === undefined ? 0 : 1;
}

function idsOf({ cluster: { subnetIds } }: ReadCluster): readonly string[] {
  return subnetIds.state === 'given' ? subnetIds.value : [];
}

function judgeSubnet({ id, freeAddresses: free }: EksSubnet, all: readonly string[], evidence: EksEvidence): Verdict {
  if (free.state === 'malformed') return unknown('malformed-answer', `free addresses of ${id} are ${free.raw}`);
  if (free.state === 'absent') return unknown('absent-field', `the free addresses of ${id} are not reported`);
  const proof: readonly Proof[] = [
    {
      kind: 'fact',
      line: `${id} has ${free.value} free addresses`,
      field: `${id}.AvailableIpAddressCount`,
      value: free.value,
    },
  ];
  if (free.value >= RECOMMENDED) return pass('', proof);
  const few = free.value < REQUIRED;
  return fail(
    few ? 'too-few' : 'below-recommended',
    `${id} has ${free.value} free addresses, EKS ${few ? `needs ${REQUIRED}` : `recommends ${RECOMMENDED}`}`,
    proof,
    {
      ...(few ? {} : { severity: 'LOW' as const }),
      fix: withoutSubnet(id, all, evidence),
    },
  );
}
