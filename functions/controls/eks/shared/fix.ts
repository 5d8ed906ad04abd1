import type { EksEvidence } from '#domain/evidence/eks.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';

/** How to change the cluster itself: the command, and the same as properties of `AWS::EKS::Cluster`. */
export function clusterFix({ region, name }: EksEvidence, option: string, properties: string): Fix {
  return cloudFormation(
    [`aws eks update-cluster-config --region ${shellQuote(region)} --name ${shellQuote(name)} ${option}`],
    `# ${name}\nType: AWS::EKS::Cluster\nProperties:\n${properties.replaceAll(/^/gm, '  ')}`,
  );
}

/** Commands, and the same as CloudFormation. */
export function cloudFormation(commands: readonly string[], ...code: readonly string[]): Fix {
  return { commands, fragments: code.map((entry) => ({ language: 'cloudformation', code: entry })) };
}

export function ec2Command({ region }: EksEvidence, command: string): string {
  return `aws ec2 ${command.replace(' ', ` --region ${shellQuote(region)} `)}`;
}

/** The cluster with the subnets that are left; EKS asks for two zones. */
export function withoutSubnet(gone: string, all: readonly string[], evidence: EksEvidence): Fix {
  const left = [...all.filter((id) => id !== gone).map(shellQuote), `'<a subnet in place of ${gone}>'`];
  return clusterFix(
    evidence,
    `--resources-vpc-config subnetIds=${left.join(',')}`,
    `ResourcesVpcConfig:\n  SubnetIds: [${left.join(', ')}]`,
  );
}

/** The cluster with the groups that are left, or with one that is still to be made. */
export function withGroupsOnly(groups: readonly string[], evidence: EksEvidence): Fix {
  const left = groups.length === 0 ? ["'<a group of this cluster alone>'"] : groups.map(shellQuote);
  return clusterFix(
    evidence,
    `--resources-vpc-config securityGroupIds=${left.join(',')}`,
    `ResourcesVpcConfig:\n  SecurityGroupIds: [${left.join(', ')}]`,
  );
}

export function vpcDnsFix(vpcId: string, option: 'enable-dns-support' | 'enable-dns-hostnames', evidence: EksEvidence) {
  return cloudFormation(
    [ec2Command(evidence, `modify-vpc-attribute --vpc-id ${shellQuote(vpcId)} --${option}`)],
    `# ${vpcId}\nType: AWS::EC2::VPC\nProperties:\n  EnableDnsSupport: true\n  EnableDnsHostnames: true`,
  );
}
