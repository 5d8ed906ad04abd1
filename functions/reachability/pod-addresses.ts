import { type AddressRange, merge, parseRange, rangesCover, subtract } from '#domain/net/cidr.ts';
import type { AddressPeer, Peer, Rule } from './model.ts';
import type { Problems } from './problems.ts';

/** Whether a block of addresses in a rule speaks of pods as well, and why it is taken so. */
export interface BlockReading {
  readonly includesPods: boolean;
  /** The plugin that is known to decide so; absent where it is an assumption or an operator's word. */
  readonly plugin?: string;
  /** assumed: nothing says which plugin enforces. declared: the operator says so. known: the kind or the plugin leaves no choice. */
  readonly basis: 'assumed' | 'declared' | 'known';
}

export const ALWAYS_PODS: BlockReading = { includesPods: true, basis: 'known' };

function ranges(...blocks: readonly string[]): readonly AddressRange[] {
  return blocks.flatMap((block) => parseRange(block) ?? []);
}

const USUAL = ranges('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16');
/** Also used for pods, though less often than it is left over when somebody carves the private ranges out of everything. */
const SHARED = ranges('100.64.0.0/10');
const UNIQUE_LOCAL = ranges('fc00::/7');
/** Pods of IPv6 clusters have public addresses too, but a narrow public block is hardly theirs. */
const GLOBAL = ranges('2000::/3');

/** every: each address that a pod can have. some: addresses that pods may have. left-over: only what is left of a larger block. */
type Coverage = 'every' | 'some' | 'left-over' | 'single' | 'none';

function coverageOf(named: readonly AddressRange[], podRanges: readonly AddressRange[]): Coverage {
  if (podRanges.length > 0) {
    const families = new Set(podRanges.map(({ family }) => family));
    const covered = podRanges.every((range) => rangesCover(named, range));
    if (covered && families.size > 0) return 'every';
    return overlaps(named, podRanges) ? 'some' : 'none';
  }
  const whole = (family: AddressRange['family'], ...parts: (readonly AddressRange[])[]) =>
    named.some((range) => range.family === family) && parts.flat().every((range) => rangesCover(named, range));
  if (whole('ipv4', USUAL, SHARED)) return 'every';
  if (whole('ipv6', UNIQUE_LOCAL, GLOBAL)) return 'some';
  const several = merged(named).filter(({ first, last }) => first !== last);
  if (overlaps(several, [...USUAL, ...UNIQUE_LOCAL]) || GLOBAL.every((range) => rangesCover(several, range)))
    return 'some';
  if (overlaps(several, SHARED)) {
    return several.some((range) => overlaps([range], SHARED) && rangesCover(SHARED, range)) ? 'some' : 'left-over';
  }
  return overlaps(named, [...USUAL, ...SHARED, ...UNIQUE_LOCAL]) ? 'single' : 'none';
}

function merged(named: readonly AddressRange[]): readonly AddressRange[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => merge(named.filter((range) => range.family === family)));
}

function overlaps(a: readonly AddressRange[], b: readonly AddressRange[]): boolean {
  return a.some((one) =>
    b.some((other) => one.family === other.family && one.first <= other.last && other.first <= one.last),
  );
}

/** `cidr` without `except`, for one rule: whether it holds pods is decided by `withPods` for all blocks of the rule together. */
export function addressPeer(cidr: unknown, except: readonly unknown[] = []): AddressPeer {
  const whole = parseRange(String(cidr));
  const holes = except.flatMap((item) => parseRange(String(item)) ?? []);
  return rangesPeer(
    whole === undefined ? [] : subtract(whole, holes),
    `${String(cidr)}${holes.length === 0 ? '' : ` except ${except.join(', ')}`}`,
  );
}

export function rangesPeer(given: readonly AddressRange[], text: string): AddressPeer {
  return { kind: 'addresses', ranges: given, text, includesPods: false, includesHosts: false };
}

/**
 * The peers of one rule, with what its blocks say about pods. Where a block may hold pods and may not, an accepting rule is taken to let
 * them through and a denying one not to stop them, and the reader is told.
 */
export function withPods(
  peers: readonly Peer[],
  action: Rule['action'],
  reading: BlockReading,
  podRanges: readonly AddressRange[],
  field: string,
  problems: Problems,
): readonly Peer[] {
  const blocks = peers.filter((peer) => peer.kind === 'addresses');
  if (blocks.length === 0) return peers;
  const named = blocks.flatMap((peer) => peer.ranges);
  const coverage = coverageOf(named, podRanges);
  const text = blocks.map((peer) => peer.text).join(', ');
  const message = noteOn(coverage, action, reading, podRanges.length > 0);
  if (message !== undefined) problems.note(field, `${text} ${message}`);
  if (!reading.includesPods) return peers;
  const holds = (covered: Coverage) => covered === 'every' || (covered === 'some' && action === 'accept');
  const includes = { includesPods: holds(coverage), includesHosts: holds(coverageOf(named, [])) };
  return peers.map((peer) => (peer.kind === 'addresses' ? { ...peer, ...includes } : peer));
}

function noteOn(
  coverage: Coverage,
  action: Rule['action'],
  { includesPods, basis, plugin }: BlockReading,
  isGiven: boolean,
): string | undefined {
  if (coverage === 'none' || basis === 'declared')
    return coverage === 'some' && includesPods ? SOME(action, isGiven) : undefined;
  if (!includesPods) {
    return plugin === undefined
      ? undefined
      : `holds no pod, as ${plugin} reads it: pods have identities there, not addresses`;
  }
  if (coverage === 'some') return SOME(action, isGiven);
  if (coverage === 'left-over') {
    return 'leaves 100.64.0.0/10, which some clusters give their pods: counted as without pods, --pod-cidr says which addresses pods have';
  }
  if (coverage === 'single') return 'is taken to be no address of a pod: --pod-cidr says which addresses pods have';
  if (basis === 'known') {
    return plugin === undefined ? undefined : `holds the addresses of pods too, and ${plugin} lets them through`;
  }
  return 'holds the addresses of pods too: they count as let through, as by every plugin but Cilium (also as Dataplane V2, in Azure CNI powered by Cilium, in Terway with eBPF), where --ipblock outside-only is right';
}

function SOME(action: Rule['action'], isGiven: boolean): string {
  const effect = action === 'accept' ? 'every pod counts as let through' : 'no pod counts as stopped by it';
  return `may hold addresses of pods: ${effect}${isGiven ? '' : ' (--pod-cidr says which addresses pods have)'}`;
}
