import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Subscription, SubscriptionProtocol, type Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letters.ts';
import type { RingfenceFunction } from './ringfence-function.ts';

export interface AlertDeliveryProps {
  readonly table: ITable;
  readonly key: IKey;
  readonly alert: RingfenceFunction;
  readonly slack: RingfenceFunction;
  readonly slackTimeout: Duration;
  /** Internal topic of deliveries. */
  readonly topic: Topic;
}

/** Table stream → alert → SNS → SQS → slack, with a dead-letter queue on every edge. */
export class AlertDelivery extends Construct {
  readonly streamDeadLetters: Queue;
  readonly topicDeadLetters: Queue;
  readonly slackDeadLetters: Queue;
  readonly slackQueue: Queue;

  constructor(scope: Construct, id: string, props: AlertDeliveryProps) {
    super(scope, id);
    this.streamDeadLetters = new DeadLetterQueue(this, 'StreamDeadLetters', props.key);
    this.topicDeadLetters = new DeadLetterQueue(this, 'TopicDeadLetters', props.key);
    this.slackDeadLetters = new DeadLetterQueue(this, 'SlackDeadLetters', props.key);

    props.alert.function.addEventSource(
      new DynamoEventSource(props.table, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        maxBatchingWindow: Duration.seconds(5),
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: 20,
        onFailure: new SqsDlq(this.streamDeadLetters),
      }),
    );

    this.slackQueue = new Queue(this, 'SlackQueue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.key,
      enforceSSL: true,
      // Six times the function's timeout, as the Lambda guide asks for event sources.
      visibilityTimeout: Duration.seconds(props.slackTimeout.toSeconds() * 6),
      retentionPeriod: Duration.days(14),
      // Half a day of an unreachable Slack, at the pace of functions/app/deliver-slack.ts, before the dead-letter queue.
      deadLetterQueue: { queue: this.slackDeadLetters, maxReceiveCount: 50 },
    });
    const queue = this.slackQueue;
    // Spelt out: the ready-made subscription would open the key to SNS on behalf of any account's topic.
    new Subscription(this, 'SlackSubscription', {
      topic: props.topic,
      protocol: SubscriptionProtocol.SQS,
      endpoint: queue.queueArn,
      rawMessageDelivery: true,
      deadLetterQueue: this.topicDeadLetters,
    });
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': props.topic.topicArn } },
      }),
    );
    props.slack.function.addEventSource(
      new SqsEventSource(queue, { batchSize: 5, reportBatchItemFailures: true, maxConcurrency: 2 }),
    );
    props.slack.function.addEnvironment('RINGFENCE_SLACK_QUEUE_URL', queue.queueUrl);
    queue.grant(props.slack.role, 'sqs:ChangeMessageVisibility');
  }
}
