import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint, EksVpc, SecurityRule } from '#domain/evidence/eks-network.ts';
import { covers } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { effectiveTable } from './egress.ts';
import type { NodeSet, NodeSubnets } from './node-subnets.ts';
import { hostOf } from './services.ts';

/** What one endpoint is worth to the nodes. */
export type Usability =
  | { readonly kind: 'usable'; readonly line: string }
  | { readonly kind: 'defect'; readonly reason: string; readonly line: string }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly line: string }
  /** Listed, but no endpoint any more, or not one of this kind: as if it were not there. */
  | { readonly kind: 'absent' };

const usable = (line: string): Usability => ({ kind: 'usable', line });
const defect = (reason: string, line: string): Usability => ({ kind: 'defect', reason, line });
const unknownUse = (reason: UnknownReason, line: string): Usability => ({ kind: 'unknown', reason, line });

export interface EndpointContext {
  readonly evidence: EksEvidence;
  readonly vpc: EksVpc;
  readonly nodes: NodeSubnets;
  readonly service: string;
}

/** Every rule by which an endpoint is really there; existence is the least of them. Source: EKS user guide, private clusters; VPC guide, endpoints. */
export function endpointUsability(endpoint: EksEndpoint, context: EndpointContext): Usability {
  const { region } = context.evidence;
  const state = endpoint.state.toLowerCase();
  if (['deleted', 'deleting'].includes(state)) return { kind: 'absent' };
  if (endpoint.requesterManaged.state === 'given' && endpoint.requesterManaged.value) return { kind: 'absent' };
  if (endpoint.serviceRegion.state === 'given' && endpoint.serviceRegion.value !== region) return { kind: 'absent' };
  const byState = judgeState(endpoint, state);
  if (byState !== undefined) return byState;
  const byPolicy = judgePolicy(endpoint);
  const type = endpoint.type.toLowerCase();
  if (type === 'gateway') {
    if (context.service !== 's3') return { kind: 'absent' };
    return firstTrouble([gatewayRoutes(endpoint, context), byPolicy], `${endpoint.id} is on every node route table`);
  }
  if (type !== 'interface') return { kind: 'absent' };
  return firstTrouble(
    [privateNames(endpoint, context), inboundOnly(endpoint), port443(endpoint, context), byPolicy],
    `${endpoint.id} is available, with private DNS and port 443 open from the nodes`,
  );
}

function firstTrouble(checks: readonly (Usability | undefined)[], line: string): Usability {
  const troubles = checks.filter((check) => check !== undefined);
  return troubles.find(({ kind }) => kind === 'defect') ?? troubles[0] ?? usable(line);
}

function judgeState({ id }: EksEndpoint, state: string): Usability | undefined {
  if (state === 'available') return undefined;
  if (state === 'pending') return unknownUse('transitional-state', `${id} is pending`);
  if (['pendingacceptance', 'failed', 'rejected', 'expired'].includes(state))
    return defect('wrong-state', `${id} is ${state}`);
  return unknownUse('unrecognised-value', `${id} is in state ${state}`);
}

/** Full access is the default and decides nothing; what another policy lets through is not decided here. */
function judgePolicy({ id, policy }: EksEndpoint): Usability | undefined {
  if (policy.state === 'absent') return undefined;
  if (policy.state === 'malformed') return unknownUse('malformed-answer', `${id} has the policy ${policy.raw}`);
  return isFullAccess(policy.value) ? undefined : unknownUse('undecidable', `${id} has a policy of its own`);
}

function isFullAccess(document: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    // Not JSON is not the default policy; the caller says that it cannot be decided.
    return false;
  }
  const statements = [(parsed as { Statement?: unknown } | null)?.Statement].flat() as readonly Record<
    string,
    unknown
  >[];
  const only = statements.length === 1 ? statements[0] : undefined;
  const all = (value: unknown) => value === '*' || (Array.isArray(value) && value.length === 1 && value[0] === '*');
  const anyone = all(only?.['Principal']) || all((only?.['Principal'] as { AWS?: unknown } | undefined)?.AWS);
  return (
    only?.['Effect'] === 'Allow' &&
    anyone &&
    all(only['Action']) &&
    all(only['Resource']) &&
    only['Condition'] === undefined
  );
}

function gatewayRoutes(
  { id, routeTableIds }: EksEndpoint,
  { evidence, nodes }: EndpointContext,
): Usability | undefined {
  for (const subnet of nodes.subnets) {
    const table = effectiveTable(subnet, evidence.network);
    if ('state' in table) return unknownUse(table.reason, `${subnet.id}: ${table.message}`);
    const routed = table.routes.some(({ targetId, state }) => targetId === id && state === 'active');
    if (!routeTableIds.includes(table.id) && !routed) {
      return defect(
        'route-table-not-associated',
        `${id} is not on ${table.id}, the route table of node subnet ${subnet.id}`,
      );
    }
  }
  return undefined;
}

