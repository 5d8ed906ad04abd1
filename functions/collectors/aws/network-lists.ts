import {
  type _InstanceType,
  DescribeInstanceTypesCommand,
  DescribeVpcBlockPublicAccessExclusionsCommand,
  DescribeVpcEndpointServicesCommand,
  GetManagedPrefixListEntriesCommand,
  type ServiceDetail,
} from '@aws-sdk/client-ec2';
import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { EksNetwork, SecurityGroup } from '#domain/evidence/eks-network.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { isNotFound } from './errors.ts';
import { required } from './network-answers.ts';
import type { listsOfRoutes } from './network-paths.ts';
import { everyPage, inChunks, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

/** The prefix lists that routes and rules name. */
export function readPrefixLists(
  { behindEndpoints, others }: ReturnType<typeof listsOfRoutes>,
  groups: Collected<readonly SecurityGroup[]>,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['prefixLists']> {
  const rules =
    groups.state === 'collected'
      ? groups.value.flatMap(({ ingress, egress }) => [...ingress, ...(egress.state === 'given' ? egress.value : [])])
      : [];
  const ofRules = rules.flatMap(({ prefixListIds }) => prefixListIds).filter((id) => !behindEndpoints.has(id));
  const wanted = [...new Set([...others, ...ofRules])].filter((id) => id.startsWith('pl-'));
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

/** One answer for both: the names of the services, and in the details the names that clients resolve. */
export async function readOfferedServices(
  region: string,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<Pick<EksNetwork, 'offeredServices' | 'privateNames'>> {
  const details: ServiceDetail[] = [];
  const offeredServices: EksNetwork['offeredServices'] = await reading.part(
    'ec2:DescribeVpcEndpointServices',
    async (abortSignal) => [
      ...(await everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeVpcEndpointServicesCommand({ MaxResults: 1000, ...token(NextToken) }),
          { abortSignal },
        );
        details.push(...(answer.ServiceDetails ?? []));
        return { items: answer.ServiceNames, token: answer.NextToken };
      })),
    ],
  );
  if (offeredServices.state === 'unavailable') return { offeredServices, privateNames: offeredServices };
  return { offeredServices, privateNames: collected(privateNamesOf(details, region), offeredServices.source) };
}

/** A service that is offered in two types is listed twice. Amazon's own ones only: a region holds thousands of others. */
function privateNamesOf(details: readonly ServiceDetail[], region: string) {
  const names = new Map<string, Set<string>>();
  for (const { ServiceName = '', PrivateDnsName, PrivateDnsNames = [] } of details) {
    if (!ServiceName.includes(`.${region}.`) || ServiceName.includes('.vpce.')) continue;
    const known = names.get(ServiceName) ?? new Set();
    for (const name of [PrivateDnsName, ...PrivateDnsNames.map((entry) => entry.PrivateDnsName)])
      if (name !== undefined && name !== '') known.add(name.toLowerCase());
    names.set(ServiceName, known);
  }
  return [...names].flatMap(([service, own]) => (own.size === 0 ? [] : [{ service, names: [...own].sort() }]));
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
