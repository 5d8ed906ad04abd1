import type { Unavailable } from '#domain/collected.ts';
import type { EksNetwork, EksRoute, EksRouteTable, EksSubnet, EksVpc } from '#domain/evidence/eks-network.ts';
import { isWithinPrivate, parseRange } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';

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

/** Undefined: the route carries no traffic to public addresses. */
function routeEgress(route: EksRoute, subnet: EksSubnet, network: EksNetwork): Egress | undefined {
  const isPublic = reachesPublic(route, network);
  if (isPublic === false) return undefined;
  if (typeof isPublic !== 'boolean') return isPublic;
  if (route.state !== 'active')
    return {
      kind: 'undecided',
      reason: 'unrecognised-value',
      message: `the route to ${route.destination} is ${route.state}`,
    };
  switch (route.targetKind) {
    case 'internet-gateway':
    case 'egress-only-gateway':
      return blocked(subnet, network) ?? { kind: 'open', via: route.targetKind };
    case 'nat-gateway':
      return natEgress(route, subnet, network);
    case 'peering':
      return { kind: 'closed', peering: true };
    case 'local':
      return undefined;
    case 'none':
      return {
        kind: 'undecided',
        reason: 'unrecognised-value',
        message: `the route to ${route.destination} names no target`,
      };
    default:
      return { kind: 'elsewhere' };
  }
}

/** Whether the destination holds public addresses; gateway endpoints' lists do not lead to the internet. */
function reachesPublic({ destination, targetKind }: EksRoute, { prefixLists }: EksNetwork): boolean | Egress {
  if (!destination.startsWith('pl-')) {
    if (parseRange(destination) === undefined)
      return { kind: 'undecided', reason: 'malformed-answer', message: `a route to "${destination}"` };
    return !isWithinPrivate(destination);
  }
  if (targetKind === 'vpc-endpoint') return false;
  if (prefixLists.state === 'unavailable')
    return { kind: 'undecided', reason: prefixLists.reason, message: prefixLists.message };
  const list = prefixLists.value.find(({ id }) => id === destination);
  if (list === undefined)
    return { kind: 'undecided', reason: 'not-found', message: `the entries of ${destination} are not known` };
  return list.cidrs.some((cidr) => !isWithinPrivate(cidr));
}

function natEgress(route: EksRoute, subnet: EksSubnet, { natGateways }: EksNetwork): Egress {
  if (natGateways.state === 'unavailable')
    return { kind: 'undecided', reason: natGateways.reason, message: natGateways.message };
  const gateway = natGateways.value.find(({ id }) => id === route.targetId);
  if (gateway === undefined)
    return { kind: 'undecided', reason: 'not-found', message: `${route.targetId} was not in the answer` };
  if (gateway.connectivity === 'private') return { kind: 'closed', peering: false };
  if (gateway.connectivity !== 'public')
    return { kind: 'undecided', reason: 'unrecognised-value', message: `${route.targetId} is ${gateway.connectivity}` };
  // Whether the block reaches the gateway depends on the gateway's own subnet.
  return isBlocking(subnet)
    ? { kind: 'undecided', reason: 'undecidable', message: `Block Public Access may stop ${route.targetId}` }
    : { kind: 'open', via: 'nat-gateway' };
}

function isBlocking({ blockMode }: EksSubnet): boolean {
  return blockMode.state === 'given' && blockMode.value !== 'off';
}

/**
 * What VPC Block Public Access makes of a gateway route: the VPC's mode less its exclusions. An exclusion lifts the block for outbound traffic in
 * both of its modes. Source: VPC user guide, Block Public Access.
 */
function blocked(subnet: EksSubnet, { blockExclusions }: EksNetwork): Egress | undefined {
  const { blockMode } = subnet;
  if (blockMode.state === 'absent' || (blockMode.state === 'given' && blockMode.value === 'off')) return undefined;
  if (blockMode.state === 'malformed')
    return { kind: 'undecided', reason: 'malformed-answer', message: `block mode ${blockMode.raw}` };
  if (blockMode.value !== 'block-bidirectional') {
    return {
      kind: 'undecided',
      reason: blockMode.value === 'block-ingress' ? 'undecidable' : 'unrecognised-value',
      message: `block mode ${blockMode.value}`,
    };
  }
  if (blockExclusions.state === 'unavailable')
    return { kind: 'undecided', reason: blockExclusions.reason, message: blockExclusions.message };
  const lifted = blockExclusions.value.some(
    ({ resource, mode, state }) =>
      (resource === subnet.id || resource === subnet.vpcId) && mode.startsWith('allow-') && !state.startsWith('delete'),
  );
  return lifted ? undefined : { kind: 'closed', peering: false };
}
