import {
  DescribeManagedPrefixListsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  type NetworkInterface,
} from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { type Collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { EksEndpoint, EksNetwork, EksRoute, EksRouteTable } from '#domain/evidence/eks-network.ts';
import type { EksInterface } from '#domain/evidence/eks-paths.ts';
import { required } from './network-answers.ts';
import { everyPage, inChunks, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

/** What stands along the paths out of a VPC. Each is asked only where a route leads to one: what the others are decides nothing. */

type Tables = Collected<readonly EksRouteTable[]>;

type Endpoints = Collected<readonly EksEndpoint[]>;

const routesOf = (tables: Tables): readonly EksRoute[] =>
  tables.state === 'collected' ? tables.value.flatMap((table) => table.routes) : [];

export function readNatGateways(
  vpcIds: readonly string[],
  tables: Tables,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['natGateways']> {
  if (!routesOf(tables).some(({ targetKind }) => targetKind === 'nat-gateway'))
    return Promise.resolve(
      unavailable('not-scanned', 'not asked: no route that was read leads to one', 'ec2:DescribeNatGateways'),
    );
  return reading.part('ec2:DescribeNatGateways', async (abortSignal) => {
    const gateways = await inChunks(vpcIds, (Values) =>
      everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeNatGatewaysCommand({
            Filter: [{ Name: 'vpc-id', Values }],
            MaxResults: 1000,
            ...token(NextToken),
          }),
          { abortSignal },
        );
        return { items: answer.NatGateways, token: answer.NextToken };
      }),
    );
    return gateways.map(({ NatGatewayId, ConnectivityType, State, SubnetId }) => ({
      id: required(NatGatewayId, 'NatGatewayId'),
      // Older answers have no type: before private gateways every one was public.
      connectivity: ConnectivityType ?? 'public',
      state: State ?? 'absent',
      subnetId: fieldOf(v.string(), SubnetId),
    }));
  });
}

/** Targets of routes behind which interfaces tell how the path goes on, or what else uses it. */
const LEADING_OUT = ['internet-gateway', 'nat-gateway', 'egress-only-gateway', 'instance', 'network-interface'];

export function readInterfaces(
  tables: Tables,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['interfaces']> {
  const api = 'ec2:DescribeNetworkInterfaces';
  const leading = (tables.state === 'collected' ? tables.value : []).filter(({ routes }) =>
    routes.some(({ targetKind }) => LEADING_OUT.includes(targetKind)),
  );
  const vpcIds = [...new Set(leading.map(({ vpcId }) => vpcId))].sort();
  if (vpcIds.length === 0)
    return Promise.resolve(
      unavailable('not-scanned', 'not asked: no route that was read leads to a gateway or an interface', api),
    );
  return reading.part(api, async (abortSignal) => {
    const interfaces = await inChunks(vpcIds, (Values) =>
      everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeNetworkInterfacesCommand({
            Filters: [{ Name: 'vpc-id', Values }],
            MaxResults: 1000,
            ...token(NextToken),
          }),
          { abortSignal },
        );
        return { items: answer.NetworkInterfaces, token: answer.NextToken };
      }),
    );
    return interfaces.map(toInterface);
  });
}

function toInterface(entry: NetworkInterface): EksInterface {
  return {
    id: required(entry.NetworkInterfaceId, 'NetworkInterfaceId'),
    subnetId: required(entry.SubnetId, 'SubnetId'),
    type: fieldOf(v.string(), entry.InterfaceType),
    description: entry.Description ?? '',
    instanceId: fieldOf(v.string(), entry.Attachment?.InstanceId),
    sourceDestCheck: fieldOf(v.boolean(), entry.SourceDestCheck),
    publicAddress:
      entry.Association?.PublicIp !== undefined ||
      (entry.PrivateIpAddresses ?? []).some(({ Association }) => Association?.PublicIp !== undefined),
  };
}

/** The prefix lists that routes name: those behind gateway endpoints, whose content decides nothing, and the others. */
export function listsOfRoutes(tables: Tables, endpoints: Endpoints) {
  const gateways = new Set(
    endpoints.state === 'collected'
      ? endpoints.value.filter(({ type }) => type.toLowerCase() === 'gateway').map(({ id }) => id)
      : [],
  );
  const routes = routesOf(tables).filter(({ destination }) => destination.startsWith('pl-'));
  const behindEndpoints = new Set(
    routes.filter(({ targetId }) => gateways.has(targetId)).map(({ destination }) => destination),
  );
  const others = new Set(routes.map(({ destination }) => destination).filter((id) => !behindEndpoints.has(id)));
  return { behindEndpoints, others: [...others].sort() };
}

export function readPrefixListOwners(
  ids: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['prefixListOwners']> {
  if (ids.length === 0)
    return Promise.resolve(
      unavailable(
        'not-scanned',
        'not asked: no route names a prefix list that is not behind a gateway endpoint',
        'ec2:DescribeManagedPrefixLists',
      ),
    );
  return reading.part('ec2:DescribeManagedPrefixLists', async (abortSignal) => {
    const lists = await inChunks(ids, (Values) =>
      everyPage(async (NextToken) => {
        // By filter and not by id: one list that is gone would make the whole call fail.
        const answer = await ec2.send(
          new DescribeManagedPrefixListsCommand({
            Filters: [{ Name: 'prefix-list-id', Values }],
            MaxResults: 100,
            ...token(NextToken),
          }),
          { abortSignal },
        );
        return { items: answer.PrefixLists, token: answer.NextToken };
      }),
    );
    return lists.map(({ PrefixListId, PrefixListName, OwnerId }) => ({
      id: required(PrefixListId, 'PrefixListId'),
      name: fieldOf(v.string(), PrefixListName),
      ownerId: fieldOf(v.string(), OwnerId),
    }));
  });
}
