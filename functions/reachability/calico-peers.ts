import { parseRange, subtract, wholeOf } from '#domain/net/cidr.ts';
import { calicoLabels, calicoNamespaceLabels } from './calico-labels.ts';
import { isCalicoUniversal, parseCalicoSelector } from './calico-selector.ts';
import type { Peer, PolicyRef, Rule } from './model.ts';
import type { Problems } from './problems.ts';
import { items, type Json } from './shape.ts';

interface PeerContext {
  readonly ref: PolicyRef;
  readonly action: Rule['action'];
  readonly field: string;
  readonly problems: Problems;
}

/** `nets` without `notNets`, or a selector over pods; neither means everyone. */
export function calicoPeers(side: Json, context: PeerContext): readonly Peer[] {
  const { nets, notNets, selector, namespaceSelector } = side;
  const hasNets = items(nets).length > 0 || items(notNets).length > 0;
  const hasSelector = (selector ?? '') !== '' || (namespaceSelector ?? '') !== '';
  if (hasNets && hasSelector) {
    context.problems.undecidable(
      context.field,
      'a selector together with addresses: the addresses of pods are not read',
    );
    return context.action === 'accept' ? [{ kind: 'anyone' }] : [];
  }
  if (hasNets) return [netsPeer(items(nets), items(notNets))];
  if (!hasSelector) return [{ kind: 'anyone' }];
  return selectorPeer(String(selector ?? ''), String(namespaceSelector ?? ''), context);
}

function netsPeer(nets: readonly unknown[], notNets: readonly unknown[]): Peer {
  const whole =
    nets.length === 0 ? [wholeOf('ipv4'), wholeOf('ipv6')] : nets.flatMap((net) => parseRange(String(net)) ?? []);
  const holes = notNets.flatMap((net) => parseRange(String(net)) ?? []);
  return {
    kind: 'addresses',
    ranges: whole.flatMap((range) => subtract(range, holes)),
    text: `${nets.join(', ')}${notNets.length === 0 ? '' : ` except ${notNets.join(', ')}`}`,
  };
}

/** In a namespaced policy a selector alone stays in the policy's namespace; with `namespaceSelector`, or in a global one, it does not. */
function selectorPeer(selector: string, namespaceSelector: string, context: PeerContext): readonly Peer[] {
  const pods = parseCalicoSelector(selector);
  const namespaces = parseCalicoSelector(namespaceSelector);
  if (pods === undefined || namespaces === undefined) return [];
  const own = namespaceSelector === '' ? context.ref.namespace : '';
  const where =
    own !== '' ? own : namespaceSelector === '' ? '[all namespaces]' : `[namespaces with ${namespaceSelector}]`;
  return [
    {
      kind: 'pods',
      every: own === '' && isCalicoUniversal(selector) && isCalicoUniversal(namespaceSelector),
      ...(own === '' ? {} : { namespace: own }),
      matches: (pod) =>
        (own === '' || pod.namespace.name === own) &&
        pods(calicoLabels(pod)) &&
        (namespaceSelector === '' || namespaces(calicoNamespaceLabels(pod))),
      words: `${where}/${isCalicoUniversal(selector) ? '[all pods]' : `[pods with ${selector}]`}`,
    },
  ];
}
