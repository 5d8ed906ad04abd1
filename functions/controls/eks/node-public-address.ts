import type { EksEvidence, EksNodeGroup } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { word } from '#domain/shell.ts';
import { notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { missingField, type ReadCluster, withCluster } from './cluster.ts';
import { combine, failed } from './combine.ts';

export default defineControl({
  id: 'eks-node-public-address',
  subject: 'eks',
  title: 'Nodes get no public address',
  severity: 'HIGH',
  basis: 'seed 001: the whole network is closed',
  reference: 'VPC user guide, public IPv4 addressing attribute of a subnet; EKS user guide, launch templates',
  remediation:
    'Switch the automatic public address of the subnet off, or set AssociatePublicIpAddress to false in the launch template, and replace the nodes.',
  needs: [
    'eks:DescribeCluster',
    'eks:ListNodegroups',
    'eks:DescribeNodegroup',
    'eks:ListFargateProfiles',
    'eks:DescribeFargateProfile',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeInstances',
    'ec2:DescribeSubnets',
  ],
  evaluate: (evidence) =>
    withCluster(evidence, (cluster) => {
      const checks = [...nodeGroups(evidence), ...selfManaged(evidence), ...autoMode(evidence, cluster)];
      if (checks.length === 0) return withoutNodes(evidence, cluster);
      return combine(checks, `none of ${checks.length} groups of nodes gets a public address`);
    }),
});

function nodeGroups(evidence: EksEvidence): readonly Verdict[] {
  if (evidence.nodeGroups.state === 'unavailable') return [unknownBecause(evidence.nodeGroups)];
  return evidence.nodeGroups.value.map((group) =>
    group.state === 'unavailable' ? unknownBecause(group) : judgeGroup(group.value, evidence),
  );
}

/** An explicit setting of the template's first interface wins over the subnet. */
function judgeGroup({ name, launchTemplate, subnetIds }: EksNodeGroup, evidence: EksEvidence): Verdict {
  if (launchTemplate.use === 'template') {
    const { content, id, version } = launchTemplate;
    if (content.state === 'unavailable') return unknownBecause(content);
    const { associatePublicAddress: setting } = content.value;
    if (setting.state === 'malformed') return missingField(`AssociatePublicIpAddress of ${id}`, setting);
    if (setting.state === 'given') {
      const proof: readonly Proof[] = [
        {
          kind: 'fact',
          line: `${name} → ${id} version ${version} → AssociatePublicIpAddress = ${setting.value}`,
          field: 'AssociatePublicIpAddress',
          value: setting.value,
          hops: [name, `${id} version ${version}`],
          source: content.source,
        },
      ];
      if (!setting.value) return pass(`${id} gives ${name} no public address`, proof);
      return failed('launch-template', `${id} version ${version} gives the nodes of ${name} public addresses`, proof, [
        `aws ec2 create-launch-template-version --region ${word(evidence.region)} --launch-template-id ${word(id)} --source-version ${word(version)} --launch-template-data '{"NetworkInterfaces":[{"DeviceIndex":0,"AssociatePublicIpAddress":false}]}'`,
        `aws eks update-nodegroup-version --region ${word(evidence.region)} --cluster-name ${word(evidence.name)} --nodegroup-name ${word(name)} --launch-template id=${word(id)},version=<the new version>`,
      ]);
    }
  }
  if (subnetIds.state !== 'given') return missingField(`subnets of node group ${name}`, subnetIds);
  return judgeSubnets(name, subnetIds.value, evidence);
}

function judgeSubnets(name: string, ids: readonly string[], { network, region }: EksEvidence): Verdict {
  const { subnets } = network;
  if (subnets.state === 'unavailable') return unknownBecause(subnets);
  if (ids.length === 0) return unknown('absent-field', `${name} names no subnets`);
  return combine(
    ids.map((id) => {
      const subnet = subnets.value.find((entry) => entry.id === id);
      if (subnet === undefined) {
        const line = `${id} of ${name} is gone`;
        return failed('not-found', line, [{ kind: 'fact', line, field: id, value: 'not-found' }]);
      }
      return judgeSubnet(name, subnet, region);
    }),
    `the subnets of ${name} give no public address`,
  );
}

function judgeSubnet(name: string, { id, mapsPublicAddress: flag }: EksSubnet, region: string): Verdict {
  if (flag.state !== 'given') return missingField(`MapPublicIpOnLaunch of ${id}`, flag);
  const proof: readonly Proof[] = [
    {
      kind: 'fact',
      line: `${name} → ${id} → MapPublicIpOnLaunch = ${flag.value}`,
      field: 'MapPublicIpOnLaunch',
      value: flag.value,
      hops: [name, id],
    },
  ];
  if (!flag.value) return pass(`${id} gives no public address`, proof);
  return failed('subnet-maps-public', `${id} gives the nodes of ${name} public addresses`, proof, [
    `aws ec2 modify-subnet-attribute --region ${word(region)} --subnet-id ${word(id)} --no-map-public-ip-on-launch`,
  ]);
}

/** What running instances hold is a fact, whatever their templates say. */
function selfManaged({ selfManagedNodes, region }: EksEvidence): readonly Verdict[] {
  if (selfManagedNodes.state === 'unavailable') return [unknownBecause(selfManagedNodes)];
  return selfManagedNodes.value.map(({ id, subnetId, publicAddress }) => {
    const proof: readonly Proof[] = [
      {
        kind: 'fact',
        line: `${id} in ${subnetId}: public address = ${publicAddress}`,
        field: 'PublicIpAddress',
        value: publicAddress,
        hops: [id, subnetId],
        source: selfManagedNodes.source,
      },
    ];
    if (!publicAddress) return pass(`${id} has no public address`, proof);
    return failed('instance-public-address', `${id} has a public address`, proof, [
      `aws ec2 describe-instances --region ${word(region)} --instance-ids ${word(id)} --query 'Reservations[].Instances[].NetworkInterfaces[].[NetworkInterfaceId,Association]'`,
    ]);
  });
}

/** Auto Mode keeps its node classes inside the cluster: what the cluster's subnets show can fail, and cannot pass. */
function autoMode(evidence: EksEvidence, { value: { autoMode: flag, subnetIds } }: ReadCluster): readonly Verdict[] {
  if (flag.state === 'malformed') return [missingField('computeConfig.enabled', flag)];
  if (flag.state === 'absent' || !flag.value) return [];
  return [
    subnetIds.state === 'given'
      ? judgeSubnets('the cluster', subnetIds.value, evidence)
      : missingField('resourcesVpcConfig.subnetIds', subnetIds),
    unknown('undecidable', 'Auto Mode keeps its node subnets inside the cluster'),
  ];
}

/** Fargate gives no public address; without any node the next one comes up in the cluster's own subnets. */
function withoutNodes(evidence: EksEvidence, { value: { subnetIds } }: ReadCluster): Verdict {
  const { fargateProfiles } = evidence;
  if (fargateProfiles.state === 'unavailable') return unknownBecause(fargateProfiles);
  if (fargateProfiles.value.length > 0)
    return notApplicable('no-nodes', 'the cluster runs on Fargate alone, which gives no public address');
  if (subnetIds.state !== 'given') return missingField('resourcesVpcConfig.subnetIds', subnetIds);
  return judgeSubnets('the cluster', subnetIds.value, evidence);
}
