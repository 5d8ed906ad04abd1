import {
  DescribeNatGatewaysCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { type Collected, collected, fieldOf } from '#domain/collected.ts';
import type { EksNetwork, EksSubnet, EksVpc } from '#domain/evidence/eks-network.ts';
import { required, toEndpoint, toGroup, toRouteTable } from './network-answers.ts';
import { readExclusions, readPrefixLists } from './network-lists.ts';
import { readAttributes, readHostedZones, readNameServers } from './network-vpc.ts';
import { everyPage, inChunks, mapLimited, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

/** What the account that owns a VPC tells of it. */
export type OwnerParts = Pick<
  EksNetwork,
  'vpcs' | 'securityGroups' | 'natGateways' | 'prefixLists' | 'blockExclusions'
>;

const VPCS_AT_ONCE = 10;

/** Five lists for all VPCs of the owner together, then per VPC its two attributes and its private zones. */
export async function readOwner(
  {
    vpcIds,
    subnets,
    region,
  }: { readonly vpcIds: readonly string[]; readonly subnets: Collected<readonly EksSubnet[]>; readonly region: string },
  clients: RegionClients,
  reading: Reading,
): Promise<OwnerParts> {
  const { ec2 } = clients;
  /** Every item of a list that takes a filter by VPC. */
  const ofVpcs = <T>(
    page: (
      Filters: { Name: string; Values: string[] }[],
      next: { readonly NextToken?: string },
    ) => Promise<{ readonly items: readonly T[] | undefined; readonly token: string | undefined }>,
  ) => inChunks(vpcIds, (Values) => everyPage((next) => page([{ Name: 'vpc-id', Values }], token(next))));
  const [vpcs, routeTables, endpoints, securityGroups, natGateways] = await Promise.all([
    reading.part('ec2:DescribeVpcs', (abortSignal) =>
      ofVpcs(async (Filters, next) => {
        const answer = await ec2.send(new DescribeVpcsCommand({ Filters, MaxResults: 1000, ...next }), { abortSignal });
        return { items: answer.Vpcs, token: answer.NextToken };
      }),
    ),
    reading.part('ec2:DescribeRouteTables', async (abortSignal) => {
      const tables = await ofVpcs(async (Filters, next) => {
        const answer = await ec2.send(new DescribeRouteTablesCommand({ Filters, MaxResults: 100, ...next }), {
          abortSignal,
        });
        return { items: answer.RouteTables, token: answer.NextToken };
      });
      return tables.map(toRouteTable);
    }),
    reading.part('ec2:DescribeVpcEndpoints', async (abortSignal) => {
      const found = await ofVpcs(async (Filters, next) => {
        const answer = await ec2.send(new DescribeVpcEndpointsCommand({ Filters, MaxResults: 1000, ...next }), {
          abortSignal,
        });
        return { items: answer.VpcEndpoints, token: answer.NextToken };
      });
      return found.map(toEndpoint);
    }),
    reading.part('ec2:DescribeSecurityGroups', async (abortSignal) => {
      const groups = await ofVpcs(async (Filters, next) => {
        const answer = await ec2.send(new DescribeSecurityGroupsCommand({ Filters, MaxResults: 1000, ...next }), {
          abortSignal,
        });
        return { items: answer.SecurityGroups, token: answer.NextToken };
      });
      return groups.map(toGroup);
    }),
    reading.part('ec2:DescribeNatGateways', async (abortSignal) => {
      const gateways = await ofVpcs(async (Filter, next) => {
        const answer = await ec2.send(new DescribeNatGatewaysCommand({ Filter, MaxResults: 1000, ...next }), {
          abortSignal,
        });
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
  const [prefixLists, blockExclusions] = await Promise.all([
    readPrefixLists(routeTables, securityGroups, clients, reading),
    readExclusions(subnets, clients, reading),
  ]);
  const lists = { securityGroups, natGateways, prefixLists, blockExclusions };
  if (vpcs.state === 'unavailable') return { vpcs, ...lists };
  const inVpc = <T extends { readonly vpcId: string }>(part: Collected<T[]>, id: string): Collected<T[]> =>
    part.state === 'unavailable'
      ? part
      : collected(
          part.value.filter(({ vpcId }) => vpcId === id),
          part.source,
        );
  const nameServers = await readNameServers(vpcs.value, clients, reading);
  const described = await mapLimited(vpcs.value, VPCS_AT_ONCE, async (vpc): Promise<EksVpc> => {
    const id = required(vpc.VpcId, 'VpcId');
    return {
      id,
      ownerId: fieldOf(v.string(), vpc.OwnerId),
      dhcpOptionsId: fieldOf(v.string(), vpc.DhcpOptionsId),
      ...(await readAttributes(id, clients, reading)),
      nameServers: nameServers(vpc.DhcpOptionsId),
      routeTables: inVpc(routeTables, id),
      endpoints: inVpc(endpoints, id),
      hostedZones: await readHostedZones(id, region, clients, reading),
    };
  });
  return { vpcs: collected(described, vpcs.source), ...lists };
}
