import aslValidator from 'asl-validator';
import { App, Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { permissions, scannerPermissions } from '#collectors/aws/permissions.ts';
import { parseConfig } from '#config/load.ts';
import { deploymentFacts, undeployable } from '#infra/deployment-facts.ts';
import { HubStack } from '#infra/stacks/hub-stack.ts';
import { MemberRoleStack } from '#infra/stacks/member-role-stack.ts';

const YAML = 'aws: { organization: true, roleName: RingfenceScanner, externalId: abc }\n';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

describe('the member role', () => {
  const template = Template.fromStack(
    new MemberRoleStack(new App(), 'Member', { permissions, scannerRoleNames: ['Plan', 'Scan'] }),
  );

  test('may do exactly what the collectors declare', () => {
    const [role] = Object.values(template.findResources('AWS::IAM::Role'));
    const statements = role?.['Properties'].Policies.flatMap(
      (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
    );
    expect(statements).toHaveLength(1);
    expect(statements[0].Action).toEqual([...permissions].sort());
    expect(
      statements[0].Action.filter((action: string) => !/^[a-z0-9]+:(Describe|List|Get)[A-Za-z]+$/.test(action)),
    ).toEqual([]);
  });

  test('trusts the named roles with the external id, and no account root', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Principal: {
              AWS: Match.arrayWith([Match.objectLike({ 'Fn::Sub': Match.stringLikeRegexp('role/Plan$') })]),
            },
            Condition: { StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } } },
          },
        ],
      },
    });
    template.hasParameter('ExternalId', { NoEcho: true, MinLength: 2 });
  });

  test('needs no bootstrap, so that a StackSet can roll it out as it is', () => {
    expect(template.toJSON()['Parameters']).not.toHaveProperty('BootstrapVersion');
    expect(template.toJSON()['Rules']).toBeUndefined();
  });
});

describe('the hub', () => {
  let template: Template;
  beforeAll(() => {
    const app = new App({ context: { '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true } });
    const stack = new HubStack(app, 'Hub', {
      shipped: { config: parseConfig(YAML, 'ringfence.yaml'), catalogue: [] },
      facts: deploymentFacts(parseConfig(YAML, 'ringfence.yaml')),
      schedule: 'rate(6 hours)',
      expectedEvery: Duration.hours(13),
    });
    template = Template.fromStack(stack);
  });

  /** Every action that the named function's role has, with its resources. */
  function actionsOf(role: string): readonly string[] {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
      id.startsWith(`Functions${role}Role`),
    );
    const statements = policies.flatMap(([, policy]) => policy['Properties'].PolicyDocument.Statement as Statement[]);
    return statements.flatMap(({ Action }) => (typeof Action === 'string' ? [Action] : Action));
  }

  test('only plan and scan-aws enter accounts and list the organisation', () => {
    for (const role of ['Plan', 'ScanAws']) {
      const actions = actionsOf(role);
      for (const action of scannerPermissions) expect(actions, `${role} ${action}`).toContain(action);
      // In the member account the member role reads; the hub's own role has none of these rights.
      expect(actions.filter((action) => (permissions as readonly string[]).includes(action))).toEqual([]);
    }
    for (const role of ['ScanAzure', 'ScanIbm', 'ScanKubernetes', 'Finish', 'Alert', 'Slack', 'Query']) {
      expect(
        actionsOf(role).filter((action) => action.startsWith('sts:') || action.startsWith('organizations:')),
        role,
      ).toEqual([]);
    }
  });

  test('the query function only reads', () => {
    expect(
      actionsOf('Query')
        .filter((action) => action.startsWith('dynamodb:'))
        .sort(),
    ).toEqual(['dynamodb:GetItem', 'dynamodb:Query']);
  });

  test('every function runs on Node 24 with a log group of its own that ends', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'));
    expect(functions).toHaveLength(9);
    for (const { Properties } of functions) expect(Properties.Runtime).toBe('nodejs24.x');
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: Match.anyValue() });
  });

  test('state is encrypted, recoverable, streamed and protected', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
  });

  test('every asynchronous edge has a dead-letter queue with an alarm', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      DestinationConfig: { OnFailure: Match.anyValue() },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'sqs', RedrivePolicy: Match.anyValue() });
    template.hasResourceProperties('AWS::SQS::Queue', { RedrivePolicy: Match.objectLike({ maxReceiveCount: 50 }) });
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      Target: Match.objectLike({ DeadLetterConfig: Match.anyValue() }),
    });
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties.MetricName,
    );
    expect(alarms.filter((name) => name === 'ApproximateNumberOfMessagesVisible')).toHaveLength(4);
    expect(alarms).toEqual(expect.arrayContaining(['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsSucceeded']));
  });

  test('a missing run raises its alarm', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ExecutionsSucceeded',
      TreatMissingData: 'breaching',
    });
  });

  test('the API asks for signed requests, and only answers GET', () => {
    template.allResourcesProperties('AWS::ApiGatewayV2::Route', {
      AuthorizationType: 'AWS_IAM',
      RouteKey: Match.stringLikeRegexp('^GET '),
    });
  });

  test('without a channel in the configuration there is an empty secret to fill', () => {
    template.hasResourceProperties('AWS::SecretsManager::Secret', { Description: Match.stringLikeRegexp('webhook') });
  });
});

