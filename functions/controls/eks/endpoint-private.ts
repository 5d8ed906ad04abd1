import { fail, pass, unknown } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { clusterFact, missingField, withCluster } from './cluster.ts';
import { clusterFix } from './fix.ts';

const FIELD = 'resourcesVpcConfig.endpointPrivateAccess';

export default defineControl({
  id: 'eks-endpoint-private',
  subject: 'eks',
  title: 'The Kubernetes API has a private endpoint in the VPC',
  severity: 'HIGH',
  basis: 'seed 001: the cluster endpoint is private',
  reference: 'EKS user guide, cluster API server endpoint',
  remediation: 'Switch the private endpoint on.',
  needs: ['eks:DescribeCluster'],
  evaluate: (evidence) =>
    withCluster(evidence, (cluster) => {
      const { endpointPrivateAccess: flag, endpointPublicAccess } = cluster.value;
      if (flag.state !== 'given') return missingField(FIELD, flag);
      const proof = [clusterFact(cluster, FIELD, flag.value)];
      if (flag.value) return pass('the private endpoint is on', proof);
      if (endpointPublicAccess.state === 'given' && !endpointPublicAccess.value) {
        return unknown('conflicting-fields', 'both endpoints are off, which EKS does not allow', proof);
      }
      return fail('private-off', 'the private endpoint is off: node traffic leaves the VPC to reach the API', proof, {
        fix: clusterFix(
          evidence,
          '--resources-vpc-config endpointPrivateAccess=true',
          'ResourcesVpcConfig:\n  EndpointPrivateAccess: true',
        ),
      });
    }),
});
