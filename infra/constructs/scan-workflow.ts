import { type CfnElement, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  Choice,
  Condition,
  DefinitionBody,
  DistributedMap,
  Errors,
  Fail,
  type IChainable,
  ItemBatcher,
  JitterType,
  JsonPath,
  LogLevel,
  Parallel,
  Pass,
  ProcessorMode,
  ProcessorType,
  ResultWriterV2,
  S3JsonItemReader,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
  Timeout,
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
 * A map tolerates every failed batch, and a map that fails as a whole (a plan that cannot be read, a result that cannot be written) is caught: one
 * broken provider must not stop the others. Finish compares the plan with what was written, so that whatever died is coverage lost and not
 * silence; then an execution with a broken map fails, for the operators to hear of it. JSONPath throughout, which other interpreters of
 * the language understand too.
 */
export class ScanWorkflow extends Construct {
  readonly stateMachine: StateMachine;
  readonly #bucket: IBucket;

  constructor(scope: Construct, id: string, props: ScanWorkflowProps) {
    super(scope, id);
    this.#bucket = props.bucket;
    const plan = this.invoke('Plan', props.plan, {
      runId: JsonPath.stringAt('$$.Execution.Name'),
      startedAt: JsonPath.stringAt('$$.Execution.StartTime'),
    });
    const scans = new Parallel(this, 'Scan', { resultPath: '$.branches' });
    for (const branch of props.branches) scans.branch(this.branch(branch, props.bucket));
    const finish = this.invoke('Finish', props.finish);
    const outcome = new Choice(this, 'EveryProviderScanned')
      .when(
        Condition.numberGreaterThan('$.brokenBranches', 0),
        new Fail(this, 'ProviderNotScanned', {
          error: 'ProviderNotScanned',
          cause:
            'A whole map failed: see the states that were caught. The run is closed, and its targets are coverage lost.',
        }),
      )
      .otherwise(new Succeed(this, 'Done'));

    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromChainable(plan.next(scans).next(finish).next(outcome)),
      timeout: Duration.hours(6),
      tracingEnabled: true,
      role: new Role(this, 'Role', {
        description: 'Ringfence state machine',
        assumedBy: new ServicePrincipal('states.amazonaws.com', {
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        }),
      }),
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
        this,
        `AwsSolutions-IAM5[Resource::<${id}.Arn>:*]`,
        'versions of the one function that the state invokes',
      );
    }
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray and log delivery know no resource-level restriction');
    for (const finding of this.wildcards())
      acknowledge(
        this,
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

  /** An empty list starts no map; a map that fails is noted in the branch's own output and ends there. */
  private branch(branch: ProviderBranch, bucket: IBucket): IChainable {
    const { provider } = branch;
    const name = title(provider);
    const map = this.map(branch, bucket);
    map.addCatch(new Pass(this, `${name}NotScanned`), { errors: [Errors.ALL], resultPath: '$.broken' });
    return new Choice(this, `${name}Planned`)
      .when(Condition.numberGreaterThan(`$.providers.${provider}.count`, 0), map)
      .otherwise(new Pass(this, `${name}HasNone`));
  }

  private map({ provider, scan, batchSize, concurrency }: ProviderBranch, bucket: IBucket): DistributedMap {
    const name = title(provider);
    const map = new DistributedMap(this, `${name}Targets`, {
      itemReader: new S3JsonItemReader({ bucket, key: JsonPath.stringAt(`$.providers.${provider}.key`) }),
      itemBatcher: new ItemBatcher({
        maxItemsPerBatch: batchSize,
        // The construct passes this on as it stands: without the ending of the keys the paths would arrive as text.
        batchInput: { 'runId.$': '$.runId', 'startedAt.$': '$.startedAt' },
      }),
      // An Express child ends after five minutes, whatever its function is allowed; a large subscription takes longer.
      mapExecutionType: StateMachineType.STANDARD,
      maxConcurrency: concurrency,
      toleratedFailurePercentage: 100,
      // Without a writer the answers of thousands of children would have to fit into one state's 256 KiB.
      resultWriterV2: new ResultWriterV2({ bucket, prefix: `results/${provider}` }),
      resultPath: JsonPath.DISCARD,
    });
    map.itemProcessor(this.invoke(`Scan${name}`, scan), {
      mode: ProcessorMode.DISTRIBUTED,
      executionType: ProcessorType.STANDARD,
    });
    Validations.of(map).acknowledge({
      id: 'Annotation::@aws-cdk/aws-stepfunctions:propertyIgnored',
      reason: 'the construct refuses a map without the very property that it says it ignores',
    });
    return map;
  }

  /** A function as a state: with the state's input where no payload is given. */
  private invoke(name: string, fn: IFunction, payload?: Readonly<Record<string, unknown>>): LambdaInvoke {
    const task = new LambdaInvoke(this, name, {
      lambdaFunction: fn,
      ...(payload === undefined ? {} : { payload: TaskInput.fromObject(payload) }),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      // An answer that never comes must not hold the run until its own end: a minute more than the longest function may take.
      taskTimeout: Timeout.duration(Duration.minutes(16)),
    });
    // The default service-exception retry does not cover a crashed or timed-out function: TaskFailed and Timeout have to be named.
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
}

function title(provider: string): string {
  return provider.charAt(0).toUpperCase() + provider.slice(1);
}
