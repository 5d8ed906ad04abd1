import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** One rotated key for everything the hub stores: table, queues, topic, bucket, logs. */
export class EncryptionKey extends Key {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Ringfence: state, queues, topic, bucket and logs',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { region, account, partition } = Stack.of(this);
    // CloudWatch Logs is no IAM principal of this account: the key's own policy has to admit it, for this account's groups only.
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('logs.amazonaws.com')],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        resources: ['*'],
        conditions: {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*` },
        },
      }),
    );
    // SNS puts messages into the encrypted queues in its own name, and only for topics of this account. The topic itself cannot be named: it needs the key first.
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('sns.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { ArnLike: { 'aws:SourceArn': `arn:${partition}:sns:${region}:${account}:*` } },
      }),
    );
    // Alarms publish to the encrypted operator topic in CloudWatch's own name.
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
  }
}
