import type { SecurityGroup as Group, IpPermission, Route, RouteTable, Subnet, VpcEndpoint } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { ABSENT, fieldOf } from '#domain/collected.ts';
import type {
  EksEndpoint,
  EksRoute,
  EksRouteTable,
  EksSubnet,
  SecurityGroup,
  SecurityRule,
} from '#domain/evidence/eks-network.ts';

/** EC2's answers as evidence, field by field as they were sent. An entry without its id is no entry EC2 documents. */

const flag = v.boolean();
const text = v.string();

export function toSubnet(subnet: Subnet): EksSubnet {
  return {
    id: required(subnet.SubnetId, 'SubnetId'),
    vpcId: required(subnet.VpcId, 'VpcId'),
    ownerId: fieldOf(text, subnet.OwnerId),
    zoneId: fieldOf(text, subnet.AvailabilityZoneId),
    cidr: required(subnet.CidrBlock, 'CidrBlock'),
    ipv6Cidrs: (subnet.Ipv6CidrBlockAssociationSet ?? []).flatMap(({ Ipv6CidrBlock, Ipv6CidrBlockState }) =>
      Ipv6CidrBlock === undefined || Ipv6CidrBlockState?.State === 'disassociated' ? [] : [Ipv6CidrBlock],
    ),
    freeAddresses: fieldOf(v.number(), subnet.AvailableIpAddressCount),
    mapsPublicAddress: fieldOf(flag, subnet.MapPublicIpOnLaunch),
    blockMode: fieldOf(text, subnet.BlockPublicAccessStates?.InternetGatewayBlockMode),
    tags: (subnet.Tags ?? []).map(({ Key = '', Value = '' }) => ({ key: Key, value: Value })),
  };
}

export function toRouteTable(table: RouteTable): EksRouteTable {
  // Associations with a gateway are ingress routing and say nothing of what a subnet's traffic does.
  const associations = (table.Associations ?? []).filter(
    ({ AssociationState }) => AssociationState?.State === undefined || AssociationState.State === 'associated',
  );
  return {
    id: required(table.RouteTableId, 'RouteTableId'),
    vpcId: required(table.VpcId, 'VpcId'),
    main: associations.some(({ Main }) => Main === true),
    subnetIds: associations.flatMap(({ SubnetId }) => (SubnetId === undefined ? [] : [SubnetId])),
    unsettledSubnetIds: (table.Associations ?? []).flatMap(({ SubnetId, AssociationState }) =>
      SubnetId !== undefined && ['associating', 'disassociating'].includes(AssociationState?.State ?? '')
        ? [SubnetId]
        : [],
    ),
    routes: (table.Routes ?? []).map(toRoute),
  };
}

const GATEWAYS: readonly (readonly [prefix: string, kind: EksRoute['targetKind']])[] = [
  ['igw-', 'internet-gateway'],
  ['vgw-', 'virtual-private-gateway'],
  ['vpce-', 'vpc-endpoint'],
  ['local', 'local'],
];

function toRoute(route: Route): EksRoute {
  const destination =
    route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? '';
  const state = route.State ?? 'absent';
  const to = (targetKind: EksRoute['targetKind'], targetId: string): EksRoute => ({
    destination,
    targetKind,
    targetId,
    state,
  });
  if (route.NatGatewayId !== undefined) return to('nat-gateway', route.NatGatewayId);
  if (route.EgressOnlyInternetGatewayId !== undefined)
    return to('egress-only-gateway', route.EgressOnlyInternetGatewayId);
  if (route.TransitGatewayId !== undefined) return to('transit-gateway', route.TransitGatewayId);
  if (route.CoreNetworkArn !== undefined) return to('core-network', route.CoreNetworkArn);
  if (route.VpcPeeringConnectionId !== undefined) return to('peering', route.VpcPeeringConnectionId);
  if (route.GatewayId !== undefined) {
    const id = route.GatewayId;
    return to(GATEWAYS.find(([prefix]) => id.startsWith(prefix))?.[1] ?? 'other-gateway', id);
  }
  // A route to an instance names its network interface too.
  if (route.InstanceId !== undefined) return to('instance', route.InstanceId);
  if (route.NetworkInterfaceId !== undefined) return to('network-interface', route.NetworkInterfaceId);
  const other = route.CarrierGatewayId ?? route.LocalGatewayId ?? route.OdbNetworkArn;
  return other === undefined ? to('none', '') : to('other-gateway', other);
}

export function toEndpoint(endpoint: VpcEndpoint): EksEndpoint {
  return {
    id: required(endpoint.VpcEndpointId, 'VpcEndpointId'),
    vpcId: required(endpoint.VpcId, 'VpcId'),
    // Endpoints for resources and service networks carry an ARN instead of a service.
    serviceName: endpoint.ServiceName ?? '',
    // The wire says `available` where the SDK's enum says `Available`.
    state: endpoint.State ?? 'absent',
    type: endpoint.VpcEndpointType ?? 'absent',
    privateDns: fieldOf(flag, endpoint.PrivateDnsEnabled),
    privateDnsOnlyForInboundResolver: fieldOf(flag, endpoint.DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint),
    addressType: fieldOf(text, endpoint.IpAddressType),
    groupIds: (endpoint.Groups ?? []).flatMap(({ GroupId }) => (GroupId === undefined ? [] : [GroupId])),
    subnetIds: endpoint.SubnetIds ?? [],
    routeTableIds: endpoint.RouteTableIds ?? [],
    requesterManaged: fieldOf(flag, endpoint.RequesterManaged),
    serviceRegion: fieldOf(text, endpoint.ServiceRegion),
    policy: fieldOf(text, endpoint.PolicyDocument),
    dnsNames: (endpoint.DnsEntries ?? []).flatMap(({ DnsName }) =>
      DnsName === undefined ? [] : [DnsName.toLowerCase()],
    ),
  };
}

export function toGroup(group: Group): SecurityGroup {
  return {
    id: required(group.GroupId, 'GroupId'),
    name: group.GroupName ?? '',
    vpcId: group.VpcId ?? '',
    ingress: (group.IpPermissions ?? []).map(toRule),
    egress:
      group.IpPermissionsEgress === undefined
        ? ABSENT
        : { state: 'given', value: group.IpPermissionsEgress.map(toRule) },
  };
}

function toRule(rule: IpPermission): SecurityRule {
  return {
    protocol: rule.IpProtocol ?? 'absent',
    fromPort: fieldOf(v.number(), rule.FromPort),
    toPort: fieldOf(v.number(), rule.ToPort),
    // A source that does not say what it is could be everybody: dropped, it would look like nobody.
    ranges: [
      ...(rule.IpRanges ?? []).map(({ CidrIp }) => required(CidrIp, 'CidrIp')),
      ...(rule.Ipv6Ranges ?? []).map(({ CidrIpv6 }) => required(CidrIpv6, 'CidrIpv6')),
    ],
    groupIds: (rule.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => (GroupId === undefined ? [] : [GroupId])),
    prefixListIds: (rule.PrefixListIds ?? []).map(({ PrefixListId }) => required(PrefixListId, 'PrefixListId')),
  };
}

export function required(value: string | undefined, field: string): string {
  if (value === undefined || value === '') throw new SyntaxError(`the answer lacks ${field}`);
  return value;
}
