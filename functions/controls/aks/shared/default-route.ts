import type { AksRoute, AksRouteTable } from '#domain/evidence/aks.ts';
import { covers, coversAll, type Family, parseRange } from '#domain/net/cidr.ts';
import { networkOf, optional, type ReadCluster, required, same } from './cluster.ts';

/**
 * Where a route table really sends what nothing more specific catches (Azure virtual network traffic routing: the longest prefix wins,
 * so halves like 0.0.0.0/1 + 128.0.0.0/1 override a 0.0.0.0/0 beside them).
 */
export interface DefaultRoute {
  readonly kind: 'appliance' | 'internet' | 'network-gateway' | 'black-hole' | 'local' | 'unrecognised' | 'missing';
  readonly routes: readonly PlainRoute[];
}

export interface PlainRoute {
  readonly name: string;
  readonly prefix: string;
  readonly nextHopType: string;
  readonly nextHopIp: string | undefined;
  readonly kind: Exclude<DefaultRoute['kind'], 'missing'>;
}

export const EVERYTHING: Readonly<Record<Family, string>> = { ipv4: '0.0.0.0/0', ipv6: '::/0' };

/** Worst first: where two kinds of next hop each cover everything, the one that leaves to the internet decides. */
const KINDS = ['internet', 'unrecognised', 'local', 'network-gateway', 'black-hole', 'appliance'] as const;

/** A dual-stack cluster needs a default for each. */
export function familiesOf(subject: ReadCluster): readonly Family[] {
  const network = networkOf(subject);
  const families = optional(network.ipFamilies, 'networkProfile.ipFamilies');
  return families?.some((family) => same(family, 'IPv6')) === true ? ['ipv4', 'ipv6'] : ['ipv4'];
}

/** The table's routes without those that kubenet writes for the pods of each node: to the node, as an appliance. */
export function plainRoutes(table: AksRouteTable, podCidrs: readonly string[]): readonly PlainRoute[] {
  return required(table.routes, 'routeTable.routes')
    .map(plainRoute)
    .filter(({ kind, prefix }) => kind !== 'appliance' || !covers(podCidrs, prefix));
}

function plainRoute({ name, prefix, nextHopType, nextHopIp }: AksRoute): PlainRoute {
  const type = required(nextHopType, `nextHopType of route ${name}`);
  return {
    name,
    prefix: required(prefix, `addressPrefix of route ${name}`),
    nextHopType: type,
    nextHopIp: optional(nextHopIp, `nextHopIpAddress of route ${name}`),
    kind: kindOf(type),
  };
}

function kindOf(type: string): PlainRoute['kind'] {
  if (same(type, 'VirtualAppliance')) return 'appliance';
  if (same(type, 'Internet')) return 'internet';
  if (same(type, 'VirtualNetworkGateway')) return 'network-gateway';
  if (same(type, 'None')) return 'black-hole';
  return same(type, 'VnetLocal') ? 'local' : 'unrecognised';
}

export function defaultRoute(routes: readonly PlainRoute[], family: Family): DefaultRoute {
  const own = routes.filter(({ prefix }) => parseRange(prefix)?.family === family);
  const specific = own.filter(({ prefix }) => !isEverything(prefix, family));
  for (const kind of KINDS) {
    const ofKind = specific.filter((route) => route.kind === kind);
    if (
      coversAll(
        ofKind.map(({ prefix }) => prefix),
        family,
      )
    )
      return { kind, routes: ofKind };
  }
  const whole = own.find(({ prefix }) => isEverything(prefix, family));
  if (whole !== undefined) return { kind: whole.kind, routes: [whole] };
  return { kind: 'missing', routes: [] };
}

export function isEverything(prefix: string, family: Family): boolean {
  return parseRange(prefix)?.family === family && coversAll([prefix], family);
}
