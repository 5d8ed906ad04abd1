import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { PROVIDERS } from '#domain/target.ts';
import { TABLE } from '#storage/table.ts';
import { acknowledge } from '../acknowledge.ts';
import type { HandlerName, Shipped } from '../bundling.ts';
import { type DeploymentFacts, HUB_ROLE_NAMES } from '../deployment-facts.ts';
import { federate, readAws, readInventories, readObjects, readSecrets, useTable } from './grants.ts';
import { type FunctionNetwork, RingfenceFunction, type RingfenceFunctionProps } from './ringfence-function.ts';
import type { ProviderBranch } from './scan-workflow.ts';

export interface HubFunctionsProps {
  readonly key: IKey;
  readonly table: ITable;
  readonly runs: Bucket;
  readonly shipped: Shipped;
  readonly facts: DeploymentFacts;
  readonly alerts: Topic;
  /** Internal: in front of the Slack queue. */
  readonly deliveries: Topic;
  readonly cursorKey: Secret;
  /** The secret that the operator fills, where the configuration names none. */
  readonly webhook?: Secret;
  readonly slackTimeout: Duration;
  /** Given at deployment, where the configuration leaves it to the environment. */
  readonly externalId?: string;
  /** Where the function that reads clusters from inside runs, to reach private endpoints; outside of any VPC without it. */
  readonly clusterNetwork?: FunctionNetwork;
}

/** Every function of the hub with exactly the rights that its handler uses. */
export class HubFunctions extends Construct {
  readonly plan: RingfenceFunction;
  readonly finish: RingfenceFunction;
  readonly alert: RingfenceFunction;
  readonly slack: RingfenceFunction;
  readonly query: RingfenceFunction;
  readonly branches: readonly ProviderBranch[];

  constructor(scope: Construct, id: string, props: HubFunctionsProps) {
    super(scope, id);
    const { facts, table, runs } = props;
    const make = (handler: HandlerName, rest: Omit<RingfenceFunctionProps, 'handler' | 'key' | 'shipped'>) =>
      this.make(handler, props, rest);

    this.plan = make('plan', {
      description: 'Lists accounts, subscriptions and regions',
      timeout: Duration.minutes(15),
      memorySize: 1024,
      roleName: HUB_ROLE_NAMES.plan,
    });
    this.plan.allow(['s3:PutObject'], [runs.arnForObjects('plans/*')]);
    useTable(this.plan, table, ['dynamodb:PutItem'], { partitions: ['RUN'] });
    useTable(this.plan, table, ['dynamodb:Query'], { indexes: ['targets'] });

    const scans = {
      aws: make('scan-aws', {
        description: 'Reads EKS and EC2',
        timeout: Duration.minutes(10),
        memorySize: 1024,
        roleName: HUB_ROLE_NAMES.scanAws,
      }),
      azure: make('scan-azure', { description: 'Reads AKS', timeout: Duration.minutes(10), memorySize: 1024 }),
      ibm: make('scan-ibm', { description: 'Reads IKS and OpenShift', timeout: Duration.minutes(10), memorySize: 512 }),
      kubernetes: make('scan-kubernetes', {
        description: 'Reads clusters from inside, and inventories',
        timeout: Duration.minutes(10),
        memorySize: 1536,
        ...(props.clusterNetwork === undefined ? {} : { network: props.clusterNetwork }),
      }),
    };
    for (const scan of Object.values(scans)) useTable(scan, table, ['dynamodb:PutItem', 'dynamodb:Query']);
    for (const reader of [this.plan, scans.aws]) readAws(reader, facts);
    for (const reader of [this.plan, scans.azure]) federate(reader, facts);
    if (facts.federatesAks) federate(scans.kubernetes, facts);
    readSecrets(this.plan, facts, PROVIDERS);
    readSecrets(scans.aws, facts, ['aws']);
    readSecrets(scans.azure, facts, ['azure']);
    readSecrets(scans.ibm, facts, ['ibm']);
    readSecrets(scans.kubernetes, facts, ['kubernetes', 'kubespray']);
    readInventories(scans.kubernetes, facts);
    readObjects(this.plan, [...facts.objects.ibm, ...facts.objects.kubernetes]);
    readObjects(scans.ibm, facts.objects.ibm);
    readObjects(scans.kubernetes, facts.objects.kubernetes);
    if (props.externalId !== undefined)
      for (const reader of [this.plan, scans.aws])
        reader.function.addEnvironment('RINGFENCE_EXTERNAL_ID', props.externalId);

    this.branches = [
      { provider: 'aws', scan: scans.aws.function, batchSize: 10, concurrency: 40 },
      { provider: 'azure', scan: scans.azure.function, batchSize: 20, concurrency: 5 },
      // One at a time: 200 requests in 10 seconds are counted per source address, and functions behind one NAT share theirs.
      { provider: 'ibm', scan: scans.ibm.function, batchSize: 5, concurrency: 1 },
      { provider: 'kubernetes', scan: scans.kubernetes.function, batchSize: 1, concurrency: 10 },
    ];

    this.finish = make('finish', { description: 'Closes the run', timeout: Duration.minutes(15), memorySize: 1024 });
    this.finish.allow(['s3:GetObject'], [runs.arnForObjects('plans/*')]);
    useTable(this.finish, table, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], { indexes: ['targets'] });

