import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { beforeAll, describe, expect, test } from 'vitest';
import { permissions, scannerPermissions } from '#collectors/aws/permissions.ts';
import { parseConfig } from '#config/load.ts';
import { RingfenceFunction } from '#infra/constructs/ringfence-function.ts';
import { MemberRoleStack } from '#infra/stacks/member-role-stack.ts';
import { undeployable } from '#infra/undeployable.ts';
import { hubTemplate, actionsOf as inStatement, type Statement, statementsOf } from './synthesise.ts';

/** Nothing here is a secret. */
const PUBLIC_PARTS = `
aws: { roleName: RingfenceScanner, externalId: "\${env:RINGFENCE_EXTERNAL_ID}" }
kubernetes: { clusters: [{ name: k, server: "https://10.0.0.1", ca: "-----BEGIN CERTIFICATE-----" }] }
alerts: { slack: [{ webhook: "http://127.0.0.1:9/hook" }] }
`;
const YAML = 'aws: { organization: true, roleName: RingfenceScanner, externalId: abc }\n';

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
    template = hubTemplate(YAML);
  });

  /** Every action that the named function's role has, with its resources. */
  function actionsOf(role: string): readonly string[] {
    return statementsOf(template, `Functions${role}Role`).flatMap(inStatement);
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
      Period: 3_600,
      EvaluationPeriods: 13,
    });
  });

  test('what is late raises an alarm before it is lost', () => {
    for (const [MetricName, Threshold] of [
      ['ApproximateAgeOfOldestMessage', 3_600],
      ['IteratorAge', 3_600_000],
    ])
      template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName, Threshold });
  });

  test('every alarm tells the operators, and says what to do first', () => {
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^Operators') }],
      AlarmDescription: Match.stringLikeRegexp('docs/operations\\.md, "'),
    });
  });

  test('the Slack queue hides a message for six times the function that posts it, and messages link to the API', () => {
    const [slack] = Object.entries(template.findResources('AWS::Lambda::Function')).filter(([id]) =>
      id.includes('Slack'),
    );
    const { Timeout, Environment } = slack?.[1]['Properties'] ?? {};
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 6 * Timeout,
      RedrivePolicy: Match.objectLike({ maxReceiveCount: 50 }),
    });
    expect(JSON.stringify(Environment.Variables.RINGFENCE_LINK_BASE)).toContain('execute-api');
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

test('a function that is deployed carries its bundle and the configuration, and no source', () => {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'ringfence-synth-')) });
  const stack = new Stack(app, 'Deployed');
  new RingfenceFunction(stack, 'Slack', {
    handler: 'slack',
    shipped: { config: { profile: 'closed' }, catalogue: [] },
    description: 'Delivers messages to Slack',
    timeout: Duration.seconds(60),
    memorySize: 256,
    key: new Key(stack, 'Key'),
  });
  const { directory } = app.synth();
  const [asset] = readdirSync(directory).filter((name) => name.startsWith('asset.'));
  expect(readdirSync(join(directory, asset ?? '')).sort()).toEqual(['index.mjs', 'ringfence.json']);
});

describe('what cannot be deployed', () => {
  test.each([
    [
      'a local inventory',
      'kubespray: { inventories: [{ name: a, inventory: inv/hosts.yaml }] }',
      /inv\/hosts\.yaml: a deployed hub reads s3/,
    ],
    ['an environment reference', 'ibm: { accounts: [{ id: a, apiKey: "${env:KEY}" }] }', /\$\{env:KEY\}/],
    [
      "the external id's variable in another place",
      'ibm: { accounts: [{ id: a, apiKey: "${env:RINGFENCE_EXTERNAL_ID}" }] }',
      /\$\{env:RINGFENCE_EXTERNAL_ID\}/,
    ],
    [
      'a secret without its ARN',
      'ibm: { accounts: [{ id: a, apiKey: "${secret:ibm-key}" }] }',
      /\$\{secret:ibm-key\}: IAM needs the whole ARN/,
    ],
    [
      'a token of the environment',
      'azure: { tenants: [{ id: t, credential: { type: access-token } }] }',
      /azure\.tenants\[0\]\.credential: .*access-token/,
    ],
    ['a kubeconfig', 'kubernetes: { clusters: [{ name: k, context: k }] }', /kubernetes\.clusters\[0\]: .*kubeconfig/],
    [
      'a certificate beside the file',
      'kubernetes: { clusters: [{ name: k, server: "https://10.0.0.1", ca: ca.pem }] }',
      /kubernetes\.clusters\[0\]\.ca: ca\.pem/,
    ],
    [
      'an API key in the clear',
      'ibm: { accounts: [{ id: a, apiKey: hunter2 }] }',
      /ibm\.accounts\[0\]\.apiKey: .*\$\{secret:arn\}/,
    ],
    ['an enterprise key in the clear', 'ibm: { enterprise: { id: e, apiKey: hunter2 } }', /ibm\.enterprise\.apiKey: /],
    [
      'a client secret in the clear',
      'azure: { tenants: [{ id: t, credential: { type: secret, clientId: c, clientSecret: hunter2 } }] }',
      /azure\.tenants\[0\]\.credential\.clientSecret: /,
    ],
    [
      'a token in the clear',
      'kubernetes: { clusters: [{ name: k, server: "https://10.0.0.1", token: hunter2 }] }',
      /kubernetes\.clusters\[0\]\.token: /,
    ],
    [
      'a webhook in the clear',
      'alerts: { slack: [{ webhook: "https://hooks.slack.com/services/T/B/hunter2" }] }',
      /alerts\.slack\[0\]\.webhook: /,
    ],
  ])('%s is told at synth', (_case, yaml, message) => {
    const told = undeployable(parseConfig(yaml, 'ringfence.yaml')).join('\n');
    expect(told).toMatch(message);
    expect(told).not.toContain('hunter2');
  });

  test('synth names file, line and key, without a stack', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ringfence-synth-')), 'mine.yaml');
    writeFileSync(file, 'ibm:\n  accounts:\n    - id: a\n      apiKey: ${env:KEY}\n');
    const { status, stderr } = spawnSync(process.execPath, ['bin/app.ts'], {
      env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ config: file }) },
      encoding: 'utf8',
    });
    expect(stderr).toBe(
      `ringfence: ${file}:4: ibm.accounts[0].apiKey: \${env:KEY}: a deployed hub has no such environment, use \${secret:arn}\n`,
    );
    expect(status).toBe(1);
  });

  test.each([
    ['the shipped example', readFileSync(new URL('../../ringfence.example.yaml', import.meta.url), 'utf8')],
    ['a plain PEM and a loopback receiver', PUBLIC_PARTS],
  ])('%s can be', (_case, yaml) => {
    expect(undeployable(parseConfig(yaml, 'ringfence.yaml'))).toEqual([]);
  });
});
