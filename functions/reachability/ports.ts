export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** First and last port, both included. */
type PortRange = readonly [first: number, last: number];

/** Ports per protocol: sorted, disjoint, neighbours joined. */
export type PortSet = Readonly<Record<Protocol, readonly PortRange[]>>;

const EVERY: readonly PortRange[] = [[1, 65_535]];

export const NO_PORTS: PortSet = { SCTP: [], TCP: [], UDP: [] };
export const ALL_PORTS: PortSet = { SCTP: EVERY, TCP: EVERY, UDP: EVERY };

export function ports(protocol: Protocol, first = 1, last = 65_535): PortSet {
  return { ...NO_PORTS, [protocol]: [[first, last]] };
}

export function isNone(set: PortSet): boolean {
  return set === NO_PORTS || PROTOCOLS.every((protocol) => set[protocol].length === 0);
}

/** All ports of all protocols that a NetworkPolicy can speak of. */
export function isAll(set: PortSet): boolean {
  return set === ALL_PORTS || PROTOCOLS.every((protocol) => isWhole(set[protocol]));
}

/** Whether at least one protocol is open on every port. */
export function hasWholeProtocol(set: PortSet): boolean {
  return PROTOCOLS.some((protocol) => isWhole(set[protocol]));
}

function isWhole(ranges: readonly PortRange[]): boolean {
  return ranges[0]?.[0] === 1 && ranges[0][1] === 65_535;
}

export function union(a: PortSet, b: PortSet): PortSet {
  if (a === b || isNone(b) || a === ALL_PORTS) return a;
  if (isNone(a) || b === ALL_PORTS) return b;
  return perProtocol((protocol) => merge([...a[protocol], ...b[protocol]]));
}

export function intersect(a: PortSet, b: PortSet): PortSet {
  if (a === b || b === ALL_PORTS) return a;
  if (a === ALL_PORTS) return b;
  return perProtocol((protocol) =>
    a[protocol].flatMap(([first, last]) =>
      b[protocol]
        .map(([from, to]): PortRange => [Math.max(first, from), Math.min(last, to)])
        .filter(([from, to]) => from <= to),
    ),
  );
}

export function subtract(a: PortSet, b: PortSet): PortSet {
  if (isNone(a) || b === ALL_PORTS) return NO_PORTS;
  if (isNone(b)) return a;
  return perProtocol((protocol) => b[protocol].reduce<readonly PortRange[]>(without, a[protocol]));
}

function without(ranges: readonly PortRange[], [from, to]: PortRange): readonly PortRange[] {
  return ranges
    .flatMap(([first, last]): PortRange[] => [
      [first, Math.min(last, from - 1)],
      [Math.max(first, to + 1), last],
    ])
    .filter(([first, last]) => first <= last);
}

function merge(ranges: readonly PortRange[]): readonly PortRange[] {
  const merged: PortRange[] = [];
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && range[0] <= previous[1] + 1) {
      merged[merged.length - 1] = [previous[0], Math.max(previous[1], range[1])];
    } else {
      merged.push(range);
    }
  }
  return merged;
}

function perProtocol(ranges: (protocol: Protocol) => readonly PortRange[]): PortSet {
  return { SCTP: ranges('SCTP'), TCP: ranges('TCP'), UDP: ranges('UDP') };
}

export function includes(set: PortSet, part: PortSet): boolean {
  return set === ALL_PORTS || isNone(subtract(part, set));
}

export function samePorts(a: PortSet, b: PortSet): boolean {
  return a === b || (includes(a, b) && includes(b, a));
}

/** `all`, or a list such as `["TCP 80", "TCP 8000-8080", "UDP 53"]`, sorted by protocol and port. */
export function formatPorts(set: PortSet): 'all' | readonly string[] {
  if (isAll(set)) return 'all';
  return PROTOCOLS.flatMap((protocol) =>
    set[protocol].map(([first, last]) => `${protocol} ${first === last ? first : `${first}-${last}`}`),
  );
}
