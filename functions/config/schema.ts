import * as v from 'valibot';
import { CENTRAL_EGRESS, egressIdKind, expectedEgressIds } from '#domain/central-egress.ts';
import type { EgressCloud } from '#domain/provider-facts.ts';
import { PROVIDERS, type Provider } from '#domain/target.ts';
import { SEVERITIES } from '#domain/verdict.ts';

/**
 * ringfence.yaml as it is written, before `${env:...}` and `${secret:...}` are resolved. The JSON Schema that editors use is generated from here.
 * Every message says what was expected; the reader adds file, line and key.
 */
const text = v.pipe(
  v.string('expected text'),
  v.minLength(1, 'expected text'),
  v.check(isNoBrokenReference, 'expected ${env:NAME}, ${secret:arn}, ${secret:arn#key} or plain text'),
);
const names = v.array(text, 'expected a list');
const severity = v.picklist(SEVERITIES, `expected one of ${SEVERITIES.join(', ')}`);
const DATE = 'expected a date such as 2027-03-31';
const date = v.pipe(v.string(DATE), v.isoDate(DATE), v.check(isDayOfCalendar, DATE));

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** Keys whose value opens something: never repeated in a message, and never written out in a deployed configuration. */
export const SECRET_KEYS = ['apiKey', 'clientSecret', 'certificate', 'token', 'clientKey', 'webhook'];

/** https anywhere, http on loopback only: a token must not travel in the clear. */
export function isAllowedUrl(value: string): boolean {
  const url = URL.parse(value.replace('{region}', 'region'));
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
}

const url = v.pipe(
  text,
  v.check(
    (value) => referenceOf(value) !== undefined || isAllowedUrl(value),
    'expected an https:// address (http:// on loopback only)',
  ),
);

const REFERENCE = /^\$\{(env|secret):([^}]+)\}$/;

/** What a text refers to, where it is a reference. */
export function referenceOf(value: string): { readonly kind: 'env' | 'secret'; readonly name: string } | undefined {
  const [, kind, name] = REFERENCE.exec(value) ?? [];
  return name === undefined || (kind !== 'env' && kind !== 'secret') ? undefined : { kind, name };
}

/** Something that was meant to be a reference must not be sent to anybody as a key. */
function isNoBrokenReference(value: string): boolean {
  return !/^\s*\$\{[^}]*\}?\s*$/.test(value) || referenceOf(value) !== undefined;
}

