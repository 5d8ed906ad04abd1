import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface WatchProps {
  readonly operators: ITopic;
  readonly stateMachine: IStateMachine;
  readonly deadLetterQueues: Readonly<Record<string, IQueue>>;
  /** A run must have succeeded within this time. */
  readonly expectedEvery: Duration;
}

/** Tells the operators when Ringfence itself fails. The descriptions say what to do first. */
export class Watch extends Construct {
  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    const action = new SnsAction(props.operators);
    for (const [name, queue] of Object.entries(props.deadLetterQueues)) {
      new Alarm(this, `${name}Waiting`, {
        alarmDescription: `Undelivered messages in ${name}. Read one, mend its cause, redrive: docs/operations.md, "Redrive".`,
        metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(action);
    }
    const dimensionsMap = { StateMachineArn: props.stateMachine.stateMachineArn };
    for (const [name, metricName] of [
      ['RunFailed', 'ExecutionsFailed'],
      ['RunTimedOut', 'ExecutionsTimedOut'],
    ] as const) {
      new Alarm(this, name, {
        alarmDescription:
          'A scan did not finish. Open the execution, read the failed state, redrive: docs/operations.md, "A failed run".',
        metric: new Metric({
          namespace: 'AWS/States',
          metricName,
          dimensionsMap,
          period: Duration.minutes(5),
          statistic: 'Sum',
        }),
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(action);
    }
    new Alarm(this, 'RunMissing', {
      alarmDescription:
        'No scan has succeeded for longer than expected. Check the schedule and its dead-letter queue: docs/operations.md, "A missing run".',
      metric: new Metric({
        namespace: 'AWS/States',
        metricName: 'ExecutionsSucceeded',
        dimensionsMap,
        period: props.expectedEvery,
        statistic: 'Sum',
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // No data is exactly the case to be told about.
      treatMissingData: TreatMissingData.BREACHING,
    }).addAlarmAction(action);
  }
}
