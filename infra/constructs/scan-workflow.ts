import { type CfnElement, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  DefinitionBody,
  DistributedMap,
  Errors,
  ItemBatcher,
  JitterType,
  JsonPath,
  LogLevel,
  Parallel,
  ProcessorMode,
  ProcessorType,
  ResultWriterV2,
  S3JsonItemReader,
  StateMachine,
  StateMachineType,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface ProviderBranch {
  /** Key of the provider in the plan's answer. */
  readonly provider: string;
  readonly scan: IFunction;
  /** Targets that one invocation reads. */
  readonly batchSize: number;
  /** Child executions at a time. */
  readonly concurrency: number;
}

export interface ScanWorkflowProps {
  readonly plan: IFunction;
  readonly finish: IFunction;
  readonly branches: readonly ProviderBranch[];
  /** Holds the planned targets and the map results. */
  readonly bucket: IBucket;
  readonly key: IKey;
}

/**
 * Plan → one Distributed Map per provider, side by side → Finish.
 *
 * A map tolerates every failed batch: one broken account must not stop the others, and Finish compares the plan with what was written, so
 * a batch that died is coverage lost and not silence. JSONPath throughout, which other interpreters of the language understand too.
 */
export class ScanWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  readonly #bucket: IBucket;

  constructor(scope: Construct, id: string, props: ScanWorkflowProps) {
    super(scope, id);
    this.#bucket = props.bucket;
    const plan = retried(
      new LambdaInvoke(this, 'Plan', {
        lambdaFunction: props.plan,
        payload: TaskInput.fromObject({
          runId: JsonPath.stringAt('$$.Execution.Name'),
          startedAt: JsonPath.stringAt('$$.Execution.StartTime'),
        }),
        payloadResponseOnly: true,
        retryOnServiceExceptions: false,
      }),
    );
    const finish = retried(
      new LambdaInvoke(this, 'Finish', {
        lambdaFunction: props.finish,
        payload: TaskInput.fromJsonPathAt('$'),
        payloadResponseOnly: true,
        retryOnServiceExceptions: false,
      }),
    );
    const scans = new Parallel(this, 'Scan', { resultPath: JsonPath.DISCARD });
    for (const branch of props.branches) scans.branch(this.map(branch, props.bucket));

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromChainable(plan.next(scans).next(finish)),
      timeout: Duration.hours(6),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          retention: RetentionDays.THREE_MONTHS,
          encryptionKey: props.key,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    const { role } = this.stateMachine;
    for (const statement of [
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [props.bucket.arnForObjects('plans/*')] }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: [props.bucket.arnForObjects('results/*')],
      }),
      new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [props.key.keyArn] }),
    ]) {
      role.addToPrincipalPolicy(statement);
    }
    this.acknowledge(props);
  }

  private acknowledge({ plan, finish, branches }: ScanWorkflowProps): void {
    const stack = Stack.of(this);
    for (const fn of [plan, finish, ...branches.map(({ scan }) => scan)]) {
      const id = stack.getLogicalId(fn.node.defaultChild as CfnElement);
      acknowledge(
        this.stateMachine,
        `AwsSolutions-IAM5[Resource::<${id}.Arn>:*]`,
        'versions of the one function that the state invokes',
      );
    }
    acknowledge(
      this.stateMachine,
      'AwsSolutions-IAM5[Resource::*]',
      'X-Ray and log delivery know no resource-level restriction',
    );
    for (const finding of this.wildcards())
      acknowledge(
        this.stateMachine,
        finding,
        'objects of one run, and child executions of this very state machine: their names are made when it runs',
      );
  }

  private wildcards(): readonly string[] {
    const machine = Stack.of(this).getLogicalId(this.stateMachine.node.defaultChild as CfnElement);
    const execution = `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"${machine}"}]}]}`;
    const bucket = Stack.of(this).getLogicalId(this.#bucket.node.defaultChild as CfnElement);
    return [
      `AwsSolutions-IAM5[Resource::${execution}:*]`,
      `AwsSolutions-IAM5[Resource::${execution}/*:*]`,
      `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/plans/*]`,
      `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/results/*]`,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::<${bucket}>/*]`,
    ];
  }

  private map({ provider, scan, batchSize, concurrency }: ProviderBranch, bucket: IBucket): DistributedMap {
    const name = provider.charAt(0).toUpperCase() + provider.slice(1);
    const map = new DistributedMap(this, `${name}Targets`, {
      itemReader: new S3JsonItemReader({ bucket, key: JsonPath.stringAt(`$.providers.${provider}.key`) }),
      itemBatcher: new ItemBatcher({
        maxItemsPerBatch: batchSize,
        batchInput: { runId: JsonPath.stringAt('$.runId'), startedAt: JsonPath.stringAt('$.startedAt') },
      }),
      // Express children end after five minutes, retries included: less than one slow batch may take (docs/decisions/0008).
      mapExecutionType: StateMachineType.STANDARD,
      maxConcurrency: concurrency,
      toleratedFailurePercentage: 100,
      // Without a writer the answers of thousands of children would have to fit into one state's 256 KiB.
      resultWriterV2: new ResultWriterV2({ bucket, prefix: `results/${provider}` }),
      resultPath: JsonPath.DISCARD,
    });
    map.itemProcessor(
      retried(
        new LambdaInvoke(this, `Scan${name}`, {
          lambdaFunction: scan,
          payloadResponseOnly: true,
          retryOnServiceExceptions: false,
        }),
      ),
      { mode: ProcessorMode.DISTRIBUTED, executionType: ProcessorType.STANDARD },
    );
    Validations.of(map).acknowledge({
      id: 'Annotation::@aws-cdk/aws-stepfunctions:propertyIgnored',
      reason: 'the construct refuses a map without the very property that it says it ignores',
    });
    return map;
  }
}

/** The default service-exception retry does not cover a crashed or timed-out function: TaskFailed and Timeout have to be named. */
function retried(task: LambdaInvoke): LambdaInvoke {
  task.addRetry({
    errors: [
      Errors.TASKS_FAILED,
      Errors.TIMEOUT,
      'Lambda.TooManyRequestsException',
      'Lambda.ServiceException',
      'Lambda.SdkClientException',
    ],
    interval: Duration.seconds(5),
    backoffRate: 2,
    maxAttempts: 3,
    maxDelay: Duration.minutes(1),
    jitterStrategy: JitterType.FULL,
  });
  return task;
}
