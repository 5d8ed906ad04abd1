import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksVpc } from '#domain/evidence/eks-network.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { missingField, withCluster } from './cluster.ts';
import { vpcOf } from './egress.ts';

/** The VPC's own resolver by every name it has. Source: VPC user guide, DHCP option sets and DNS attributes. */
const AMAZON_RESOLVERS = ['amazonprovideddns', '169.254.169.253', 'fd00:ec2::253'];

export default defineControl({
  id: 'eks-vpc-dns',
  subject: 'eks',
  title: 'The VPC resolves names itself: DNS support and DNS hostnames are on, with a known resolver',
  severity: 'HIGH',
  basis: 'seed 001: DNS hostnames and DNS resolution are on',
  reference: 'EKS user guide, cluster API server endpoint; VPC user guide, DNS attributes and DHCP option sets',
  remediation: 'Switch both DNS attributes of the VPC on, and let its DHCP options name AmazonProvidedDNS.',
  needs: ['eks:DescribeCluster', 'ec2:DescribeVpcs', 'ec2:DescribeVpcAttribute', 'ec2:DescribeDhcpOptions'],
  parameters: { resolvers: { describe: 'name servers that forward to the VPC resolver', default: [] } },
  evaluate: (evidence, { parameter }) =>
    withCluster(evidence, ({ value: { vpcId } }) => {
      if (vpcId.state !== 'given') return missingField('resourcesVpcConfig.vpcId', vpcId);
      const vpc = vpcOf(evidence.network, vpcId.value);
      return 'state' in vpc
        ? unknownBecause(vpc)
        : judgeVpc(vpc, evidence, parameter<readonly string[]>('resolvers', []));
    }),
});

function judgeVpc(vpc: EksVpc, evidence: EksEvidence, resolvers: readonly string[]): Verdict {
  const checks = [
    judgeAttribute(vpc, 'dnsSupport', evidence.region),
    judgeAttribute(vpc, 'dnsHostnames', evidence.region),
    judgeResolvers(vpc, evidence.region, resolvers),
  ];
  const proof = checks.flatMap((check) => check.proof);
  const failed = checks.filter(({ status }) => status === 'FAIL');
  const [first] = failed;
  if (first?.status === 'FAIL') {
    const commands = failed.flatMap((check) => (check.status === 'FAIL' ? (check.fix?.commands ?? []) : []));
    const message = failed.map((check) => check.message).join('; ');
    return fail(first.reason, message, proof, { fix: { commands, fragments: [] } });
  }
  const open = checks.find(({ status }) => status === 'UNKNOWN');
  if (open?.status === 'UNKNOWN') return unknown(open.reason, open.message, proof);
  const declared = checks.some(({ reason }) => reason === 'declared');
  return pass(`names resolve in ${vpc.id}`, proof, declared ? 'declared' : 'holds');
}

const ATTRIBUTES = {
  dnsSupport: { api: 'enableDnsSupport', reason: 'dns-support-off' },
  dnsHostnames: { api: 'enableDnsHostnames', reason: 'dns-hostnames-off' },
} as const;

function judgeAttribute(vpc: EksVpc, name: keyof typeof ATTRIBUTES, region: string): Verdict {
  const { api, reason } = ATTRIBUTES[name];
  const part = vpc[name];
  if (part.state === 'unavailable') return unknownBecause(part);
  if (part.value.state !== 'given') return missingField(`${api} of ${vpc.id}`, part.value);
  const { value } = part.value;
  const proof: readonly Proof[] = [
    { kind: 'fact', line: `${vpc.id}: ${api} = ${value}`, field: api, value, source: part.source },
  ];
  if (value) return pass(`${api} is on`, proof);
  const option = name === 'dnsSupport' ? 'enable-dns-support' : 'enable-dns-hostnames';
  return fail(reason, `${api} of ${vpc.id} is off`, proof, {
    fix: {
      commands: [`aws ec2 modify-vpc-attribute --region ${region} --vpc-id ${vpc.id} --${option} '{"Value":true}'`],
      fragments: [],
    },
  });
}

/** A list that names the VPC's resolver is enough for the private endpoint; other servers may forward to it, which only a declaration tells. */
function judgeResolvers(vpc: EksVpc, region: string, declared: readonly string[]): Verdict {
  const part = vpc.nameServers;
  if (part.state === 'unavailable') return unknownBecause(part);
  const servers = part.value;
  const proof: Proof[] = [
    {
      kind: 'fact',
      line: `${vpc.id}: name servers = [${servers.join(', ')}]`,
      field: 'domain-name-servers',
      value: servers,
      source: part.source,
    },
  ];
  if (servers.length === 0) {
    return fail('no-resolver', `the DHCP options of ${vpc.id} name no resolver`, proof, {
      fix: {
        commands: [
          `aws ec2 associate-dhcp-options --region ${region} --vpc-id ${vpc.id} --dhcp-options-id <a set with domain-name-servers=AmazonProvidedDNS>`,
        ],
        fragments: [],
      },
    });
  }
  if (servers.some((server) => AMAZON_RESOLVERS.includes(server.toLowerCase())))
    return pass('the resolver is Amazon’s', proof);
  const foreign = servers.filter((server) => !declared.includes(server));
  if (foreign.length > 0)
    return unknown(
      'undecidable',
      `whether ${foreign.join(', ')} forwards to the resolver of ${vpc.id} is not known`,
      proof,
    );
  return pass(
    'the resolvers are declared',
    [{ kind: 'declared', line: `resolvers: ${servers.join(', ')}` }, ...proof],
    'declared',
  );
}
