import { type PodClass, workloadId } from './classes.ts';
import { formatPorts, isNone, NO_PORTS, type PortSet, union } from './ports.ts';

export interface PeerPorts {
  /** A CIDR block, `entire-cluster`, a workload, or a selector in words that no present pod matches. */
  readonly peer: string;
  readonly ports: 'all' | readonly string[];
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const names = new WeakMap<PodClass, readonly string[]>();

/** The workloads that have pods of the class; asked for once per pair, so it is kept. */
export function workloadsOf(pod: PodClass): readonly string[] {
  const known = names.get(pod);
  if (known !== undefined) return known;
  const found = [...new Set(pod.pods.map(({ workload }) => workloadId(pod.namespace.name, workload)))];
  names.set(pod, found);
  return found;
}

const texts = new WeakMap<PortSet, 'all' | readonly string[]>();

export function textOf(ports: PortSet): 'all' | readonly string[] {
  const text = texts.get(ports) ?? formatPorts(ports);
  texts.set(ports, text);
  return text;
}

/** Ports by peer, several classes of one workload united. */
export class PeerTable {
  private readonly table = new Map<string, PortSet>();

  add(peer: string, ports: PortSet): void {
    if (!isNone(ports)) this.table.set(peer, union(this.table.get(peer) ?? NO_PORTS, ports));
  }

  rows(): readonly (readonly [peer: string, ports: PortSet])[] {
    return [...this.table].sort(([a], [b]) => compare(a, b));
  }
}
