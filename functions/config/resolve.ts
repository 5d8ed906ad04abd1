import type { AzureTenantOptions } from '#collectors/azure/options.ts';
import type { IbmOptions } from '#collectors/ibm/options.ts';
import type { AlertSettings } from '#domain/alerting.ts';
import type { CentralEgressSettings } from '#domain/central-egress.ts';
import { EGRESS_CLOUDS, normalUid } from '#domain/provider-facts.ts';
import type { Provider } from '#domain/target.ts';
import type { ResolvedConfig } from './resolved.ts';
import { type Config, isAllowedUrl, referenceOf } from './schema.ts';

export interface ResolveSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a secret's text by its ARN. */
  readonly readSecret: (arn: string) => Promise<string>;
  /** Reads a file that the configuration names. */
  readonly readFile: (path: string) => Promise<string>;
  /** Sections to resolve; the others are left out, so that nobody needs credentials that the run does not use. */
  readonly providers: readonly Provider[];
  /** Whether the channels' webhooks are needed. */
  readonly alerts: boolean;
}

interface Fault {
  /** Dotted, as in `ibm.accounts[0].apiKey`. */
  readonly path: string;
  readonly message: string;
}

/** References that lead nowhere. The messages name the key and the reference, never a value. */
export class UnresolvedReference extends Error {
  override readonly name = 'UnresolvedReference';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], options?: ErrorOptions) {
    super(faults.map(({ path, message }) => `${path}: ${message}`).join('\n'), options);
    this.faults = faults;
  }
}

function unresolved(path: string, message: string, options?: ErrorOptions): UnresolvedReference {
  return new UnresolvedReference([{ path, message }], options);
}

/** Resolves `${env:NAME}`, `${secret:arn}`, `${secret:arn#key}` and the named files of the sections that are needed. */
export async function resolveConfig(config: Config, sources: ResolveSources): Promise<ResolvedConfig> {
  const wanted = new Set(sources.providers);
  const secrets = new Map<string, Promise<string>>();
  const readSecret = (arn: string) => {
    const known = secrets.get(arn) ?? sources.readSecret(arn);
    secrets.set(arn, known);
    return known;
  };
  const resolver = { ...sources, readSecret };
  const section = async <T>(provider: Provider, value: T | undefined): Promise<T | undefined> =>
    value !== undefined && wanted.has(provider) ? resolveIn(value, provider, resolver) : undefined;

  const [aws, azure, ibm, kubernetes, kubespray, alerts] = await everyOf([
    section('aws', config.aws && undeclared(config.aws)),
    section('azure', config.azure && undeclared(config.azure)).then((azure) => azure && azureOf(azure, sources.env)),
    section('ibm', config.ibm && undeclared(config.ibm)).then((ibm) => ibm && ibmOf(ibm, sources)),
    clustersOf(config, wanted, resolver),
    section('kubespray', config.kubespray),
    alertsOf(config, resolver),
  ]);
  return {
    profile: config.profile,
    controls: defined(config.controls) as ResolvedConfig['controls'],
    centralEgress: centralEgressIn(config),
    ...(aws === undefined
      ? {}
      : { aws: { ...(defined(aws) as ResolvedConfig['aws'] & object), ...administratorsOf(config) } }),
    ...(azure === undefined ? {} : { azure }),
    ...(ibm === undefined ? {} : { ibm }),
    ...(kubernetes === undefined ? {} : { kubernetes }),
    ...(kubespray === undefined ? {} : { kubespray: defined(kubespray) as ResolvedConfig['kubespray'] & object }),
    readInside: (config.kubernetes?.clusters ?? []).flatMap(({ name, cluster }) =>
      cluster === undefined ? [] : [{ cluster: normalUid(cluster), target: `kubernetes:${name}` }],
    ),
    ...federatedTenantOf(config),
    alerts,
    exceptions: config.exceptions,
  };
}

/** What is declared is for the controls; the collectors read what there is. */
function centralEgressIn(config: Config): CentralEgressSettings {
  return Object.fromEntries(
    EGRESS_CLOUDS.flatMap((cloud) => {
      const declared = config[cloud]?.centralEgress;
      return declared === undefined ? [] : [[cloud, declared]];
    }),
  );
}

