import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  type Vpc,
} from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { type Collected, collected, fieldOf } from '#domain/collected.ts';
import type { EksNetwork, EksSubnet, EksVpc } from '#domain/evidence/eks-network.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { readCentralDns } from './central-dns.ts';
import { readZones } from './hosted-zones.ts';
import { readNetworkAcls } from './network-acls.ts';
import { required, toEndpoint, toGroup, toRouteTable } from './network-answers.ts';
import { readExclusions, readPrefixLists } from './network-lists.ts';
import { listsOfRoutes, readInterfaces, readNatGateways, readPrefixListOwners } from './network-paths.ts';
import { readAttributes, readNameServers } from './network-vpc.ts';
import { everyPage, inChunks, merged, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

/** What the account that owns a VPC tells of it. */
export type OwnerParts = Pick<
  EksNetwork,
  | 'vpcs'
  | 'securityGroups'
  | 'networkAcls'
  | 'natGateways'
  | 'interfaces'
  | 'prefixLists'
  | 'prefixListOwners'
  | 'blockExclusions'
>;

const VPCS_AT_ONCE = 10;

/** What subnets and VPCs say of Block Public Access, wherever they say anything. */
function blockModes(subnets: Collected<readonly EksSubnet[]>, vpcs: Collected<readonly Vpc[]>): readonly string[] {
  return [
    ...(subnets.state === 'collected' ? subnets.value : []).flatMap(({ blockMode }) =>
      blockMode.state === 'given' ? [blockMode.value] : [],
    ),
    ...(vpcs.state === 'collected' ? vpcs.value : []).flatMap(({ BlockPublicAccessStates: states }) =>
      states?.InternetGatewayBlockMode === undefined ? [] : [states.InternetGatewayBlockMode],
    ),
  ];
}

function rangesOf({ CidrBlock, CidrBlockAssociationSet = [] }: Vpc): string[] {
  const associated = CidrBlockAssociationSet.filter(({ CidrBlockState }) => CidrBlockState?.State !== 'disassociated');
  const all = [CidrBlock, ...associated.map((entry) => entry.CidrBlock)];
  return [...new Set(all.filter((range) => range !== undefined))];
}

/** Every item of a list that takes a filter by VPC. */
function ofVpcs<T>(
  vpcIds: readonly string[],
  page: (
    Filters: { Name: string; Values: string[] }[],
    next: { readonly NextToken?: string },
  ) => Promise<{ readonly items: readonly T[] | undefined; readonly token: string | undefined }>,
) {
  return inChunks(vpcIds, (Values) => everyPage((next) => page([{ Name: 'vpc-id', Values }], token(next))));
}

/** The groups of the account that asks: in a shared VPC owner and participant see their own ones only. Source: VPC user guide, shared VPCs. */
export function readSecurityGroups(
  vpcIds: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['securityGroups']> {
  return reading.part('ec2:DescribeSecurityGroups', async (abortSignal) => {
    const groups = await ofVpcs(vpcIds, async (Filters, next) => {
      const answer = await ec2.send(new DescribeSecurityGroupsCommand({ Filters, MaxResults: 1000, ...next }), {
        abortSignal,
      });
      return { items: answer.SecurityGroups, token: answer.NextToken };
    });
    return groups.map(toGroup);
  });
}

interface OwnerRequest {
  readonly vpcIds: readonly string[];
  readonly subnets: Collected<readonly EksSubnet[]>;
  readonly region: string;
  /** Of the account whose clusters are in the VPCs, where that is not the owner. */
  readonly participantGroups?: EksNetwork['securityGroups'];
}

/** The lists for all VPCs of the owner together, then per VPC its two attributes and its private zones. */
export async function readOwner(
  { vpcIds, subnets, region, participantGroups }: OwnerRequest,
  clients: RegionClients,
  reading: Reading,
): Promise<OwnerParts> {
  const { ec2 } = clients;
  const [vpcs, routeTables, endpoints, ownGroups, networkAcls] = await Promise.all([
    reading.part('ec2:DescribeVpcs', (abortSignal) =>
      ofVpcs(vpcIds, async (Filters, next) => {
        const answer = await ec2.send(new DescribeVpcsCommand({ Filters, MaxResults: 1000, ...next }), { abortSignal });
        return { items: answer.Vpcs, token: answer.NextToken };
      }),
    ),
    reading.part('ec2:DescribeRouteTables', async (abortSignal) => {
      const tables = await ofVpcs(vpcIds, async (Filters, next) => {
        const answer = await ec2.send(new DescribeRouteTablesCommand({ Filters, MaxResults: 100, ...next }), {
          abortSignal,
        });
        return { items: answer.RouteTables, token: answer.NextToken };
      });
      return tables.map(toRouteTable);
    }),
    reading.part('ec2:DescribeVpcEndpoints', async (abortSignal) => {
      const found = await ofVpcs(vpcIds, async (Filters, next) => {
        const answer = await ec2.send(new DescribeVpcEndpointsCommand({ Filters, MaxResults: 1000, ...next }), {
          abortSignal,
        });
        return { items: answer.VpcEndpoints, token: answer.NextToken };
      });
      return found.map(toEndpoint);
    }),
    readSecurityGroups(vpcIds, clients, reading),
    readNetworkAcls(vpcIds, clients, reading),
  ]);
  const securityGroups = participantGroups === undefined ? ownGroups : merged([participantGroups, ownGroups]);
  const ofRoutes = listsOfRoutes(routeTables, endpoints);
  const [natGateways, interfaces, prefixLists, prefixListOwners, blockExclusions] = await Promise.all([
    readNatGateways(vpcIds, routeTables, clients, reading),
    readInterfaces(routeTables, clients, reading),
    readPrefixLists(ofRoutes, securityGroups, clients, reading),
    readPrefixListOwners(ofRoutes.others, clients, reading),
    readExclusions(blockModes(subnets, vpcs), clients, reading),
  ]);
  const onPaths = { natGateways, interfaces, prefixLists, prefixListOwners, blockExclusions };
  const lists = { securityGroups, networkAcls, ...onPaths };
  if (vpcs.state === 'unavailable') return { vpcs, ...lists };
  const inVpc = <T extends { readonly vpcId: string }>(part: Collected<T[]>, id: string): Collected<T[]> =>
    part.state === 'unavailable'
      ? part
      : collected(
          part.value.filter(({ vpcId }) => vpcId === id),
          part.source,
        );
  const [nameServers, dns] = await Promise.all([
    readNameServers(vpcs.value, clients, reading),
    readCentralDns(vpcIds, clients, reading),
  ]);
  const described = await mapConcurrently(vpcs.value, VPCS_AT_ONCE, async (vpc): Promise<EksVpc> => {
    const id = required(vpc.VpcId, 'VpcId');
    const own = inVpc(endpoints, id);
    return {
      id,
      ownerId: fieldOf(v.string(), vpc.OwnerId),
      dhcpOptionsId: fieldOf(v.string(), vpc.DhcpOptionsId),
      primaryRange: fieldOf(v.string(), vpc.CidrBlock),
      ranges: rangesOf(vpc),
      blockMode: fieldOf(v.string(), vpc.BlockPublicAccessStates?.InternetGatewayBlockMode),
      ...(await readAttributes(id, clients, reading)),
      nameServers: nameServers(vpc.DhcpOptionsId),
      routeTables: inVpc(routeTables, id),
      endpoints: own,
      ...(await readZones(id, region, own, clients, reading)),
      profiles: dns.profiles(id),
      forwardedDomains: dns.forwardedDomains(id),
    };
  });
  return { vpcs: collected(described, vpcs.source), ...lists };
}
