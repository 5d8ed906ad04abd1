import { Duration } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface WatchProps {
  readonly operators: ITopic;
  readonly stateMachine: IStateMachine;
  readonly deadLetterQueues: Readonly<Record<string, IQueue>>;
  /** Messages that wait for Slack. */
  readonly slackQueue: IQueue;
  /** Follows the table's stream. */
  readonly alert: IFunction;
  /** A run must have succeeded within this time, in whole hours. */
  readonly expectedEvery: Duration;
}

/** Late, but not lost yet: what waits longer than this will not mend itself. */
const LATE = Duration.hours(1);

/** Tells the operators when Ringfence itself fails. The descriptions say what to do first. */
export class Watch extends Construct {
  readonly #operators: SnsAction;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    this.#operators = new SnsAction(props.operators);
    for (const [name, queue] of Object.entries(props.deadLetterQueues)) {
      this.alarm(`${name}Waiting`, {
        alarmDescription: `Undelivered messages in ${name}. Read one, fix its cause, redrive: docs/operations.md, "Redrive".`,
        metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: 'Maximum' }),
        threshold: 1,
      });
    }
    this.alarm('SlackLate', {
      alarmDescription:
        'Messages have waited for Slack for an hour: it refuses them or is away. Nothing is lost for half a day: docs/operations.md, "Slack".',
      metric: props.slackQueue.metricApproximateAgeOfOldestMessage({
        period: Duration.minutes(5),
        statistic: 'Maximum',
      }),
      threshold: LATE.toSeconds(),
    });
    this.alarm('AlertsLate', {
      alarmDescription:
        'State changes have waited for the alert function for an hour. Read its log; after 24 hours the stream forgets them: docs/operations.md, "Redrive".',
      metric: props.alert.metric('IteratorAge', { period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: LATE.toMilliseconds(),
    });
    const executions = (metricName: string, period: Duration) =>
      new Metric({
        namespace: 'AWS/States',
        metricName,
        dimensionsMap: { StateMachineArn: props.stateMachine.stateMachineArn },
        period,
        statistic: 'Sum',
      });
    for (const [name, metricName] of [
      ['RunFailed', 'ExecutionsFailed'],
      ['RunTimedOut', 'ExecutionsTimedOut'],
      ['RunAborted', 'ExecutionsAborted'],
    ] as const) {
      this.alarm(name, {
        alarmDescription:
          'A scan did not finish. Open the execution, read the failed state, redrive: docs/operations.md, "A failed run".',
        metric: executions(metricName, Duration.minutes(5)),
        threshold: 1,
      });
    }
    this.alarm('RunMissing', {
      alarmDescription:
        'No scan has succeeded for longer than expected. Check the schedule and its dead-letter queue: docs/operations.md, "A missing run".',
      // Hour by hour: one period may not be longer than a day.
      metric: executions('ExecutionsSucceeded', Duration.hours(1)),
      threshold: 1,
      evaluationPeriods: props.expectedEvery.toHours(),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // No data is exactly the case to be told about.
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  private alarm(name: string, props: Omit<AlarmProps, 'evaluationPeriods'> & Partial<AlarmProps>): void {
    new Alarm(this, name, {
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    }).addAlarmAction(this.#operators);
  }
}
