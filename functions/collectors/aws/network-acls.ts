import { DescribeNetworkAclsCommand, type NetworkAcl, type NetworkAclEntry } from '@aws-sdk/client-ec2';
import * as v from 'valibot';
import { fieldOf } from '#domain/collected.ts';
import type { EksAcl, EksAclRule } from '#domain/evidence/eks-acls.ts';
import type { EksNetwork } from '#domain/evidence/eks-network.ts';
import { required } from './network-answers.ts';
import { everyPage, inChunks, type Reading, token } from './read.ts';
import type { RegionClients } from './session.ts';

/** The ACLs of the VPCs. They are the VPC owner's: a participant of a shared VPC does not see them. Source: VPC user guide, shared VPCs. */
export function readNetworkAcls(
  vpcIds: readonly string[],
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNetwork['networkAcls']> {
  return reading.part('ec2:DescribeNetworkAcls', async (abortSignal) => {
    const acls = await inChunks(vpcIds, (Values) =>
      everyPage(async (NextToken) => {
        const answer = await ec2.send(
          new DescribeNetworkAclsCommand({
            Filters: [{ Name: 'vpc-id', Values }],
            MaxResults: 1000,
            ...token(NextToken),
          }),
          { abortSignal },
        );
        return { items: answer.NetworkAcls, token: answer.NextToken };
      }),
    );
    return acls.map(toAcl);
  });
}

function toAcl({ NetworkAclId, VpcId, Associations = [], Entries = [] }: NetworkAcl): EksAcl {
  return {
    id: required(NetworkAclId, 'NetworkAclId'),
    vpcId: required(VpcId, 'VpcId'),
    subnetIds: Associations.map(({ SubnetId }) => required(SubnetId, 'SubnetId')),
    rules: Entries.map(toRule),
  };
}

function toRule({
  RuleNumber,
  Egress,
  RuleAction,
  Protocol,
  CidrBlock,
  Ipv6CidrBlock,
  PortRange,
}: NetworkAclEntry): EksAclRule {
  if (RuleNumber === undefined || Egress === undefined)
    throw new SyntaxError('a rule of the answer lacks its number or its direction');
  return {
    number: RuleNumber,
    egress: Egress,
    action: required(RuleAction, 'RuleAction'),
    protocol: required(Protocol, 'Protocol'),
    block: required(CidrBlock ?? Ipv6CidrBlock, 'CidrBlock'),
    fromPort: fieldOf(v.number(), PortRange?.From),
    toPort: fieldOf(v.number(), PortRange?.To),
  };
}
