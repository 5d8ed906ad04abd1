import { wholeOf } from '#domain/net/cidr.ts';
import { ciliumLabelMatch, ciliumSelector } from './cilium-selector.ts';
import type { CompileContext } from './context.ts';
import type { Peer, PolicyRef, Rule } from './model.ts';
import { addressPeer, rangesPeer } from './pod-addresses.ts';
import type { Problems } from './problems.ts';
import { servicePeers } from './service-peers.ts';
import { fields, isObject, items, type Json, textsOf } from './shape.ts';

export interface PeerContext {
  readonly ref: PolicyRef;
  readonly action: Rule['action'];
  readonly field: string;
  /** For CIDR groups and Services that a rule names. */
  readonly context: CompileContext;
  readonly problems: Problems;
}

const ANYONE: Peer = { kind: 'anyone' };
const EVERY_POD: Peer = { kind: 'pods', every: true, matches: () => true, words: '[all namespaces]/[all pods]' };
const OUTSIDE: Peer = rangesPeer([wholeOf('ipv4'), wholeOf('ipv6')], 'world');
const HOSTS: Peer = { kind: 'hosts' };

/** Names of peers that cover more or less than is known here: hosts of the cluster, the API server, proxies. */
const ENTITIES = new Map<unknown, readonly Peer[]>(
  Object.entries({
    all: [ANYONE],
    cluster: [EVERY_POD, HOSTS],
    world: [OUTSIDE],
    'world-ipv4': [rangesPeer([wholeOf('ipv4')], 'world-ipv4')],
    'world-ipv6': [rangesPeer([wholeOf('ipv6')], 'world-ipv6')],
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
      return list.map((cidr) => addressPeer(cidr));
    case 'CIDRSet':
      return list.flatMap((item) => cidrSetPeers(fields(item), field, context));
    case 'Entities':
      return list.flatMap(
        (item) => ENTITIES.get(item) ?? unknownPeer(field, `the entity "${String(item)}" is not known`, context),
      );
    case 'Nodes':
      return [HOSTS];
    // Names become identities of addresses, which never select a pod that Cilium manages.
    case 'FQDNs':
      context.problems.undecidable(
        field,
        'the addresses behind domain names are not known: every outside address counts as open, no pod does',
      );
      return context.action === 'accept' ? [{ kind: 'outside' }] : [];
    case 'Services':
      return list.flatMap((item) => ciliumServicePeers(fields(item), field, context));
    default:
      return unknownPeer(field, 'is not evaluated: whom it names is not known from the manifests', context);
  }
}

/** What an accepting rule may open counts as open, what a denying one may close as not closed. */
function unknownPeer(field: string, message: string, { action, problems }: PeerContext): readonly Peer[] {
  problems.undecidable(field, message);
  return action === 'accept' ? [ANYONE] : [];
}

/** Services by name or by labels; without a namespace, those of every namespace. */
function ciliumServicePeers(item: Json, field: string, { action, context, problems }: PeerContext): readonly Peer[] {
  const { k8sService, k8sServiceSelector } = item;
  const { serviceName } = fields(k8sService);
  const { namespace = '', selector } = fields(k8sService ?? k8sServiceSelector);
  const matches = ciliumLabelMatch(selector);
  const found = context.services.filter(
    (service) =>
      (namespace === '' || namespace === null || service.namespace === namespace) &&
      (isObject(k8sService) ? service.name === serviceName : matches(service.labels)),
  );
  const text = isObject(k8sService)
    ? `the Service ${namespace === '' ? '' : `${String(namespace)}/`}${String(serviceName)}`
    : 'a Service with these labels';
  return servicePeers(found, text, { action, field, context, problems });
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
  const { cidr, except, cidrGroupRef, cidrGroupSelector } = item;
  if (typeof cidr === 'string') return [addressPeer(cidr, items(except))];
  const { objects } = context.context;
  const matches = ciliumLabelMatch(cidrGroupSelector);
  const groups = isObject(cidrGroupSelector)
    ? objects.ofKind('CiliumCIDRGroup').filter(({ metadata }) => matches(textsOf(fields(metadata)['labels'])))
    : [objects.named('CiliumCIDRGroup', cidrGroupRef)].filter((group) => group !== undefined);
  if (groups.length === 0) {
    const text = isObject(cidrGroupSelector)
      ? 'a CIDR group with these labels'
      : `the CIDR group "${String(cidrGroupRef)}"`;
    return unknownPeer(field, `${text} was not read`, context);
  }
  return groups
    .flatMap((group) => items(fields(group['spec'])['externalCIDRs']))
    .map((block) => addressPeer(block, items(except)));
}
