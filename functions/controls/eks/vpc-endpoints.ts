import { CENTRAL_EGRESS } from './shared/central-egress.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { healthProof } from './shared/health.ts';
import { ENDPOINT_NEEDS } from './shared/needs.ts';
import { nodeSubnets } from './shared/node-subnets.ts';
import { judgeServices } from './shared/service-access.ts';
import { FIPS, REQUIRED_SERVICES, wantedServices } from './shared/services.ts';

export default defineEksControl({
  id: 'eks-vpc-endpoints',
  title: 'A closed cluster reaches EC2, ECR and S3 through working VPC endpoints',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 001: endpoints for ec2, ecr.api, ecr.dkr and s3',
  reference: 'EKS user guide, private clusters; ECR user guide, VPC endpoints',
  remediation:
    'Create the endpoint that the finding names in the cluster VPC, or fix its defect: state, private DNS, group, route table, policy.',
  needs: ENDPOINT_NEEDS,
  parameters: { ...FIPS, ...CENTRAL_EGRESS },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const services = wantedServices(REQUIRED_SERVICES, parameters.fips, evidence);
    const verdict = judgeServices(services, evidence, nodeSubnets(evidence, subject), subject);
    // Nodes that do not join are what a missing endpoint mostly shows by.
    return verdict.status === 'FAIL' ? { ...verdict, proof: [...verdict.proof, ...healthProof(evidence)] } : verdict;
  },
});
