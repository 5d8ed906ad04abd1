import type { EksSpec } from './model.ts';
import { type Answer, type Call, defaultAcl, ec2 } from './wire.ts';

/** One VPC per cluster, with two node subnets in two zones and a route table each. */

type Item = { readonly [key: string]: string | number | boolean | readonly Item[] | Item };

/** EC2's answer for the clusters of one account and region; undefined for an action that is not simulated. */
export function networkAnswer({ api, region, params }: Call, clusters: readonly EksSpec[]): Answer | undefined {
  const action = api.slice('ec2:'.length);
  const vpcs = new Set(filterValues(params, 'vpc-id'));
  const asked = vpcs.size === 0 ? clusters : clusters.filter(({ name }) => vpcs.has(`vpc-${name}`));
  switch (action) {
    case 'DescribeSubnets': {
      const ids = new Set(filterValues(params, 'subnet-id'));
      const all = asked.flatMap((spec) => subnetsOf(spec, region));
      return ec2(action, { subnetSet: ids.size === 0 ? all : all.filter(({ subnetId }) => ids.has(String(subnetId))) });
    }
    case 'DescribeVpcs':
      return ec2(action, {
        vpcSet: asked.map(({ name }) => ({ vpcId: `vpc-${name}`, dhcpOptionsId: 'default', cidrBlock: '10.0.0.0/16' })),
      });
    case 'DescribeVpcAttribute':
      return ec2(action, { vpcId: params['VpcId'] ?? '', [params['Attribute'] ?? '']: { value: true } });
    case 'DescribeDhcpOptions':
      return ec2(action, { dhcpOptionsSet: [] });
    case 'DescribeRouteTables':
      return ec2(action, { routeTableSet: asked.flatMap(tablesOf) });
    case 'DescribeVpcEndpoints':
      return ec2(action, { vpcEndpointSet: asked.flatMap((spec) => endpointsOf(spec, region)) });
    case 'DescribeSecurityGroups':
      return ec2(action, { securityGroupInfo: asked.flatMap(groupsOf) });
    case 'DescribeNetworkAcls':
      return ec2(action, {
        networkAclSet: asked.map((spec) =>
          defaultAcl(
            `vpc-${spec.name}`,
            placesOf(spec).map((place) => `subnet-${spec.name}-${place}`),
          ),
        ),
      });
    case 'DescribeNatGateways':
      return ec2(action, {
        natGatewaySet: asked
          .filter(({ egress }) => egress === 'nat' || egress === 'private-nat')
          .map(({ name, egress }) => ({
            natGatewayId: `nat-${name}`,
            vpcId: `vpc-${name}`,
            state: 'available',
            connectivityType: egress === 'nat' ? 'public' : 'private',
            subnetId: `subnet-${name}-egress`,
          })),
      });
    case 'DescribeNetworkInterfaces':
      return ec2(action, { networkInterfaceSet: asked.flatMap(interfacesOf) });
    case 'DescribeManagedPrefixLists':
      return ec2(action, { prefixListSet: [] });
    case 'GetManagedPrefixListEntries':
      return ec2(action, { entrySet: [] });
    case 'DescribeVpcBlockPublicAccessExclusions':
      return ec2(action, { vpcBlockPublicAccessExclusionSet: [] });
    case 'DescribeVpcEndpointServices':
      return ec2(action, {
        serviceNameSet: [
          'ec2',
          'ecr.api',
          'ecr.dkr',
          's3',
          'sts',
          'eks',
          'eks-auth',
          'elasticloadbalancing',
          'autoscaling',
          'logs',
          'ssm',
        ].map((service) => `com.amazonaws.${region}.${service}`) as never,
      });
    case 'DescribeInstanceTypes':
      return ec2(action, {
        instanceTypeSet: [
          {
            instanceType: 'm6i.xlarge',
            networkInfo: { maximumNetworkInterfaces: 4, ipv4AddressesPerInterface: 15, defaultNetworkCardIndex: 0 },
          },
        ],
      });
    case 'DescribeInstances':
      return ec2(action, { reservationSet: [] });
    default:
      return undefined;
  }
}

/** `Filter.1.Name=vpc-id&Filter.1.Value.1=...` */
function filterValues(params: Readonly<Record<string, string>>, name: string): readonly string[] {
  const index = Object.entries(params)
    .find(([key, value]) => /^Filter\.\d+\.Name$/.test(key) && value === name)?.[0]
    .split('.')[1];
  if (index === undefined) return [];
  return Object.entries(params)
    .filter(([key]) => key.startsWith(`Filter.${index}.Value.`))
    .map(([, value]) => value);
}

const HALVES = ['a', 'b'] as const;

/** Beside the node subnets the one in which the gateway stands, where there is one. */
function placesOf({ egress }: EksSpec): readonly string[] {
  return egress === 'nat' || egress === 'private-nat' ? [...HALVES, 'egress'] : HALVES;
}

function subnetsOf(spec: EksSpec, region: string): readonly Item[] {
  const { name, egress } = spec;
  return placesOf(spec).map((half, index) => ({
    subnetId: `subnet-${name}-${half}`,
    vpcId: `vpc-${name}`,
    availabilityZone: `${region}${index === 1 ? 'b' : 'a'}`,
    availabilityZoneId: `az${index === 1 ? 2 : 1}`,
    cidrBlock: `10.0.${index}.0/24`,
    availableIpAddressCount: 200,
    mapPublicIpOnLaunch: false,
    blockPublicAccessStates: {
      internetGatewayBlockMode: egress === 'blocked-internet-gateway' ? 'block-bidirectional' : 'off',
    },
    tagSet: [{ key: 'kubernetes.io/role/internal-elb', value: '1' }],
  }));
}

