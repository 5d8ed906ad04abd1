import { dnsSuffixOf } from '#domain/aws-partition.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import { covers, parseRange } from '#domain/net/cidr.ts';
import { hostOf, serviceOf } from './services.ts';

/** What a node must reach past the proxy. */
export interface Exception {
  /** As it is written in NO_PROXY. */
  readonly entry: string;
  readonly covered: boolean;
}

const METADATA = '169.254.169.254';

/**
 * What NO_PROXY must hold on nodes of a private cluster. Clients read addresses, blocks, and names with what is below them.
 * Source: EKS user guide and AWS re:Post, HTTP proxy for EKS nodes; Go, httpproxy.Config.
 */
export function exceptionsOf(noProxy: readonly string[], evidence: EksEvidence): readonly Exception[] {
  const { region, partition } = evidence;
  const suffix = dnsSuffixOf(partition);
  const name = (entry: string, ...alternatives: readonly string[]): Exception => ({
    entry,
    covered: [entry, ...alternatives].some((host) => coversName(noProxy, host)),
  });
  const block = (entry: string): Exception => ({ entry, covered: coversBlock(noProxy, entry) });
  return [
    block(METADATA),
    ...vpcRanges(evidence).map(block),
    ...serviceRanges(evidence).map(block),
    // The names of nodes are below the region's own name of it.
    name('.internal', region === 'us-east-1' ? '.ec2.internal' : `.${region}.compute.internal`),
    name(`.eks.${suffix}`, `.${region}.eks.${suffix}`),
    ...endpointHosts(evidence).map((host) => ({ entry: host, covered: coversName(noProxy, host) })),
    ...(isIpv6(evidence) ? [name('.api.aws', `.${region}.api.aws`)] : []),
  ];
}

/** Values that are only known where the script runs: what they hold cannot be said to be missing. */
export function isComputed(noProxy: readonly string[]): boolean {
  return noProxy.some((entry) => /[$`<]/.test(entry));
}

function coversBlock(noProxy: readonly string[], wanted: string): boolean {
  const blocks = noProxy.filter((entry) => parseRange(entry) !== undefined);
  return covers(blocks, wanted);
}

/** `.name`, `*.name` and `name` all mean the name and what is below it, as far as clients agree. */
function coversName(noProxy: readonly string[], host: string): boolean {
  const wanted = bare(host);
  return noProxy.some((entry) => {
    const suffix = bare(entry);
    return entry === '*' || (suffix !== '' && (wanted === suffix || wanted.endsWith(`.${suffix}`)));
  });
}

function bare(name: string): string {
  return name
    .toLowerCase()
    .replace(/^\*?\./, '')
    .replace(/:\d+$/, '');
}

/** Every route table begins with the ranges of its VPC. */
function vpcRanges({ cluster, network: { vpcs } }: EksEvidence): readonly string[] {
  const id = cluster.state === 'collected' && cluster.value.vpcId.state === 'given' ? cluster.value.vpcId.value : '';
  const vpc = vpcs.state === 'collected' ? vpcs.value.find((entry) => entry.id === id) : undefined;
  const tables = vpc?.routeTables.state === 'collected' ? vpc.routeTables.value : [];
  return [
    ...new Set(
      tables.flatMap(({ routes }) =>
        routes.filter(({ targetKind }) => targetKind === 'local').map(({ destination }) => destination),
      ),
    ),
  ];
}

function serviceRanges({ cluster }: EksEvidence): readonly string[] {
  return cluster.state === 'collected' && cluster.value.serviceCidrs.state === 'given'
    ? cluster.value.serviceCidrs.value
    : [];
}

function endpointHosts({ cluster, network: { vpcs }, region, partition }: EksEvidence): readonly string[] {
  const id = cluster.state === 'collected' && cluster.value.vpcId.state === 'given' ? cluster.value.vpcId.value : '';
  const vpc = vpcs.state === 'collected' ? vpcs.value.find((entry) => entry.id === id) : undefined;
  const endpoints = vpc?.endpoints.state === 'collected' ? vpc.endpoints.value : [];
  const services = endpoints
    .filter(({ state }) => state.toLowerCase() === 'available')
    .flatMap(({ serviceName }) => serviceOf(serviceName, region) ?? []);
  return [...new Set(services)].map((service) => hostOf(service, region, partition));
}

function isIpv6({ cluster }: EksEvidence): boolean {
  return (
    cluster.state === 'collected' && cluster.value.ipFamily.state === 'given' && cluster.value.ipFamily.value === 'ipv6'
  );
}
