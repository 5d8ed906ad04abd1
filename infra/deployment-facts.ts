import { DEFAULT_AUDIENCE } from '#collectors/azure/options.ts';
import { isAks } from '#collectors/kubernetes/entra-token.ts';
import { type Config, sectionOf } from '#config/schema.ts';
import { PROVIDERS } from '#domain/target.ts';

/** Role names of the hub that member accounts' trust policies name: fixed, because the member template is rolled out apart. */
export const HUB_ROLE_NAMES = { plan: 'RingfenceHubPlan', scanAws: 'RingfenceHubScanAws' } as const;

/** Sections of ringfence.yaml that name secrets; each function gets those of its own sections. */
const SECTIONS = [...PROVIDERS, 'alerts'] as const;
export type Section = (typeof SECTIONS)[number];

/** What the templates have to know of ringfence.yaml; never a secret's value. */
export interface DeploymentFacts {
  /** Undefined: the hub's own account is scanned with the functions' own rights. */
  readonly memberRoleName: string | undefined;
  /** The external id is given at deployment, because the file leaves it to the environment. */
  readonly asksExternalId: boolean;
  /** What the functions' own tokens may be made for; empty without a federated tenant. */
  readonly federatedAudiences: readonly string[];
  /** AKS clusters are read from inside with the federated identity. */
  readonly federatesAks: boolean;
  /** What `${secret:...}` names, as IAM resources, by section. */
  readonly secretArns: Readonly<Record<Section, readonly string[]>>;
  readonly namesSlackWebhook: boolean;
  /** The organisation's own topic, where the configuration names one. */
  readonly topicArn: string | undefined;
  /** Buckets that hold Kubespray inventories. */
  readonly inventoryBuckets: readonly string[];
  /** `bucket/key` of single files: attestations and probe results, certificates of clusters. */
  readonly objects: Readonly<Record<'ibm' | 'kubernetes', readonly string[]>>;
}

/** The one reference to the environment that a deployed hub knows: its value is a parameter of the stack. */
export const EXTERNAL_ID = '${env:RINGFENCE_EXTERNAL_ID}';

/** Reads the facts off the validated configuration; references stay references. */
export function deploymentFacts(config: Config): DeploymentFacts {
  const federatedAudiences = unique(
    (config.azure?.tenants ?? []).flatMap(({ credential }) =>
      credential.type === 'federated' ? [credential.audience ?? DEFAULT_AUDIENCE] : [],
    ),
  );
  return {
    memberRoleName: config.aws?.roleName,
    asksExternalId: config.aws?.externalId === EXTERNAL_ID,
    federatedAudiences,
    federatesAks:
      federatedAudiences.length > 0 && config.kubernetes?.clusters.some(({ cluster }) => isAks(cluster ?? '')) === true,
    secretArns: Object.fromEntries(
      SECTIONS.map((section) => [
        section,
        secretsIn(section === 'alerts' ? config.alerts : sectionOf(config, section)),
      ]),
    ) as DeploymentFacts['secretArns'],
    namesSlackWebhook: config.alerts.slack.length > 0,
    topicArn: config.alerts.sns?.topicArn,
    inventoryBuckets: unique(textsOf(config.kubespray).flatMap((text) => /^s3:\/\/([^/]+)\//.exec(text)?.[1] ?? [])),
    objects: { ibm: objectsIn(config.ibm), kubernetes: objectsIn(config.kubernetes) },
  };
}

/** Secrets Manager ends every ARN with six characters of its own, and IAM compares the whole: an ARN that was written without them matches nothing. */
function secretsIn(section: unknown): readonly string[] {
  return unique(
    textsOf(section).flatMap((text) => {
      const arn = /^\$\{secret:([^#}]+)/.exec(text)?.[1];
      if (arn === undefined) return [];
      // A name may itself end like that; then both are meant.
      return /-[A-Za-z0-9]{6}$/.test(arn) ? [arn, `${arn}-??????`] : [`${arn}-??????`];
    }),
  );
}

function objectsIn(section: unknown): readonly string[] {
  return unique(textsOf(section).flatMap((text) => /^s3:\/\/(.+)$/.exec(text)?.[1] ?? []));
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort();
}
