import type { EksEvidence, EksNodeGroup } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { missingField, type ReadCluster } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { cloudFormation, ec2Command, withoutSubnet } from './shared/fix.ts';

export default defineEksControl({
  id: 'eks-node-public-address',
  title: 'Nodes get no public address',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 001: the whole network is closed',
  reference: 'VPC user guide, public IPv4 addressing attribute of a subnet; EKS user guide, launch templates',
  remediation:
    'Check who is called by the public addresses. Then switch the automatic public address of the subnet off or set AssociatePublicIpAddress to false in the launch template, take Elastic IPs away, and replace the nodes one by one.',
  needs: [
    'eks:DescribeCluster',
    'eks:ListNodegroups',
    'eks:DescribeNodegroup',
    'eks:ListFargateProfiles',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeInstances',
    'ec2:DescribeSubnets',
  ],
  evaluate(subject) {
    const { evidence } = subject;
    const checks = [...nodeGroups(evidence), ...runningInstances(evidence), ...autoMode(evidence, subject)];
    if (checks.length === 0) return withoutNodes(evidence, subject);
    return combine(checks, `none of ${checks.length} groups of nodes gets a public address`);
  },
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
      return fail('launch-template', `${id} version ${version} gives the nodes of ${name} public addresses`, proof, {
        fix: templateFix({ id, version, groups: content.value.securityGroupIds, nodeGroup: name }, evidence),
      });
    }
  }
  if (subnetIds.state !== 'given') return missingField(`subnets of node group ${name}`, subnetIds);
  return judgeSubnets(name, subnetIds.value, evidence);
}

/** The interface is written anew as a whole, so its groups are said again. */
function templateFix(
  {
    id,
    version,
    groups,
    nodeGroup,
  }: { readonly id: string; readonly version: string; readonly groups: readonly string[]; readonly nodeGroup: string },
  evidence: EksEvidence,
) {
  const { region, name } = evidence;
  const data = JSON.stringify({
    NetworkInterfaces: [
      { DeviceIndex: 0, AssociatePublicIpAddress: false, ...(groups.length === 0 ? {} : { Groups: groups }) },
    ],
  });
  return cloudFormation(
    [
      ec2Command(
        evidence,
        `create-launch-template-version --launch-template-id ${shellQuote(id)} --source-version ${shellQuote(version)} --launch-template-data ${shellQuote(data)}`,
      ),
      `aws eks update-nodegroup-version --region ${shellQuote(region)} --cluster-name ${shellQuote(name)} --nodegroup-name ${shellQuote(nodeGroup)} --launch-template id=${shellQuote(id)},version='<the new version>'`,
    ],
    `# ${id}\nType: AWS::EC2::LaunchTemplate\nProperties:\n  LaunchTemplateData:\n    NetworkInterfaces:\n      - DeviceIndex: 0\n        AssociatePublicIpAddress: false${groups.length === 0 ? '' : `\n        Groups: [${groups.join(', ')}]`}`,
  );
}

/** Who in the subnet has a public address today. */
function publicInterfaces(subnetId: string, evidence: EksEvidence): string {
  return ec2Command(
    evidence,
    `describe-network-interfaces --filters ${shellQuote(`Name=subnet-id,Values=${subnetId}`)} 'Name=association.public-ip,Values=*' --query 'NetworkInterfaces[].[NetworkInterfaceId,Description]'`,
  );
}

function judgeSubnets(name: string, ids: readonly string[], evidence: EksEvidence): Verdict {
  const { subnets } = evidence.network;
  if (subnets.state === 'unavailable') return unknownBecause(subnets);
  if (ids.length === 0) return unknown('absent-field', `${name} names no subnets`);
  return combine(
    ids.map((id) => {
      const subnet = subnets.value.find((entry) => entry.id === id);
      if (subnet === undefined) {
        const line = `${id} of ${name} is gone`;
        return fail('not-found', line, [{ kind: 'fact', line, field: id, value: 'not-found' }], {
          fix: withoutSubnet(id, ids, evidence),
        });
      }
      return judgeSubnet(name, subnet, evidence);
    }),
    `the subnets of ${name} give no public address`,
  );
}

function judgeSubnet(name: string, { id, mapsPublicAddress: flag }: EksSubnet, evidence: EksEvidence): Verdict {
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
  return fail('subnet-maps-public', `${id} gives the nodes of ${name} public addresses`, proof, {
    // Others may start instances there that need a public address, so the setting is not changed before that was looked at.
    fix: {
      checkFirst: [`Does anything else in ${id} need the public address that it gets at its start?`],
      ...cloudFormation(
        [publicInterfaces(id, evidence)],
        `# ${id}, once nothing else in it needs a public address\nType: AWS::EC2::Subnet\nProperties:\n  MapPublicIpOnLaunch: false`,
      ),
    },
  });
}

/** What running instances hold is a fact, whatever their templates say. */
function runningInstances(evidence: EksEvidence): readonly Verdict[] {
  const { instances } = evidence;
  if (instances.state === 'unavailable') return [unknownBecause(instances)];
  return instances.value.map(({ id, subnetId, publicAddress }) => {
    const proof: readonly Proof[] = [
      {
        kind: 'fact',
        line: `${id} in ${subnetId}: public address = ${publicAddress}`,
        field: 'PublicIpAddress',
        value: publicAddress,
        hops: [id, subnetId],
        source: instances.source,
      },
    ];
    if (!publicAddress) return pass(`${id} has no public address`, proof);
    return fail('instance-public-address', `${id} has a public address`, proof, {
      fix: {
        checkFirst: [
          `Who calls ${id} by its public address, and what gave it: an Elastic IP, its subnet, or its launch template?`,
        ],
        ...cloudFormation(
          [
            ec2Command(
              evidence,
              `describe-instances --instance-ids ${shellQuote(id)} --query 'Reservations[].Instances[].NetworkInterfaces[].[NetworkInterfaceId,Association]'`,
            ),
            publicInterfaces(subnetId, evidence),
          ],
          `# the launch template that ${id} was started from; ${subnetId} decides where it says nothing\nType: AWS::EC2::LaunchTemplate\nProperties:\n  LaunchTemplateData:\n    NetworkInterfaces:\n      - DeviceIndex: 0\n        AssociatePublicIpAddress: false`,
        ),
      },
    });
  });
}

/** Auto Mode keeps its node classes inside the cluster: what the cluster's subnets show can fail, and cannot pass. */
function autoMode(evidence: EksEvidence, { cluster: { autoMode: flag, subnetIds } }: ReadCluster): readonly Verdict[] {
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
function withoutNodes(evidence: EksEvidence, { cluster: { subnetIds } }: ReadCluster): Verdict {
  const { fargateProfiles } = evidence;
  if (fargateProfiles.state === 'unavailable') return unknownBecause(fargateProfiles);
  if (fargateProfiles.value.length > 0)
    return notApplicable('no-nodes', 'the cluster runs on Fargate alone, which gives no public address');
  if (subnetIds.state !== 'given') return missingField('resourcesVpcConfig.subnetIds', subnetIds);
  return judgeSubnets('the cluster', subnetIds.value, evidence);
}
