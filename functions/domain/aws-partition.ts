/**
 * Partitions by the beginning of a region's name (AWS General Reference, "AWS service endpoints"; SDK partitions data, November 2026).
 * Asked only where there is no ARN to read the partition from.
 */
const PREFIXES: readonly (readonly [string, string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-iso-', 'aws-iso'],
  ['eusc-', 'aws-eusc'],
];

/** Source: SDK partitions data (November 2026). */
const DNS_SUFFIX: Readonly<Record<string, string>> = {
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
  'aws-iso': 'c2s.ic.gov',
  'aws-iso-b': 'sc2s.sgov.gov',
  'aws-iso-e': 'cloud.adc-e.uk',
  'aws-iso-f': 'csp.hci.ic.gov',
};

/** Consoles behind the name of a region. Source: AWS documentation of each partition; the isolated ones have none that is documented. */
const CONSOLE: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

export function consoleOf(partition: string): string | undefined {
  return CONSOLE[partition];
}

export function dnsSuffixOf(partition: string): string {
  return DNS_SUFFIX[partition] ?? 'amazonaws.com';
}

export function partitionOfRegion(region: string): string {
  return PREFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/** `arn:<partition>:service:region:account:resource`; `undefined` for what is no ARN. */
export function partitionOfArn(arn: string | undefined): string | undefined {
  const [scheme, partition] = (arn ?? '').split(':');
  return scheme === 'arn' && partition !== undefined && partition !== '' ? partition : undefined;
}
