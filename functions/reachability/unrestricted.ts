import type { CompiledPolicy, Direction, Rule } from './model.ts';
import { opensInternet, outsideRanges } from './outside.ts';
import { hasWholeProtocol, NO_PORTS, union } from './ports.ts';

/** internet: open to every address on every port of a protocol. cluster: open to every pod. */
export type Openness = 'internet' | 'cluster' | 'restricted';

/**
 * How far the accepting rules together open a direction. Rules are united before they are judged, so two halves of the address space
 * in two rules are the whole. A rule counts only with every port of at least one protocol.
 */
export function openness(rules: readonly Rule[]): Openness {
  // What is passed on leaves the policy's own deny behind as well.
  const accepting = rules
    .filter(({ action }) => action !== 'deny')
    .map((rule): Rule => ({ ...rule, action: 'accept' }));
  const outside = outsideRanges([{ isolates: true, rules: accepting }]);
  if (opensInternet(outside)) return 'internet';
  const toEveryPod = accepting
    .filter(({ peers }) => peers.some((peer) => peer.kind === 'anyone' || (peer.kind === 'pods' && peer.every)))
    .map(({ ports }) => ports.numbers)
    .reduce(union, NO_PORTS);
  return hasWholeProtocol(toEveryPod) ? 'cluster' : 'restricted';
}

/** A policy's own openness in one direction. */
export function opennessOf(policy: CompiledPolicy, direction: Direction): Openness {
  return openness(policy[direction]?.rules ?? []);
}
