import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint } from '#domain/evidence/eks-network.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';
import type { CallContext, EndpointContext } from './endpoint-use.ts';
import { cloudFormation, ec2Command } from './fix.ts';
import type { NodeSubnets } from './node-subnets.ts';
import { effectiveTable } from './paths.ts';
import { isCalledBelow, serviceOf } from './services.ts';

/** Remedies for endpoints: each names the ids involved, as a command and as CloudFormation. */

interface Place {
  readonly evidence: EksEvidence;
  readonly nodes: NodeSubnets;
  readonly vpcId: string;
}

export function createEndpoint(service: string, { evidence, nodes, vpcId }: Place): Fix {
  const name = fullName(service, evidence);
  const create = (type: string) =>
    `create-vpc-endpoint --vpc-id ${shellQuote(vpcId)} --vpc-endpoint-type ${type} --service-name ${shellQuote(name)}`;
  const head = `Type: AWS::EC2::VPCEndpoint\nProperties:\n  VpcId: ${vpcId}\n  ServiceName: ${name}`;
  if (service === 's3') {
    const tables = [...new Set(nodes.subnets.flatMap((subnet) => tableOf(subnet, evidence)))];
    return cloudFormation(
      [
        ec2Command(
          evidence,
          `${create('Gateway')} --route-table-ids ${tables.map(shellQuote).join(' ') || '<the route tables of the node subnets>'}`,
        ),
      ],
      `${head}\n  VpcEndpointType: Gateway\n  RouteTableIds: [${tables.join(', ')}]`,
    );
  }
  const subnets = onePerZone(nodes);
  const group = groupFor(evidence, vpcId, nodes) ?? '<a group that admits 443 from the nodes>';
  return cloudFormation(
    [
      ec2Command(
        evidence,
        `${create('Interface')} --subnet-ids ${subnets.map(shellQuote).join(' ')} --private-dns-enabled --security-group-ids ${shellQuote(group)}`,
      ),
    ],
    `${head}\n  VpcEndpointType: Interface\n  PrivateDnsEnabled: true\n  SubnetIds: [${subnets.join(', ')}]\n  SecurityGroupIds: [${group}]`,
  );
}

/** A failed, rejected or expired endpoint does not come back, and does not stand in the way of a new one. Who waits for it is not known, so it stays. */
export function replaceEndpoint({ id }: EksEndpoint, { evidence, nodes, service, vpc }: EndpointContext): Fix {
  const { commands, fragments } = createEndpoint(service, { evidence, nodes, vpcId: vpc.id });
  return {
    commands: [ec2Command(evidence, `describe-vpc-endpoints --vpc-endpoint-ids ${shellQuote(id)}`), ...commands],
    fragments,
  };
}

/** The zone stays: AWS refuses the endpoint's own private name while the VPC resolves by it. */
export function zoneRecord(
  { dnsNames }: EksEndpoint,
  zone: string,
  host: string,
  { evidence: { region }, vpc, service }: EndpointContext,
): Fix {
  const name = isCalledBelow(service) ? `*.${host}` : host;
  const target = dnsNames[0] ?? '<the DNS name of the endpoint>';
  return {
    commands: [
      `aws route53 list-hosted-zones-by-vpc --vpc-id ${shellQuote(vpc.id)} --vpc-region ${shellQuote(region)}`,
    ],
    fragments: [
      {
        language: 'cloudformation',
        code: `# in the private zone ${zone}\nType: AWS::Route53::RecordSet\nProperties:\n  HostedZoneName: ${zone}.\n  Name: '${name}.'\n  Type: CNAME\n  TTL: '60'\n  ResourceRecords: ['${target}']`,
      },
    ],
  };
}

/** The document with one more statement. Where a Deny holds the requests back, adding does not help: then the fix says which statement to narrow. */
export function changePolicy(
  { id }: EksEndpoint,
  document: string,
  statement: Readonly<Record<string, unknown>>,
  { evidence, denied }: Pick<EndpointContext, 'evidence'> & { readonly denied: string | undefined },
): Fix {
  const { Statement: given = [], ...rest } = JSON.parse(document) as { readonly Statement?: unknown };
  const added = JSON.stringify({ ...rest, Statement: [...[given].flat(), statement] });
  const shown = `# ${id}: ${denied === undefined ? 'its policy, with one statement more' : `narrow the statement ${denied} so that it leaves this out`}\nType: AWS::EC2::VPCEndpoint\nProperties:\n  PolicyDocument:\n    Statement:\n      - ${JSON.stringify(statement)}`;
  const command =
    denied === undefined
      ? `modify-vpc-endpoint --vpc-endpoint-id ${shellQuote(id)} --policy-document ${shellQuote(added)}`
      : `describe-vpc-endpoints --vpc-endpoint-ids ${shellQuote(id)} --query 'VpcEndpoints[].PolicyDocument'`;
  return cloudFormation([ec2Command(evidence, command)], shown);
}

export function switchOnPrivateDns(endpoint: EksEndpoint, context: EndpointContext): Fix {
  return modify(endpoint, context, '--private-dns-enabled', '  PrivateDnsEnabled: true');
}

export function admitsInboundOnly(endpoint: EksEndpoint, context: EndpointContext): Fix {
  return modify(
    endpoint,
    context,
    '--dns-options PrivateDnsOnlyForInboundResolverEndpoint=false',
    '  DnsOptions:\n    PrivateDnsOnlyForInboundResolverEndpoint: NotSpecified',
  );
}

