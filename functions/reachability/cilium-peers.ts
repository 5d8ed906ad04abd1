import { wholeOf } from '#domain/net/cidr.ts';
import { ciliumSelector } from './cilium-selector.ts';
import type { Peer, PolicyRef, Rule } from './model.ts';
import { addressPeer } from './network-policy.ts';
import type { Problems } from './problems.ts';
import { fields, items, type Json } from './shape.ts';

export interface PeerContext {
  readonly ref: PolicyRef;
  readonly action: Rule['action'];
  readonly field: string;
  /** Every object read, for CIDR groups that a rule names. */
  readonly all: readonly Json[];
  readonly problems: Problems;
}

const ANYONE: Peer = { kind: 'anyone' };
const EVERY_POD: Peer = { kind: 'pods', every: true, matches: () => true, words: '[all namespaces]/[all pods]' };
const OUTSIDE: Peer = { kind: 'addresses', ranges: [wholeOf('ipv4'), wholeOf('ipv6')], text: 'world' };
const HOSTS: Peer = { kind: 'hosts' };

/** Names of peers that cover more or less than is known here: hosts of the cluster, the API server, proxies. */
const ENTITIES = new Map<unknown, readonly Peer[]>(
  Object.entries({
    all: [ANYONE],
    cluster: [EVERY_POD, HOSTS],
    world: [OUTSIDE],
    'world-ipv4': [{ kind: 'addresses', ranges: [wholeOf('ipv4')], text: 'world-ipv4' }],
    'world-ipv6': [{ kind: 'addresses', ranges: [wholeOf('ipv6')], text: 'world-ipv6' }],
    host: [HOSTS],
    'remote-node': [HOSTS],
    'kube-apiserver': [HOSTS],
    ingress: [HOSTS],
    health: [],
    init: [],
    unmanaged: [],
    none: [],
  }),
);

/**
 * The peers of one rule, each `from...` or `to...` list adding to them. With no such list a rule that names ports speaks of everyone;
 * one that names nothing at all (`{}`) speaks of nobody.
 */
export function ciliumPeers(rule: Json, side: 'from' | 'to', context: PeerContext): readonly Peer[] {
  const lists = Object.keys(rule).filter(
    (key) => key.startsWith(side) && key !== 'toPorts' && Array.isArray(rule[key]),
  );
  if (lists.length === 0) {
    const narrowed = items(rule['toPorts']).length > 0 || items(rule['icmps']).length > 0;
    return narrowed ? [ANYONE] : [];
  }
  return lists.flatMap((key) =>
    listPeers(key.slice(side.length), items(rule[key]), `${context.field}.${key}`, context),
  );
}

function listPeers(name: string, list: readonly unknown[], field: string, context: PeerContext): readonly Peer[] {
  // Releases differ about an empty list: everyone once, nobody now.
  if (list.length === 0)
    return unknownPeer(field, 'an empty list means everyone or nobody, depending on the release', context);
  switch (name) {
    case 'Endpoints':
      return list.map((item) => endpointPeer(item, context.ref.namespace));
    case 'CIDR':
      return list.map((cidr) => addressPeer({ cidr, except: [] }));
    case 'CIDRSet':
      return list.flatMap((item) => cidrSetPeers(fields(item), field, context));
    case 'Entities':
      return list.flatMap(
        (item) => ENTITIES.get(item) ?? unknownPeer(field, `the entity "${String(item)}" is not known`, context),
      );
    case 'Nodes':
      return [HOSTS];
    default:
      return unknownPeer(field, 'is not evaluated: whom it names is not known from the manifests', context);
  }
}

/** What an accepting rule may open counts as open, what a denying one may close as not closed. */
function unknownPeer(field: string, message: string, { action, problems }: PeerContext): readonly Peer[] {
  problems.undecidable(field, message);
  return action === 'accept' ? [ANYONE] : [];
}

function endpointPeer(item: unknown, own: string): Peer {
  const { universal, clusterWide, namespace, matches, words } = ciliumSelector(item, own);
  return {
    kind: 'pods',
    every: universal && clusterWide,
    ...(namespace === undefined ? {} : { namespace }),
    matches,
    words,
  };
}

function cidrSetPeers(item: Json, field: string, context: PeerContext): readonly Peer[] {
  const { cidr, except, cidrGroupRef } = item;
  if (typeof cidr === 'string') return [addressPeer({ cidr, except })];
  const group = context.all.find(
    (object) => object['kind'] === 'CiliumCIDRGroup' && fields(object['metadata'])['name'] === cidrGroupRef,
  );
  if (group === undefined) return unknownPeer(field, `the CIDR group "${String(cidrGroupRef)}" was not read`, context);
  return items(fields(group['spec'])['externalCIDRs']).map((block) => addressPeer({ cidr: block, except }));
}
