import type { IksRoute, IksSubnet } from '#domain/evidence/ibm.ts';
import { type AddressRange, intersect, parseRange, publicRanges, subtract, wholeOf } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';

/** IBM's own network: the name servers, mirrors and private service endpoints that every worker needs. Source: VPC documentation, service endpoints. */
const IBM_NETWORK = ['161.26.0.0/16', '166.8.0.0/14'].map(parseRange).filter((range) => range !== undefined);

/** Every address that is neither private nor IBM's own. */
export const INTERNET: readonly AddressRange[] = publicRanges('ipv4').flatMap((range) => subtract(range, IBM_NETWORK));

/** A way from a worker subnet towards addresses of the internet. */
export interface WayOut {
  readonly subnet: IksSubnet;
  /** floating: an interface with a public address. elsewhere: where it leads is not visible. */
  readonly via: 'gateway' | 'floating' | 'elsewhere';
  readonly hops: readonly string[];
  readonly ranges: readonly AddressRange[];
  /** False where a route that was not read, or not completely, could close it. */
  readonly certain: boolean;
}

export interface SubnetWays {
  readonly ways: readonly WayOut[];
  /** Why there may be more. */
  readonly undecided?: { readonly reason: UnknownReason; readonly message: string };
}

/**
 * The ways that the routing table and the public gateway of a subnet open. The most specific destination decides, then the lowest priority number;
 * routes of other zones do not count, and what no route names goes by the system's own routes, which lead to the gateway. Source: VPC documentation,
 * about routing tables and routes.
 */
export function waysOut(subnet: IksSubnet): SubnetWays {
  const { id, routes, gateway } = subnet;
  if (routes.state === 'unavailable')
    return {
      ways: systemWays(subnet, INTERNET, false),
      undecided: { reason: routes.reason, message: `${id}: ${routes.message}` },
    };
  const own = routes.value.filter((route) => zoneOf(route, subnet) !== 'other');
  const odd = own.map((route) => oddity(route, id)).find((found) => found !== undefined);
  const readable = own.flatMap((route) => {
    const range = route.destination.state === 'given' ? parseRange(route.destination.value) : undefined;
    return range === undefined ? [] : [{ route, range }];
  });
  // A route that may be another zone's opens a way and closes none.
  const closing = readable.filter(({ route }) => zoneOf(route, subnet) === 'own');
  const ways = readable.flatMap((entry): readonly WayOut[] => {
    const wins = winsAt(entry, closing);
    const inside = closing.map((other) => other.range).filter((other) => isInside(other, entry.range));
    const ranges = subtract(entry.range, inside).flatMap((part) => intersect(part, INTERNET));
    if (wins === 'no' || ranges.length === 0) return [];
    return wayOf(entry.route, ranges, subnet, wins === 'yes' && odd === undefined);
  });
  const routed = closing.map(({ range }) => range);
  const byDefault = subtract(wholeOf('ipv4'), routed).flatMap((part) => intersect(part, INTERNET));
  const unread =
    gateway.attached === 'unread' ? { reason: gateway.reason, message: `subnet ${id}: ${gateway.message}` } : undefined;
  const undecided = unread ?? odd;
  return {
    ways: [...systemWays(subnet, byDefault, odd === undefined), ...ways],
    ...(undecided === undefined ? {} : { undecided }),
  };
}

function systemWays(subnet: IksSubnet, ranges: readonly AddressRange[], certain: boolean): readonly WayOut[] {
  const { id, gateway } = subnet;
  return gateway.attached === 'yes' && ranges.length > 0
    ? [{ subnet, via: 'gateway', hops: [id, gateway.id, 'internet'], ranges, certain }]
    : [];
}

function wayOf(
  route: IksRoute,
  ranges: readonly AddressRange[],
  subnet: IksSubnet,
  certain: boolean,
): readonly WayOut[] {
  const { action, destination, hop, name } = route;
  if (action.state !== 'given') return [];
  if (action.value === 'delegate') return systemWays(subnet, ranges, certain);
  if (action.value !== 'deliver') return [];
  const to = destination.state === 'given' ? destination.value : name;
  const target = hop.kind === 'address' ? hop.address : hop.kind === 'connection' ? hop.id : name;
  const hops = [subnet.id, `route ${name} ${to}`, target];
  return hop.kind === 'address' && hop.floating.held === 'yes'
    ? [{ subnet, via: 'floating', hops: [...hops, hop.floating.address, 'internet'], ranges, certain }]
    : [{ subnet, via: 'elsewhere', hops, ranges, certain }];
}

function zoneOf({ zone }: IksRoute, subnet: IksSubnet): 'own' | 'other' | 'untold' {
  if (zone.told === 'no' || subnet.zone.told === 'no') return 'untold';
  return zone.value === subnet.zone.value ? 'own' : 'other';
}

const ACTIONS = ['deliver', 'drop', 'delegate', 'delegate_vpc'];

/** What of a route cannot be read, where it could lead out. */
function oddity({ name, destination, action }: IksRoute, subnet: string): SubnetWays['undecided'] {
  const at = `${subnet}: route ${name}`;
  if (destination.state !== 'given')
    return { reason: reasonOf(destination.state), message: `${at} does not report its destination` };
  const range = parseRange(destination.value);
  if (range === undefined)
    return { reason: 'unrecognised-value', message: `${at}: its destination is ${destination.value}` };
  if (intersect(range, INTERNET).length === 0) return undefined;
  if (action.state !== 'given') return { reason: reasonOf(action.state), message: `${at} does not report its action` };
  return ACTIONS.includes(action.value)
    ? undefined
    : { reason: 'unrecognised-value', message: `${at}: its action is ${action.value}` };
}

function reasonOf(state: 'absent' | 'malformed'): UnknownReason {
  return state === 'absent' ? 'absent-field' : 'malformed-answer';
}

interface ReadRoute {
  readonly route: IksRoute;
  readonly range: AddressRange;
}

/** Among routes of the same destination the lowest number wins, and equal ones share; one that does not tell its number may win. */
function winsAt({ route, range }: ReadRoute, routes: readonly ReadRoute[]): 'yes' | 'no' | 'perhaps' {
  const own = route.priority;
  const rivals = routes
    .filter((other) => other.route !== route && other.range.first === range.first && other.range.last === range.last)
    .map((other) => other.route.priority);
  if (rivals.length === 0) return 'yes';
  const known = rivals.flatMap((priority) => (priority.state === 'given' ? [priority.value] : []));
  if (own.state !== 'given') return 'perhaps';
  if (known.some((rival) => rival < own.value)) return 'no';
  return known.length === rivals.length ? 'yes' : 'perhaps';
}

/** Narrower, and within. */
function isInside(inner: AddressRange, outer: AddressRange): boolean {
  const narrower = inner.last - inner.first < outer.last - outer.first;
  return narrower && inner.first >= outer.first && inner.last <= outer.last;
}
