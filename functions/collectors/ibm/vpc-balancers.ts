import * as v from 'valibot';
import { collected, fieldOf } from '#domain/collected.ts';
import type { IksEvidence, IksVpcLoadBalancer } from '#domain/evidence/ibm.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { asRecord, byId, recordsOf } from './shape.ts';
import { type ClusterPlace, type Item, told, unreadBecause, type VpcReading } from './vpc.ts';

const AT_ONCE = 5;

/**
 * The load balancers of the region that are the cluster's: by the name that a Service gives them, by their security group, or by a worker behind
 * them, because an annotation gives any name. Public ones of which that cannot be told are kept; whatever is surely somebody else's is not.
 */
export async function getVpcLoadBalancers(
  place: ClusterPlace,
  vpc: VpcReading,
): Promise<IksEvidence['vpcLoadBalancers']> {
  const listed = await vpc.list('vpc:listLoadBalancers', place.region, 'load_balancers', 'load_balancers');
  if (listed.state === 'unavailable') return listed;
  const balancers = await mapConcurrently([...listed.value], AT_ONCE, async (raw) => {
    const belongs = await belongingOf(raw, place, vpc);
    return belongs === undefined ? [] : [toBalancer(raw, belongs)];
  });
  return collected(byId(balancers.flat()), listed.source);
}

function toBalancer(raw: Item, belongs: Belonging): IksVpcLoadBalancer {
  const ips = Array.isArray(raw['public_ips']) ? raw['public_ips'] : [];
  return {
    id: String(raw['id'] ?? ''),
    name: String(raw['name'] ?? raw['id'] ?? 'unnamed'),
    isPublic: fieldOf(v.boolean(), raw['is_public']),
    hostname: told(raw['hostname']),
    addresses: ips.map((ip) => asRecord(ip)?.['address']).filter((address) => typeof address === 'string'),
    belongs,
  };
}

type Belonging = IksVpcLoadBalancer['belongs'];

/** The default name: the cluster and the Service's uid without hyphens. */
const DEFAULT_NAME = /^kube-([a-z0-9]{20})-[0-9a-f]{32}$/;

/** Undefined: the balancer is not the cluster's. */
async function belongingOf(raw: Item, place: ClusterPlace, vpc: VpcReading): Promise<Belonging | undefined> {
  const name = String(raw['name'] ?? '');
  if (name.startsWith(`kube-${place.id}-`)) return { by: 'name' };
  const groups = Array.isArray(raw['security_groups'])
    ? raw['security_groups'].map((group) => asRecord(group)?.['name'])
    : [];
  const group = groups.find((found) => found === `kube-lbaas-${place.id}`);
  if (typeof group === 'string') return { by: 'security-group', group };
  // A private one is no entrance, whoever it serves; and what another cluster's name or group tells needs no look behind it.
  if (raw['is_public'] === false || DEFAULT_NAME.test(name)) return undefined;
  if (groups.some((found) => /^kube-lbaas-[a-z0-9]{20}$/.test(String(found)))) return undefined;
  const member = await memberOf(raw, place, vpc);
  return member === undefined || member.by === 'unread' || !(await isElsewhere(raw, place, vpc)) ? member : undefined;
}

/** The first worker behind one of its pools. */
async function memberOf(
  raw: Item,
  { id: cluster, workers, region }: ClusterPlace,
  vpc: VpcReading,
): Promise<Belonging | undefined> {
  const { id, pools } = raw;
  if (!Array.isArray(pools)) return unread('absent-field', 'its pools are not reported');
  if (workers.state === 'unavailable') return { by: 'unread', ...unreadBecause(workers) };
  const own = workers.value.flatMap(({ addresses }) => addresses);
  const everyAddress = workers.value.every(({ addressesTold }) => addressesTold);
  let doubt: Belonging | undefined;
  for (const pool of pools) {
    const poolId = String(asRecord(pool)?.['id'] ?? '');
    const path = `load_balancers/${encodeURIComponent(String(id))}/pools/${encodeURIComponent(poolId)}/members`;
    const members = await vpc.list('vpc:listPoolMembers', region, path, 'members');
    if (members.state === 'unavailable') {
      doubt = { by: 'unread', ...unreadBecause(members) };
      continue;
    }
    for (const { target } of members.value) {
      const { address, id: targetId, name } = asRecord(target) ?? {};
      const found = [address, targetId, name].find(
        (word) => typeof word === 'string' && (own.includes(word) || word.startsWith(`kube-${cluster}-`)),
      );
      if (typeof found === 'string') return { by: 'member', member: found };
      if (typeof address === 'string' && !everyAddress)
        doubt ??= unread(
          'absent-field',
          `whether ${address} behind it is a worker is not reported: a worker names no address`,
        );
    }
  }
  return doubt;
}

function unread(reason: 'absent-field', message: string): Belonging {
  return { by: 'unread', reason, message };
}

/** Another network may use the same ranges: an address of it is no worker of this one. */
async function isElsewhere(raw: Item, { subnets, region }: ClusterPlace, vpc: VpcReading): Promise<boolean> {
  const own =
    subnets.state === 'collected' ? subnets.value.flatMap(({ vpc: of }) => (of.told === 'yes' ? [of.value] : [])) : [];
  const [first] = Array.isArray(raw['subnets']) ? recordsOf(raw['subnets'], 'subnets') : [];
  if (own.length === 0 || typeof first?.['id'] !== 'string') return false;
  const network = await vpc.networkOf(region, first['id']);
  return network !== undefined && !own.includes(network);
}
