import type { AzureConnection } from '#domain/evidence/azure-firewall.ts';
import { covers, parseRange } from '#domain/net/cidr.ts';
import { had, optional, podCidrsOf, type ReadCluster, required, short } from './cluster.ts';

/** What an address belongs to. `sure`: the address is this cluster's own and not one that many clusters share. */
export interface Holder {
  readonly what: string;
  readonly sure: boolean;
}

/**
 * What of the cluster something in front of it leads to: a frontend of its internal balancers, a node, a pod, or an interface of its
 * machines. Undefined: nothing of it.
 */
export function heldInside(subject: ReadCluster, target: string): Holder | undefined {
  const { evidence } = subject;
  const group = had(evidence.nodeGroup);
  if (target.startsWith('/'))
    return target.startsWith(`${group.id}/`) ? { what: `machines in ${short(group.id)}`, sure: true } : undefined;
  if (parseRange(target) === undefined) return undefined;
  const frontends = required(group.frontends, 'loadBalancers[].frontendIPConfigurations');
  const frontend = frontends.find(
    (entry) => entry.address.state === 'given' && entry.address.value === target && entry.publicIpId.state === 'absent',
  );
  if (frontend !== undefined)
    return { what: `frontend ${frontend.name} of the load balancer ${short(frontend.loadBalancerId)}`, sure: true };
  for (const { id, facts } of evidence.subnets) {
    const prefixes = optional(had(facts).prefixes, `addressPrefix of ${short(id)}`) ?? [];
    if (covers(prefixes, target)) return { what: `a node or pod in subnet ${short(id)}`, sure: true };
  }
  if (group.networks.some(({ ranges }) => covers(ranges, target)))
    return { what: 'the network that AKS made for the nodes', sure: true };
  // The range of an overlay or of kubenet: many clusters use the same one.
  return covers(podCidrsOf(subject), target) ? { what: 'a pod address', sure: false } : undefined;
}

/** Whether the address that is meant there is the one that is meant here: private ranges repeat between networks. */
export function isReached(connection: AzureConnection, { sure }: Holder): boolean {
  return connection === 'same-network' || (connection === 'peered' && sure);
}