/** Two nodes, and the gateway where there is one. */
function interfacesOf({ name, egress }: EksSpec): readonly Item[] {
  const nodes = HALVES.map((half) => ({
    networkInterfaceId: `eni-${name}-${half}`,
    subnetId: `subnet-${name}-${half}`,
    vpcId: `vpc-${name}`,
    interfaceType: 'interface',
    description: '',
    sourceDestCheck: true,
    attachment: { instanceId: `i-${name}-${half}`, deviceIndex: 0 },
  }));
  if (egress !== 'nat' && egress !== 'private-nat') return nodes;
  const gateway = {
    networkInterfaceId: `eni-${name}-egress`,
    subnetId: `subnet-${name}-egress`,
    vpcId: `vpc-${name}`,
    interfaceType: 'nat_gateway',
    description: `Interface for NAT Gateway nat-${name}`,
    sourceDestCheck: false,
    ...(egress === 'nat' ? { association: { publicIp: '198.51.100.10' } } : {}),
  };
  return [...nodes, gateway];
}

function tablesOf(spec: EksSpec): readonly Item[] {
  const { name } = spec;
  const own = HALVES.map((half, index): Item => {
    const gateway = spec.s3 === 'both' || (spec.s3 === 'one' && index === 0);
    const routes: Item[] = [
      { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' },
      ...defaultRoute(spec),
    ];
    if (gateway) routes.push({ destinationPrefixListId: 'pl-s3', gatewayId: `vpce-${name}-s3`, state: 'active' });
    return {
      routeTableId: `rtb-${name}-${half}`,
      vpcId: `vpc-${name}`,
      routeSet: routes,
      associationSet: [
        {
          routeTableAssociationId: `rtbassoc-${name}-${half}`,
          subnetId: `subnet-${name}-${half}`,
          main: false,
          associationState: { state: 'associated' },
        },
      ],
    };
  });
  const main = {
    routeTableId: `rtb-${name}-main`,
    vpcId: `vpc-${name}`,
    routeSet: [{ destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' }],
    associationSet: [
      { routeTableAssociationId: `rtbassoc-${name}`, main: true, associationState: { state: 'associated' } },
    ],
  };
  if (!placesOf(spec).includes('egress')) return [...own, main];
  const outer = {
    routeTableId: `rtb-${name}-egress`,
    vpcId: `vpc-${name}`,
    routeSet: [
      { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' },
      ...(spec.egress === 'nat'
        ? [{ destinationCidrBlock: '0.0.0.0/0', gatewayId: `igw-${name}`, state: 'active' }]
        : []),
    ],
    associationSet: [
      {
        routeTableAssociationId: `rtbassoc-${name}-egress`,
        subnetId: `subnet-${name}-egress`,
        main: false,
        associationState: { state: 'associated' },
      },
    ],
  };
  return [...own, outer, main];
}

function defaultRoute({ name, egress }: EksSpec): readonly Item[] {
  const to = (target: Item): readonly Item[] => [{ destinationCidrBlock: '0.0.0.0/0', ...target, state: 'active' }];
  if (egress === 'internet-gateway' || egress === 'blocked-internet-gateway') return to({ gatewayId: `igw-${name}` });
  if (egress === 'nat' || egress === 'private-nat') return to({ natGatewayId: `nat-${name}` });
  return egress === 'transit-gateway' ? to({ transitGatewayId: 'tgw-central' }) : [];
}

function endpointsOf({ name, endpoints, s3 }: EksSpec, region: string): readonly Item[] {
  const interfaces = endpoints.map(
    (service): Item => ({
      vpcEndpointId: `vpce-${name}-${service.replace('.', '-')}`,
      vpcEndpointType: 'Interface',
      vpcId: `vpc-${name}`,
      serviceName: `com.amazonaws.${region}.${service}`,
      state: 'available',
      privateDnsEnabled: true,
      requesterManaged: false,
      subnetIdSet: HALVES.map((half) => `subnet-${name}-${half}`) as never,
      groupSet: [{ groupId: `sg-${name}-endpoints`, groupName: 'endpoints' }],
    }),
  );
  if (s3 === 'none') return interfaces;
  const tables = s3 === 'both' ? HALVES : HALVES.slice(0, 1);
  return [
    ...interfaces,
    {
      vpcEndpointId: `vpce-${name}-s3`,
      vpcEndpointType: 'Gateway',
      vpcId: `vpc-${name}`,
      serviceName: `com.amazonaws.${region}.s3`,
      state: 'available',
      privateDnsEnabled: false,
      requesterManaged: false,
      routeTableIdSet: tables.map((half) => `rtb-${name}-${half}`) as never,
    },
  ];
}

function groupsOf({ name, admits }: EksSpec): readonly Item[] {
  const everything = [{ ipProtocol: '-1', ipRanges: [{ cidrIp: '0.0.0.0/0' }] }];
  return [
    {
      groupId: `sg-${name}-endpoints`,
      groupName: 'endpoints',
      vpcId: `vpc-${name}`,
      ipPermissions: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: [{ cidrIp: admits }] }],
      ipPermissionsEgress: everything,
    },
    {
      groupId: `sg-${name}-cluster`,
      groupName: `eks-cluster-sg-${name}`,
      vpcId: `vpc-${name}`,
      ipPermissions: [{ ipProtocol: '-1', groups: [{ groupId: `sg-${name}-cluster` }] }],
      ipPermissionsEgress: everything,
    },
  ];
}