    this.alert = make('alert', {
      description: 'Turns state changes into messages',
      timeout: Duration.minutes(5),
      memorySize: 1024,
    });
    useTable(this.alert, table, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem']);
    this.alert.allow(['sns:Publish'], [props.alerts.topicArn, props.deliveries.topicArn]);
    if (facts.topicArn !== undefined) this.alert.allow(['sns:Publish'], [facts.topicArn]);
    // Which channels exist is part of the secrets' side of the configuration.
    readSecrets(this.alert, facts, ['alerts']);
    if (props.webhook !== undefined) this.alert.allow(['secretsmanager:GetSecretValue'], [props.webhook.secretArn]);

    this.slack = make('slack', {
      description: 'Delivers messages to Slack',
      timeout: props.slackTimeout,
      memorySize: 256,
    });
    useTable(this.slack, table, ['dynamodb:GetItem', 'dynamodb:UpdateItem'], { partitions: ['DELIVERY#*'] });
    readSecrets(this.slack, facts, ['alerts']);
    if (props.webhook !== undefined) this.slack.allow(['secretsmanager:GetSecretValue'], [props.webhook.secretArn]);

    this.query = make('query', {
      description: 'Answers the query API',
      timeout: Duration.seconds(29),
      memorySize: 512,
    });
    useTable(this.query, table, ['dynamodb:BatchGetItem', 'dynamodb:Query'], {
      indexes: TABLE.indexes.map(({ name }) => name),
    });
    this.query.allow(['secretsmanager:GetSecretValue'], [props.cursorKey.secretArn]);
    this.acknowledge(props);
  }

  private make(
    handler: HandlerName,
    props: HubFunctionsProps,
    rest: Omit<RingfenceFunctionProps, 'handler' | 'key' | 'shipped'>,
  ): RingfenceFunction {
    const made = new RingfenceFunction(this, pascal(handler), {
      handler,
      key: props.key,
      shipped: props.shipped,
      environment: {
        RINGFENCE_TABLE: props.table.tableName,
        RINGFENCE_RUN_BUCKET: props.runs.bucketName,
        RINGFENCE_ALERT_TOPIC_ARN: props.alerts.topicArn,
        RINGFENCE_DELIVERY_TOPIC_ARN: props.deliveries.topicArn,
        RINGFENCE_CURSOR_SECRET_ARN: props.cursorKey.secretArn,
        ...(props.webhook === undefined ? {} : { RINGFENCE_SLACK_SECRET_ARN: props.webhook.secretArn }),
      },
      ...rest,
    });
    const writes = handler === 'query' ? [] : ['kms:Encrypt', 'kms:GenerateDataKey'];
    made.allow(['kms:Decrypt', 'kms:DescribeKey', ...writes], [props.key.keyArn]);
    return made;
  }

  /** Wildcards that stay, each with its reason. */
  private acknowledge({ facts, runs, clusterNetwork }: HubFunctionsProps): void {
    const everything = 'AwsSolutions-IAM5[Resource::*]';
    const plans = `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(runs.node.defaultChild as CfnBucket)}.Arn>/plans/*]`;
    const member = `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::*:role/${facts.memberRoleName ?? ''}]`;
    for (const { role } of [this.plan, this.finish])
      acknowledge(role, plans, 'the run id, which names the plan, is only known when the run starts');
    for (const name of ['Plan', 'ScanAws']) {
      const { role } = this.node.findChild(name) as RingfenceFunction;
      acknowledge(
        role,
        everything,
        'organizations:List*, and EKS, EC2 and IAM reads of the own account, know no resource-level restriction',
      );
      acknowledge(
        role,
        member,
        'the member role of every scanned account; its own trust policy and external id decide',
      );
    }
    for (const name of ['ScanAzure', 'Alert']) {
      const { role } = this.node.findChild(name) as RingfenceFunction;
      acknowledge(
        role,
        everything,
        'web identity tokens and the stream list of a function know no resource-level restriction',
      );
    }
    if (clusterNetwork !== undefined || facts.federatesAks) {
      const { role } = this.node.findChild('ScanKubernetes') as RingfenceFunction;
      acknowledge(
        role,
        everything,
        'Lambda makes network interfaces under ids that nobody knows before, and the code inside is denied the same; web identity tokens know no resource',
      );
    }
    for (const action of ['kms:GenerateDataKey*', 'kms:ReEncrypt*']) {
      acknowledge(
        this.alert.role,
        `AwsSolutions-IAM5[Action::${action}]`,
        'what the CDK grants on the one key for the dead-letter queue of the stream',
      );
    }
    for (const bucket of facts.inventoryBuckets) {
      const { role } = this.node.findChild('ScanKubernetes') as RingfenceFunction;
      acknowledge(
        role,
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${bucket}/*]`,
        'an inventory is a directory of files',
      );
    }
  }
}

function pascal(name: string): string {
  return name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
