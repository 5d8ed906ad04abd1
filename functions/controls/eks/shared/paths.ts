import { type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksNetwork, EksRouteTable, EksSubnet, EksVpc } from '#domain/evidence/eks-network.ts';
import type { UnknownReason } from '#domain/reason.ts';

/**
 * Where a subnet's traffic to public addresses goes.
 * open: to the internet; `through` names the appliance of the same VPC that it passes before, `idle` why nothing passes today.
 * elsewhere: out of what this account shows (transit gateway, appliance, ...). undecided: a read is missing.
 * closed: nowhere; `peering` says that a default route leads to a peering connection, which does not carry to the internet.
 */
export type Egress =
  | {
      readonly kind: 'open';
      readonly via: 'internet-gateway' | 'nat-gateway' | 'nat-instance' | 'egress-only-gateway';
      readonly through?: string;
      readonly idle?: string;
    }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'undecided'; readonly reason: UnknownReason; readonly message: string }
  | { readonly kind: 'closed'; readonly peering: boolean };

export interface SubnetEgress {
  readonly subnet: EksSubnet;
  readonly egress: Egress;
  /** `subnet-1 → rtb-2 → 0.0.0.0/0 → igw-3`; ends early where the path does. */
  readonly hops: readonly string[];
}

/** What follows a route's target: where its traffic ends, and the hops until then. */
export interface Leg {
  readonly egress: Egress;
  readonly hops: readonly string[];
}

/** Follows a path into another subnet of the VPC; undefined where the path has been there already. */
export type Follow = (subnet: EksSubnet) => SubnetEgress | undefined;

const RANK: Readonly<Record<Egress['kind'], number>> = { open: 0, undecided: 1, elsewhere: 2, closed: 3 };

export function vpcOf(network: EksNetwork, id: string): EksVpc | Unavailable {
  if (network.vpcs.state === 'unavailable') return network.vpcs;
  return (
    network.vpcs.value.find((vpc) => vpc.id === id) ?? {
      state: 'unavailable',
      reason: 'not-found',
      message: `${id} was not in the answer`,
      api: 'ec2:DescribeVpcs',
    }
  );
}

/** The subnet's own table, otherwise the main table of its own VPC. */
export function effectiveTable(subnet: EksSubnet, network: EksNetwork): EksRouteTable | Unavailable {
  const vpc = vpcOf(network, subnet.vpcId);
  if ('state' in vpc) return vpc;
  if (vpc.routeTables.state === 'unavailable') return vpc.routeTables;
  const tables = vpc.routeTables.value;
  const unsettled = tables.find(({ unsettledSubnetIds }) => unsettledSubnetIds.includes(subnet.id));
  if (unsettled !== undefined)
    return unavailable(
      'transitional-state',
      `${subnet.id} is being associated with ${unsettled.id}, or was until now`,
      'ec2:DescribeRouteTables',
    );
  return (
    tables.find(({ subnetIds }) => subnetIds.includes(subnet.id)) ??
    tables.find(({ main }) => main) ?? {
      state: 'unavailable',
      reason: 'absent-field',
      message: `${subnet.vpcId} has no main route table in the answer`,
      api: 'ec2:DescribeRouteTables',
    }
  );
}

/** The one that lets out most. */
export function worstOf<T extends { readonly egress: Egress }>(legs: readonly T[]): T | undefined {
  return [...legs].sort((a, b) => RANK[a.egress.kind] - RANK[b.egress.kind])[0];
}

export const undecided = (reason: UnknownReason, message: string): Egress => ({ kind: 'undecided', reason, message });
