import { formatPorts, intersect, type PortSet } from './ports.ts';

/**
 * Equal sets become one and the same, so that what is made from two of them is made once: a cluster has millions of pairs of pods and
 * few dozens of port sets.
 */
export class PortSets {
  private readonly known = new Map<string, PortSet>();
  private readonly met = new Map<PortSet, Map<PortSet, PortSet>>();

  one(set: PortSet): PortSet {
    const ports = formatPorts(set);
    const key = ports === 'all' ? ports : ports.join();
    const same = this.known.get(key);
    if (same !== undefined) return same;
    this.known.set(key, set);
    return set;
  }

  /** Of two sets that `one` gave. */
  intersect(a: PortSet, b: PortSet): PortSet {
    const others = this.met.get(a) ?? new Map<PortSet, PortSet>();
    this.met.set(a, others);
    const met = others.get(b) ?? this.one(intersect(a, b));
    others.set(b, met);
    return met;
  }
}
