import { ABSENT } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { clusterFact, missingField, type ReadCluster } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { controlPlaneAcls } from './shared/endpoint-acls.ts';
import { controlPlanePort443 } from './shared/endpoint-port.ts';
import type { Interfaces, Usability } from './shared/endpoint-use.ts';
import { clusterFix } from './shared/fix.ts';
import { idsOf, withClusterGroups } from './shared/group-rules.ts';
import { NODE_NEEDS } from './shared/needs.ts';
import { nodeSubnets } from './shared/node-subnets.ts';

const FIELD = 'resourcesVpcConfig.endpointPrivateAccess';

export default defineEksControl({
  id: 'eks-endpoint-private',
  title: 'The Kubernetes API has a private endpoint in the VPC that the nodes reach',
  severity: 'HIGH',
  dimension: 'private API path',
  basis: 'seed 001: the cluster endpoint is private',
  reference: 'EKS user guide, cluster API server endpoint, security group requirements; VPC user guide, network ACLs',
  remediation:
    'Switch the private endpoint on, and admit port 443 from the nodes to the security group of the cluster and between their subnets.',
  needs: [
    ...NODE_NEEDS,
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeNetworkAcls',
    'ec2:GetManagedPrefixListEntries',
  ],
  evaluate(subject) {
    const { evidence } = subject;
    const { endpointPrivateAccess: flag, endpointPublicAccess } = subject.cluster;
    if (flag.state !== 'given') return missingField(FIELD, flag);
    const proof = [clusterFact(subject, FIELD, flag.value)];
    if (flag.value) return reached(subject, evidence, proof);
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

/** With private access on, the API's name resolves to the control plane's interfaces in the whole VPC, whether or not the nodes reach them. */
function reached(subject: ReadCluster, evidence: EksEvidence, on: readonly Proof[]): Verdict {
  return withClusterGroups(subject, (groups) => {
    const { subnetIds } = subject.cluster;
    if (subnetIds.state !== 'given') return missingField('resourcesVpcConfig.subnetIds', subnetIds);
    const ids = idsOf(groups);
    const controlPlane: Interfaces = {
      id: `the private endpoint (${ids.join(', ')})`,
      groupIds: [...ids],
      subnetIds: subnetIds.value,
      addressType: ABSENT,
    };
    const nodes = nodeSubnets(evidence, subject);
    const context = { evidence, nodes };
    const verdicts = [
      verdictOf(controlPlanePort443(controlPlane, groups.own, context), 'port 443', on),
      ...nodes.subnets.map((subnet) =>
        verdictOf(controlPlaneAcls(subnet, controlPlane, context), `network ACLs from ${subnet.id}`, on),
      ),
    ];
    // What Auto Mode keeps inside the cluster decides which nodes join, and opens nothing.
    if (nodes.incomplete !== undefined && nodes.incomplete.reason !== 'undecidable')
      verdicts.push(unknownBecause(nodes.incomplete, on));
    return combine(verdicts, 'the private endpoint is on, and the nodes reach it');
  });
}

function verdictOf(trouble: Usability | undefined, what: string, on: readonly Proof[]): Verdict {
  if (trouble === undefined || trouble.kind === 'usable' || trouble.kind === 'absent')
    return pass('', [...on, { kind: 'derived', line: `${what}: admitted from the nodes`, field: what, value: true }]);
  const proof: readonly Proof[] = [{ kind: 'derived', line: trouble.line, field: what, value: false }, ...on];
  return trouble.kind === 'unknown'
    ? unknown(trouble.reason, trouble.line, proof)
    : fail(trouble.reason, trouble.line, proof, { fix: trouble.fix });
}
