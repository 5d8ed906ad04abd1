import { type Collected, collected, unavailable } from '#domain/collected.ts';
import type { AksAppliance } from '#domain/evidence/aks.ts';
import { covers } from '#domain/net/cidr.ts';
import { type Peers, peersOf, prefixesOf } from './connection.ts';
import { reference, text, value } from './facts.ts';
import { type GraphRow, listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Who holds the private address that a route names. Private addresses repeat between networks that do not know each other, so a match
 * by address is checked against the peerings wherever the node network tells them.
 */
export function applianceAt(address: string, network: string, snapshot: NetworkSnapshot): Collected<AksAppliance> {
  const api = 'Microsoft.Network/azureFirewalls/read';
  const peers = peersOf(network, snapshot);
  const firewalls = snapshot
    .ofType('microsoft.network/azurefirewalls')
    .filter((row) => addressesOf(row).includes(address))
    .map((row) => ({ row, connection: connectionOf(row, network, peers) }))
    .sort((a, b) => rank(a.connection) - rank(b.connection));
  const [nearest] = firewalls;
  if (nearest !== undefined)
    return collected(firewall(nearest.row, nearest.connection, snapshot), snapshot.source(api));
  const other = otherHolder(address, network, peers, snapshot);
  if (other !== undefined)
    return collected(
      { kind: 'other' as const, id: other.id, type: other.type, publicIps: publicReferences(other) },
      snapshot.source('Microsoft.Network/loadBalancers/read'),
    );
  return nobody(address, network, peers, snapshot);
}

type Connection = Extract<AksAppliance, { kind: 'azure-firewall' }>['connection'];
const ORDER: readonly Connection[] = ['same-network', 'peered', 'by-address-only', 'not-connected'];
const rank = (connection: Connection) => ORDER.indexOf(connection);

function connectionOf(row: GraphRow, network: string, peers: Peers): Connection {
  const home = configurations(row)
    .map((properties) => value(reference(properties['subnet'])))
    .map((subnet) => subnet?.replace(/\/subnets\/[^/]+$/, ''))
    .find((candidate) => candidate !== undefined);
  if (home === network) return 'same-network';
  if (home !== undefined && peers.networks.some((peer) => peer.id === home)) return 'peered';
  if (!peers.told) return 'by-address-only';
  // Neither a subnet nor a hub: where the firewall stands was not shown, and so neither that it stands elsewhere.
  if (home === undefined && row.properties['hubIPAddresses'] === undefined) return 'by-address-only';
  // A firewall in a virtual hub has no subnet of ours; the hub's own network shows as a peering to a network that nobody can read.
  return home === undefined && peers.networks.length > 0 ? 'by-address-only' : 'not-connected';
}

const configurations = (row: GraphRow): Json[] =>
  [...listOf(row.properties['ipConfigurations']), ...listOf(row.properties['frontendIPConfigurations'])].map((entry) =>
    recordOf(recordOf(entry)['properties']),
  );

function addressesOf(row: GraphRow): string[] {
  const hub = recordOf(row.properties['hubIPAddresses'])['privateIPAddress'];
  return [...configurations(row).map((properties) => properties['privateIPAddress']), hub].filter(
    (address) => typeof address === 'string',
  );
}

function firewall(row: GraphRow, connection: Connection, snapshot: NetworkSnapshot): AksAppliance {
  const policyApi = 'Microsoft.Network/firewallPolicies/read';
  const policyId = reference(row.properties['firewallPolicy']);
  const policy = policyId.state === 'given' ? snapshot.find(policyId.value, policyApi) : undefined;
  const own = collected(
    text(row.properties['threatIntelMode']),
    snapshot.source('Microsoft.Network/azureFirewalls/read'),
  );
  const mode =
    policyId.state === 'malformed'
      ? unavailable('malformed-answer', `the reference to the firewall policy is ${policyId.raw}`, policyApi)
      : policy === undefined
        ? own
        : policy.state === 'unavailable'
          ? policy
          : collected(text(policy.value.properties['threatIntelMode']), policy.source);
  return {
    kind: 'azure-firewall',
    id: row.id,
    provisioningState: text(row.properties['provisioningState']),
    policyId,
    threatIntelMode: mode,
    publicIps: publicIpsOf(row, snapshot),
    connection,
  };
}

function publicIpsOf(row: GraphRow, snapshot: NetworkSnapshot): Collected<string[]> {
  const api = 'Microsoft.Network/publicIPAddresses/read';
  const addresses: string[] = [];
  for (const properties of configurations(row)) {
    const publicId = value(reference(properties['publicIPAddress']));
    if (publicId === undefined) continue;
    const found = publicAddressOf(publicId, snapshot);
    if (found.state === 'unavailable') return found;
    if (found.value !== undefined) addresses.push(found.value);
  }
  for (const entry of listOf(recordOf(recordOf(row.properties['hubIPAddresses'])['publicIPs'])['addresses'])) {
    const { address } = recordOf(entry);
    if (typeof address === 'string') addresses.push(address);
  }
  return collected(addresses.sort(), snapshot.source(api));
}

function publicAddressOf(publicId: string, snapshot: NetworkSnapshot): Collected<string | undefined> {
  const row = snapshot.find(publicId, 'Microsoft.Network/publicIPAddresses/read');
  return row.state === 'unavailable' ? row : collected(value(text(row.value.properties['ipAddress'])), row.source);
}

/** A third party's appliance stands behind an internal load balancer or on a network interface. */
function otherHolder(address: string, network: string, peers: Peers, snapshot: NetworkSnapshot): GraphRow | undefined {
  const reachable = new Set([network, ...peers.networks.map((peer) => peer.id)]);
  return ['microsoft.network/loadbalancers', 'microsoft.network/networkinterfaces']
    .flatMap((type) => snapshot.ofType(type))
    .find((row) =>
      configurations(row).some((properties) => {
        const home = value(reference(properties['subnet']))?.replace(/\/subnets\/[^/]+$/, '');
        return properties['privateIPAddress'] === address && (!peers.told || home === undefined || reachable.has(home));
      }),
    );
}

/** Addresses that the machine or balancer itself carries: it may send straight to the internet. */
function publicReferences(row: GraphRow): string[] {
  return configurations(row)
    .map((properties) => value(reference(properties['publicIPAddress'])))
    .filter((id) => id !== undefined)
    .sort();
}

/** "Nothing there" needs the network that contains the address to have been seen, or the whole snapshot. */
function nobody(address: string, network: string, peers: Peers, snapshot: NetworkSnapshot): Collected<AksAppliance> {
  const api = 'Microsoft.Network/azureFirewalls/read';
  const nothing = (searched: string) => collected({ kind: 'nothing' as const, searched }, snapshot.source(api));
  const trouble = snapshot.troubles[0];
  if (trouble !== undefined) return unavailable(trouble.reason, trouble.message, api);
  if (holds(network, address, snapshot)) return nothing(network);
  const unseen = peers.networks.filter((peer) => snapshot.row(peer.id) === undefined);
  const seen = peers.networks.find((peer) => holds(peer.id, address, snapshot));
  if (seen !== undefined) return nothing(seen.id);
  const hidden = unseen.find((peer) => peer.ranges.length === 0 || covers(peer.ranges, address)) ?? unseen[0];
  if (hidden !== undefined)
    return unavailable('not-scanned', `${address} may lie in ${hidden.id}, which this scan cannot read`, api);
  if (!snapshot.complete)
    return unavailable(
      'not-scanned',
      `${address} belongs to nothing that was read, and not every subscription could be read`,
      api,
    );
  return nothing('every subscription of the scan');
}

function holds(network: string, address: string, snapshot: NetworkSnapshot): boolean {
  const row = snapshot.row(network);
  return row !== undefined && covers(prefixesOf(row.properties['addressSpace']), address);
}
