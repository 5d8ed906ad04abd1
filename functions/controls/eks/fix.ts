import type { EksEvidence } from '#domain/evidence/eks.ts';
import { word } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';

/** How to change the cluster itself: the command, and the same as properties of `AWS::EKS::Cluster`. */
export function clusterFix({ region, name }: EksEvidence, option: string, properties: string): Fix {
  return {
    commands: [`aws eks update-cluster-config --region ${word(region)} --name ${word(name)} ${option}`],
    fragments: [{ language: 'cloudformation', code: properties }],
  };
}

export function ec2Command({ region }: EksEvidence, command: string): string {
  return `aws ec2 ${command.replace(' ', ` --region ${word(region)} `)}`;
}