function privateNames(
  { id, privateDns }: EksEndpoint,
  { vpc, service, evidence }: EndpointContext,
): Usability | undefined {
  for (const [name, attribute] of [
    ['DNS support', vpc.dnsSupport],
    ['DNS hostnames', vpc.dnsHostnames],
  ] as const) {
    if (attribute.state === 'unavailable') return unknownUse(attribute.reason, `${vpc.id}: ${attribute.message}`);
    if (attribute.value.state !== 'given') return unknownUse('absent-field', `${vpc.id}: ${name} is not told`);
    if (!attribute.value.value)
      return defect('private-dns-off', `${name} of ${vpc.id} is off, so the private name of ${id} does not resolve`);
  }
  if (privateDns.state !== 'given')
    return unknownUse(
      privateDns.state === 'absent' ? 'absent-field' : 'malformed-answer',
      `${id} does not tell its private DNS setting`,
    );
  if (privateDns.value) return undefined;
  if (service === 'ecr.dkr') return defect('private-dns-off', `private DNS of ${id} is off, which ECR needs`);
  if (vpc.hostedZones.state === 'unavailable')
    return unknownUse(
      vpc.hostedZones.reason,
      `private DNS of ${id} is off, and the private zones are not known: ${vpc.hostedZones.message}`,
    );
  const host = hostOf(service, evidence.region, evidence.partition);
  return vpc.hostedZones.value.includes(host)
    ? unknownUse('undecidable', `private DNS of ${id} is off, and a private zone ${host} stands in`)
    : defect('private-dns-off', `private DNS of ${id} is off`);
}

/** Such an endpoint answers on-premises clients only; the VPC's own traffic needs a gateway endpoint. */
function inboundOnly({ id, privateDnsOnlyForInboundResolver: only }: EksEndpoint): Usability | undefined {
  if (only.state === 'malformed')
    return unknownUse('malformed-answer', `${id} does not tell whom its private DNS serves`);
  return only.state === 'given' && only.value
    ? defect(
        'private-dns-inbound-only',
        `private DNS of ${id} serves the inbound resolver only, and no gateway endpoint stands beside it`,
      )
    : undefined;
}

function port443({ id, groupIds }: EksEndpoint, { evidence, nodes }: EndpointContext): Usability | undefined {
  const { securityGroups } = evidence.network;
  if (securityGroups.state === 'unavailable') return unknownUse(securityGroups.reason, securityGroups.message);
  if (groupIds.length === 0) return unknownUse('absent-field', `${id} names no security group`);
  const groups = groupIds.map((groupId) => securityGroups.value.find((group) => group.id === groupId));
  const lost = groupIds.find((_, index) => groups[index] === undefined);
  const rules = groups.flatMap((group) => group?.ingress.filter(admits443) ?? []);
  const ranges = rules.flatMap((rule) => rule.ranges);
  const lists = rules.flatMap((rule) => rule.prefixListIds);
  const { prefixLists } = evidence.network;
  const known = prefixLists.state === 'collected' ? prefixLists.value : [];
  const listed = lists.flatMap((list) => known.find((entry) => entry.id === list)?.cidrs ?? []);
  const unreadList = lists.some((list) => !known.some((entry) => entry.id === list));
  const admitted = new Set(rules.flatMap((rule) => rule.groupIds));
  const closed = firstClosed(nodes, [...ranges, ...listed], admitted);
  if (closed === undefined) return undefined;
  if (lost !== undefined) return unknownUse('not-found', `${id}: security group ${lost} was not in the answer`);
  if (unreadList)
    return unknownUse(
      prefixLists.state === 'unavailable' ? prefixLists.reason : 'not-found',
      `${id}: a prefix list in its groups could not be read`,
    );
  if (closed.unknown) return unknownUse('undecidable', `${id}: the security groups of ${closed.set} are not known`);
  return defect('port-443-closed', `${id} does not admit port 443 from node subnet ${closed.subnet} (${closed.cidr})`);
}

interface Closed {
  readonly subnet: string;
  readonly cidr: string;
  readonly set: string;
  readonly unknown: boolean;
}

/** The first subnet of a node set that neither a range nor a group reference admits. */
function firstClosed(
  { sets, subnets }: NodeSubnets,
  ranges: readonly string[],
  admitted: ReadonlySet<string>,
): Closed | undefined {
  const everyGroup = sets.flatMap(({ groupIds }) => groupIds ?? []);
  let undecided: Closed | undefined;
  for (const set of sets) {
    const groups = groupsOf(set, everyGroup);
    if (groups?.some((id) => admitted.has(id)) === true) continue;
    for (const subnet of subnets.filter(({ id }) => set.subnetIds.includes(id))) {
      if (covers(ranges, subnet.cidr)) continue;
      const closed = {
        subnet: subnet.id,
        cidr: subnet.cidr,
        set: set.name,
        unknown: groups === undefined || groups.length === 0,
      };
      if (!closed.unknown) return closed;
      undecided ??= closed;
    }
  }
  // Nothing that could be admitted by a group: the ranges decide alone.
  return undecided === undefined ? undefined : { ...undecided, unknown: admitted.size > 0 };
}

/** The cluster's own subnets may hold any of its nodes. */
function groupsOf({ name, groupIds }: NodeSet, everyGroup: readonly string[]): readonly string[] | undefined {
  return name === 'cluster' ? everyGroup : groupIds;
}

export function admits443({ protocol, fromPort, toPort }: SecurityRule): boolean {
  if (protocol === '-1') return true;
  if (protocol !== 'tcp' && protocol !== '6') return false;
  return fromPort.state === 'given' && toPort.state === 'given' && fromPort.value <= 443 && toPort.value >= 443;
}
