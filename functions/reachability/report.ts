import type { PodClass } from './classes.ts';
import type { DocumentsReading } from './documents.ts';
import { exposureOf, outsideOf } from './exposure.ts';
import type { Direction, PolicyNote } from './model.ts';
import { isNone } from './ports.ts';
import type { DirectionProfile, Reachability } from './reachability.ts';
import { compare, type PeerPorts, PeerTable, textOf, workloadsOf } from './report-rows.ts';
import { type ServiceRow, serviceRows } from './service-exposure.ts';

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
  readonly services: readonly ServiceRow[];
  /** What was assumed, and what stands where it has no effect; the picture is whole all the same. */
  readonly warnings: readonly PolicyNote[];
  readonly errors: readonly PolicyNote[];
}

/** The whole picture by workload, sorted, so that the same input always gives the same bytes. */
export function report(
  reach: Reachability,
  { services, notes, errors }: Pick<DocumentsReading, 'services' | 'notes' | 'errors'>,
): ReachabilityReport {
  return {
    connections: [...connectionsOf(reach)],
    exposure: exposureList(reach),
    services: serviceRows(reach, services),
    warnings: sortedByPlace(notes),
    errors: sortedByPlace(errors),
  };
}

export function exposureList(reach: Reachability): readonly Exposure[] {
  return [...byWorkload(reach.classes)].map(([workload, classes]) => ({
    workload,
    ingress: { isolated: isolated(reach, classes, 'ingress'), from: exposureOf(reach, classes, 'ingress') },
    egress: { isolated: isolated(reach, classes, 'egress'), to: exposureOf(reach, classes, 'egress') },
  }));
}

export function sortedByPlace(found: readonly PolicyNote[]): readonly PolicyNote[] {
  return found
    .map(({ file, resource, field, message }) => ({ file, resource, field, message }))
    .sort(
      (a, b) =>
        compare(a.file, b.file) ||
        compare(a.resource, b.resource) ||
        compare(a.field, b.field) ||
        compare(a.message, b.message),
    );
}

/** Sorted by name. */
function byWorkload(classes: readonly PodClass[]): ReadonlyMap<string, readonly PodClass[]> {
  const grouped = Map.groupBy(
    classes.flatMap((pod) => workloadsOf(pod).map((workload) => ({ workload, pod }))),
    ({ workload }) => workload,
  );
  return new Map(
    [...grouped]
      .sort(([a], [b]) => compare(a, b))
      .map(([workload, entries]) => [workload, entries.map(({ pod }) => pod)]),
  );
}

function isolated(reach: Reachability, classes: readonly PodClass[], direction: Direction): boolean {
  return classes.every((pod) => reach.profile(pod, direction).isolated);
}

/** One source after the other, in order: a large cluster has more connections than fit into memory. */
export function* connectionsOf(reach: Reachability): Generator<Connection> {
  const workloads = byWorkload(reach.classes);
  const fromOutside = outsideSources(reach, workloads);
  const destinationsOf = destinationsIn(reach);
  for (const src of [...fromOutside.keys(), ...workloads.keys()].sort(compare)) {
    const table = fromOutside.get(src) ?? new PeerTable();
    const classes = workloads.get(src) ?? [];
    for (const [block, ports] of outsideOf(reach, classes, 'egress')) table.add(block, ports);
    for (const from of classes) {
      for (const to of destinationsOf(from)) {
        const open = reach.between(from, to);
        if (isNone(open)) continue;
        // A workload's own replicas are judged in its exposure: here a row joins two workloads.
        for (const dst of workloadsOf(to)) if (dst !== src) table.add(dst, open);
      }
    }
    for (const [dst, ports] of table.rows()) yield { src, dst, ports: textOf(ports) };
  }
}

function outsideSources(reach: Reachability, workloads: ReadonlyMap<string, readonly PodClass[]>) {
  const sources = new Map<string, PeerTable>();
  for (const [workload, classes] of workloads) {
    for (const [block, ports] of outsideOf(reach, classes, 'ingress')) {
      const table = sources.get(block) ?? new PeerTable();
      table.add(workload, ports);
      sources.set(block, table);
    }
  }
  return sources;
}

/** Whom a class can reach at all: what is closed on either side is found from its few openings, not by trying all pairs. */
function destinationsIn(reach: Reachability): (from: PodClass) => readonly PodClass[] {
  const closed = ({ anyPod, hostPods }: DirectionProfile) => isNone(anyPod) && isNone(hostPods);
  const named = (profile: DirectionProfile) => [...profile.named().keys()].flatMap((id) => reach.classes[id] ?? []);
  const [shut, open] = [true, false].map((wanted) =>
    reach.classes.filter((pod) => closed(reach.profile(pod, 'ingress')) === wanted),
  ) as [PodClass[], PodClass[]];
  const shutBySource = Map.groupBy(
    shut.flatMap((to) => named(reach.profile(to, 'ingress')).map((from) => ({ from, to }))),
    ({ from }) => from,
  );
  return (from) => {
    const egress = reach.profile(from, 'egress');
    return closed(egress) ? named(egress) : [...open, ...(shutBySource.get(from) ?? []).map(({ to }) => to)];
  };
}
