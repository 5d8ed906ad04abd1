import type { Collected, Field } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksVpc } from '#domain/evidence/eks-network.ts';
import { parseRange, toCidrs } from '#domain/net/cidr.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { missingField, type ReadCluster } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { vpcDnsFix } from './shared/fix.ts';
import { vpcOf } from './shared/paths.ts';

/** Names of Amazon's resolver: the word of the DHCP options, and its link-local addresses. Source: VPC user guide, DNS. */
const AMAZON = ['AmazonProvidedDNS', '169.254.169.253', 'fd00:ec2::253'];

export default defineEksControl({
  id: 'eks-vpc-dns',
  title: "DNS resolution and DNS hostnames are on, and the resolver is Amazon's or a declared one",
  severity: 'HIGH',
  dimension: 'private API path',
  basis: 'seed 001 (S3): DNS resolution and DNS hostnames of the VPC',
  reference: 'EKS user guide, cluster API server endpoint; VPC user guide, DHCP option sets',
  remediation: 'Switch the attribute on that the finding names.',
  needs: ['eks:DescribeCluster', 'ec2:DescribeVpcs', 'ec2:DescribeVpcAttribute', 'ec2:DescribeDhcpOptions'],
  parameters: {
    resolvers: { describe: "resolvers of your own that forward to Amazon's", default: [], each: 'address' },
  },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    return withVpc(evidence, subject, (vpc) =>
      combine(
        [
          judgeAttribute(vpc, 'enableDnsSupport', vpc.dnsSupport, evidence),
          judgeAttribute(vpc, 'enableDnsHostnames', vpc.dnsHostnames, evidence),
          judgeServers(vpc, parameters.resolvers),
        ],
        `DNS resolution and hostnames of ${vpc.id} are on, its resolver is known`,
      ),
    );
  },
});

/** `vpcId` is not sent for clusters of old; then their subnets tell it. */
function withVpc(evidence: EksEvidence, subject: ReadCluster, judge: (vpc: EksVpc) => Verdict): Verdict {
  const { vpcId, subnetIds } = subject.cluster;
  const { subnets } = evidence.network;
  if (vpcId.state === 'malformed') return missingField('resourcesVpcConfig.vpcId', vpcId);
  let id = vpcId.state === 'given' ? vpcId.value : undefined;
  if (id === undefined) {
    if (subnetIds.state !== 'given') return missingField('resourcesVpcConfig.vpcId', vpcId);
    if (subnets.state === 'unavailable') return unknownBecause(subnets);
    id = subnets.value.find((subnet) => subnetIds.value.includes(subnet.id))?.vpcId;
  }
  if (id === undefined) return unknown('absent-field', 'neither the cluster nor its subnets name the VPC');
  const vpc = vpcOf(evidence.network, id);
  return 'state' in vpc ? unknownBecause(vpc) : judge(vpc);
}

function judgeAttribute(
  { id }: EksVpc,
  name: 'enableDnsSupport' | 'enableDnsHostnames',
  attribute: Collected<Field<boolean>>,
  evidence: EksEvidence,
): Verdict {
  if (attribute.state === 'unavailable') return unknownBecause(attribute);
  const { value, source } = attribute;
  if (value.state !== 'given') return missingField(`${name} of ${id}`, value);
  const proof: readonly Proof[] = [
    { kind: 'fact', line: `${id} ${name} = ${value.value}`, field: `${id}.${name}`, value: value.value, source },
  ];
  if (value.value) return pass('', proof);
  const option = name === 'enableDnsSupport' ? 'enable-dns-support' : 'enable-dns-hostnames';
  return fail(name === 'enableDnsSupport' ? 'dns-support-off' : 'dns-hostnames-off', `${name} of ${id} is off`, proof, {
    fix: vpcDnsFix(id, option, evidence),
  });
}

/**
 * Amazon's resolver at the base of the VPC's primary range plus two. The same address of a further range is reserved, and not documented to answer. Source: VPC
 * user guide, Amazon DNS server.
 */
function amazonInVpc({ primaryRange }: EksVpc): string | undefined {
  const range = primaryRange.state === 'given' ? parseRange(primaryRange.value) : undefined;
  if (range?.family !== 'ipv4') return undefined;
  const resolver = { ...range, first: range.first + 2n, last: range.first + 2n };
  return toCidrs(resolver)[0]?.replace('/32', '');
}

/** Another resolver works when it forwards to Amazon's, which cannot be seen from here. */
function judgeServers(vpc: EksVpc, declared: readonly string[]): Verdict {
  const { id, nameServers } = vpc;
  if (nameServers.state === 'unavailable') return unknownBecause(nameServers);
  const { value: servers, source } = nameServers;
  const proof: readonly Proof[] = [
    {
      kind: 'fact',
      line: `${id} resolves by ${servers.length === 0 ? 'no server that its DHCP options name' : servers.join(', ')}`,
      field: `${id}.domain-name-servers`,
      value: servers,
      source,
    },
  ];
  const base = amazonInVpc(vpc);
  if (servers.some((server) => AMAZON.includes(server) || server === base)) return pass('', proof);
  if (servers.length > 0 && servers.every((server) => declared.includes(server))) {
    return pass('', [{ kind: 'declared', line: `resolvers: ${declared.join(', ')}` }, ...proof], 'declared');
  }
  return unknown(
    'undecidable',
    servers.length === 0
      ? `the DHCP options of ${id} name no resolver`
      : `${id} resolves by ${servers.join(', ')}; whether they forward to Amazon's resolver is not visible`,
    proof,
  );
}
