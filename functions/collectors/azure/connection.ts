import type { AzureConnection } from '#domain/evidence/azure-firewall.ts';
import { reference, value } from './facts.ts';
import { listOf, recordOf } from './graph.ts';
import type { NetworkSnapshot } from './network-snapshot.ts';

export interface Peers {
  /** Whether the network's answer carried a list of peerings at all. */
  readonly told: boolean;
  readonly networks: readonly { readonly id: string; readonly ranges: readonly string[] }[];
}

export function peersOf(network: string, snapshot: NetworkSnapshot): Peers {
  const peerings = snapshot.row(network)?.properties['virtualNetworkPeerings'];
  const networks = listOf(peerings).flatMap((peering) => {
    const properties = recordOf(recordOf(peering)['properties']);
    const remote = value(reference(properties['remoteVirtualNetwork']));
    return remote === undefined ? [] : [{ id: remote, ranges: prefixesOf(properties['remoteAddressSpace']) }];
  });
  return { told: Array.isArray(peerings), networks };
}

export function prefixesOf(space: unknown): string[] {
  return listOf(recordOf(space)['addressPrefixes']).filter((prefix) => typeof prefix === 'string');
}

export const networkOf = (subnetId: string): string => subnetId.replace(/\/subnets\/[^/]+$/i, '').toLowerCase();

const ORDER: readonly AzureConnection[] = [
  'same-network',
  'peered',
  'through-a-peer',
  'by-address-only',
  'not-connected',
];

/**
 * The nearest way in which something in the networks `homes` stands to the networks of the nodes. Without a home nobody can tell: a
 * firewall of a virtual hub has no subnet of ours, and the hub's own network shows as a peering to a network that nobody can read.
 */
export function connectionTo(
  homes: readonly string[],
  networks: readonly string[],
  snapshot: NetworkSnapshot,
): AzureConnection {
  const found = networks.map((network) => connection(homes, network, snapshot));
  return ORDER.find((kind) => found.includes(kind)) ?? 'not-connected';
}

function connection(homes: readonly string[], network: string, snapshot: NetworkSnapshot): AzureConnection {
  const peers = peersOf(network, snapshot);
  if (homes.includes(network)) return 'same-network';
  if (peers.networks.some(({ id }) => homes.includes(id))) return 'peered';
  if (homes.length === 0 || !peers.told) return 'by-address-only';
  const second = peers.networks.flatMap(({ id }) => peersOf(id, snapshot).networks);
  const ours = new Set(peers.networks.map(({ id }) => id));
  const theirs = homes.flatMap((home) => peersOf(home, snapshot).networks);
  const meets = second.some(({ id }) => homes.includes(id)) || theirs.some(({ id }) => ours.has(id));
  return meets ? 'through-a-peer' : 'not-connected';
}
