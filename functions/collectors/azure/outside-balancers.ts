import { type Field, given } from '#domain/collected.ts';
import type { AksCluster } from '#domain/evidence/aks.ts';
import type { AksFrontend } from '#domain/evidence/aks-inbound.ts';
import { covers } from '#domain/net/cidr.ts';
import { networkOf } from './connection.ts';
import { dig, reference, value } from './facts.ts';
import { frontendsOf, INBOUND, nameOf } from './frontends.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Inbound frontends of load balancers outside the node resource group that have machines of the cluster behind them: a scale set of it in
 * a backend pool, or an address of its subnets.
 */
export function outsideFrontends(
  groupId: string,
  cluster: AksCluster,
  snapshot: NetworkSnapshot,
): readonly Field<AksFrontend[]>[] {
  const own = `${groupId}/`;
  const inside = ownRanges(cluster, snapshot);
  return snapshot
    .ofType('microsoft.network/loadbalancers')
    .filter((balancer) => !balancer.id.startsWith(own))
    .flatMap((balancer) => {
      const pools = poolsOf(balancer).filter((pool) => reaches(pool, own, inside));
      const rules = rulesInto(balancer, new Set(pools.map(idOf)), own);
      if (rules.size === 0) return [];
      const frontends = frontendsOf(balancer, snapshot);
      if (frontends.state !== 'given') return [frontends];
      return [given(frontends.value.flatMap((frontend) => narrowed(frontend, rules)))];
    });
}

/** Only what leads to this cluster: other frontends of the balancer are somebody else's. */
function narrowed(frontend: AksFrontend, rules: ReadonlySet<string>): readonly AksFrontend[] {
  if (frontend.inbound.state !== 'given') return [frontend];
  const inbound = frontend.inbound.value.filter((name) => rules.has(name));
  return inbound.length === 0 ? [] : [{ ...frontend, inbound: given(inbound) }];
}

function poolsOf({ properties }: GraphRow): readonly Json[] {
  return listOf(properties['backendAddressPools']).map(recordOf);
}

const idOf = (part: Json): string => String(part['id'] ?? '').toLowerCase();

interface OwnRanges {
  readonly networks: ReadonlySet<string>;
  readonly prefixes: readonly string[];
}

function ownRanges({ pools }: AksCluster, snapshot: NetworkSnapshot): OwnRanges {
  const ids = (value(pools) ?? [])
    .flatMap(({ nodeSubnetId, podSubnetId }) => [value(nodeSubnetId), value(podSubnetId)])
    .filter((id) => id !== undefined);
  const prefixes = ids.flatMap((id) => {
    const subnet = snapshot.subnet(id);
    if (subnet.state === 'unavailable') return [];
    return [subnet.value['addressPrefix'], ...listOf(subnet.value['addressPrefixes'])];
  });
  return {
    networks: new Set(ids.map(networkOf)),
    prefixes: prefixes.filter((prefix) => typeof prefix === 'string'),
  };
}

function reaches(pool: Json, own: string, inside: OwnRanges): boolean {
  const properties = recordOf(pool['properties']);
  if (listOf(properties['backendIPConfigurations']).some((entry) => idOf(recordOf(entry)).startsWith(own))) return true;
  return listOf(properties['loadBalancerBackendAddresses'])
    .map((entry) => recordOf(recordOf(entry)['properties']))
    .some((address) => {
      if (idOf(recordOf(address['networkInterfaceIPConfiguration'])).startsWith(own)) return true;
      const ip = address['ipAddress'];
      const network = value(reference(address['virtualNetwork'])) ?? value(reference(address['subnet']));
      return (
        typeof ip === 'string' &&
        network !== undefined &&
        inside.networks.has(networkOf(network)) &&
        covers(inside.prefixes, ip)
      );
    });
}

/** Names of inbound rules that lead into the pools, or straight to an interface of the node resource group. */
function rulesInto({ properties }: GraphRow, pools: ReadonlySet<string>, own: string): ReadonlySet<string> {
  const rules = INBOUND.flatMap((kind) => listOf(properties[kind]).map(recordOf)).filter((rule) => {
    const inner = rule['properties'];
    const ends = [dig(inner, 'backendAddressPool'), ...listOf(dig(inner, 'backendAddressPools'))].map((end) =>
      idOf(recordOf(end)),
    );
    const straight = idOf(recordOf(dig(inner, 'backendIPConfiguration'))).startsWith(own);
    return straight || ends.some((end) => pools.has(end)) || (pools.size > 0 && ends.every((end) => end === ''));
  });
  return new Set(rules.map(nameOf));
}
