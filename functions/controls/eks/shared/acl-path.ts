import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { type AclHop, type AclRule, type AclSide, connection, decide, type Ruled } from '#domain/net/acl.ts';
import { publicRanges } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';
import { cloudFormation, ec2Command } from './fix.ts';

/** Whether the network ACLs let a connection to port 443 through, and its answer back. The hops read `acl-1 rule 100`; where it is refused, the last one refuses. */
export type AclPath =
  | { readonly kind: 'open'; readonly request: readonly string[]; readonly answer: readonly string[] }
  | {
      readonly kind: 'shut';
      readonly request: readonly string[];
      readonly answer: readonly string[];
      readonly line: string;
      readonly fix: Fix;
    }
  | { readonly kind: 'undecided'; readonly reason: UnknownReason; readonly message: string };

const TCP = 6;
const HTTPS = { from: 443, to: 443 };
/**
 * Ports that a node's kernel takes for its own end: Linux 32768-60999, Windows 49152-65535. Every cluster has Linux nodes, which run its DNS.
 * Source: VPC user guide, ephemeral ports; Linux, ip_local_port_range; EKS user guide, Windows nodes.
 */
const EPHEMERAL = { from: 32_768, to: 65_535 };
const LINUX_LAST = 60_999;
const ANYWHERE = '0.0.0.0/0';

/** One ACL's part in the connection, with the addresses that it is asked about. */
interface Step extends AclHop {
  readonly peers: readonly string[];
  /** Whether the peers are these addresses, and not just somewhere among them. */
  readonly exact: boolean;
}

/** From one subnet to port 443 in another. Inside a subnet no ACL is asked. */
export function aclPath(from: EksSubnet, toId: string, evidence: EksEvidence): AclPath {
  if (from.id === toId) return { kind: 'open', request: [], answer: [] };
  const { subnets } = evidence.network;
  const to = subnets.state === 'collected' ? subnets.value.find(({ id }) => id === toId) : undefined;
  const client = sideOf(from.id, [from.cidr], evidence);
  if ('kind' in client) return client;
  // Without its range the other subnet is somewhere: what is true of every address is true of its own.
  const server = sideOf(toId, [to?.cidr ?? ANYWHERE], evidence);
  if ('kind' in server) return server;
  const hops = connection(client, server, { server: HTTPS, client: EPHEMERAL });
  if (hops === undefined)
    return undecided('malformed-answer', `the range of ${from.id} or ${toId} cannot be read as one`);
  const known = { peers: client.blocks, exact: true };
  const other = { peers: server.blocks, exact: to !== undefined };
  // The client's ACL is asked first and last.
  const steps = hops.map((hop, index): Step => ({ ...hop, ...(index === 0 || index === 3 ? other : known) }));
  return judge(steps, `${from.id} to ${toId}`, evidence);
}

/** To a service behind a gateway endpoint. Its addresses are public ones that were not read, and no other subnet's ACL is on the way. */
export function aclPathToPublic(from: EksSubnet, service: string, evidence: EksEvidence): AclPath {
  const side = sideOf(from.id, [from.cidr], evidence);
  if ('kind' in side) return side;
  const addresses = publicRanges('ipv4');
  const step = (direction: AclHop['direction'], leg: AclHop['leg'], ports: typeof HTTPS): Step => ({
    acl: side.id,
    direction,
    leg,
    parts: decide(side[direction], { protocol: TCP, addresses, ports }),
    peers: [`<each range of the prefix list of ${service}>`],
    exact: false,
  });
  return judge(
    [step('outbound', 'request', HTTPS), step('inbound', 'answer', EPHEMERAL)],
    `${from.id} to ${service}`,
    evidence,
  );
}

function undecided(reason: UnknownReason, message: string): Extract<AclPath, { kind: 'undecided' }> {
  return { kind: 'undecided', reason, message };
}

function sideOf(
  subnetId: string,
  blocks: readonly string[],
  { network: { networkAcls } }: EksEvidence,
): AclSide | Extract<AclPath, { kind: 'undecided' }> {
  if (networkAcls.state === 'unavailable') return undecided(networkAcls.reason, networkAcls.message);
  const acl = networkAcls.value.find(({ subnetIds }) => subnetIds.includes(subnetId));
  if (acl === undefined) return undecided('not-found', `the network ACL of ${subnetId} was not in the answer`);
  const rules = (egress: boolean) =>
    acl.rules
      .filter((rule) => rule.egress === egress)
      .map(
        ({ number, action, protocol, block, fromPort, toPort }): AclRule => ({
          number,
          action,
          protocol,
          block,
          ports:
            fromPort.state === 'given' && toPort.state === 'given'
              ? { from: fromPort.value, to: toPort.value }
              : undefined,
        }),
      );
  return { id: acl.id, blocks, outbound: rules(true), inbound: rules(false) };
}

