import * as v from 'valibot';
import { type Collected, collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { IksEvidence, IksRoute, IksSubnet } from '#domain/evidence/ibm.ts';
import { isWithinPrivate } from '#domain/net/cidr.ts';
import { asRecord } from './shape.ts';
import { type Item, told, toldId, unreadBecause, type VpcReading } from './vpc.ts';

/** The worker subnets with their gateway and routes. One that cannot be read stays unread beside the others: a way out that was seen still counts. */
export async function getSubnets(
  workers: IksEvidence['workers'],
  region: string,
  vpc: VpcReading,
): Promise<IksEvidence['subnets']> {
  if (workers.state === 'unavailable') return workers;
  const ids = [...new Set(workers.value.flatMap(({ subnetIds }) => subnetIds))].sort();
  const parts = await Promise.all(ids.map((id) => vpc.subnet(region, id)));
  const subnets = await Promise.all(ids.map((id, index) => toSubnet(id, parts[index], region, vpc)));
  return collected(subnets, parts.find((part) => part.state === 'collected')?.source ?? workers.source);
}

async function toSubnet(
  id: string,
  part: Collected<Item> | undefined,
  region: string,
  vpc: VpcReading,
): Promise<IksSubnet> {
  if (part?.state !== 'collected') {
    const why = part ?? unavailable('not-scanned', 'the subnet was not asked for', 'vpc:getSubnet');
    return { id, vpc: NOT_TOLD, zone: NOT_TOLD, gateway: { attached: 'unread', ...unreadBecause(why) }, routes: why };
  }
  const { public_gateway: gateway, vpc: network, zone, routing_table: table } = part.value;
  return {
    id,
    vpc: toldId(network),
    zone: told(asRecord(zone)?.['name']),
    gateway:
      gateway === undefined || gateway === null
        ? { attached: 'no' }
        : { attached: 'yes', id: String(asRecord(gateway)?.['id'] ?? 'unnamed') },
    routes: await routesOf(id, toldId(network), toldId(table), region, vpc),
  };
}

const NOT_TOLD = { told: 'no' } as const;

/** The routes of the subnet's table. Every subnet has one: without its name nothing is known of the ways that it opens. */
async function routesOf(
  subnet: string,
  network: IksSubnet['vpc'],
  table: IksSubnet['vpc'],
  region: string,
  vpc: VpcReading,
): Promise<IksSubnet['routes']> {
  if (network.told === 'no' || table.told === 'no')
    return unavailable('absent-field', `subnet ${subnet} does not report its routing table`, 'vpc:listRoutes');
  const path = `vpcs/${encodeURIComponent(network.value)}/routing_tables/${encodeURIComponent(table.value)}/routes`;
  const routes = await vpc.list('vpc:listRoutes', region, path, 'routes');
  if (routes.state === 'unavailable') return routes;
  const read = await Promise.all(routes.value.map((route) => toRoute(route, network.value, region, vpc)));
  return collected(
    read.sort((a, b) => (a.name < b.name ? -1 : 1)),
    routes.source,
  );
}

const text = v.string();

async function toRoute(raw: Item, network: string, region: string, vpc: VpcReading): Promise<IksRoute> {
  const destination = fieldOf(text, raw['destination']);
  const hop = asRecord(raw['next_hop']);
  const address = told(hop?.['address']);
  const connection = toldId(hop);
  // Only a hop that leads out of the private ranges is asked about.
  const leadsOut = destination.state !== 'given' || !isWithinPrivate(destination.value);
  return {
    name: String(raw['name'] ?? raw['id'] ?? 'unnamed'),
    destination,
    action: fieldOf(text, raw['action']),
    zone: told(asRecord(raw['zone'])?.['name']),
    priority: fieldOf(v.number(), raw['priority']),
    hop:
      address.told === 'yes' && address.value !== NO_ADDRESS
        ? {
            kind: 'address',
            address: address.value,
            floating: leadsOut ? await floatingOf(address.value, network, region, vpc) : { held: 'no' },
          }
        : connection.told === 'yes'
          ? { kind: 'connection', id: connection.value }
          : { kind: 'none' },
  };
}

/** Routes that drop or delegate carry it for "no next hop". */
const NO_ADDRESS = '0.0.0.0';

type Floating = Extract<IksRoute['hop'], { kind: 'address' }>['floating'];

/** The floating address of the interface that holds the private one, in this network: others may use the same ranges. */
async function floatingOf(hop: string, network: string, region: string, vpc: VpcReading): Promise<Floating> {
  const listed = await vpc.list('vpc:listFloatingIps', region, 'floating_ips', 'floating_ips');
  if (listed.state === 'unavailable') return { held: 'unread', ...unreadBecause(listed) };
  for (const { address, target } of listed.value) {
    const { primary_ip: primary, subnet } = asRecord(target) ?? {};
    if (asRecord(primary)?.['address'] !== hop) continue;
    const subnetId = toldId(subnet).told === 'yes' ? asRecord(subnet)?.['id'] : subnetOf(asRecord(primary)?.['href']);
    const elsewhere = typeof subnetId === 'string' ? await vpc.networkOf(region, subnetId) : undefined;
    if (elsewhere === undefined || elsewhere === network) return { held: 'yes', address: String(address ?? 'unnamed') };
  }
  return { held: 'no' };
}

/** The id of the subnet stands in the address of the reserved IP. */
function subnetOf(href: unknown): string | undefined {
  return typeof href === 'string' ? /\/subnets\/([^/]+)\/reserved_ips\//.exec(href)?.[1] : undefined;
}
