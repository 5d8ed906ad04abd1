import { fail, pass, unknown } from '#domain/verdict.ts';
import { clusterFact, missingField } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { clusterFix } from './shared/fix.ts';

const FIELD = 'resourcesVpcConfig.endpointPrivateAccess';

export default defineEksControl({
  id: 'eks-endpoint-private',
  title: 'The Kubernetes API has a private endpoint in the VPC',
  severity: 'HIGH',
  dimension: 'private API path',
  basis: 'seed 001: the cluster endpoint is private',
  reference: 'EKS user guide, cluster API server endpoint',
  remediation: 'Switch the private endpoint on.',
  needs: ['eks:DescribeCluster'],
  evaluate(subject) {
    const { evidence } = subject;
    const { endpointPrivateAccess: flag, endpointPublicAccess } = subject.cluster;
    if (flag.state !== 'given') return missingField(FIELD, flag);
    const proof = [clusterFact(subject, FIELD, flag.value)];
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
  },
});
