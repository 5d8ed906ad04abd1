import { dnsSuffixOf } from '#domain/aws-partition.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';

/**
 * Names of AWS services behind PrivateLink, as data. Sources: EKS user guide "Deploy private clusters with limited internet access"; prefix
 * exceptions of China, the European Sovereign Cloud and the isolated partitions: AWS CDK `vpc-endpoint.ts` and eksctl `partitions.go` (state of 2026-11-01).
 */

/** The floor that seed 001 names. */
export const REQUIRED_SERVICES = ['ec2', 'ecr.api', 'ecr.dkr', 's3'] as const;

const PREFIXES = [
  'com.amazonaws',
  'cn.com.amazonaws',
  'eu.amazonaws',
  'gov.ic.c2s',
  'gov.sgov.sc2s',
  'gov.ic.hci.csp',
  'uk.adc-e.cloud',
];

/** `com.amazonaws.<region>.<service>` → `<service>`, by a known prefix and the region; undefined for everything else (customers' own services too). */
export function serviceOf(serviceName: string, region: string): string | undefined {
  for (const prefix of PREFIXES) {
    const start = `${prefix}.${region}.`;
    if (serviceName.startsWith(start)) return serviceName.slice(start.length);
  }
  return undefined;
}

/** The parameter of both controls of endpoints. */
export const FIPS = {
  fips: {
    describe:
      'services that are called by their FIPS names, as PrivateLink names them without the suffix (kms): then the endpoint of the FIPS twin counts, and no other',
    default: [],
  },
} as const;

const SUFFIX = '-fips';
/** A gateway endpoint leads all addresses of S3 on, whatever the name. */
const WITHOUT_TWIN = ['s3'];

/** The twin that serves a service's FIPS name alone: the standard name keeps its public address. Source: developer guides, FIPS endpoints and PrivateLink. */
export function fipsTwinOf(service: string): string | undefined {
  return service.endsWith(SUFFIX) || WITHOUT_TWIN.includes(service) ? undefined : `${service}${SUFFIX}`;
}

/** Which endpoints the workloads' names ask for: the twins of those that are declared to be called by their FIPS names. */
export function wantedServices(
  services: readonly string[],
  fips: readonly string[],
  { region }: EksEvidence,
): readonly string[] {
  return services.map((service) => {
    const twin = fips.includes(service) ? fipsTwinOf(service) : undefined;
    return twin === undefined || isFipsByName(service, region) ? service : twin;
  });
}

/** In GovCloud the standard name of these is the FIPS name. Source: AWS General Reference, FIPS endpoints (November 2026). */
function isFipsByName(service: string, region: string): boolean {
  return region.startsWith('us-gov-') && ['sts', 'ec2', 'logs', 'monitoring', 'elasticloadbalancing'].includes(service);
}

/** Names that do not follow from the service's own. Source: EKS user guide and ECR user guide, PrivateLink; AWS General Reference (November 2026). */
const NAMES: Readonly<Record<string, (region: string, suffix: string) => string>> = {
  'eks-auth': (region, suffix) => `eks-auth.${region}.${dualStackSuffix(suffix)}`,
  'eks-auth-fips': (region, suffix) => `eks-auth-fips.${region}.${dualStackSuffix(suffix)}`,
  'eks-fips': (region, suffix) => `fips.eks.${region}.${suffix}`,
  'ecr.api-fips': (region, suffix) => `ecr-fips.${region}.${suffix}`,
  'ecr.dkr-fips': (region, suffix) => `dkr.ecr-fips.${region}.${suffix}`,
};

function dualStackSuffix(suffix: string): string {
  return suffix === 'amazonaws.com.cn' ? 'api.amazonwebservices.com.cn' : 'api.aws';
}

/** Their clients put a word before the name: an account's registry, a bucket. */
const BELOW = ['ecr.dkr', 'ecr.dkr-fips', 's3'];

export function isCalledBelow(service: string): boolean {
  return BELOW.includes(service);
}

/** The name that clients resolve by the documentation. */
export function hostOf(service: string, region: string, partition: string): string {
  const suffix = dnsSuffixOf(partition);
  return NAMES[service]?.(region, suffix) ?? `${service.split('.').reverse().join('.')}.${region}.${suffix}`;
}

/** Every name that clients resolve: the documented one, and those that PrivateLink states for the service in this region. */
export function hostsOf(
  service: string,
  { region, partition, network: { privateNames } }: EksEvidence,
): readonly string[] {
  const stated =
    privateNames.state === 'collected'
      ? privateNames.value
          .filter((entry) => serviceOf(entry.service, region) === service)
          .flatMap(({ names }) => names.map((name) => name.replace(/^\*\./, '')))
      : [];
  return [...new Set([hostOf(service, region, partition), ...stated])];
}

/** The first name among zones or rules that decides about a host: the host itself, a domain above it, or one below (a single registry of ECR). */
export function namesIn(names: readonly string[], hosts: readonly string[]): string | undefined {
  return names.find((name) => hosts.some((host) => decidesAbout(name, host)));
}

export function decidesAbout(name: string, host: string): boolean {
  return name === host || name === '' || host.endsWith(`.${name}`) || name.endsWith(`.${host}`);
}
