import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateEgressOnlyInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateManagedPrefixListCommand,
  CreateNatGatewayCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTransitGatewayCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  CreateVpcPeeringConnectionCommand,
  CreateVpnGatewayCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import { CreateClusterCommand, CreateNodegroupCommand, EKSClient } from '@aws-sdk/client-eks';
import { KINDS, type Kind } from './kinds.ts';

export interface Place {
  readonly account: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

type Egress = (typeof KINDS)[Kind]['egress'];

/** Builds one VPC of the kind and a cluster with a node group in it. */
export async function buildCluster(kind: Kind, name: string, place: Place): Promise<void> {
  const { egress, endpoints, open, group, s3Tables, publicAccess, privateAccess } = KINDS[kind];
  const ec2 = new EC2Client({ region: place.region, credentials: place.credentials });
  const eks = new EKSClient({ region: place.region, credentials: place.credentials });
  const vpcId = id(
    (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }))).Vpc?.VpcId,
  );
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
  const subnets: string[] = [];
  const tables: string[] = [];
  for (const [index, zone] of ['a', 'b'].entries()) {
    const subnet = await ec2.send(
      new CreateSubnetCommand({
        VpcId: vpcId,
        CidrBlock: `10.0.${index}.0/24`,
        AvailabilityZone: `${place.region}${zone}`,
      }),
    );
    const table = id((await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }))).RouteTable?.RouteTableId);
    const subnetId = id(subnet.Subnet?.SubnetId);
    if (egress !== 'main-table' || index === 0)
      await ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: subnetId }));
    subnets.push(subnetId);
    tables.push(table);
  }
  const [first = '', second = ''] = subnets;
  await addEgress(egress, vpcId, second, tables[1] ?? '', ec2);
  const groupId = id(
    (await ec2.send(new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: 'endpoints', Description: 'endpoints' })))
      .GroupId,
  );
  if (group !== 'closed') {
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: groupId,
        IpPermissions: [
          {
            IpProtocol: 'tcp',
            FromPort: 443,
            ToPort: 443,
            IpRanges: [{ CidrIp: group === 'half' ? '10.0.0.0/24' : '10.0.0.0/16' }],
          },
        ],
      }),
    );
  }
  for (const service of endpoints) {
    await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: vpcId,
        VpcEndpointType: 'Interface',
        ServiceName: `com.amazonaws.${place.region}.${service}`,
        SubnetIds: [first, second],
        SecurityGroupIds: [groupId],
        PrivateDnsEnabled: open !== 'no-private-dns',
      }),
    );
  }
  if (s3Tables > 0) {
    await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: vpcId,
        VpcEndpointType: 'Gateway',
        ServiceName: `com.amazonaws.${place.region}.s3`,
        RouteTableIds: tables.slice(0, s3Tables),
      }),
    );
  }
  await eks.send(
    new CreateClusterCommand({
      name,
      roleArn: `arn:aws:iam::${place.account}:role/eks`,
      version: '1.33',
      resourcesVpcConfig: {
        subnetIds: subnets,
        ...(publicAccess === undefined ? {} : { endpointPublicAccess: publicAccess !== 'off' }),
        ...(publicAccess === 'narrow' ? { publicAccessCidrs: ['203.0.113.0/24'] } : {}),
        ...(privateAccess === undefined ? {} : { endpointPrivateAccess: privateAccess }),
      },
    }),
  );
  await eks.send(
    new CreateNodegroupCommand({
      clusterName: name,
      nodegroupName: 'workers',
      nodeRole: `arn:aws:iam::${place.account}:role/nodes`,
      subnets: [second],
      instanceTypes: ['m5.large'],
      scalingConfig: { minSize: 1, maxSize: 2, desiredSize: 1 },
    }),
  );
  ec2.destroy();
  eks.destroy();
}

/** The way out of the second subnet, in which the nodes are. */
async function addEgress(
  egress: Egress,
  VpcId: string,
  SubnetId: string,
  RouteTableId: string,
  ec2: EC2Client,
): Promise<void> {
  const route = (target: object, destination: object = { DestinationCidrBlock: '0.0.0.0/0' }) =>
    ec2.send(new CreateRouteCommand({ RouteTableId, ...destination, ...target }));
  switch (egress) {
    case 'none':
      return;
    case 'internet-gateway': {
      await route({ GatewayId: await internetGateway(VpcId, ec2) });
      return;
    }
    case 'appliance': {
      const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
      await route({ NetworkInterfaceId: id(NetworkInterface?.NetworkInterfaceId) });
      return;
    }
    case 'prefix-list': {
      const { PrefixList } = await ec2.send(
        new CreateManagedPrefixListCommand({
          PrefixListName: 'partners',
          MaxEntries: 5,
          AddressFamily: 'IPv4',
          Entries: [{ Cidr: '10.50.0.0/16' }, { Cidr: '203.0.113.0/24' }],
        }),
      );
      await route(
        { GatewayId: await internetGateway(VpcId, ec2) },
        { DestinationPrefixListId: id(PrefixList?.PrefixListId) },
      );
      return;
    }
    case 'main-table': {
      const { RouteTables } = await ec2.send(
        new DescribeRouteTablesCommand({
          Filters: [
            { Name: 'vpc-id', Values: [VpcId] },
            { Name: 'association.main', Values: ['true'] },
          ],
        }),
      );
      await ec2.send(
        new CreateRouteCommand({
          RouteTableId: id(RouteTables?.[0]?.RouteTableId),
          DestinationCidrBlock: '0.0.0.0/0',
          GatewayId: await internetGateway(VpcId, ec2),
        }),
      );
      return;
    }
    case 'nat':
    case 'private-nat':
    case 'split-nat': {
      const ConnectivityType = egress === 'private-nat' ? 'private' : 'public';
      const { NatGateway } = await ec2.send(new CreateNatGatewayCommand({ SubnetId, ConnectivityType }));
      const target = { NatGatewayId: id(NatGateway?.NatGatewayId) };
      if (egress !== 'split-nat') await route(target);
      else
        for (const DestinationCidrBlock of ['0.0.0.0/1', '128.0.0.0/1']) await route(target, { DestinationCidrBlock });
      return;
    }
    case 'egress-only': {
      const { EgressOnlyInternetGateway } = await ec2.send(new CreateEgressOnlyInternetGatewayCommand({ VpcId }));
      await route(
        { EgressOnlyInternetGatewayId: id(EgressOnlyInternetGateway?.EgressOnlyInternetGatewayId) },
        { DestinationIpv6CidrBlock: '::/0' },
      );
      return;
    }
    case 'transit-gateway':
      await route({
        TransitGatewayId: id((await ec2.send(new CreateTransitGatewayCommand({}))).TransitGateway?.TransitGatewayId),
      });
      return;
    case 'vpn':
      await route({
        GatewayId: id((await ec2.send(new CreateVpnGatewayCommand({ Type: 'ipsec.1' }))).VpnGateway?.VpnGatewayId),
      });
      return;
    case 'peering': {
      const peer = id((await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }))).Vpc?.VpcId);
      const { VpcPeeringConnection } = await ec2.send(
        new CreateVpcPeeringConnectionCommand({ VpcId, PeerVpcId: peer }),
      );
      await route({ VpcPeeringConnectionId: id(VpcPeeringConnection?.VpcPeeringConnectionId) });
    }
  }
}

async function internetGateway(VpcId: string, ec2: EC2Client): Promise<string> {
  const gateway = id((await ec2.send(new CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId);
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId: gateway, VpcId }));
  return gateway;
}

function id(value: string | undefined): string {
  if (value === undefined) throw new Error('moto answered without an id');
  return value;
}
