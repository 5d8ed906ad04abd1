import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint, SecurityGroup, SecurityRule } from '#domain/evidence/eks-network.ts';
import { covers, coversAll, isWithinPrivate } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { admitInbound, admitOutbound } from './endpoint-fix.ts';
import { type CallContext, defect, type Interfaces, type Usability, unknownUse } from './endpoint-use.ts';
import { rangesOf } from './group-rules.ts';
import type { NodeSet } from './node-subnets.ts';
import { effectiveTable } from './paths.ts';

/** Whether port 443 is open from the nodes to the endpoint's interfaces: into its groups, and out of the nodes' own. */
export function interfacePort443(endpoint: Interfaces, context: CallContext): Usability | undefined {
  return inbound(endpoint, context) ?? outbound(endpoint, context);
}

/**
 * The same into the control plane. EKS gives its own group of the cluster a rule that admits its members, and makes it again with every update, so nodes that
 * carry the group get in. Source: EKS user guide, security group requirements.
 */
export function controlPlanePort443(
  controlPlane: Interfaces,
  own: string | undefined,
  context: CallContext,
): Usability | undefined {
  const { nodes } = context;
  const sets = nodes.sets.filter(({ groupIds }) => own === undefined || groupIds?.includes(own) !== true);
  return inbound(controlPlane, { ...context, nodes: { ...nodes, sets } }) ?? outbound(controlPlane, context);
}

/** A gateway endpoint has no groups of its own: only what the nodes' groups let out counts. */
export function gatewayPort443(endpoint: EksEndpoint, context: CallContext): Usability | undefined {
  const { evidence } = context;
  const lists = listsTo(endpoint.id, context);
  return firstShut(context, (rules) => {
    if (rules.some(({ prefixListIds }) => prefixListIds.some((id) => lists.has(id)))) return 'open';
    const { ranges, unread } = merged(rules, evidence);
    if (coversAll(ranges, 'ipv4')) return 'open';
    // The addresses of S3 are public ones and not read here.
    return unread !== undefined || ranges.some((range) => !isWithinPrivate(range)) ? 'undecidable' : 'shut';
  })((set) => ({
    line: `the security groups of ${set.name} (${set.groups.join(', ')}) let nothing out to ${endpoint.id} on port 443`,
    fix: admitOutbound(set.groups, { lists: [...lists], groups: [] }, context),
  }));
}

/** Prefix lists that the nodes' route tables send to an endpoint: the one of that id, or any. */
function listsTo(id: string | undefined, { evidence, nodes }: CallContext): ReadonlySet<string> {
  const routes = nodes.subnets.flatMap((subnet) => {
    const table = effectiveTable(subnet, evidence.network);
    return 'state' in table ? [] : table.routes;
  });
  return new Set(
    routes
      .filter(({ targetKind, targetId }) => (id === undefined ? targetKind === 'vpc-endpoint' : targetId === id))
      .map(({ destination }) => destination),
  );
}

function inbound(endpoint: Interfaces, context: CallContext): Usability | undefined {
  const { id, groupIds } = endpoint;
  const { evidence } = context;
  const { securityGroups } = evidence.network;
  if (securityGroups.state === 'unavailable') return unknownUse(securityGroups.reason, securityGroups.message);
  if (groupIds.length === 0) return unknownUse('absent-field', `${id} names no security group`);
  const groups = groupIds.map((groupId) => securityGroups.value.find((group) => group.id === groupId));
  const lost = groupIds.find((_, index) => groups[index] === undefined);
  const rules = groups.flatMap((group) => group?.ingress.filter(admits443) ?? []);
  const { ranges, unread } = merged(rules, evidence);
  const admitted = new Set(rules.flatMap((rule) => rule.groupIds));
  const closed = closedSubnets(endpoint, context, ranges, admitted);
  const first = closed.find(({ unknown }) => !unknown) ?? closed[0];
  if (first === undefined) return undefined;
  if (lost !== undefined) return unknownUse('not-found', `${id}: security group ${lost} was not in the answer`);
  if (unread !== undefined) return unknownUse(unread.reason, `${id}: ${unread.message}`);
  if (groups.some((group) => group?.ingress.some(hasUnreadPorts)))
    return unknownUse('malformed-answer', `${id}: a rule of its security groups does not report its ports`);
  if (first.unknown) return unknownUse(first.reason, `${id}: ${first.line}`);
  const cidrs = [...new Set(closed.filter(({ unknown }) => !unknown).map(({ cidr }) => cidr))];
  return defect(
    'port-443-closed',
    `${id} does not admit port 443 from node subnet ${first.subnet} (${first.cidr})`,
    admitInbound(groupIds[0] ?? '', cidrs, context),
  );
}

