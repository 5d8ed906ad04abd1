import type { PodClass } from './classes.ts';
import { exposureOf, outsideOf } from './exposure.ts';
import type { Direction, PolicyError } from './model.ts';
import { isNone } from './ports.ts';
import type { DirectionProfile, Reachability } from './reachability.ts';
import { compare, type PeerPorts, PeerTable, textOf, workloadsOf } from './report-rows.ts';

interface Connection {
  /** A workload (`shop/web[Deployment]`) or a CIDR block outside the cluster. */
  readonly src: string;
  readonly dst: string;
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
