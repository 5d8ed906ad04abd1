import { defineControl } from '../define-control.ts';
import { withCluster } from './cluster.ts';
import { ENDPOINT_NEEDS } from './needs.ts';
import { nodeSubnets } from './node-subnets.ts';
import { judgeServices } from './service-access.ts';
import { REQUIRED_SERVICES } from './services.ts';

export default defineControl({
  id: 'eks-vpc-endpoints',
  subject: 'eks',
  title: 'A closed cluster reaches EC2, ECR and S3 through working VPC endpoints',
  severity: 'HIGH',
  basis: 'seed 001: endpoints for ec2, ecr.api, ecr.dkr and s3',
  reference: 'EKS user guide, private clusters; ECR user guide, VPC endpoints',
  remediation:
    'Create the endpoint that the finding names in the cluster VPC, or mend its defect: state, private DNS, security group, route table.',
  needs: ENDPOINT_NEEDS,
  parameters: {
    centralEgress: {
      describe:
        'where a default route to a transit gateway, virtual private gateway or appliance leads; believed, and marked as declared',
      default: 'none',
      oneOf: ['none', 'proxy', 'inspection'],
    },
  },
  evaluate: (evidence, context) =>
    withCluster(evidence, (cluster) =>
      judgeServices(REQUIRED_SERVICES, evidence, nodeSubnets(evidence, cluster), context),
    ),
});