/** The ranges that rules name themselves and by their prefix lists. */
function merged(rules: readonly SecurityRule[], evidence: EksEvidence) {
  const read = rules.map((rule) => rangesOf(rule, evidence));
  return {
    ranges: read.flatMap(({ ranges }) => ranges.map(({ cidr }) => cidr)),
    unread: read.find(({ unread }) => unread !== undefined)?.unread,
  };
}

interface Closed {
  readonly subnet: string;
  readonly cidr: string;
  /** Why it is not known whether these are called from here. */
  readonly line: string;
  readonly ungrouped: boolean;
  readonly uncertain: boolean;
  readonly unknown: boolean;
  readonly reason: UnknownReason;
}

/** The subnets of each set of nodes that neither a range nor a group reference admits. */
function closedSubnets(
  endpoint: Interfaces,
  { evidence, nodes: { sets: nodeSets, subnets: nodeSubnets, pods } }: CallContext,
  ranges: readonly string[],
  admitted: ReadonlySet<string>,
): readonly Closed[] {
  const sets = [...nodeSets, ...(pods?.sets ?? [])];
  const subnets = [...nodeSubnets, ...(pods?.subnets ?? [])];
  const everyGroup = nodeSets.flatMap(({ groupIds }) => groupIds ?? []);
  const closed = sets.flatMap((set): readonly Omit<Closed, 'unknown'>[] => {
    const groups = groupsOf(set, everyGroup);
    if (groups?.some((id) => admitted.has(id)) === true) return [];
    const ungrouped = groups === undefined || groups.length === 0;
    const { uncertain } = set;
    const line = uncertain?.message ?? `the security groups of ${set.name} are not known`;
    const reason = (uncertain ?? set.unread)?.reason ?? 'undecidable';
    return subnets
      .filter(({ id }) => set.subnetIds.includes(id))
      .flatMap(({ id, cidr, ipv6Cidrs }) =>
        [...cidrsInUse(endpoint, evidence, cidr, ipv6Cidrs)]
          .filter((block) => !covers(ranges, block))
          .map((block) => ({ subnet: id, cidr: block, line, ungrouped, uncertain: uncertain !== undefined, reason })),
      );
  });
  // Nothing that could be admitted by a group: the ranges decide alone.
  return closed.map((entry) => ({ ...entry, unknown: entry.uncertain || (entry.ungrouped && admitted.size > 0) }));
}

/** In an IPv6 cluster an endpoint that has IPv6 addresses is called by them: then their ranges must be admitted too. */
function cidrsInUse(
  { addressType }: Interfaces,
  { cluster }: EksEvidence,
  cidr: string,
  ipv6: readonly string[],
): readonly string[] {
  const family = cluster.state === 'collected' ? cluster.value.ipFamily : undefined;
  if (family?.state !== 'given' || family.value !== 'ipv6' || addressType.state !== 'given') return [cidr];
  if (addressType.value === 'ipv6') return ipv6;
  return addressType.value === 'dualstack' ? [cidr, ...ipv6] : [cidr];
}

/** The cluster's own subnets may hold any of its nodes. */
function groupsOf({ name, groupIds }: NodeSet, everyGroup: readonly string[]): readonly string[] | undefined {
  return name === 'cluster' ? everyGroup : groupIds;
}

