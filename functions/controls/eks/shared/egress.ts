import type { EksNetwork, EksRoute, EksSubnet } from '#domain/evidence/eks-network.ts';
import { isWithinPrivate, parseRange } from '#domain/net/cidr.ts';
import type { Proof } from '#domain/verdict.ts';
import { leadsToServiceOnly } from './aws-prefix-lists.ts';
import { natEgress, throughEndpoint, throughInterfaces } from './path-legs.ts';
import {
  type Egress,
  effectiveTable,
  type Follow,
  type Leg,
  type SubnetEgress,
  undecided,
  vpcOf,
  worstOf,
} from './paths.ts';
import { blockOf } from './public-access-block.ts';

/** `passed`: subnets that the path has been through. */
export function subnetEgress(subnet: EksSubnet, network: EksNetwork, passed: readonly string[] = []): SubnetEgress {
  const table = effectiveTable(subnet, network);
  if ('state' in table) {
    return { subnet, egress: { kind: 'undecided', reason: table.reason, message: table.message }, hops: [subnet.id] };
  }
  const been = [...passed, subnet.id];
  const follow: Follow = (next) => (been.includes(next.id) ? undefined : subnetEgress(next, network, been));
  const judged = table.routes
    .filter(({ state }) => state !== 'blackhole')
    .flatMap((route) => {
      const leg = routeLeg(route, subnet, network, follow);
      return leg === undefined ? [] : [{ route, ...leg }];
    });
  const worst = worstOf(judged);
  if (worst === undefined)
    return { subnet, egress: { kind: 'closed', peering: false }, hops: [subnet.id, table.id, 'no default route'] };
  const { route, egress, hops } = worst;
  const end =
    egress.kind === 'closed' && !egress.peering && hops.length === 0
      ? `${route.targetId} (blocked or private)`
      : route.targetId;
  return { subnet, egress, hops: [subnet.id, table.id, route.destination, end, ...hops] };
}

const end = (egress: Egress): Leg => ({ egress, hops: [] });

/** Undefined: the route carries no traffic to public addresses. */
function routeLeg(route: EksRoute, subnet: EksSubnet, network: EksNetwork, follow: Follow): Leg | undefined {
  const isPublic = reachesPublic(route, subnet, network);
  if (isPublic === false) return undefined;
  if (typeof isPublic !== 'boolean') return end(isPublic);
  if (route.state !== 'active')
    return end(undecided('unrecognised-value', `the route to ${route.destination} is ${route.state}`));
  switch (route.targetKind) {
    case 'internet-gateway':
    case 'egress-only-gateway': {
      const block = blockOf(subnet, network, route.targetKind);
      if (block.kind === 'lifted') return end({ kind: 'open', via: route.targetKind });
      return end(block.kind === 'blocked' ? { kind: 'closed', peering: false } : block);
    }
    case 'nat-gateway':
      return natEgress(route, subnet, network, follow);
    case 'instance':
    case 'network-interface':
      return throughInterfaces(route, network, follow);
    case 'vpc-endpoint':
      return throughEndpoint(route, subnet, network, follow);
    case 'peering':
      return end({ kind: 'closed', peering: true });
    case 'local':
      return undefined;
    case 'none':
      return end(undecided('unrecognised-value', `the route to ${route.destination} names no target`));
    default:
      return end({ kind: 'elsewhere' });
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
  const toService = leadsToServiceOnly(route, network);
  if (toService === true) return false;
  const toGateway = leadsToGatewayEndpoint(route, subnet, network);
  if (toGateway !== false) return toGateway === true ? false : toGateway;
  if (toService !== false) return undecided(toService.reason, toService.message);
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

export function pathProof({ hops, subnet, egress }: SubnetEgress): Proof {
  const note =
    egress.kind === 'closed' && egress.peering ? ' (a peering connection does not carry to the internet)' : '';
  return { kind: 'path', line: `${hops.join(' → ')}${note}`, field: subnet.id, value: egress.kind, hops };
}