function undeclared<T extends { readonly centralEgress?: unknown }>(section: T): Omit<T, 'centralEgress'> {
  const { centralEgress: _, ...rest } = section;
  return rest;
}

/** What only one control reads is not asked for where that control is switched off. */
function administratorsOf({ controls }: Config): { readonly administrators?: false } {
  return controls['eks-cluster-admins']?.enabled === false ? { administrators: false } : {};
}

function federatedTenantOf({ azure }: Config): Pick<ResolvedConfig, 'federatedTenant'> {
  const tenant = azure?.tenants.find(({ credential }) => credential.type === 'federated');
  return tenant === undefined ? {} : { federatedTenant: defined(tenant) as AzureTenantOptions };
}

type Resolver = Pick<ResolveSources, 'env' | 'readSecret'>;

async function resolveIn<T>(value: T, path: string, resolver: Resolver): Promise<T> {
  if (typeof value === 'string') return (await resolveText(value, path, resolver)) as T;
  if (Array.isArray(value))
    return (await everyOf(value.map((item, index) => resolveIn(item, `${path}[${index}]`, resolver)))) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = await everyOf(
    Object.entries(value).map(
      async ([key, entry]) => [key, await resolveIn(entry, `${path}.${key}`, resolver)] as const,
    ),
  );
  return Object.fromEntries(entries) as T;
}

/** Waits for all, so that every unresolved reference is told and not only the first. */
async function everyOf<T extends readonly unknown[]>(parts: { readonly [K in keyof T]: Promise<T[K]> }): Promise<T> {
  const settled = await Promise.allSettled<unknown>(parts);
  const refused = settled.flatMap((part): readonly unknown[] => (part.status === 'rejected' ? [part.reason] : []));
  const surprise = refused.find((error) => !(error instanceof UnresolvedReference));
  if (surprise !== undefined) throw surprise;
  const faults = refused.flatMap((error) => (error instanceof UnresolvedReference ? error.faults : []));
  if (faults.length > 0) throw new UnresolvedReference(faults, { cause: refused[0] });
  return settled.map((part) => (part.status === 'fulfilled' ? part.value : undefined)) as unknown as T;
}

async function resolveText(text: string, path: string, resolver: Resolver): Promise<string> {
  const reference = referenceOf(text);
  if (reference === undefined) return text;
  const { kind, name } = reference;
  if (kind === 'env') {
    const value = resolver.env[name];
    if (value === undefined || value === '') throw unresolved(path, `the environment variable ${name} is not set`);
    return value;
  }
  const [arn = '', key] = name.split('#');
  const secret = await resolver.readSecret(arn).catch((error: unknown) => {
    throw unresolved(path, `the secret ${arn} could not be read (${error instanceof Error ? error.name : 'error'})`, {
      cause: error,
    });
  });
  return key === undefined ? secret : secretKey(secret, arn, key, path);
}

function secretKey(secret: string, arn: string, key: string, path: string): string {
  let value: unknown;
  try {
    value = (JSON.parse(secret) as Record<string, unknown>)[key];
  } catch {
    // The parser's own message repeats parts of the secret.
    throw unresolved(path, `the secret ${arn} is not a JSON object`);
  }
  if (typeof value !== 'string') throw unresolved(path, `the secret ${arn} has no text under ${key}`);
  return value;
}

type Section<K extends 'azure' | 'ibm' | 'kubernetes'> = NonNullable<Config[K]>;

function azureOf(
  azure: Omit<Section<'azure'>, 'centralEgress'>,
  env: ResolveSources['env'],
): NonNullable<ResolvedConfig['azure']> {
  demandUrls([
    ['azure.endpoint', azure.endpoint],
    ['azure.authorityHost', azure.authorityHost],
  ]);
  const tenants = azure.tenants.map((tenant, index) => {
    if (tenant.credential.type !== 'access-token') return tenant;
    const token = env['AZURE_ACCESS_TOKEN'];
    if (token === undefined || token === '') {
      throw unresolved(`azure.tenants[${index}].credential`, 'the environment variable AZURE_ACCESS_TOKEN is not set');
    }
    return { ...tenant, credential: { type: 'access-token' as const, token } };
  });
  return defined({ ...azure, tenants }) as NonNullable<ResolvedConfig['azure']>;
}