function outbound(endpoint: Interfaces, context: CallContext): Usability | undefined {
  const { evidence } = context;
  const { subnets } = evidence.network;
  const known = subnets.state === 'collected' ? subnets.value : [];
  const homes = endpoint.subnetIds.map((id) => known.find((subnet) => subnet.id === id)?.cidr);
  // The lists of gateway endpoints hold addresses of S3 and DynamoDB, and none of an interface.
  const elsewhere = listsTo(undefined, context);
  return firstShut(context, (all) => {
    const rules = all.map((rule) => ({
      ...rule,
      prefixListIds: rule.prefixListIds.filter((id) => !elsewhere.has(id)),
    }));
    if (rules.some(({ groupIds }) => groupIds.some((id) => endpoint.groupIds.includes(id)))) return 'open';
    const { ranges, unread } = merged(rules, evidence);
    if (coversAll(ranges, 'ipv4')) return 'open';
    const reached = homes.filter((cidr) => cidr !== undefined && covers(ranges, cidr));
    if (homes.length > 0 && reached.length === homes.length) return 'open';
    const unsure = homes.length === 0 || homes.includes(undefined);
    return unread !== undefined || (unsure && ranges.length > 0) ? 'undecidable' : 'shut';
  })((set) => ({
    line: `the security groups of ${set.name} (${set.groups.join(', ')}) let nothing out to ${endpoint.id} on port 443`,
    fix: admitOutbound(set.groups, { lists: [], groups: endpoint.groupIds }, context),
  }));
}

interface Outgoing {
  readonly name: string;
  readonly groups: readonly string[];
}

/**
 * The first set of nodes whose groups hold the traffic back. Groups that are not known, or whose outbound rules were not told, say nothing here:
 * the default lets everything out, and the groups themselves are judged by controls of their own. Source: VPC guide, security groups.
 */
function firstShut(
  { evidence, nodes }: CallContext,
  judge: (rules: readonly SecurityRule[]) => 'open' | 'shut' | 'undecidable',
) {
  return (tell: (set: Outgoing) => Pick<Extract<Usability, { kind: 'defect' }>, 'line' | 'fix'>) => {
    const own = nodes.sets.filter(({ name }) => name !== 'cluster');
    let undecided: Usability | undefined;
    for (const { name, groupIds } of own.length === 0 ? nodes.sets : own) {
      const rules = outgoingRules(groupIds, evidence);
      if (groupIds === undefined || rules === undefined) continue;
      const found = judge(rules.filter(admits443));
      const judged = found === 'shut' && rules.some(hasUnreadPorts) ? 'undecidable' : found;
      if (judged === 'open') continue;
      const { line, fix } = tell({ name, groups: groupIds });
      if (judged === 'shut') return defect('node-egress-443-closed', line, fix);
      undecided ??= unknownUse('undecidable', `whether ${line.replace('let nothing out', 'let traffic out')}`);
    }
    return undecided;
  };
}

/** Undefined: not all of the groups are known with their outbound rules. */
function outgoingRules(
  groupIds: readonly string[] | undefined,
  { network: { securityGroups } }: EksEvidence,
): readonly SecurityRule[] | undefined {
  if (groupIds === undefined || groupIds.length === 0 || securityGroups.state === 'unavailable') return undefined;
  const groups = groupIds.map((id) => securityGroups.value.find((group) => group.id === id));
  const told = (group: SecurityGroup | undefined): readonly SecurityRule[] | undefined =>
    group?.egress.state === 'given' ? group.egress.value : undefined;
  const rules = groups.map(told);
  return rules.every((entry) => entry !== undefined) ? rules.flat() : undefined;
}

/** A rule for TCP has ports; one whose ports were not sent as documented may admit any. */
function hasUnreadPorts({ protocol, fromPort, toPort }: SecurityRule): boolean {
  return (protocol === 'tcp' || protocol === '6') && (fromPort.state !== 'given' || toPort.state !== 'given');
}

export function admits443({ protocol, fromPort, toPort }: SecurityRule): boolean {
  if (protocol === '-1') return true;
  if (protocol !== 'tcp' && protocol !== '6') return false;
  return fromPort.state === 'given' && toPort.state === 'given' && fromPort.value <= 443 && toPort.value >= 443;
}
