import { type Unavailable, unavailable } from '#domain/collected.ts';
import type { EksNetwork, EksRoute, EksRouteTable, EksSubnet, EksVpc } from '#domain/evidence/eks-network.ts';
import { isWithinPrivate, parseRange } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Proof } from '#domain/verdict.ts';
import { blockOf } from './public-access-block.ts';

/**
 * Where a subnet's traffic to public addresses goes.
 * open: to the internet. elsewhere: out of what this account shows (transit gateway, appliance, ...). undecided: a read is missing.
 * closed: nowhere; `peering` says that a default route leads to a peering connection, which does not carry to the internet.
 */
export type Egress =
  | { readonly kind: 'open'; readonly via: 'internet-gateway' | 'nat-gateway' | 'egress-only-gateway' }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'undecided'; readonly reason: UnknownReason; readonly message: string }
  | { readonly kind: 'closed'; readonly peering: boolean };

export interface SubnetEgress {
  readonly subnet: EksSubnet;
  readonly egress: Egress;
  /** `subnet-1 → rtb-2 → 0.0.0.0/0 → igw-3`; ends early where the path does. */
  readonly hops: readonly string[];
}

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

export function subnetEgress(subnet: EksSubnet, network: EksNetwork): SubnetEgress {
  const table = effectiveTable(subnet, network);
  if ('state' in table) {
    return { subnet, egress: { kind: 'undecided', reason: table.reason, message: table.message }, hops: [subnet.id] };
  }
  const judged = table.routes
    .filter(({ state }) => state !== 'blackhole')
    .map((route) => ({ route, egress: routeEgress(route, subnet, network) }))
    .filter(({ egress }) => egress !== undefined) as { readonly route: EksRoute; readonly egress: Egress }[];
  const [worst] = judged.sort((a, b) => RANK[a.egress.kind] - RANK[b.egress.kind]);
  if (worst === undefined)
    return { subnet, egress: { kind: 'closed', peering: false }, hops: [subnet.id, table.id, 'no default route'] };
  const end =
    worst.egress.kind === 'closed' && !worst.egress.peering
      ? `${worst.route.targetId} (blocked or private)`
      : worst.route.targetId;
  return { subnet, egress: worst.egress, hops: [subnet.id, table.id, worst.route.destination, end] };
}

const undecided = (reason: UnknownReason, message: string): Egress => ({ kind: 'undecided', reason, message });

/** Undefined: the route carries no traffic to public addresses. */
function routeEgress(route: EksRoute, subnet: EksSubnet, network: EksNetwork): Egress | undefined {
  const isPublic = reachesPublic(route, subnet, network);
  if (isPublic === false) return undefined;
  if (typeof isPublic !== 'boolean') return isPublic;
  if (route.state !== 'active')
    return undecided('unrecognised-value', `the route to ${route.destination} is ${route.state}`);
  switch (route.targetKind) {
    case 'internet-gateway':
    case 'egress-only-gateway': {
      const block = blockOf(subnet, network, route.targetKind);
      if (block.kind === 'lifted') return { kind: 'open', via: route.targetKind };
      return block.kind === 'blocked' ? { kind: 'closed', peering: false } : block;
    }
    case 'nat-gateway':
      return natEgress(route, subnet, network);
    case 'peering':
      return { kind: 'closed', peering: true };
    case 'local':
      return undefined;
    case 'none':
      return undecided('unrecognised-value', `the route to ${route.destination} names no target`);
    default:
      return { kind: 'elsewhere' };
  }
}

/** Whether the destination holds public addresses; gateway endpoints' lists do not lead to the internet. */
function reachesPublic(route: EksRoute, subnet: EksSubnet, network: EksNetwork): boolean | Egress {
  const { destination } = route;
  if (!destination.startsWith('pl-')) {
    return parseRange(destination) === undefined
      ? undecided('malformed-answer', `a route to "${destination}"`)
      : !isWithinPrivate(destination);
  }
  const toGateway = leadsToGatewayEndpoint(route, subnet, network);
  if (toGateway !== false) return toGateway === true ? false : toGateway;
  const { prefixLists } = network;
  if (prefixLists.state === 'unavailable') return undecided(prefixLists.reason, prefixLists.message);
  const list = prefixLists.value.find(({ id }) => id === destination);
  return list === undefined
    ? undecided('not-found', `the entries of ${destination} are not known`)
    : list.cidrs.some((cidr) => !isWithinPrivate(cidr));
}

/** A list may lead to a Gateway Load Balancer endpoint as well, behind which an appliance decides: only the endpoint's type tells the two apart. */
function leadsToGatewayEndpoint(
  { targetKind, targetId }: EksRoute,
  { vpcId }: EksSubnet,
  network: EksNetwork,
): boolean | Egress {
  if (targetKind !== 'vpc-endpoint') return false;
  const vpc = vpcOf(network, vpcId);
  if ('state' in vpc) return undecided(vpc.reason, vpc.message);
  if (vpc.endpoints.state === 'unavailable') return undecided(vpc.endpoints.reason, vpc.endpoints.message);
  return vpc.endpoints.value.some(({ id, type }) => id === targetId && type.toLowerCase() === 'gateway');
}

function natEgress(route: EksRoute, subnet: EksSubnet, network: EksNetwork): Egress {
  const { natGateways } = network;
  if (natGateways.state === 'unavailable') return undecided(natGateways.reason, natGateways.message);
  const gateway = natGateways.value.find(({ id }) => id === route.targetId);
  if (gateway === undefined) return undecided('not-found', `${route.targetId} was not in the answer`);
  if (gateway.connectivity === 'private') return { kind: 'closed', peering: false };
  if (gateway.connectivity !== 'public')
    return undecided('unrecognised-value', `${route.targetId} is ${gateway.connectivity}`);
  const block = blockOf(subnet, network, 'nat-gateway');
  // With an exclusion somewhere, it depends on the gateway's own subnet whether the block reaches it.
  if (block.kind === 'blocked')
    return undecided('undecidable', `Block Public Access may stop ${route.targetId}, by the subnet that it is in`);
  return block.kind === 'lifted' ? { kind: 'open', via: 'nat-gateway' } : block;
}

export function pathProof({ hops, subnet, egress }: SubnetEgress): Proof {
  const note =
    egress.kind === 'closed' && egress.peering ? ' (a peering connection does not carry to the internet)' : '';
  return { kind: 'path', line: `${hops.join(' → ')}${note}`, field: subnet.id, value: egress.kind, hops };
}
