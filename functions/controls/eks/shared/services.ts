import { dnsSuffixOf } from '#domain/aws-partition.ts';

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
    if (!serviceName.startsWith(start)) continue;
    // A FIPS twin counts as the service. Source: AWS Config, vpc-endpoint-enabled.
    return serviceName.slice(start.length).replace(/-fips$/, '');
  }
  return undefined;
}

/** The name that clients resolve; a private zone of this name can bring the service from another VPC. */
export function hostOf(service: string, region: string, partition: string): string {
  const parts = service.split('.');
  return `${parts.reverse().join('.')}.${region}.${dnsSuffixOf(partition)}`;
}

/** The first name among zones or rules that decides about the host: the host itself, a domain above it, or one below (a single registry of ECR). */
export function namesIn(names: readonly string[], host: string): string | undefined {
  return names.find((name) => name === host || name === '' || host.endsWith(`.${name}`) || name.endsWith(`.${host}`));
}

/**
 * Services that an EKS add-on calls from the nodes, beside the required ones. Sources: EKS user guide, private clusters and add-on pages (state of 2026-11-01).
 */
export const ADDON_SERVICES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'eks-pod-identity-agent': ['eks-auth'],
    'amazon-cloudwatch-observability': ['logs', 'monitoring'],
    'aws-efs-csi-driver': ['elasticfilesystem'],
    'aws-guardduty-agent': ['guardduty-data'],
  }),
);
