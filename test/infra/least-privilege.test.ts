import type { Template } from 'aws-cdk-lib/assertions';
import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/load.ts';
import { deploymentFacts } from '#infra/deployment-facts.ts';
import { actionsOf, hubTemplate, type Statement, statementsOf } from './synthesise.ts';

const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:ringfence/${name}-AbC123`;
const secret = (name: string) => ['$', `{secret:${arn(name)}}`].join('');

const EVERYTHING = `
aws: { organization: true, roleName: RingfenceScanner, externalId: "${secret('external-id')}" }
azure: { tenants: [{ id: t, credential: { type: secret, clientId: c, clientSecret: "${secret('azure')}" } }] }
ibm:
  accounts: [{ id: a, apiKey: "${secret('ibm')}" }]
  attestations: [{ account: a, file: "s3://attested/a/show.txt", author: Ada, date: 2026-11-01, expires: 2027-01-31 }]
  probes: [{ cluster: c, result: "s3://probed/c.json" }]
kubernetes: { clusters: [{ name: k, server: "https://10.0.0.1", token: "${secret('kubernetes')}" }] }
kubespray: { inventories: [{ name: i, inventory: "s3://inventories/tokyo/hosts.yaml" }] }
alerts: { slack: [{ name: s, webhook: "${secret('slack')}" }] }
`;

const FUNCTIONS = ['Plan', 'ScanAws', 'ScanAzure', 'ScanIbm', 'ScanKubernetes', 'Finish', 'Alert', 'Slack', 'Query'];

let template: Template;
beforeAll(() => {
  template = hubTemplate(EVERYTHING);
});

function allowed(role: string, action: string): readonly Statement[] {
  return statementsOf(template, `Functions${role}Role`).filter((statement) => actionsOf(statement).includes(action));
}

describe('secrets', () => {
  test.each([
    ['Plan', ['external-id', 'azure', 'ibm', 'kubernetes']],
    ['ScanAws', ['external-id']],
    ['ScanAzure', ['azure']],
    ['ScanIbm', ['ibm']],
    ['ScanKubernetes', ['kubernetes']],
    ['Finish', []],
    ['Alert', ['slack']],
    ['Slack', ['slack']],
    ['Query', []],
  ])('%s reads %j and no other', (role, names) => {
    const granted = JSON.stringify(allowed(role, 'secretsmanager:GetSecretValue').map(({ Resource }) => Resource));
    const seen = ['external-id', 'azure', 'ibm', 'kubernetes', 'slack'].filter((name) => granted.includes(arn(name)));
    expect(seen.sort()).toEqual([...names].sort());
  });

  test('an ARN without the random ending is granted with it', () => {
    const partial = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:plain';
    const facts = deploymentFacts(
      parseConfig(`ibm: { accounts: [{ id: a, apiKey: "${['$', `{secret:${partial}#key}`].join('')}" }] }`, 'f'),
    );
    expect(facts.secretArns.ibm).toEqual([`${partial}-??????`]);
  });
});

describe('files', () => {
  test.each([
    ['Plan', ['attested/a/show.txt', 'probed/c.json']],
    ['ScanIbm', ['attested/a/show.txt', 'probed/c.json']],
    ['ScanKubernetes', ['inventories/*']],
    ['ScanAws', []],
    ['Query', []],
  ])('%s reads %j of other buckets', (role, files) => {
    const granted = JSON.stringify(allowed(role, 's3:GetObject').map(({ Resource }) => Resource));
    const seen = ['attested/a/show.txt', 'probed/c.json', 'inventories/*'].filter((file) => granted.includes(file));
    expect(seen).toEqual(files);
  });
});

describe('the table', () => {
  test.each([
    ['Plan', ['PutItem', 'Query']],
    ['ScanAws', ['PutItem', 'Query']],
    ['ScanAzure', ['PutItem', 'Query']],
    ['ScanIbm', ['PutItem', 'Query']],
    ['ScanKubernetes', ['PutItem', 'Query']],
    ['Finish', ['GetItem', 'PutItem', 'Query']],
    ['Slack', ['GetItem', 'UpdateItem']],
    ['Query', ['BatchGetItem', 'Query']],
  ])('%s may do %j', (role, actions) => {
    const found = statementsOf(template, `Functions${role}Role`).flatMap(actionsOf);
    expect([...new Set(found.filter((action) => action.startsWith('dynamodb:')))].sort()).toEqual(
      actions.map((action) => `dynamodb:${action}`),
    );
  });

  test('the Slack function sees deliveries and no findings', () => {
    const statements = allowed('Slack', 'dynamodb:UpdateItem');
    expect(statements.map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['DELIVERY#*'] } },
    ]);
  });

  test('plan writes runs and nothing else', () => {
    expect(allowed('Plan', 'dynamodb:PutItem').map(({ Condition }) => Condition)).toEqual([
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['RUN'] } },
    ]);
  });
});

test('the query function decrypts and never encrypts', () => {
  const actions = statementsOf(template, 'FunctionsQueryRole').flatMap(actionsOf);
  expect(actions.filter((action) => action.startsWith('kms:'))).toEqual(['kms:Decrypt', 'kms:DescribeKey']);
});

test('no role has an action with a wildcard, but for the dead-letter queue of the stream', () => {
  const found = FUNCTIONS.flatMap((role) =>
    statementsOf(template, `Functions${role}Role`)
      .flatMap(actionsOf)
      .filter((action) => action.includes('*'))
      .map((action) => `${role} ${action}`),
  );
  expect(found).toEqual(['Alert kms:GenerateDataKey*', 'Alert kms:ReEncrypt*']);
});

describe('services that act in their own name', () => {
  test('alarms may publish to the operators, from this account only', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      Topics: [{ Ref: Match.stringLikeRegexp('^Operators') }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Action: 'sns:Publish',
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('the key opens for no service without saying for whom', () => {
    const [key] = Object.values(template.findResources('AWS::KMS::Key'));
    const statements = key?.['Properties'].KeyPolicy.Statement as Statement[];
    const open = statements.filter(
      ({ Principal, Condition }) => JSON.stringify(Principal).includes('"Service"') && Condition === undefined,
    );
    expect(open).toEqual([]);
  });

  test('the schedule can put a start that failed into its encrypted queue', () => {
    const actions = statementsOf(template, 'Schedule').flatMap(actionsOf);
    expect([...actions].sort()).toEqual([
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'sqs:SendMessage',
      'states:StartExecution',
    ]);
    const roles = Object.values(template.findResources('AWS::IAM::Role')).filter((role) =>
      JSON.stringify(role).includes('scheduler.amazonaws.com'),
    );
    for (const { Properties } of roles)
      expect(Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals).toMatchObject({
        'aws:SourceAccount': { Ref: 'AWS::AccountId' },
        'aws:SourceArn': expect.anything(),
      });
    expect(roles).toHaveLength(1);
  });
});

describe('the external id from the environment', () => {
  const yaml = `aws: { roleName: RingfenceScanner, externalId: "${['$', '{env:RINGFENCE_EXTERNAL_ID}'].join('')}" }`;

  test('is asked for at deployment, hidden, and given to the functions that enter accounts', () => {
    const hub = hubTemplate(yaml);
    hub.hasParameter('ExternalId', { NoEcho: true });
    const holders = Object.entries(hub.findResources('AWS::Lambda::Function')).filter(
      ([, { Properties }]) => Properties.Environment.Variables.RINGFENCE_EXTERNAL_ID !== undefined,
    );
    expect(holders.map(([id]) => id.replace(/Function[0-9A-F]{8}$/, '')).sort()).toEqual([
      'FunctionsPlan',
      'FunctionsScanAws',
    ]);
  });

  test('is not asked for where the configuration names none', () => {
    expect(template.toJSON()['Parameters']).not.toHaveProperty('ExternalId');
  });
});
