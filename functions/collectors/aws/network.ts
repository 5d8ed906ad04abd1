import {
  type _InstanceType,
  DescribeDhcpOptionsCommand,
  DescribeInstanceTypesCommand,
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcBlockPublicAccessExclusionsCommand,
  DescribeVpcEndpointServicesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  GetManagedPrefixListEntriesCommand,
  type Vpc,
} from '@aws-sdk/client-ec2';
import { ListHostedZonesByVPCCommand, type VPCRegion } from '@aws-sdk/client-route-53';
import * as v from 'valibot';
import { type Collected, collected, fieldOf, type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksNetwork, EksSubnet, EksVpc } from '#domain/evidence/eks-network.ts';
import { isNotFound } from './errors.ts';
import { required, toEndpoint, toGroup, toRouteTable, toSubnet } from './network-answers.ts';
import { everyPage, mapLimited, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';

export interface NetworkRequest {
  readonly account: string;
  readonly region: string;
  readonly subnetIds: readonly string[];
  readonly vpcIds: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly clients: RegionClients;
  /** Clients of the account that owns a shared VPC; unavailable when it is out of scope or cannot be entered. */
  readonly clientsOf: (owner: string) => Promise<RegionClients | Unavailable>;
  readonly reading: Reading;
}

/** Filters take at most 200 values. */
const FILTER_VALUES = 200;

/** Reads what EC2 says of the region's cluster networks: once per region, not once per cluster. */
export async function readNetwork(request: NetworkRequest): Promise<EksNetwork> {
  const { reading, clients, account } = request;
  const subnets = await readSubnets(request.subnetIds, clients, reading);
  const owners = ownersOf(subnets, request);
  const [own, types, services] = await Promise.all([
    Promise.all([...owners].map(([owner, vpcIds]) => readOwner(owner, vpcIds, request))),
    readInstanceTypes(request.instanceTypes, clients, reading),
    readOfferedServices(clients, reading),
  ]);
  const groups = merged(own.map(({ securityGroups }) => securityGroups));
  const tables = own.flatMap(({ vpcs }) =>
    vpcs.state === 'collected'
      ? vpcs.value.flatMap(({ routeTables }) => (routeTables.state === 'collected' ? routeTables.value : []))
      : [],
  );
  return {
    vpcs: merged(own.map(({ vpcs }) => vpcs)),
    subnets,
    securityGroups: groups,
    natGateways: merged(own.map(({ natGateways }) => natGateways)),
    prefixLists: await readPrefixLists(
      [
        ...tables.flatMap(({ routes }) => routes.map(({ destination }) => destination)),
        ...(groups.state === 'collected'
          ? groups.value.flatMap(({ ingress, egress }) =>
              [...ingress, ...egress].flatMap(({ prefixListIds }) => prefixListIds),
            )
          : []),
      ].filter((id) => id.startsWith('pl-')),
      tables.flatMap(({ routes }) =>
        routes.filter(({ targetKind }) => targetKind === 'vpc-endpoint').map(({ destination }) => destination),
      ),
      clients,
      reading,
    ),
    blockExclusions: await readExclusions(subnets, account, clients, reading),
    offeredServices: services,
    instanceTypes: types,
  };
}

/** All parts in one; the first that could not be read makes the whole unavailable, so that a missing part is never an empty one. */
function merged<T>(parts: readonly Collected<T[]>[]): Collected<T[]> {
  const missing = parts.find((part) => part.state === 'unavailable');
  if (missing !== undefined) return missing;
  const read = parts.filter((part) => part.state === 'collected');
  return collected(
    read.flatMap(({ value }) => value),
    read[0]?.source ?? { api: 'ec2:DescribeVpcs', at: '' },
  );
}

function readSubnets(
  ids: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<Collected<EksSubnet[]>> {
  return reading.part('ec2:DescribeSubnets', async (abortSignal) => {
    const answers = await byChunks(ids, (Values) =>
      everyPage(async (NextToken) => {
        // By filter and not by id: one deleted id would make the whole call fail.
        const answer = await ec2.send(
          new DescribeSubnetsCommand({
            Filters: [{ Name: 'subnet-id', Values }],
            MaxResults: 1000,
            ...token(NextToken),
          }),
          { abortSignal },
        );
        return { items: answer.Subnets, token: answer.NextToken };
      }),
    );
    return answers.map(toSubnet);
  });
}

/** VPCs by the account that owns them. Where a subnet's owner is not told, it is the account's own. */
function ownersOf(
  subnets: Collected<EksSubnet[]>,
  { account, vpcIds }: NetworkRequest,
): ReadonlyMap<string, readonly string[]> {
  const ownerOf = new Map(vpcIds.map((id) => [id, account]));
  for (const { vpcId, ownerId } of subnets.state === 'collected' ? subnets.value : []) {
    ownerOf.set(vpcId, ownerId.state === 'given' ? ownerId.value : account);
  }
  const owners = new Map<string, string[]>();
  for (const [vpc, owner] of ownerOf) owners.set(owner, [...(owners.get(owner) ?? []), vpc]);
  return owners;
}

type OwnerParts = Pick<EksNetwork, 'vpcs' | 'securityGroups' | 'natGateways'>;

async function readOwner(owner: string, vpcIds: readonly string[], request: NetworkRequest): Promise<OwnerParts> {
  const { reading } = request;
  const clients = owner === request.account ? request.clients : await request.clientsOf(owner);
  if ('state' in clients) return { vpcs: clients, securityGroups: clients, natGateways: clients };
  const Filters = [{ Name: 'vpc-id', Values: [...vpcIds] }];
  const { ec2 } = clients;
  const [vpcs, routeTables, endpoints, securityGroups, natGateways] = await Promise.all([
    reading.part('ec2:DescribeVpcs', (abortSignal) =>
      everyPage(async (NextToken) => {
        const answer = await ec2.send(new DescribeVpcsCommand({ Filters, MaxResults: 1000, ...token(NextToken) }), {
          abortSignal,
        });
        return { items: answer.Vpcs, token: answer.NextToken };
      }),
    ),
    reading.part('ec2:DescribeRouteTables', async (abortSignal) => {
      const tables = await everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeRouteTablesCommand({ Filters, MaxResults: 100, ...token(NextToken) }),
          { abortSignal },
        );
        return { items: answer.RouteTables, token: answer.NextToken };
      });
      return tables.map(toRouteTable);
    }),
    reading.part('ec2:DescribeVpcEndpoints', async (abortSignal) => {
      const found = await everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeVpcEndpointsCommand({ Filters, MaxResults: 1000, ...token(NextToken) }),
          { abortSignal },
        );
        return { items: answer.VpcEndpoints, token: answer.NextToken };
      });
      return found.map(toEndpoint);
    }),
    reading.part('ec2:DescribeSecurityGroups', async (abortSignal) => {
      const groups = await everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeSecurityGroupsCommand({ Filters, MaxResults: 1000, ...token(NextToken) }),
          { abortSignal },
        );
        return { items: answer.SecurityGroups, token: answer.NextToken };
      });
      return groups.map(toGroup);
    }),
    reading.part('ec2:DescribeNatGateways', async (abortSignal) => {
      const gateways = await everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeNatGatewaysCommand({ Filter: Filters, MaxResults: 1000, ...token(NextToken) }),
          { abortSignal },
        );
        return { items: answer.NatGateways, token: answer.NextToken };
      });
      return gateways.map(({ NatGatewayId, ConnectivityType, State }) => ({
        id: required(NatGatewayId, 'NatGatewayId'),
        // Older answers have no type: before private gateways every one was public.
        connectivity: ConnectivityType ?? 'public',
        state: State ?? 'absent',
      }));
    }),
  ]);
  if (vpcs.state === 'unavailable') return { vpcs, securityGroups, natGateways };
  const inVpc = <T extends { readonly vpcId: string }>(part: Collected<T[]>, id: string): Collected<T[]> =>
    part.state === 'unavailable'
      ? part
      : collected(
          part.value.filter(({ vpcId }) => vpcId === id),
          part.source,
        );
  const nameServers = await readNameServers(vpcs.value, clients, reading);
  const described = await mapLimited(vpcs.value, 5, async (vpc): Promise<EksVpc> => {
    const id = required(vpc.VpcId, 'VpcId');
    const vpcEndpoints = inVpc(endpoints, id);
    return {
      id,
      ownerId: fieldOf(v.string(), vpc.OwnerId),
      dhcpOptionsId: fieldOf(v.string(), vpc.DhcpOptionsId),
      ...(await readAttributes(id, clients, reading)),
      nameServers: nameServers(vpc.DhcpOptionsId),
      routeTables: inVpc(routeTables, id),
      endpoints: vpcEndpoints,
      hostedZones: await readHostedZones(id, request.region, vpcEndpoints, clients, reading),
    };
  });
  return { vpcs: collected(described, vpcs.source), securityGroups, natGateways };
}

