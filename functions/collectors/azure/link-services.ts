import { given } from '#domain/collected.ts';
import type { AksPrivateLinkService } from '#domain/evidence/aks-inbound.ts';
import { dig, id, objects, text, texts } from './facts.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

/** Private Link services of the cluster: those in its node resource group, and those anywhere that front one of its balancers. */
export function linkServices(groupId: string, snapshot: NetworkSnapshot): AksPrivateLinkService[] {
  const own = `${groupId}/`;
  return snapshot
    .ofType('microsoft.network/privatelinkservices')
    .filter((row) => row.id.startsWith(own) || frontendsOf(row).some((frontend) => frontend.startsWith(own)))
    .map(linkService);
}

function frontendsOf({ properties }: GraphRow): string[] {
  return listOf(properties['loadBalancerFrontendIpConfigurations'])
    .map((entry) => recordOf(entry)['id'])
    .flatMap((entry) => (typeof entry === 'string' ? [entry.toLowerCase()] : []));
}

/** Absent lists are empty ones (only who has a role sees the service); a row that shows nothing at all says nothing about them. */
function linkService({ id: serviceId, properties }: GraphRow): AksPrivateLinkService {
  const nothing = { state: 'malformed' as const, raw: 'not shown: the row has no properties' };
  const silent = Object.keys(properties).length === 0;
  const list = (name: string) => {
    const read = texts(dig(properties[name], 'subscriptions'));
    return silent ? nothing : read.state === 'absent' ? given([]) : read;
  };
  const connections = objects(properties['privateEndpointConnections'] ?? [], (connection) => ({
    name: typeof connection['name'] === 'string' ? connection['name'] : 'unnamed',
    status: text(dig(connection['properties'], 'privateLinkServiceConnectionState', 'status')),
    privateEndpointId: id(dig(connection['properties'], 'privateEndpoint', 'id')),
  }));
  return {
    id: serviceId,
    visibility: list('visibility'),
    autoApproval: list('autoApproval'),
    connections: silent ? nothing : connections,
  };
}
