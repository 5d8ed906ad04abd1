import { CfnOutput, CfnParameter, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Shipped } from '../bundling.ts';
import { AlertDelivery } from '../constructs/alert-delivery.ts';
import { DeadLetterQueue } from '../constructs/dead-letters.ts';
import { EncryptionKey } from '../constructs/encryption-key.ts';
import { HubFunctions } from '../constructs/hub-functions.ts';
import { type JwtOptions, QueryApi } from '../constructs/query-api.ts';
import type { FunctionNetwork } from '../constructs/ringfence-function.ts';
import { ScanSchedule } from '../constructs/scan-schedule.ts';
import { ScanWorkflow } from '../constructs/scan-workflow.ts';
import { StateTable } from '../constructs/state-table.ts';
import { Watch } from '../constructs/watch.ts';
import type { DeploymentFacts } from '../deployment-facts.ts';

export interface HubStackProps extends StackProps {
  /** The validated configuration and the catalogue; they travel beside the functions' bundles. */
  readonly shipped: Shipped;
  readonly facts: DeploymentFacts;
  /** EventBridge Scheduler expression. */
  readonly schedule: string;
  /** Longest time without a successful run before the operators hear of it. */
  readonly expectedEvery: Duration;
  readonly jwt?: JwtOptions;
  /** Subnets and security groups of the function that reads clusters from inside. */
  readonly clusterNetwork?: FunctionNetwork;
}

const SLACK_TIMEOUT = Duration.seconds(60);

/** The hub: one account and region that plans, scans, keeps the state, alerts and answers. */
export class HubStack extends Stack {
  constructor(scope: Construct, id: string, props: HubStackProps) {
    super(scope, id, props);
    const key = new EncryptionKey(this, 'Key');
    const { table } = new StateTable(this, 'State', key);
    const runs = this.runBucket(key);
    const alerts = new Topic(this, 'Alerts', { masterKey: key, enforceSSL: true });
    const deliveries = new Topic(this, 'Deliveries', { masterKey: key, enforceSSL: true });
    const operators = new Topic(this, 'Operators', { masterKey: key, enforceSSL: true });
    // The rule for TLS makes a policy, and a policy takes the place of the default that lets alarms in.
    operators.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [operators.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const externalId = props.facts.asksExternalId
      ? new CfnParameter(this, 'ExternalId', {
          description:
            'What ${env:RINGFENCE_EXTERNAL_ID} of ringfence.yaml stands for; the member roles demand the same',
          noEcho: true,
          minLength: 2,
          maxLength: 1224,
        })
      : undefined;
    const webhook = props.facts.namesSlackWebhook
      ? undefined
      : new Secret(this, 'SlackWebhook', {
          description: 'Ringfence: webhook of the Slack channel, as a plain string. Empty until it is filled.',
          encryptionKey: key,
        });
    const cursorKey = new Secret(this, 'CursorKey', {
      description: 'Ringfence: signs the cursors of the query API',
      encryptionKey: key,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });

    acknowledge(
      cursorKey,
      'AwsSolutions-SMG4',
      'a new key would only refuse cursors that are minutes old; it protects no credential',
    );
    if (webhook !== undefined)
      acknowledge(
        webhook,
        'AwsSolutions-SMG4',
        'Slack makes the webhook; it is replaced there and not by a rotation function',
      );
    acknowledge(
      runs,
      'AwsSolutions-S1',
      "only the hub's own functions reach it, and CloudTrail sees them; its content lives a month",
    );

    const functions = new HubFunctions(this, 'Functions', {
      key,
      table,
      runs,
      shipped: props.shipped,
      facts: props.facts,
      alerts,
      deliveries,
      cursorKey,
      ...(webhook === undefined ? {} : { webhook }),
      slackTimeout: SLACK_TIMEOUT,
      ...(externalId === undefined ? {} : { externalId: externalId.valueAsString }),
      ...(props.clusterNetwork === undefined ? {} : { clusterNetwork: props.clusterNetwork }),
    });
    const delivery = new AlertDelivery(this, 'Delivery', {
      table,
      key,
      alert: functions.alert,
      slack: functions.slack,
      slackTimeout: SLACK_TIMEOUT,
      topic: deliveries,
    });
    const workflow = new ScanWorkflow(this, 'Workflow', {
      plan: functions.plan.function,
      finish: functions.finish.function,
      branches: functions.branches,
      // The class says "string or undefined" where its interface says "optional".
      bucket: runs as IBucket,
      key,
    });
    const startDeadLetters = new DeadLetterQueue(this, 'StartDeadLetters', key);
    new ScanSchedule(this, 'Schedule', {
      stateMachine: workflow.stateMachine,
      expression: props.schedule,
      deadLetterQueue: startDeadLetters,
    });
    const api = new QueryApi(this, 'Query', {
      query: functions.query.function,
      key,
      ...(props.jwt === undefined ? {} : { jwt: props.jwt }),
    });
    functions.slack.function.addEnvironment('RINGFENCE_LINK_BASE', api.url);
    new Watch(this, 'Watch', {
      operators,
      stateMachine: workflow.stateMachine,
      expectedEvery: props.expectedEvery,
      slackQueue: delivery.slackQueue,
      alert: functions.alert.function,
      deadLetterQueues: {
        StreamDeadLetters: delivery.streamDeadLetters,
        TopicDeadLetters: delivery.topicDeadLetters,
        SlackDeadLetters: delivery.slackDeadLetters,
        StartDeadLetters: startDeadLetters,
      },
    });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'StateMachineArn', { value: workflow.stateMachine.stateMachineArn });
    new CfnOutput(this, 'AlertsTopicArn', { value: alerts.topicArn });
    new CfnOutput(this, 'OperatorsTopicArn', {
      value: operators.topicArn,
      description: 'Subscribe whoever runs Ringfence',
    });
    if (webhook !== undefined) new CfnOutput(this, 'SlackWebhookSecret', { value: webhook.secretName });
  }

  /** Planned targets and map results: needed for the run and its redrive, worthless a month later. */
  private runBucket(key: EncryptionKey): Bucket {
    return new Bucket(this, 'Runs', {
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
