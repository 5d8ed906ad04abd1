import { covers, coversAll } from '#domain/net/cidr.ts';
import { type Fix, fail, pass, type Verdict } from '#domain/verdict.ts';
import { clusterFact, missingField, type ReadCluster } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { clusterFix } from './shared/fix.ts';

const FIELD = 'resourcesVpcConfig.endpointPublicAccess';
const RANGES = 'resourcesVpcConfig.publicAccessCidrs';

export default defineEksControl({
  id: 'eks-endpoint-public',
  title: 'The Kubernetes API of the cluster is not reachable from the internet',
  severity: 'CRITICAL',
  dimension: 'API exposure',
  basis: 'seed 001: the cluster endpoint is private',
  reference: 'EKS user guide, cluster API server endpoint',
  remediation: 'Switch the private endpoint on, then the public one off.',
  needs: ['eks:DescribeCluster'],
  parameters: {
    acceptRanges: { describe: 'public access limited to these ranges is accepted', default: [], each: 'range' },
  },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const { endpointPublicAccess: flag, remoteNodeNetworks } = subject.cluster;
    if (flag.state !== 'given') return missingField(FIELD, flag);
    if (!flag.value) return pass('the public endpoint is off', [clusterFact(subject, FIELD, false)]);
    const fix = clusterFix(
      evidence,
      '--resources-vpc-config endpointPublicAccess=false,endpointPrivateAccess=true',
      'ResourcesVpcConfig:\n  EndpointPublicAccess: false\n  EndpointPrivateAccess: true',
    );
    const hybrid = remoteNodeNetworks.state === 'given' && remoteNodeNetworks.value.length > 0;
    return judgeRanges(subject, parameters.acceptRanges, fix, hybrid);
  },
});

/** No list, and an empty one, mean everybody: the documented default is 0.0.0.0/0. The list counts only while the endpoint is on. */
function judgeRanges(subject: ReadCluster, accepted: readonly string[], fix: Fix, hybrid: boolean): Verdict {
  const { publicAccessCidrs, endpointPrivateAccess } = subject.cluster;
  if (publicAccessCidrs.state === 'malformed') return missingField(RANGES, publicAccessCidrs);
  const ranges = publicAccessCidrs.state === 'given' ? publicAccessCidrs.value : [];
  const proof = [
    clusterFact(subject, FIELD, true),
    clusterFact(subject, RANGES, ranges.length === 0 ? 'not set, which means 0.0.0.0/0' : ranges),
  ];
  if (ranges.length === 0 || coversAll(ranges, 'ipv4') || coversAll(ranges, 'ipv6')) {
    return fail(
      'public-open',
      `the public endpoint is open to everybody${ranges.length === 0 ? '' : ` (${ranges.join(', ')})`}`,
      proof,
      { fix },
    );
  }
  const both = hybrid && endpointPrivateAccess.state === 'given' && endpointPrivateAccess.value;
  if (!both && accepted.length > 0 && ranges.every((range) => covers(accepted, range))) {
    return pass(`the public endpoint is limited to accepted ranges: ${ranges.join(', ')}`, proof, 'accepted-ranges');
  }
  return fail(
    both ? 'hybrid-both-endpoints' : 'public-restricted',
    both
      ? 'a cluster with hybrid nodes must not have both endpoints on'
      : `the public endpoint is on, limited to ${ranges.join(', ')}`,
    proof,
    { severity: 'HIGH', fix },
  );
}
