import { DescribeSubnetsCommand } from '@aws-sdk/client-ec2';
import { type Collected, collected, type Unavailable } from '#domain/collected.ts';
import type { EksNetwork, EksSubnet } from '#domain/evidence/eks-network.ts';
import { readLoadBalancers } from './load-balancers.ts';
import { toSubnet } from './network-answers.ts';
import { readInstanceTypes, readOfferedServices } from './network-lists.ts';
import { type OwnerParts, readOwner, readSecurityGroups } from './network-owner.ts';
import { everyPage, inChunks, merged, type Reading, token } from './read.ts';
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

/** The network as one cluster needs it: its own VPCs only. Clusters of the same VPCs get the same object. */
export type NetworkOf = (subnetIds: readonly string[], vpcIds: readonly string[]) => EksNetwork;

/** Reads what EC2 says of the region's cluster networks: once per region, not once per cluster. */
export async function readNetwork(request: NetworkRequest): Promise<NetworkOf> {
  const { reading, clients } = request;
  const subnets = await readSubnets(request, clients, reading);
  const ownerOf = ownersOf(subnets, request);
  const owners = [...new Set(ownerOf.values())];
  const [parts, instanceTypes, offered, loadBalancers] = await Promise.all([
    Promise.all(owners.map(async (owner) => [owner, await readAs(owner, ownerOf, subnets, request)] as const)),
    readInstanceTypes(request.instanceTypes, clients, reading),
    readOfferedServices(request.region, clients, reading),
    readLoadBalancers([...ownerOf.keys()], clients, reading),
  ]);
  const partsOf = new Map(parts);
  const views = new Map<string, EksNetwork>();
  return (subnetIds, vpcIds) => {
    const named = new Set(subnetIds);
    const mine = subnets.state === 'collected' ? subnets.value.filter(({ id }) => named.has(id)) : [];
    const ids = [...new Set([...vpcIds, ...mine.map(({ vpcId }) => vpcId)])].sort();
    const key = ids.join(' ');
    const known = views.get(key);
    if (known !== undefined) return known;
    const relevant = [...new Set(ids.map((id) => ownerOf.get(id)))].flatMap((owner) => {
      const part = owner === undefined ? undefined : partsOf.get(owner);
      return part === undefined ? [] : [part];
    });
    const view = { ...viewOf(new Set(ids), relevant, subnets), instanceTypes, ...offered, loadBalancers };
    views.set(key, view);
    return view;
  };
}

/** Only what lies in the given VPCs: a shared VPC that cannot be read stays the trouble of the clusters in it. */
function viewOf(
  vpcIds: ReadonlySet<string>,
  owners: readonly OwnerParts[],
  subnets: Collected<EksSubnet[]>,
): Omit<EksNetwork, 'instanceTypes' | 'offeredServices' | 'privateNames' | 'loadBalancers'> {
  return {
    vpcs: only(merged(owners.map(({ vpcs }) => vpcs)), ({ id }) => vpcIds.has(id)),
    subnets: only(subnets, ({ vpcId }) => vpcIds.has(vpcId)),
    securityGroups: only(merged(owners.map(({ securityGroups }) => securityGroups)), ({ vpcId }) => vpcIds.has(vpcId)),
    networkAcls: only(merged(owners.map(({ networkAcls }) => networkAcls)), ({ vpcId }) => vpcIds.has(vpcId)),
    natGateways: merged(owners.map(({ natGateways }) => natGateways)),
    interfaces: merged(owners.map(({ interfaces }) => interfaces)),
    prefixLists: merged(owners.map(({ prefixLists }) => prefixLists)),
    prefixListOwners: merged(owners.map(({ prefixListOwners }) => prefixListOwners)),
    blockExclusions: merged(owners.map(({ blockExclusions }) => blockExclusions)),
  };
}

function only<T>(part: Collected<T[]>, wanted: (entry: T) => boolean): Collected<T[]> {
  return part.state === 'unavailable' ? part : collected(part.value.filter(wanted), part.source);
}

/**
 * All subnets of the VPCs: which of them hold nodes or pods is not known yet, and paths lead through others. One call where the clusters name their VPC and
 * stay in it; what is named and lies elsewhere is asked for by its id, and then the rest of its VPC.
 */
function readSubnets(
  { vpcIds, subnetIds }: NetworkRequest,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<Collected<EksSubnet[]>> {
  return reading.part('ec2:DescribeSubnets', async (abortSignal) => {
    const by = async (Name: string, all: readonly string[]) => {
      const answers = await inChunks(all, (Values) =>
        everyPage(async (NextToken) => {
          // By filter and not by id: one deleted id would make the whole call fail.
          const answer = await ec2.send(
            new DescribeSubnetsCommand({ Filters: [{ Name, Values }], MaxResults: 1000, ...token(NextToken) }),
            { abortSignal },
          );
          return { items: answer.Subnets, token: answer.NextToken };
        }),
      );
      return answers.map(toSubnet);
    };
    const found = await by('vpc-id', vpcIds);
    const known = new Set(found.map(({ id }) => id));
    const elsewhere = await by(
      'subnet-id',
      subnetIds.filter((id) => !known.has(id)),
    );
    const vpcs = new Set(elsewhere.map(({ vpcId }) => vpcId).filter((id) => !vpcIds.includes(id)));
    const beside = await by('vpc-id', [...vpcs].sort());
    return [...new Map([...found, ...elsewhere, ...beside].map((subnet) => [subnet.id, subnet])).values()];
  });
}

/** The account that owns each VPC. Where a subnet does not tell, it is the account's own. */
function ownersOf(subnets: Collected<EksSubnet[]>, { account, vpcIds }: NetworkRequest): ReadonlyMap<string, string> {
  const ownerOf = new Map(vpcIds.map((id) => [id, account]));
  for (const { vpcId, ownerId } of subnets.state === 'collected' ? subnets.value : []) {
    ownerOf.set(vpcId, ownerId.state === 'given' ? ownerId.value : account);
  }
  return ownerOf;
}

async function readAs(
  owner: string,
  ownerOf: ReadonlyMap<string, string>,
  subnets: Collected<EksSubnet[]>,
  { account, region, clients: own, clientsOf, reading }: NetworkRequest,
): Promise<OwnerParts> {
  const clients = owner === account ? own : await clientsOf(owner);
  const vpcIds = [...ownerOf].filter(([, of]) => of === owner).map(([id]) => id);
  const participantGroups = owner === account ? undefined : await readSecurityGroups(vpcIds, own, reading);
  if ('state' in clients) {
    return {
      vpcs: clients,
      // The cluster's own groups are the account's, whoever owns the VPC.
      securityGroups: participantGroups ?? clients,
      networkAcls: clients,
      natGateways: clients,
      interfaces: clients,
      prefixLists: clients,
      prefixListOwners: clients,
      blockExclusions: clients,
    };
  }
  return readOwner(
    {
      vpcIds,
      subnets: only(subnets, ({ vpcId }) => ownerOf.get(vpcId) === owner),
      region,
      ...(participantGroups === undefined ? {} : { participantGroups }),
    },
    clients,
    reading,
  );
}