function hopsOf(steps: readonly Step[]) {
  const of = (leg: AclHop['leg']) => steps.filter((step) => step.leg === leg).map(hopOf);
  return { request: of('request'), answer: of('answer') };
}

function judge(steps: readonly Step[], way: string, evidence: EksEvidence): AclPath {
  let open: AclPath | undefined;
  for (const [index, step] of steps.entries()) {
    const refused = step.parts.filter(({ outcome }) => outcome === 'deny');
    const linux = refused.filter(({ ports }) => ports.from <= LINUX_LAST);
    const onlyRefused = step.parts.every(({ outcome, ports }) => outcome === 'deny' || ports.from > LINUX_LAST);
    const [first] = linux;
    if (first !== undefined && (step.exact || onlyRefused))
      return shut(steps.slice(0, index), step, first, way, evidence);
    open ??= doubtOf(step, refused, way);
  }
  return open ?? { kind: 'open', ...hopsOf(steps) };
}

/** What keeps a step that is not shut from being open. */
function doubtOf(step: Step, refused: readonly Ruled[], way: string): AclPath | undefined {
  const unreadable = step.parts.find(({ outcome }) => outcome === 'unreadable');
  if (unreadable !== undefined)
    return undecided('malformed-answer', `${way}: ${hopOf(step)} cannot be read as a rule of a network ACL`);
  const [first] = refused;
  if (first === undefined) return undefined;
  return step.exact
    ? undecided(
        'undecidable',
        `${way}: ${nameOf(step, first)} refuses ${portsOf(first)}, which Windows nodes use and Linux nodes do not`,
      )
    : undecided(
        'undecidable',
        `${way}: ${nameOf(step, first)} refuses ${portsOf(first)} of some addresses, and the range there was not read`,
      );
}

function shut(before: readonly Step[], step: Step, part: Ruled, way: string, evidence: EksEvidence): AclPath {
  const what = step.leg === 'request' ? 'port 443' : `the answers on ${portsOf(part)}`;
  return {
    kind: 'shut',
    ...hopsOf([...before, { ...step, parts: [part] }]),
    line: `${way}: ${nameOf(step, part)} refuses ${what} ${step.direction}`,
    fix: admit(step, part, evidence),
  };
}

function nameOf({ acl }: AclHop, { rule }: Ruled): string {
  return `${acl} rule ${rule?.number ?? '*'}`;
}

function hopOf(step: AclHop): string {
  const numbers = [...new Set(step.parts.map(({ rule }) => rule?.number ?? '*'))];
  return `${step.acl} rule ${numbers.join(', ')}${step.leg === 'answer' ? ' (answer)' : ''}`;
}

function portsOf({ ports: { from, to } }: Ruled): string {
  return from === to ? `port ${from}` : `ports ${from}-${to}`;
}

/** A rule before the one that refuses. It admits more and takes nothing away. */
function admit({ acl, direction, leg, peers }: Step, { rule }: Ruled, evidence: EksEvidence): Fix {
  const { networkAcls } = evidence.network;
  const rules = networkAcls.state === 'collected' ? (networkAcls.value.find(({ id }) => id === acl)?.rules ?? []) : [];
  const taken = new Set(
    rules.filter(({ egress }) => egress === (direction === 'outbound')).map(({ number }) => number),
  );
  const number = freeNumber(taken, rule?.number ?? 32_767);
  const ports = leg === 'request' ? HTTPS : EPHEMERAL;
  const shown = number ?? '<a number before the rule that refuses>';
  return cloudFormation(
    peers.map((peer) =>
      ec2Command(
        evidence,
        `create-network-acl-entry --network-acl-id ${shellQuote(acl)} --rule-number ${shellQuote(String(shown))} --protocol ${TCP} --rule-action allow --${direction === 'outbound' ? 'egress' : 'ingress'} --cidr-block ${shellQuote(peer)} --port-range From=${ports.from},To=${ports.to}`,
      ),
    ),
    ...peers.map(
      (peer) =>
        `Type: AWS::EC2::NetworkAclEntry\nProperties:\n  NetworkAclId: ${acl}\n  RuleNumber: ${shown}\n  Protocol: ${TCP}\n  RuleAction: allow\n  Egress: ${direction === 'outbound'}\n  CidrBlock: ${peer}\n  PortRange: { From: ${ports.from}, To: ${ports.to} }`,
    ),
  );
}

/** The highest free number below `before`: rules that stand before it keep their say. */
function freeNumber(taken: ReadonlySet<number>, before: number): number | undefined {
  for (let number = before - 1; number > 0; number -= 1) if (!taken.has(number)) return number;
  return undefined;
}
