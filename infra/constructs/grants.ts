import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { permissions as memberPermissions, scannerPermissions } from '#collectors/aws/permissions.ts';
import type { IndexName } from '#storage/table.ts';
import type { DeploymentFacts, Section } from '../deployment-facts.ts';
import type { RingfenceFunction } from './ringfence-function.ts';

/** The hub's own account with the function's rights, or the member roles that it enters. */
export function readAws(reader: RingfenceFunction, { memberRoleName }: DeploymentFacts): void {
  if (memberRoleName === undefined) {
    reader.allow(memberPermissions);
    return;
  }
  const { partition } = Stack.of(reader);
  reader.allow(['sts:AssumeRole'], [`arn:${partition}:iam::*:role/${memberRoleName}`]);
  const listing = scannerPermissions.filter((action) => action !== 'sts:AssumeRole');
  if (listing.length > 0) reader.allow(listing);
}

export function readSecrets(
  reader: RingfenceFunction,
  { secretArns }: DeploymentFacts,
  sections: readonly Section[],
): void {
  const arns = [...new Set(sections.flatMap((section) => secretArns[section]))];
  if (arns.length > 0) reader.allow(['secretsmanager:GetSecretValue'], arns);
}

/** Single files that the configuration names, as `bucket/key`. */
export function readObjects(reader: RingfenceFunction, objects: readonly string[]): void {
  const { partition } = Stack.of(reader);
  if (objects.length > 0)
    reader.allow(
      ['s3:GetObject'],
      objects.map((object) => `arn:${partition}:s3:::${object}`),
    );
}

export function readInventories(reader: RingfenceFunction, { inventoryBuckets }: DeploymentFacts): void {
  if (inventoryBuckets.length === 0) return;
  const { partition } = Stack.of(reader);
  reader.allow(
    ['s3:GetObject'],
    inventoryBuckets.map((bucket) => `arn:${partition}:s3:::${bucket}/*`),
  );
  reader.allow(
    ['s3:ListBucket'],
    inventoryBuckets.map((bucket) => `arn:${partition}:s3:::${bucket}`),
  );
}

/** The named actions on the table, or on some of its partitions, and queries of the named indexes. */
export function useTable(
  fn: RingfenceFunction,
  table: ITable,
  actions: readonly string[],
  {
    indexes = [],
    partitions,
  }: { readonly indexes?: readonly IndexName[]; readonly partitions?: readonly string[] } = {},
): void {
  fn.role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: [...actions],
      resources: [table.tableArn],
      ...(partitions === undefined
        ? {}
        : { conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] } } }),
    }),
  );
  if (indexes.length > 0)
    fn.allow(
      ['dynamodb:Query'],
      indexes.map((name) => `${table.tableArn}/index/${name}`),
    );
}

/** Azure trusts the function's own identity: no secret is stored for it. */
export function federate(reader: RingfenceFunction, { federatedAudiences }: DeploymentFacts): void {
  if (federatedAudiences.length === 0) return;
  reader.role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['sts:GetWebIdentityToken'],
      resources: ['*'],
      conditions: {
        'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [...federatedAudiences] },
        NumericLessThanEquals: { 'sts:DurationSeconds': 900 },
      },
    }),
  );
  new CfnOutput(reader, 'AzureSubject', {
    value: reader.role.roleArn,
    description: 'Subject of a federated credential of the Entra application',
  }).overrideLogicalId(`${reader.node.id}AzureSubject`);
}