/** The 30th of February has the form of a date. */
function isDayOfCalendar(value: string): boolean {
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

const awsAccount = v.pipe(
  v.string('expected a 12-digit account id in quotes'),
  v.regex(/^\d{12}$/, 'expected a 12-digit account id in quotes'),
);
const region = v.pipe(text, v.regex(/^[a-z]{2,4}(-[a-z]+)+-\d+$/, 'expected a region such as eu-central-1'));
const allOr = <const S extends v.GenericSchema>(list: S) =>
  v.union([v.literal('all'), v.array(list, 'expected "all" or a list')], 'expected "all" or a list');

const EGRESS = `expected ${CENTRAL_EGRESS.join(', ')}`;
const egress = v.picklist(CENTRAL_EGRESS, EGRESS);
const centralEgress = (provider: EgressCloud) =>
  v.optional(
    v.union(
      [
        egress,
        v.record(
          v.pipe(
            v.string(),
            v.check((key) => egressIdKind(provider, key) !== undefined, expectedEgressIds(provider)),
          ),
          egress,
          EGRESS,
        ),
      ],
      `${EGRESS}, or a mapping from ids to them`,
    ),
  );

const Aws = v.strictObject({
  organization: v.optional(v.boolean('expected true or false')),
  accounts: v.optional(v.array(awsAccount, 'expected a list of account ids')),
  roleName: v.optional(v.pipe(text, v.regex(/^[\w+=,.@-]{1,64}$/, 'expected the name of an IAM role'))),
  externalId: v.optional(text),
  regions: v.optional(allOr(region), 'all'),
  organizationalUnits: v.optional(v.strictObject({ include: v.optional(names), exclude: v.optional(names) })),
  rateFraction: v.optional(
    v.pipe(
      v.number('expected a number'),
      v.minValue(0.01, 'expected at least 0.01'),
      v.maxValue(1, 'expected at most 1'),
    ),
  ),
  centralEgress: centralEgress('aws'),
});

const AzureCredential = v.variant(
  'type',
  [
    v.strictObject({ type: v.literal('default') }),
    v.strictObject({ type: v.literal('federated'), clientId: text, audience: v.optional(text) }),
    v.strictObject({ type: v.literal('secret'), clientId: text, clientSecret: text }),
    v.strictObject({ type: v.literal('certificate'), clientId: text, certificate: text }),
    v.strictObject({ type: v.literal('access-token') }),
  ],
  'expected a type: default, federated, secret, certificate or access-token',
);

const guid = v.pipe(
  text,
  v.check((value) => referenceOf(value) !== undefined || /^[0-9a-zA-Z-]{1,64}$/.test(value), 'expected an id'),
);

const Azure = v.strictObject({
  tenants: v.pipe(
    v.array(
      v.strictObject({
        id: guid,
        subscriptions: v.optional(allOr(guid), 'all'),
        expected: v.optional(v.array(guid, 'expected a list')),
        credential: v.optional(AzureCredential, { type: 'default' }),
      }),
      'expected a list of tenants',
    ),
    v.minLength(1, 'expected at least one tenant'),
  ),
  endpoint: v.optional(url, 'https://management.azure.com'),
  authorityHost: v.optional(url),
  centralEgress: centralEgress('azure'),
});

const Ibm = v.strictObject({
  accounts: v.optional(
    v.array(
      v.strictObject({
        id: text,
        apiKey: text,
        profileId: v.optional(text),
        minimumClusters: v.optional(
          v.pipe(
            v.number('expected a number'),
            v.integer('expected a whole number'),
            v.minValue(0, 'expected 0 or more'),
          ),
        ),
      }),
      'expected a list of accounts',
    ),
    [],
  ),
  endpoints: v.optional(
    v.strictObject({
      iam: v.optional(url, 'https://iam.cloud.ibm.com'),
      containers: v.optional(url, 'https://containers.cloud.ibm.com/global'),
      classic: v.optional(url, 'https://api.softlayer.com/rest/v3.1'),
      accounts: v.optional(url, 'https://accounts.cloud.ibm.com'),
      enterprise: v.optional(url, 'https://enterprise.cloud.ibm.com/v1'),
      cbr: v.optional(url, 'https://cbr.cloud.ibm.com'),
      resourceController: v.optional(url, 'https://resource-controller.cloud.ibm.com'),
      vpc: v.optional(url, 'https://{region}.iaas.cloud.ibm.com'),
    }),
    {},
  ),
  enterprise: v.optional(v.strictObject({ id: text, apiKey: text })),
  attestations: v.optional(
    v.array(v.strictObject({ account: text, file: text, author: text, date, expires: date }), 'expected a list'),
    [],
  ),
  probes: v.optional(v.array(v.strictObject({ cluster: text, result: text }), 'expected a list'), []),
  centralEgress: centralEgress('ibm'),
});

const Kubespray = v.strictObject({
  inventories: v.array(
    v.strictObject({
      name: text,
      version: v.optional(v.pipe(v.string('expected a release in quotes, such as "v2.31.0"'), text)),
      inventory: text,
      vars: v.optional(names, []),
      vaulted: v.optional(names),
      cluster: v.optional(text),
    }),
    'expected a list of inventories',
  ),
});

const KubernetesCluster = v.union(
  [
    v.strictObject({
      name: text,
      server: url,
      token: v.optional(text),
      ca: v.optional(text),
      clientCertificate: v.optional(text),
      clientKey: v.optional(text),
      cluster: v.optional(text),
    }),
    v.strictObject({ name: text, context: text, kubeconfig: v.optional(text), cluster: v.optional(text) }),
  ],
  'expected name with server (and token, ca), or name with context',
);

const Kubernetes = v.strictObject({ clusters: v.array(KubernetesCluster, 'expected a list of clusters') });

const Alerts = v.strictObject({
  minimumSeverity: v.optional(severity, 'MEDIUM'),
  firstScan: v.optional(v.picklist(['digest', 'each'], 'expected digest or each'), 'digest'),
  slack: v.optional(
    v.array(
      v.strictObject({
        name: v.optional(text),
        webhook: url,
        providers: v.optional(v.array(v.picklist(PROVIDERS, `expected one of ${PROVIDERS.join(', ')}`))),
        accounts: v.optional(names),
        minimumSeverity: v.optional(severity),
      }),
      'expected a list of channels',
    ),
    [],
  ),
  sns: v.optional(v.strictObject({ topicArn: v.pipe(text, v.startsWith('arn:', 'expected the ARN of a topic')) })),
});

const ControlEntry = v.looseObject({
  enabled: v.optional(v.boolean('expected true or false')),
  severity: v.optional(severity),
});

const SECTIONS = {
  aws: v.optional(Aws),
  azure: v.optional(Azure),
  ibm: v.optional(Ibm),
  kubespray: v.optional(Kubespray),
  kubernetes: v.optional(Kubernetes),
} satisfies Readonly<Record<Provider, v.GenericSchema>>;

export const ConfigSchema = v.strictObject({
  profile: v.optional(v.picklist(['closed', 'private'], 'expected closed or private'), 'closed'),
  ...SECTIONS,
  controls: v.optional(v.record(v.string(), ControlEntry, 'expected control ids with their settings'), {}),
  alerts: v.optional(Alerts, {}),
  exceptions: v.optional(
    v.array(
      v.strictObject({ control: text, resource: text, owner: text, reason: text, expires: date }),
      'expected a list of exceptions',
    ),
    [],
  ),
});

export type Config = v.InferOutput<typeof ConfigSchema>;

/** What is configured of a provider; undefined where it is not scanned. */
export function sectionOf(config: Config, provider: Provider): Config[Provider] {
  return config[provider];
}
