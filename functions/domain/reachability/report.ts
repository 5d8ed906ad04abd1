import { toCidrs } from '../net/cidr.ts';
import { type PodClass, workloadId } from './classes.ts';
import type { Direction, PolicyError } from './model.ts';
import { formatPorts, includes, isAll, isNone, NO_PORTS, type PortSet, union } from './ports.ts';
import { type DirectionProfile, openFor, type Reachability } from './reachability.ts';

interface Connection {
  /** A workload (`shop/web[Deployment]`) or a CIDR block outside the cluster. */
  readonly src: string;
  readonly dst: string;
  readonly ports: 'all' | readonly string[];
}

interface PeerPorts {
  /** A CIDR block, `entire-cluster`, a workload, or a selector in words that no present pod matches. */
  readonly peer: string;
  readonly ports: 'all' | readonly string[];
}

interface Exposure {
  readonly workload: string;
  readonly ingress: { readonly isolated: boolean; readonly from: readonly PeerPorts[] };
  readonly egress: { readonly isolated: boolean; readonly to: readonly PeerPorts[] };
}

export interface ReachabilityReport {
  readonly connections: readonly Connection[];
  readonly exposure: readonly Exposure[];
  readonly errors: readonly Omit<PolicyError, 'kind'>[];
}

/** The whole picture by workload, sorted, so that the same input always gives the same bytes. */
export function report(reach: Reachability, errors: readonly PolicyError[]): ReachabilityReport {
  const classesOf = byWorkload(reach.classes);
  return {
    connections: connectionsOf(reach, classesOf),
    exposure: [...classesOf]
      .sort(([a], [b]) => compare(a, b))
      .map(([workload, classes]) => ({
        workload,
        ingress: {
          isolated: isolated(reach, classes, 'ingress'),
          from: exposureOf(reach, classes, 'ingress'),
        },
        egress: { isolated: isolated(reach, classes, 'egress'), to: exposureOf(reach, classes, 'egress') },
      })),
    errors: errors
      .map(({ file, resource, field, message }) => ({ file, resource, field, message }))
      .sort(
        (a, b) =>
          compare(a.file, b.file) ||
          compare(a.resource, b.resource) ||
          compare(a.field, b.field) ||
          compare(a.message, b.message),
      ),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const names = new WeakMap<PodClass, readonly string[]>();

/** The workloads that have pods of the class; asked for once per pair, so it is kept. */
function workloadsOf(pod: PodClass): readonly string[] {
  const known = names.get(pod);
  if (known !== undefined) return known;
  const found = [...new Set(pod.pods.map(({ workload }) => workloadId(pod.namespace.name, workload)))];
  names.set(pod, found);
  return found;
}

const texts = new WeakMap<PortSet, 'all' | readonly string[]>();

function textOf(ports: PortSet): 'all' | readonly string[] {
  const text = texts.get(ports) ?? formatPorts(ports);
  texts.set(ports, text);
  return text;
}

function byWorkload(classes: readonly PodClass[]): ReadonlyMap<string, readonly PodClass[]> {
  const grouped = Map.groupBy(
    classes.flatMap((pod) => workloadsOf(pod).map((workload) => ({ workload, pod }))),
    ({ workload }) => workload,
  );
  return new Map([...grouped].map(([workload, entries]) => [workload, entries.map(({ pod }) => pod)]));
}

function isolated(reach: Reachability, classes: readonly PodClass[], direction: Direction): boolean {
  return classes.every((pod) => reach.profile(pod, direction).isolated);
}

/** Ports by peer, several classes of one workload united. */
class PeerTable {
  private readonly table = new Map<string, PortSet>();

  add(peer: string, ports: PortSet): void {
    if (!isNone(ports)) this.table.set(peer, union(this.table.get(peer) ?? NO_PORTS, ports));
  }

  rows(): readonly (readonly [peer: string, ports: PortSet])[] {
    return [...this.table].sort(([a], [b]) => compare(a, b));
  }
}

/** Rows by source, each with its own table: sorted so, the whole list is in order without ever being sorted as one. */
function connectionsOf(
  reach: Reachability,
  classesOf: ReadonlyMap<string, readonly PodClass[]>,
): readonly Connection[] {
  const bySource = new Map<string, PeerTable>();
  const tableOf = (src: string) => {
    const table = bySource.get(src) ?? new PeerTable();
    bySource.set(src, table);
    return table;
  };
  for (const [from, to] of connectedPairs(reach)) {
    const open = reach.between(from, to);
    if (isNone(open)) continue;
    for (const src of workloadsOf(from)) {
      const table = tableOf(src);
      // A workload's own replicas are judged in its exposure: here a row joins two workloads.
      for (const dst of workloadsOf(to)) if (dst !== src) table.add(dst, open);
    }
  }
  for (const [workload, classes] of classesOf) {
    for (const [src, ports] of outsideOf(reach, classes, 'ingress')) tableOf(src).add(workload, ports);
    for (const [dst, ports] of outsideOf(reach, classes, 'egress')) tableOf(workload).add(dst, ports);
  }
  return [...bySource]
    .sort(([a], [b]) => compare(a, b))
    .flatMap(([src, table]) => table.rows().map(([dst, ports]) => ({ src, dst, ports: textOf(ports) })));
}

/** The pairs that can have a connection at all: what is closed on either side is found from its few openings, not by trying all pairs. */
export function* connectedPairs(reach: Reachability): Generator<readonly [from: PodClass, to: PodClass]> {
  const closed = ({ anyPod, hostPods }: DirectionProfile) => isNone(anyPod) && isNone(hostPods);
  const openSources = reach.classes.filter((pod) => !closed(reach.profile(pod, 'egress')));
  const closedSources = new Map<number, PodClass[]>();
  for (const from of reach.classes) {
    const egress = reach.profile(from, 'egress');
    if (!closed(egress)) continue;
    for (const id of egress.named().keys()) {
      const sources = closedSources.get(id);
      if (sources === undefined) closedSources.set(id, [from]);
      else sources.push(from);
    }
  }
  for (const to of reach.classes) {
    const ingress = reach.profile(to, 'ingress');
    const sources = closed(ingress)
      ? [...ingress.named().keys()].flatMap((id) => reach.classes[id] ?? [])
      : [...openSources, ...(closedSources.get(to.id) ?? [])];
    for (const from of sources) yield [from, to];
  }
}

function outsideOf(reach: Reachability, classes: readonly PodClass[], direction: Direction) {
  const table = new PeerTable();
  for (const pod of classes) {
    for (const { range, ports } of reach.profile(pod, direction).outside()) {
      for (const block of toCidrs(range)) table.add(block, ports);
    }
  }
  return table.rows();
}

/** What the workload's own policies leave open on its side; whether the other side agrees stands in the connections. */
function exposureOf(reach: Reachability, classes: readonly PodClass[], direction: Direction): readonly PeerPorts[] {
  const table = new PeerTable();
  for (const pod of classes) {
    const profile = reach.profile(pod, direction);
    const named = profile.named();
    // "Entire cluster" is only true while no pod is held shorter than the rest, as a deny rule can do.
    const whole = [...named.values()].every((ports) => includes(ports, profile.anyPod));
    if (whole) table.add('entire-cluster', profile.anyPod);
    const singled = whole ? [...named.keys()].flatMap((id) => reach.classes[id] ?? []) : reach.classes;
    for (const peer of singled) {
      const ports = openFor(profile, peer);
      if (whole && includes(profile.anyPod, ports)) continue;
      for (const workload of workloadsOf(peer)) table.add(workload, ports);
    }
    for (const [words, ports] of futurePeers(reach, profile)) table.add(words, ports);
  }
  const entries = [
    ...outsideOf(reach, classes, direction).map(([peer, ports]) => ({ peer, ports: textOf(ports) })),
    ...table.rows().map(([peer, ports]) => ({ peer, ports: textOf(ports) })),
  ];
  return entries.sort((a, b) => compare(a.peer, b.peer));
}

/** Selectors of accepting rules that no present pod matches: whoever gets such labels later comes in. */
function futurePeers(reach: Reachability, profile: DirectionProfile): readonly (readonly [string, PortSet])[] {
  if (isAll(profile.anyPod)) return [];
  return profile.tiers
    .flatMap(({ rules }) => rules)
    .filter(({ action }) => action === 'accept')
    .flatMap((rule) =>
      rule.peers.flatMap((peer): (readonly [string, PortSet])[] => {
        if (peer.kind !== 'pods' || peer.every || includes(profile.anyPod, rule.ports.numbers)) return [];
        return reach.matching(peer).length > 0 ? [] : [[peer.words, rule.ports.numbers]];
      }),
    );
}
