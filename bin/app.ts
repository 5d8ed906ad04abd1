import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { App, Duration, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { catalogue } from '#app/catalogue.ts';
import { permissions } from '#collectors/aws/permissions.ts';
import { ConfigError } from '#config/load.ts';
import type { Config } from '#config/schema.ts';
import { deploymentFacts, HUB_ROLE_NAMES } from '../infra/deployment-facts.ts';
import { HubStack } from '../infra/stacks/hub-stack.ts';
import { MemberRoleStack } from '../infra/stacks/member-role-stack.ts';
import { deployableConfig } from '../infra/undeployable.ts';

/**
 * Context (`-c name=value`): config (default ringfence.yaml, else the shipped example), schedule (EventBridge Scheduler expression, default
 * rate(6 hours)), expectedHours (default 13, at most 168), jwtIssuer and jwtAudience (comma-separated) for the query API, clusterSubnets and
 * clusterSecurityGroups (ids, comma-separated) for the function that reads clusters from inside.
 */
const app = new App();
const text = (name: string): string | undefined => {
  const value: unknown = app.node.tryGetContext(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const example = fileURLToPath(new URL('../ringfence.example.yaml', import.meta.url));
const configFile = text('config') ?? (existsSync('ringfence.yaml') ? 'ringfence.yaml' : example);
const config = read(configFile);
const expectedHours = Number(text('expectedHours') ?? 13);
// CloudWatch looks back for seven days at most.
if (!Number.isInteger(expectedHours) || expectedHours < 1 || expectedHours > 168)
  refuse(['expectedHours must be a whole number from 1 to 168']);
const issuer = text('jwtIssuer');
const list = (name: string): readonly string[] => (text(name) ?? '').split(',').filter(Boolean);
const audience = list('jwtAudience');
// Without an audience every token of the issuer would open the API, whomever it was made for.
if ((issuer === undefined) !== (audience.length === 0)) refuse(['jwtIssuer and jwtAudience belong together']);
const subnetIds = list('clusterSubnets');
const securityGroupIds = list('clusterSecurityGroups');
if ((subnetIds.length === 0) !== (securityGroupIds.length === 0)) {
  refuse(['clusterSubnets and clusterSecurityGroups belong together']);
}
new HubStack(app, 'RingfenceHub', {
  description: 'Ringfence hub: scans, state, alerts and the query API',
  shipped: { config, catalogue: catalogue() },
  facts: deploymentFacts(config),
  schedule: text('schedule') ?? 'rate(6 hours)',
  expectedEvery: Duration.hours(expectedHours),
  ...(issuer === undefined ? {} : { jwt: { issuer, audience } }),
  ...(subnetIds.length === 0 ? {} : { clusterNetwork: { subnetIds, securityGroupIds } }),
});
new MemberRoleStack(app, 'RingfenceMember', {
  description: 'Role that lets Ringfence read EKS and VPC configuration',
  permissions,
  scannerRoleNames: Object.values(HUB_ROLE_NAMES),
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

function read(file: string): Config {
  if (!existsSync(file)) refuse([`${file} does not exist: name a configuration with -c config=FILE`]);
  try {
    return deployableConfig(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ConfigError) refuse(error.problems);
    throw error;
  }
}

/** One clear line for each reason, no stack: the CDK prints what stands on standard error. */
function refuse(problems: readonly string[]): never {
  for (const problem of problems) process.stderr.write(`ringfence: ${problem}\n`);
  process.exit(1);
}