async function ibmOf(ibm: Omit<Section<'ibm'>, 'centralEgress'>, { readFile }: ResolveSources): Promise<IbmOptions> {
  demandUrls(Object.entries(ibm.endpoints).map(([name, address]) => [`ibm.endpoints.${name}`, address]));
  const attestations = ibm.attestations.map(async ({ file, ...rest }, index) => ({
    ...rest,
    text: await readNamed(file, `ibm.attestations[${index}].file`, readFile),
  }));
  const probes = ibm.probes.map(async ({ cluster, result }, index) => ({
    cluster,
    result: await readNamed(result, `ibm.probes[${index}].result`, readFile),
  }));
  const [attested, probed] = await everyOf([everyOf(attestations), everyOf(probes)]);
  return defined({ ...ibm, attestations: attested, probes: probed }) as IbmOptions;
}

/** Every cluster when clusters are scanned; for inventories alone, those that they are held against. */
async function clustersOf(
  { kubernetes, kubespray }: Config,
  wanted: ReadonlySet<Provider>,
  resolver: ResolveSources,
): Promise<ResolvedConfig['kubernetes']> {
  if (kubernetes === undefined) return undefined;
  const named = new Set(wanted.has('kubespray') ? kubespray?.inventories.map(({ cluster }) => cluster) : []);
  const clusters = kubernetes.clusters.flatMap((cluster, index) =>
    wanted.has('kubernetes') || named.has(cluster.name) ? [resolveCluster(cluster, index, resolver)] : [],
  );
  return clusters.length === 0 && !wanted.has('kubernetes')
    ? undefined
    : (defined({ clusters: await everyOf(clusters) }) as NonNullable<ResolvedConfig['kubernetes']>);
}

async function resolveCluster(
  written: Section<'kubernetes'>['clusters'][number],
  index: number,
  sources: ResolveSources,
) {
  const at = `kubernetes.clusters[${index}]`;
  const resolved = await resolveIn(written, at, sources);
  const cluster = resolved.cluster === undefined ? resolved : { ...resolved, cluster: normalUid(resolved.cluster) };
  if (!('server' in cluster)) return cluster;
  demandUrls([[`${at}.server`, cluster.server]]);
  const before: Readonly<Record<string, unknown>> = written;
  const pem = async (key: 'ca' | 'clientCertificate' | 'clientKey') => {
    const value = cluster[key];
    if (value === undefined || value.includes('-----BEGIN')) return value;
    // What a reference brought is no file name, and must not be repeated by an error that takes it for one.
    if (before[key] !== value) throw unresolved(`${at}.${key}`, `${String(before[key])} holds no PEM text`);
    return readNamed(value, `${at}.${key}`, sources.readFile);
  };
  const [ca, clientCertificate, clientKey] = await everyOf([pem('ca'), pem('clientCertificate'), pem('clientKey')]);
  return { ...cluster, ca, clientCertificate, clientKey };
}

async function readNamed(path: string, key: string, readFile: ResolveSources['readFile']): Promise<string> {
  return readFile(path).catch((error: unknown) => {
    throw unresolved(key, `${path} could not be read (${error instanceof Error ? error.message : String(error)})`, {
      cause: error,
    });
  });
}

async function alertsOf(config: Config, sources: Resolver & Pick<ResolveSources, 'alerts'>): Promise<AlertSettings> {
  const { slack, sns, ...rest } = config.alerts;
  const channels = sources.alerts ? await resolveIn(slack, 'alerts.slack', sources) : [];
  demandUrls(channels.map(({ webhook }, index) => [`alerts.slack[${index}].webhook`, webhook]));
  return defined({
    ...rest,
    slack: channels.map((channel, index) => ({ ...channel, name: channel.name ?? `slack-${index + 1}` })),
    ...(sns === undefined ? {} : { sns }),
  }) as AlertSettings;
}

/** The schema checks addresses that stand in the file; those behind a reference are known only now. */
function demandUrls(addresses: readonly (readonly [path: string, address: string | undefined])[]): void {
  const faults = addresses
    .filter(([, address]) => address !== undefined && !isAllowedUrl(address))
    .map(([path]) => ({ path, message: 'expected an https:// address (http:// on loopback only)' }));
  if (faults.length > 0) throw new UnresolvedReference(faults);
}

/** Without the keys whose value is undefined: what was not configured is absent. */
function defined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