export function changeAddressType(endpoint: EksEndpoint, context: EndpointContext): Fix {
  return modify(
    endpoint,
    context,
    '--ip-address-type dualstack --dns-options DnsRecordIpType=dualstack',
    '  IpAddressType: dualstack\n  DnsOptions:\n    DnsRecordIpType: dualstack',
  );
}

export function widenRouteTables(endpoint: EksEndpoint, missing: readonly string[], context: EndpointContext): Fix {
  return modify(
    endpoint,
    context,
    `--add-route-table-ids ${missing.map(shellQuote).join(' ')}`,
    `  RouteTableIds: [${[...endpoint.routeTableIds, ...missing].join(', ')}]`,
  );
}

function modify({ id }: EksEndpoint, { evidence }: EndpointContext, options: string, properties: string): Fix {
  return cloudFormation(
    [ec2Command(evidence, `modify-vpc-endpoint --vpc-endpoint-id ${shellQuote(id)} ${options}`)],
    `# ${id}\nType: AWS::EC2::VPCEndpoint\nProperties:\n${properties}`,
  );
}

export function admitInbound(groupId: string, cidrs: readonly string[], { evidence }: CallContext): Fix {
  const permissions = cidrs.map((cidr) => shellQuote(`${PORT_443},${rangeOf(cidr)}`));
  return cloudFormation(
    [
      ec2Command(
        evidence,
        `authorize-security-group-ingress --group-id ${shellQuote(groupId)} --ip-permissions ${permissions.join(' ')}`,
      ),
    ],
    ...cidrs.map(
      (cidr) =>
        `Type: AWS::EC2::SecurityGroupIngress\nProperties:\n  GroupId: ${groupId}\n${YAML_443}\n  ${cidr.includes(':') ? 'CidrIpv6' : 'CidrIp'}: ${cidr}`,
    ),
  );
}

/** Out of the nodes' first group: to the endpoint's groups, or to the prefix lists that lead to a gateway endpoint. */
export function admitOutbound(
  [from = '']: readonly string[],
  { lists, groups }: { readonly lists: readonly string[]; readonly groups: readonly string[] },
  { evidence }: CallContext,
): Fix {
  const to = [
    ...groups.map((id) => ({
      pair: `UserIdGroupPairs=[{GroupId=${id}}]`,
      property: `DestinationSecurityGroupId: ${id}`,
    })),
    ...lists.map((id) => ({
      pair: `PrefixListIds=[{PrefixListId=${id}}]`,
      property: `DestinationPrefixListId: ${id}`,
    })),
  ];
  return cloudFormation(
    to.map(({ pair }) =>
      ec2Command(
        evidence,
        `authorize-security-group-egress --group-id ${shellQuote(from)} --ip-permissions ${shellQuote(`${PORT_443},${pair}`)}`,
      ),
    ),
    ...to.map(
      ({ property }) =>
        `Type: AWS::EC2::SecurityGroupEgress\nProperties:\n  GroupId: ${from}\n${YAML_443}\n  ${property}`,
    ),
  );
}

const PORT_443 = 'IpProtocol=tcp,FromPort=443,ToPort=443';
const YAML_443 = '  IpProtocol: tcp\n  FromPort: 443\n  ToPort: 443';

function rangeOf(cidr: string): string {
  return cidr.includes(':') ? `Ipv6Ranges=[{CidrIpv6=${cidr}}]` : `IpRanges=[{CidrIp=${cidr}}]`;
}

/** The prefix differs by partition and service: the region's own list of services has the right one. */
function fullName(service: string, { region, network: { offeredServices } }: EksEvidence): string {
  const offered = offeredServices.state === 'collected' ? offeredServices.value : [];
  return (
    offered.find((name) => serviceOf(name, region) === service && name.endsWith(`.${service}`)) ??
    `com.amazonaws.${region}.${service}`
  );
}

/** An interface endpoint takes one subnet per zone. */
function onePerZone({ subnets }: NodeSubnets): readonly string[] {
  const zones = new Map(
    subnets.map(({ id, zoneId }) => [zoneId.state === 'given' ? zoneId.value : id, id] as const).reverse(),
  );
  return [...zones.values()].sort();
}

/** The group of another endpoint of the VPC; else the cluster's own group, where every node carries it: it admits its members. */
function groupFor(evidence: EksEvidence, vpcId: string, { sets }: NodeSubnets): string | undefined {
  const { vpcs } = evidence.network;
  const vpc = vpcs.state === 'collected' ? vpcs.value.find(({ id }) => id === vpcId) : undefined;
  const endpoints = vpc?.endpoints.state === 'collected' ? vpc.endpoints.value : [];
  const beside = endpoints.find(
    ({ type, groupIds, state }) =>
      state.toLowerCase() === 'available' && type.toLowerCase() === 'interface' && groupIds.length > 0,
  );
  if (beside !== undefined) return beside.groupIds[0];
  const [own] = sets.find(({ name }) => name === 'cluster')?.groupIds ?? [];
  return own !== undefined && sets.every(({ groupIds }) => groupIds?.includes(own) === true) ? own : undefined;
}

function tableOf(subnet: NodeSubnets['subnets'][number], { network }: EksEvidence): readonly string[] {
  const table = effectiveTable(subnet, network);
  return 'state' in table ? [] : [table.id];
}
