import { parseRange, subtract, wholeOf } from '#domain/net/cidr.ts';
import { accountMatch } from './calico-accounts.ts';
import { calicoLabels, calicoNamespaceLabels } from './calico-labels.ts';
import { type CalicoMatch, isCalicoUniversal, parseCalicoSelector } from './calico-selector.ts';
import type { CompileContext } from './context.ts';
import type { Peer, PodView, PolicyRef, Rule } from './model.ts';
import type { Service } from './objects.ts';
import { ALWAYS_PODS, addressPeer, rangesPeer, withPods } from './pod-addresses.ts';
import type { Problems } from './problems.ts';
import type { Labels } from './selector.ts';
import { servicePeers } from './service-peers.ts';
import { fields, isObject, items, type Json, textsOf } from './shape.ts';

export interface PeerContext {
  readonly ref: PolicyRef;
  readonly action: Rule['action'];
  readonly field: string;
  readonly context: CompileContext;
  readonly problems: Problems;
}

const SELECTING = ['selector', 'notSelector', 'namespaceSelector', 'serviceAccounts'];

/** `nets` without `notNets`, a Service, or a selector over pods and network sets; none of them means everyone. */
export function calicoPeers(side: Json, given: PeerContext): readonly Peer[] {
  const hasNets = items(side['nets']).length > 0 || items(side['notNets']).length > 0;
  const hasSelector = SELECTING.some((name) => isObject(side[name]) || (side[name] ?? '') !== '');
  const hasService = isObject(side['services']);
  if ([hasNets, hasSelector, hasService].filter(Boolean).length > 1) {
    given.problems.undecidable(given.field, 'a selector together with addresses: the addresses of pods are not read');
    return given.action === 'accept' ? [{ kind: 'anyone' }] : [];
  }
  if (hasService) return calicoServicePeers(fields(side['services']), given);
  if (hasNets) return withAddresses([netsPeer(items(side['nets']), items(side['notNets']))], given);
  if (!hasSelector) return [{ kind: 'anyone' }];
  return selectorPeers(side, given);
}

/** Calico holds addresses against every packet, those of pods and nodes included. */
function withAddresses(peers: readonly Peer[], { action, context, field, problems }: PeerContext): readonly Peer[] {
  return withPods(peers, action, ALWAYS_PODS, context.podRanges, field, problems);
}

function netsPeer(nets: readonly unknown[], notNets: readonly unknown[]): Peer {
  const whole =
    nets.length === 0 ? [wholeOf('ipv4'), wholeOf('ipv6')] : nets.flatMap((net) => parseRange(String(net)) ?? []);
  const holes = notNets.flatMap((net) => parseRange(String(net)) ?? []);
  const given = nets.length === 0 ? 'every address' : nets.join(', ');
  return rangesPeer(
    whole.flatMap((range) => subtract(range, holes)),
    `${given}${notNets.length === 0 ? '' : ` except ${notNets.join(', ')}`}`,
  );
}

/** The Service that a rule names; without a namespace it is one of the policy's own. */
export function serviceIn({ name, namespace }: Json, ref: PolicyRef, context: CompileContext): Service | undefined {
  const within = String(namespace ?? '') || ref.namespace;
  return context.services.findLast((one) => one.name === name && one.namespace === within);
}

function calicoServicePeers(named: Json, { ref, action, field, context, problems }: PeerContext): readonly Peer[] {
  const found = serviceIn(named, ref, context);
  const text = `the Service ${String(named['namespace'] ?? '') || ref.namespace}/${String(named['name'])}`;
  return servicePeers(found === undefined ? [] : [found], text, {
    action,
    field: `${field}.services`,
    context,
    problems,
  });
}

/**
 * A selector alone stays in the namespace of a namespaced policy; with `namespaceSelector`, or in a global policy, it does not.
 * `notSelector` negates the whole match: alone in a global policy it leaves everything that is not such a pod, addresses outside included.
 */
function selectorPeers(side: Json, given: PeerContext): readonly Peer[] {
  const texts = {
    pods: String(side['selector'] ?? ''),
    without: String(side['notSelector'] ?? ''),
    namespaces: String(side['namespaceSelector'] ?? ''),
  };
  const [pods, without, namespaces] = [texts.pods, texts.without, texts.namespaces].map(parseCalicoSelector);
  if (pods === undefined || without === undefined || namespaces === undefined) return [];
  const excluded: CalicoMatch = texts.without === '' ? () => false : without;
  const own = texts.namespaces === '' ? given.ref.namespace : '';
  const accounts = accountMatch(fields(side['serviceAccounts']), given);
  const inNamespace = (pod: Pick<PodView, 'namespace'>) =>
    (own === '' || pod.namespace.name === own) && (texts.namespaces === '' || namespaces(calicoNamespaceLabels(pod)));
  const everywhere = own === '' && isCalicoUniversal(texts.namespaces);
  const podsPeer: Peer = {
    kind: 'pods',
    every: everywhere && isCalicoUniversal(texts.pods) && texts.without === '' && accounts === undefined,
    ...(own === '' ? {} : { namespace: own }),
    matches: (pod) =>
      inNamespace(pod) &&
      pods(calicoLabels(pod)) &&
      !excluded(calicoLabels(pod)) &&
      (accounts === undefined || accounts.matches(pod)),
    words: `${whereOf(own, texts.namespaces)}/${wordsOf(texts.pods, texts.without, accounts?.words)}`,
  };
  if (accounts !== undefined) return [podsPeer];
  if (own === '' && texts.namespaces === '' && texts.pods === '') {
    return [podsPeer, { kind: 'outside' }, { kind: 'hosts' }];
  }
  const sets = networkSets(own, texts.namespaces, given.context, (labels) => pods(labels) && !excluded(labels));
  return sets.length === 0 ? [podsPeer] : [podsPeer, ...withAddresses(sets, given)];
}

function whereOf(own: string, namespaces: string): string {
  if (own !== '') return own;
  return namespaces === '' ? '[all namespaces]' : `[namespaces with ${namespaces}]`;
}

function wordsOf(pods: string, without: string, accounts: string | undefined): string {
  const parts = [
    ...(isCalicoUniversal(pods) ? [] : [`with ${pods}`]),
    ...(without === '' ? [] : [`without ${without}`]),
    ...(accounts === undefined ? [] : [accounts]),
  ];
  return parts.length === 0 ? '[all pods]' : `[pods ${parts.join(', ')}]`;
}

/** The addresses of network sets whose labels a selector matches: global ones where it is not bound to namespaces, others by theirs. */
function networkSets(
  own: string,
  namespaces: string,
  { objects }: CompileContext,
  matches: (labels: Labels) => boolean,
): readonly Peer[] {
  const inNamespaces = parseCalicoSelector(namespaces);
  const labelsOf = ({ metadata }: Json) => textsOf(fields(metadata)['labels']);
  const global = own === '' && /^(?:global\(\s*\))?$/.test(namespaces.trim()) ? objects.ofKind('GlobalNetworkSet') : [];
  const local = objects.ofKind('NetworkSet').filter((set) => {
    const namespace = String(fields(set['metadata'])['namespace'] ?? '') || 'default';
    if (own !== '') return namespace === own;
    const found = objects.named('Namespace', namespace) ?? {};
    return namespaces === '' || inNamespaces?.({ ...labelsOf(found), 'projectcalico.org/name': namespace }) === true;
  });
  return [...global, ...local]
    .filter((set) => matches(labelsOf(set)))
    .flatMap((set) => items(fields(set['spec'])['nets']))
    .map((net) => addressPeer(net));
}
