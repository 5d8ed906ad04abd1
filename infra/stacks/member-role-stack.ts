import {
  CfnOutput,
  CfnParameter,
  Fn,
  type IStackSynthesizer,
  LegacyStackSynthesizer,
  Stack,
  type StackProps,
} from 'aws-cdk-lib';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface MemberRoleStackProps extends StackProps {
  /** The collectors' actions, and nothing else. */
  readonly permissions: readonly string[];
  /** Names of the hub's function roles that may assume the member role. */
  readonly scannerRoleNames: readonly string[];
}

/**
 * The role that every scanned account carries. Its template needs no bootstrap and no asset, so that a StackSet can roll it out as it is.
 * The trust names the hub's function roles one by one (not the hub's account root) and demands the external id.
 */
export class MemberRoleStack extends Stack {
  constructor(scope: Construct, id: string, props: MemberRoleStackProps) {
    super(scope, id, { ...props, synthesizer: new LegacyStackSynthesizer() as IStackSynthesizer });
    const hubAccount = new CfnParameter(this, 'HubAccountId', {
      description: 'Account that runs Ringfence',
      allowedPattern: '^[0-9]{12}$',
      constraintDescription: '12 digits',
    });
    const externalId = new CfnParameter(this, 'ExternalId', {
      description: 'The value of aws.externalId in ringfence.yaml',
      noEcho: true,
      minLength: 2,
      maxLength: 1224,
      allowedPattern: '^[\\w+=,.@:/-]+$',
    });
    const roleName = new CfnParameter(this, 'RoleName', {
      description: 'The value of aws.roleName in ringfence.yaml',
      default: 'RingfenceScanner',
      allowedPattern: '^[\\w+=,.@-]{1,64}$',
    });
    const role = new CfnRole(this, 'Scanner', {
      roleName: roleName.valueAsString,
      description: 'Lets Ringfence read EKS and VPC configuration. Read-only.',
      maxSessionDuration: 3600,
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: {
              AWS: props.scannerRoleNames.map((name) =>
                Fn.sub(`arn:\${AWS::Partition}:iam::\${HubAccountId}:role/${name}`),
              ),
            },
            Condition: { StringEquals: { 'sts:ExternalId': externalId.valueAsString } },
          },
        ],
      },
      policies: [
        {
          policyName: 'ReadConfiguration',
          policyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: [...props.permissions].sort(), Resource: '*' }],
          },
        },
      ],
    });
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'read actions of EC2 know no resource-level restriction, and every cluster of the account is read',
    );
    new CfnOutput(this, 'RoleArn', { value: role.attrArn, description: `Trusted by ${hubAccount.logicalId}` });
  }
}
