import {
  type _InstanceType,
  DescribeInstanceTypesCommand,
  DescribeVpcBlockPublicAccessExclusionsCommand,
  DescribeVpcEndpointServicesCommand,
  GetManagedPrefixListEntriesCommand,
} from '@aws-sdk/client-ec2';
import { type Collected, unavailable } from '#domain/collected.ts';
import type { EksEndpoint, EksNetwork, EksRouteTable, SecurityGroup } from '#domain/evidence/eks-network.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { isNotFound } from './errors.ts';
import { required } from './network-answers.ts';
import { everyPage, inChunks, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

/** The prefix lists that routes and rules name, except Amazon's own behind gateway endpoints: their content decides nothing. */
export function readPrefixLists(
  {
    routeTables: tables,
    securityGroups: groups,
    endpoints,
  }: {
    readonly routeTables: Collected<readonly EksRouteTable[]>;
    readonly securityGroups: Collected<readonly SecurityGroup[]>;
    readonly endpoints: Collected<readonly EksEndpoint[]>;
  },
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['prefixLists']> {
  const routes = tables.state === 'collected' ? tables.value.flatMap((table) => table.routes) : [];
  const rules =
    groups.state === 'collected'
      ? groups.value.flatMap(({ ingress, egress }) => [...ingress, ...(egress.state === 'given' ? egress.value : [])])
      : [];
  const gateways = new Set(
    endpoints.state === 'collected'
      ? endpoints.value.filter(({ type }) => type.toLowerCase() === 'gateway').map(({ id }) => id)
      : [],
  );
  const behindEndpoints = new Set(
    routes.filter(({ targetId }) => gateways.has(targetId)).map(({ destination }) => destination),
  );
  const named = [
    ...routes.map(({ destination }) => destination),
    ...rules.flatMap(({ prefixListIds }) => prefixListIds),
  ];
  const wanted = [...new Set(named)].filter((id) => id.startsWith('pl-') && !behindEndpoints.has(id));
  return reading.part('ec2:GetManagedPrefixListEntries', async (abortSignal) => {
    const lists = await mapConcurrently(wanted, 5, async (PrefixListId) => {
      try {
        const entries = await everyPage(async (NextToken) => {
          const answer = await ec2.send(
            new GetManagedPrefixListEntriesCommand({ PrefixListId, MaxResults: 100, ...token(NextToken) }),
            { abortSignal },
          );
          return { items: answer.Entries, token: answer.NextToken };
        });
        return { id: PrefixListId, cidrs: entries.flatMap(({ Cidr }) => (Cidr === undefined ? [] : [Cidr])) };
      } catch (error) {
        // A list that is gone is missing from the evidence, where the control looks for it by its id.
        if (isNotFound(error)) return undefined;
        throw error;
      }
    });
    return lists.filter((list) => list !== undefined);
  });
}

/** Exclusions matter only where a subnet or its VPC says that gateway traffic is blocked. */
export function readExclusions(
  blockModes: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['blockExclusions']> {
  if (blockModes.every((mode) => mode === 'off'))
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
    return exclusions.map(({ ResourceArn, InternetGatewayExclusionMode = 'absent', State = 'absent' }) => ({
      resource: required(ResourceArn?.split('/').at(-1), 'ResourceArn'),
      mode: InternetGatewayExclusionMode,
      state: State,
    }));
  });
}

export function readOfferedServices({ ec2 }: RegionClients, reading: Reading): Promise<EksNetwork['offeredServices']> {
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

export function readInstanceTypes(
  names: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['instanceTypes']> {
  return reading.part(
    'ec2:DescribeInstanceTypes',
    async (abortSignal) => {
      if (names.length === 0) return [];
      const types = await inChunks(names, (Values) =>
        everyPage(async (NextToken) => {
          const answer = await ec2.send(
            new DescribeInstanceTypesCommand({
              // By filter and not by name: one unknown type would make the whole call fail.
              Filters: [{ Name: 'instance-type', Values: Values as _InstanceType[] }],
              ...token(NextToken),
            }),
            { abortSignal },
          );
          return { items: answer.InstanceTypes, token: answer.NextToken };
        }),
      );
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