describe('what cannot be deployed', () => {
  test.each([
    [
      'a local inventory',
      'kubespray: { inventories: [{ name: a, inventory: inv/hosts.yaml }] }',
      /inv\/hosts\.yaml: a deployed hub reads s3/,
    ],
    ['an environment reference', 'ibm: { accounts: [{ id: a, apiKey: "${env:KEY}" }] }', /\$\{env:KEY\}/],
  ])('%s is told at synth', (_case, yaml, message) => {
    expect(undeployable(parseConfig(yaml, 'ringfence.yaml')).join('\n')).toMatch(message);
  });

  test('secrets are granted by their own ARN', () => {
    const facts = deploymentFacts(
      parseConfig(
        'ibm: { accounts: [{ id: a, apiKey: "${secret:arn:aws:secretsmanager:eu-west-1:111122223333:secret:k#key}" }] }',
        'ringfence.yaml',
      ),
    );
    expect(facts.secretArns).toEqual(['arn:aws:secretsmanager:eu-west-1:111122223333:secret:k']);
  });
});

describe('the state machine', () => {
  test('is valid in the language, and in JSONPath throughout', () => {
    const app = new App({ context: { '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true } });
    const stack = new HubStack(app, 'Hub', {
      shipped: { config: parseConfig(YAML, 'ringfence.yaml'), catalogue: [] },
      facts: deploymentFacts(parseConfig(YAML, 'ringfence.yaml')),
      schedule: 'rate(6 hours)',
      expectedEvery: Duration.hours(13),
    });
    const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
    const definition = JSON.parse(joined(machine?.['Properties'].DefinitionString)) as {
      States: Record<string, { Branches?: unknown[] }>;
    };
    const { isValid, errorsText } = aslValidator(definition as never);
    expect(errorsText('\n')).toBe('');
    expect(isValid).toBe(true);
    expect(Object.keys(definition.States)).toEqual(['Plan', 'Scan', 'Finish']);
    expect(definition.States['Scan']?.Branches).toHaveLength(4);
    expect(JSON.stringify(definition)).not.toContain('JSONata');
    for (const name of ['Plan', 'Finish']) {
      expect(JSON.stringify(definition.States[name])).toContain('States.TaskFailed');
    }
  });
});

/** The text of an Fn::Join; what CloudFormation would fill in becomes an ARN of nobody. */
function joined(value: { readonly 'Fn::Join': readonly [string, readonly unknown[]] }): string {
  return value['Fn::Join'][1]
    .map((part) => (typeof part === 'string' ? part : 'arn:aws:lambda:eu-west-1:111122223333:function:f'))
    .join('');
}
