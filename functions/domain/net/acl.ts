import { type AddressRange, parseRange, subtract } from './cidr.ts';

/**
 * Network ACLs of AWS: ordered, stateless, per subnet and direction. Rules go by ascending number, the first that matches decides, and what none matches is
 * refused. A rule names the other side's addresses and the destination port of the packet. Source: VPC user guide, network ACLs.
 */
export interface AclRule {
  readonly number: number;
  /** `allow` or `deny`. */
  readonly action: string;
  /** A protocol number as text; `-1` is every protocol. */
  readonly protocol: string;
  /** IPv4 or IPv6 block of the other side. */
  readonly block: string;
  /** Undefined where the rule names none. TCP and UDP only: for every other protocol ports are ignored. */
  readonly ports: PortRange | undefined;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Packets of one protocol: every combination of these addresses of the other side and these destination ports. */
export interface Packets {
  readonly protocol: number;
  readonly addresses: readonly AddressRange[];
  readonly ports: PortRange;
}

/** What one rule makes of a part of the packets. Without a rule it is the default, which denies. */
export interface Ruled {
  readonly outcome: 'allow' | 'deny' | 'unreadable';
  readonly rule: AclRule | undefined;
  readonly addresses: AddressRange;
  readonly ports: PortRange;
}

interface Box {
  readonly addresses: AddressRange;
  readonly ports: PortRange;
}

/** Divides the packets among the rules; the parts together are all packets, and no two overlap. */
export function decide(rules: readonly AclRule[], packets: Packets): readonly Ruled[] {
  const ruled: Ruled[] = [];
  let left: readonly Box[] = packets.addresses.map((addresses) => ({ addresses, ports: packets.ports }));
  for (const rule of [...rules].sort((a, b) => a.number - b.number)) {
    const match = matchOf(rule, packets.protocol);
    if (match === undefined) continue;
    const rest: Box[] = [];
    for (const box of left) {
      const hit = intersect(box, match);
      if (hit === undefined) {
        rest.push(box);
        continue;
      }
      ruled.push({ outcome: match.outcome, rule, ...hit });
      rest.push(...without(box, hit));
    }
    left = rest;
  }
  return [...ruled, ...left.map((box): Ruled => ({ outcome: 'deny', rule: undefined, ...box }))];
}

const TCP = 6;
const UDP = 17;
const NAMES: Readonly<Record<string, number>> = { all: -1, tcp: TCP, udp: UDP };

interface Match {
  readonly outcome: Ruled['outcome'];
  /** Undefined: which addresses or ports it means cannot be read, so it may mean any. */
  readonly range: AddressRange | undefined;
  readonly ports: PortRange | undefined;
}

/** Undefined: the rule is about other protocols. */
function matchOf({ action, protocol, block, ports }: AclRule, wanted: number): Match | undefined {
  const named = NAMES[protocol.toLowerCase()] ?? (/^-?\d+$/.test(protocol) ? Number(protocol) : undefined);
  if (named !== undefined && named !== -1 && named !== wanted) return undefined;
  const range = parseRange(block);
  const byPort = named === TCP || named === UDP;
  const readable =
    named !== undefined &&
    range !== undefined &&
    (action === 'allow' || action === 'deny') &&
    !(byPort && ports === undefined);
  return { outcome: readable ? (action as 'allow' | 'deny') : 'unreadable', range, ports: byPort ? ports : undefined };
}

function intersect({ addresses, ports }: Box, match: Match): Box | undefined {
  const range = match.range ?? addresses;
  if (range.family !== addresses.family) return undefined;
  const first = addresses.first > range.first ? addresses.first : range.first;
  const last = addresses.last < range.last ? addresses.last : range.last;
  const from = Math.max(ports.from, match.ports?.from ?? ports.from);
  const to = Math.min(ports.to, match.ports?.to ?? ports.to);
  return first > last || from > to
    ? undefined
    : { addresses: { family: addresses.family, first, last }, ports: { from, to } };
}

/** A box without a part of it: the addresses beside the part on every port, and the part's addresses on the other ports. */
function without({ addresses, ports }: Box, hit: Box): readonly Box[] {
  return [
    ...subtract(addresses, [hit.addresses]).map((range) => ({ addresses: range, ports })),
    ...(hit.ports.from > ports.from
      ? [{ addresses: hit.addresses, ports: { from: ports.from, to: hit.ports.from - 1 } }]
      : []),
    ...(hit.ports.to < ports.to ? [{ addresses: hit.addresses, ports: { from: hit.ports.to + 1, to: ports.to } }] : []),
  ];
}

/** The ACL of a subnet, and the subnet's blocks. */
export interface AclSide {
  readonly id: string;
  readonly blocks: readonly string[];
  readonly inbound: readonly AclRule[];
  readonly outbound: readonly AclRule[];
}

export interface AclHop {
  readonly acl: string;
  readonly direction: 'inbound' | 'outbound';
  /** `request` on its way to the server, or `answer` on its way back. */
  readonly leg: 'request' | 'answer';
  readonly parts: readonly Ruled[];
}

/**
 * A TCP connection from any address of the client's subnet to any address of the server's, in the order of its packets. ACLs keep no state, so the answer
 * needs rules of its own, to the port that the client chose. Between hosts of one subnet no ACL is asked: the caller leaves that case out.
 * Undefined: a block of a subnet cannot be read.
 */
export function connection(
  client: AclSide,
  server: AclSide,
  ports: { readonly server: PortRange; readonly client: PortRange },
): readonly AclHop[] | undefined {
  const [from, to] = [rangesOf(client), rangesOf(server)];
  if (from === undefined || to === undefined) return undefined;
  const request = { protocol: TCP, ports: ports.server };
  const answer = { protocol: TCP, ports: ports.client };
  return [
    {
      acl: client.id,
      direction: 'outbound',
      leg: 'request',
      parts: decide(client.outbound, { ...request, addresses: to }),
    },
    {
      acl: server.id,
      direction: 'inbound',
      leg: 'request',
      parts: decide(server.inbound, { ...request, addresses: from }),
    },
    {
      acl: server.id,
      direction: 'outbound',
      leg: 'answer',
      parts: decide(server.outbound, { ...answer, addresses: from }),
    },
    {
      acl: client.id,
      direction: 'inbound',
      leg: 'answer',
      parts: decide(client.inbound, { ...answer, addresses: to }),
    },
  ];
}

function rangesOf({ blocks }: AclSide): readonly AddressRange[] | undefined {
  const ranges = blocks.map(parseRange);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}
