import type { Config } from '#config/schema.ts';

/** Role names of the hub that member accounts' trust policies name: fixed, because the member template is rolled out apart. */
export const HUB_ROLE_NAMES = { plan: 'RingfenceHubPlan', scanAws: 'RingfenceHubScanAws' } as const;

/** What the templates have to know of ringfence.yaml; never a secret's value. */
export interface DeploymentFacts {
  /** Undefined: the hub's own account is scanned with the functions' own rights. */
  readonly memberRoleName: string | undefined;
  readonly federatesAzure: boolean;
  /** ARNs behind `${secret:...}`. */
  readonly secretArns: readonly string[];
  readonly namesSlackWebhook: boolean;
  /** The organisation's own topic, where the configuration names one. */
  readonly topicArn: string | undefined;
  /** Buckets that hold Kubespray inventories. */
  readonly inventoryBuckets: readonly string[];
}

/** Reads the facts off the validated configuration; references stay references. */
export function deploymentFacts(config: Config): DeploymentFacts {
  const texts = textsOf(config);
  return {
    memberRoleName: config.aws?.roleName,
    federatesAzure: config.azure?.tenants.some(({ credential }) => credential.type === 'federated') === true,
    secretArns: unique(texts.flatMap((text) => /^\$\{secret:([^#}]+)/.exec(text)?.[1] ?? [])),
    namesSlackWebhook: config.alerts.slack.length > 0,
    topicArn: config.alerts.sns?.topicArn,
    inventoryBuckets: unique(texts.flatMap((text) => /^s3:\/\/([^/]+)\//.exec(text)?.[1] ?? [])),
  };
}

/** Why this configuration cannot be deployed, where it only works on a laptop. */
export function undeployable(config: Config): readonly string[] {
  const files = [
    ...(config.kubespray?.inventories.flatMap(({ inventory, vars }) => [inventory, ...vars]) ?? []),
    ...(config.ibm?.attestations.map(({ file }) => file) ?? []),
    ...(config.ibm?.probes.map(({ result }) => result) ?? []),
  ];
  const local = files
    .filter((file) => !file.startsWith('s3://'))
    .map((file) => `${file}: a deployed hub reads s3://bucket/key only`);
  const environment = textsOf(config).filter(
    (text) => text.startsWith('${env:') && !text.startsWith('${env:RINGFENCE_EXTERNAL_ID}'),
  );
  return [
    ...local,
    ...environment.map((text) => `${text}: a deployed hub has no such environment, use \${secret:arn}`),
  ];
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
