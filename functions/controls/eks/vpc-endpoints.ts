import { CENTRAL_EGRESS } from './shared/central-egress.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { healthProof } from './shared/health.ts';
import { ENDPOINT_NEEDS } from './shared/needs.ts';
import { nodeSubnets } from './shared/node-subnets.ts';
import { judgeServices } from './shared/service-access.ts';
import { REQUIRED_SERVICES } from './shared/services.ts';

export default defineEksControl({
  id: 'eks-vpc-endpoints',
  title: 'A closed cluster reaches EC2, ECR and S3 through working VPC endpoints',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 001: endpoints for ec2, ecr.api, ecr.dkr and s3',
  reference: 'EKS user guide, private clusters; ECR user guide, VPC endpoints',
  remediation:
    'Create the endpoint that the finding names in the cluster VPC, or mend its defect: state, private DNS, security group, route table.',
  needs: ENDPOINT_NEEDS,
  parameters: CENTRAL_EGRESS,
  evaluate(subject) {
    const { evidence } = subject;
    const verdict = judgeServices(REQUIRED_SERVICES, evidence, nodeSubnets(evidence, subject), subject);
    // Nodes that do not join are what a missing endpoint mostly shows by.
    return verdict.status === 'FAIL' ? { ...verdict, proof: [...verdict.proof, ...healthProof(evidence)] } : verdict;
  },
});
