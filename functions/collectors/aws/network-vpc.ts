import { DescribeDhcpOptionsCommand, DescribeVpcAttributeCommand, type Vpc } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { EksVpc } from '#domain/evidence/eks-network.ts';
import { everyPage, inChunks, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

/** The two attributes take a call each. */
export async function readAttributes(
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

export async function readNameServers(
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
    const options = await inChunks(ids, (Values) =>
      everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeDhcpOptionsCommand({ Filters: [{ Name: 'dhcp-options-id', Values }], ...token(NextToken) }),
          { abortSignal },
        );
        return { items: answer.DhcpOptions, token: answer.NextToken };
      }),
    );
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
    if (id === undefined)
      return unavailable('absent-field', 'the VPC does not report its DHCP options', 'ec2:DescribeVpcs');
    // `default` is the word for "no set": Amazon's resolver then.
    if (id === 'default') return collected([AMAZON_DNS], part.source);
    const servers = part.value.get(id);
    return servers === undefined
      ? unavailable('not-found', `${id} was not in the answer`, 'ec2:DescribeDhcpOptions')
      : collected(servers, part.source);
  };
}
