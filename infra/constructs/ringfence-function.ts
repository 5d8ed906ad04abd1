import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleHandler, HANDLER_SOURCES, type HandlerName, type Shipped } from '../bundling.ts';

export interface RingfenceFunctionProps {
  /** File under functions/handlers/, without its ending; also the role's and the log group's last part. */
  readonly handler: HandlerName;
  readonly shipped: Shipped;
  readonly description: string;
  readonly timeout: Duration;
  /** MiB. */
  readonly memorySize: number;
  readonly key: IKey;
  readonly environment?: Readonly<Record<string, string>>;
  readonly reservedConcurrentExecutions?: number;
  readonly logRetention?: RetentionDays;
  /** Fixed name, where other accounts' trust policies have to name the role. */
  readonly roleName?: string;
  /** Inside a VPC, for what only answers there. */
  readonly network?: FunctionNetwork;
}

export interface FunctionNetwork {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** What Lambda itself needs to put a function into a VPC. Reference: AWS Lambda developer guide, giving functions access to a VPC. */
const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** One bundle, one role, one log group: nothing is shared between two functions. */
export class RingfenceFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: RingfenceFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Ringfence ${props.handler}`,
      ...(props.roleName === undefined ? {} : { roleName: props.roleName }),
    });
    logGroup.grantWrite(this.role);
    this.function = new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(this.codeOf(props)),
      description: props.description,
      timeout: props.timeout,
      memorySize: props.memorySize,
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.DISABLED,
      environment: props.environment ?? {},
      environmentEncryption: props.key,
      ...(props.reservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrentExecutions }),
    });
    if (props.network !== undefined) this.enter(props.network);
  }

  /** The bundle, or the sources where the CDK asks for the template alone (context `aws:cdk:bundling-stacks`). */
  private codeOf({ handler, shipped }: RingfenceFunctionProps): string {
    return Stack.of(this).bundlingRequired ? bundleHandler(handler, shipped) : HANDLER_SOURCES;
  }

  /** Lambda makes the network interfaces with the function's role; the code that runs in the function is denied the same. */
  private enter({ subnetIds, securityGroupIds }: FunctionNetwork): void {
    (this.function.node.defaultChild as CfnFunction).vpcConfig = {
      subnetIds: [...subnetIds],
      securityGroupIds: [...securityGroupIds],
    };
    this.allow(INTERFACE_ACTIONS);
    const { partition, region, account } = Stack.of(this);
    this.role.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: INTERFACE_ACTIONS,
        resources: ['*'],
        conditions: {
          ArnLike: { 'lambda:SourceFunctionArn': `arn:${partition}:lambda:${region}:${account}:function:*` },
        },
      }),
    );
  }

  /** Read actions of a provider that know no resource-level restriction. */
  allow(actions: readonly string[], resources: readonly string[] = ['*']): void {
    this.role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
