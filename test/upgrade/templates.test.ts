import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { permissions } from '#collectors/aws/permissions.ts';
import { HUB_ROLE_NAMES } from '#infra/deployment-facts.ts';
import { MemberRoleStack } from '#infra/stacks/member-role-stack.ts';
import { RELEASES, readJson } from '#test/fixtures/released-store.ts';
import { hubTemplate } from '../infra/synthesise.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

interface TemplateJson {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, unknown>>;
  readonly Parameters: Readonly<Record<string, { readonly Default?: unknown }>>;
}

/** What an update must find again under its logical id: it holds state, or something outside the stack names it. */
const KEPT = [
  'AWS::KMS::Key',
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
  'AWS::IAM::Role',
  'AWS::StepFunctions::StateMachine',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Stage',
  'AWS::ApiGatewayV2::Route',
];

/** A change of any of these replaces the resource, and its state or its address with it. */
const FIXED = ['RoleName', 'Name', 'TableName', 'KeySchema', 'ProtocolType', 'RouteKey', 'StageName', 'BucketName'];

function kept({ Resources }: TemplateJson) {
  return Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => KEPT.includes(Type))
      .map(([id, { Type, Properties, DeletionPolicy }]) => [
        id,
        {
          Type,
          ...(DeletionPolicy === undefined ? {} : { DeletionPolicy }),
          ...Object.fromEntries(FIXED.map((name) => [name, Properties[name]])),
        },
      ]),
  );
}

function tableOf({ Resources }: TemplateJson) {
  const [table] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
  const { GlobalSecondaryIndexes, AttributeDefinitions, TimeToLiveSpecification, StreamSpecification } =
    table?.Properties ?? {};
  return { GlobalSecondaryIndexes, AttributeDefinitions, TimeToLiveSpecification, StreamSpecification };
}

describe.each(RELEASES)('the templates of version %s', (release) => {
  const before = {
    hub: readJson<TemplateJson>(release, 'hub.template.json'),
    member: readJson<TemplateJson>(release, 'member.template.json'),
  };
  let now: typeof before;

  beforeAll(() => {
    const example = readFileSync(new URL('../../ringfence.example.yaml', import.meta.url), 'utf8');
    const member = new MemberRoleStack(new App(), 'RingfenceMember', {
      permissions,
      scannerRoleNames: Object.values(HUB_ROLE_NAMES),
    });
    now = {
      hub: hubTemplate(example).toJSON() as TemplateJson,
      member: Template.fromStack(member).toJSON() as TemplateJson,
    };
  });

  describe.each(['hub', 'member'] as const)('%s', (stack) => {
    test('what holds state or is named from outside is found again, under the same name', () => {
      expect(kept(now[stack])).toMatchObject(kept(before[stack]));
    });

    test('every output is still there, and no parameter asks for a new answer', () => {
      expect(Object.keys(now[stack].Outputs)).toEqual(expect.arrayContaining(Object.keys(before[stack].Outputs)));
      const { Parameters } = now[stack];
      const asked = Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined);
      expect(Object.keys(before[stack].Parameters)).toEqual(expect.arrayContaining(asked));
    });
  });

  test('the table has the same key, indexes, end of life and stream', () => {
    expect(tableOf(before.hub).GlobalSecondaryIndexes).toHaveLength(6);
    expect(tableOf(now.hub)).toEqual(tableOf(before.hub));
  });

  test('the member role trusts the same roles of the hub', () => {
    const trust = ({ Resources }: TemplateJson) => Resources['Scanner']?.Properties['AssumeRolePolicyDocument'];
    expect(trust(before.member)).toMatchObject({ Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow' }] });
    expect(trust(now.member)).toEqual(trust(before.member));
  });
});