async function readAttributes(
  VpcId: string,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<Pick<EksVpc, 'dnsSupport' | 'dnsHostnames'>> {
  const read = (Attribute: 'enableDnsSupport' | 'enableDnsHostnames') =>
    reading.part('ec2:DescribeVpcAttribute', async (abortSignal) => {
      const answer = await ec2.send(new DescribeVpcAttributeCommand({ VpcId, Attribute }), { abortSignal });
      return fieldOf(
        v.boolean(),
        Attribute === 'enableDnsSupport' ? answer.EnableDnsSupport?.Value : answer.EnableDnsHostnames?.Value,
      );
    });
  const [dnsSupport, dnsHostnames] = await Promise.all([read('enableDnsSupport'), read('enableDnsHostnames')]);
  return { dnsSupport, dnsHostnames };
}

const AMAZON_DNS = 'AmazonProvidedDNS';

async function readNameServers(
  vpcs: readonly Vpc[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<(id: string | undefined) => EksVpc['nameServers']> {
  const ids = [
    ...new Set(
      vpcs.flatMap(({ DhcpOptionsId }) => (DhcpOptionsId?.startsWith('dopt-') === true ? [DhcpOptionsId] : [])),
    ),
  ];
  const part = await reading.part('ec2:DescribeDhcpOptions', async (abortSignal) => {
    if (ids.length === 0) return new Map<string, string[]>();
    const options = await everyPage(async (NextToken) => {
      const answer = await ec2.send(
        new DescribeDhcpOptionsCommand({ Filters: [{ Name: 'dhcp-options-id', Values: ids }], ...token(NextToken) }),
        { abortSignal },
      );
      return { items: answer.DhcpOptions, token: answer.NextToken };
    });
    return new Map(
      options.map(({ DhcpOptionsId = '', DhcpConfigurations = [] }) => [
        DhcpOptionsId,
        DhcpConfigurations.filter(({ Key }) => Key === 'domain-name-servers').flatMap(({ Values = [] }) =>
          Values.flatMap(({ Value }) => (Value === undefined ? [] : [Value])),
        ),
      ]),
    );
  });
  return (id) => {
    if (part.state === 'unavailable') return part;
    // `default` is the word for "no set": Amazon's resolver then.
    if (id === undefined || id === 'default') return collected([AMAZON_DNS], part.source);
    const servers = part.value.get(id);
    return servers === undefined
      ? unavailable('not-found', `${id} was not in the answer`, 'ec2:DescribeDhcpOptions')
      : collected(servers, part.source);
  };
}

const CENTRAL_CANDIDATES = ['ec2', 'ecr.api', 'ecr.dkr', 's3'];

/** Only asked where a needed service has no endpoint in the VPC itself: a private zone can bring it from elsewhere. */
function readHostedZones(
  VPCId: string,
  region: string,
  endpoints: EksVpc['endpoints'],
  { route53 }: RegionClients,
  reading: Reading,
): Promise<EksVpc['hostedZones']> {
  // An endpoint without private DNS may have a zone made by hand beside it.
  const present =
    endpoints.state === 'collected'
      ? endpoints.value.filter(({ type, privateDns }) => type === 'Gateway' || (privateDns.state === 'given' && privateDns.value)).map(({ serviceName }) => serviceName)
      : [];
  if (CENTRAL_CANDIDATES.every((service) => present.some((name) => name.endsWith(`.${service}`)))) {
    return Promise.resolve(
      unavailable(
        'not-scanned',
        'not asked: every needed service has an endpoint in the VPC',
        'route53:ListHostedZonesByVPC',
      ),
    );
  }
  return reading.part('route53:ListHostedZonesByVPC', async (abortSignal) => {
    const zones = await everyPage(async (NextToken) => {
      const answer = await route53.send(
        new ListHostedZonesByVPCCommand({ VPCId, VPCRegion: region as VPCRegion, ...token(NextToken) }),
        { abortSignal },
      );
      return { items: answer.HostedZoneSummaries, token: answer.NextToken };
    });
    return zones.flatMap(({ Name }) => (Name === undefined ? [] : [Name.replace(/\.$/, '').toLowerCase()]));
  });
}

function readPrefixLists(
  ids: readonly string[],
  gatewayLists: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['prefixLists']> {
  // The lists that gateway endpoints route are Amazon's own; their content decides nothing.
  const wanted = [...new Set(ids)].filter((id) => !gatewayLists.includes(id));
  return reading.part('ec2:GetManagedPrefixListEntries', (abortSignal) =>
    mapLimited(wanted, 5, async (PrefixListId) => {
      const entries = await everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new GetManagedPrefixListEntriesCommand({ PrefixListId, MaxResults: 100, ...token(NextToken) }),
          { abortSignal },
        );
        return { items: answer.Entries, token: answer.NextToken };
      });
      return { id: PrefixListId, cidrs: entries.flatMap(({ Cidr }) => (Cidr === undefined ? [] : [Cidr])) };
    }),
  );
}

/** Exclusions matter only where a subnet says that its gateway traffic is blocked. */
function readExclusions(
  subnets: Collected<EksSubnet[]>,
  account: string,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['blockExclusions']> {
  const blocked =
    subnets.state === 'collected' &&
    subnets.value.some(
      ({ blockMode, ownerId }) =>
        blockMode.state === 'given' &&
        blockMode.value !== 'off' &&
        (ownerId.state !== 'given' || ownerId.value === account),
    );
  if (!blocked)
    return Promise.resolve(
      unavailable(
        'not-scanned',
        'not asked: no subnet says that its internet traffic is blocked',
        'ec2:DescribeVpcBlockPublicAccessExclusions',
      ),
    );
  return reading.part('ec2:DescribeVpcBlockPublicAccessExclusions', async (abortSignal) => {
    const exclusions = await everyPage(async (NextToken) => {
      const answer = await ec2.send(
        new DescribeVpcBlockPublicAccessExclusionsCommand({ MaxResults: 1000, ...token(NextToken) }),
        { abortSignal },
      );
      return { items: answer.VpcBlockPublicAccessExclusions, token: answer.NextToken };
    });
    return exclusions.map(({ ResourceArn = '', InternetGatewayExclusionMode = 'absent', State = 'absent' }) => ({
      resource: ResourceArn.slice(ResourceArn.lastIndexOf('/') + 1),
      mode: InternetGatewayExclusionMode,
      state: State,
    }));
  });
}

function readOfferedServices({ ec2 }: RegionClients, reading: Reading): Promise<EksNetwork['offeredServices']> {
  return reading.part('ec2:DescribeVpcEndpointServices', async (abortSignal) => {
    const names = await everyPage(async (NextToken) => {
      const answer = await ec2.send(new DescribeVpcEndpointServicesCommand({ MaxResults: 1000, ...token(NextToken) }), {
        abortSignal,
      });
      return { items: answer.ServiceNames, token: answer.NextToken };
    });
    return [...names];
  });
}

function readInstanceTypes(
  names: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['instanceTypes']> {
  return reading.part(
    'ec2:DescribeInstanceTypes',
    async (abortSignal) => {
      if (names.length === 0) return [];
      const types = await everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeInstanceTypesCommand({
            Filters: [{ Name: 'instance-type', Values: [...names] as _InstanceType[] }],
            ...token(NextToken),
          }),
          { abortSignal },
        );
        return { items: answer.InstanceTypes, token: answer.NextToken };
      });
      return types.flatMap(({ InstanceType, NetworkInfo }) => {
        // The interfaces of the default card only: types with several cards would be counted too high.
        const card =
          NetworkInfo?.NetworkCards?.[NetworkInfo.DefaultNetworkCardIndex ?? 0]?.MaximumNetworkInterfaces ??
          NetworkInfo?.MaximumNetworkInterfaces;
        const addresses = NetworkInfo?.Ipv4AddressesPerInterface;
        return InstanceType === undefined || card === undefined || addresses === undefined
          ? []
          : [{ name: InstanceType, interfaces: card, addressesPerInterface: addresses }];
      });
    },
    { expected: (error) => (isNotFound(error) ? [] : undefined) },
  );
}

async function byChunks<T>(
  values: readonly string[],
  read: (chunk: string[]) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let start = 0; start < values.length; start += FILTER_VALUES)
    all.push(...(await read(values.slice(start, start + FILTER_VALUES))));
  return all;
}

function token(NextToken: string | undefined): { readonly NextToken?: string } {
  return NextToken === undefined ? {} : { NextToken };
}
