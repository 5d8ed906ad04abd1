import { Stack, TimeZone } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface ScanScheduleProps {
  readonly stateMachine: IStateMachine;
  /** EventBridge Scheduler expression, e.g. `rate(6 hours)`. */
  readonly expression: string;
  readonly deadLetterQueue: IQueue;
}

/** Starts the scan. A start that fails for an hour lies in the queue and raises its alarm. */
export class ScanSchedule extends Construct {
  constructor(scope: Construct, id: string, props: ScanScheduleProps) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    const role = new Role(this, 'Role', {
      description: 'Ringfence schedule',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': account,
            'aws:SourceArn': `arn:${partition}:scheduler:${region}:${account}:schedule-group/default`,
          },
        },
      }),
    });
    // The target grants sending to the queue, but not the key without which an encrypted queue refuses the message.
    props.deadLetterQueue.encryptionMasterKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
    new Schedule(this, 'Schedule', {
      description: 'Ringfence scan',
      schedule: ScheduleExpression.expression(props.expression, TimeZone.ETC_UTC),
      target: new StepFunctionsStartExecution(props.stateMachine, {
        input: ScheduleTargetInput.fromObject({}),
        deadLetterQueue: props.deadLetterQueue,
        retryAttempts: 5,
        role,
      }),
    });
  }
}
