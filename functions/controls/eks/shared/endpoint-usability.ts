import type { EksEndpoint } from '#domain/evidence/eks-network.ts';
import { forwardsPast } from './central-dns.ts';
import { effectiveTable } from './egress.ts';
import { gatewayAcls, interfaceAcls } from './endpoint-acls.ts';
import {
  admitsInboundOnly,
  changeAddressType,
  replaceEndpoint,
  switchOnPrivateDns,
  widenRouteTables,
} from './endpoint-fix.ts';
import { gatewayPort443, interfacePort443 } from './endpoint-port.ts';
import { defect, type EndpointContext, type Usability, unknownUse, usable } from './endpoint-use.ts';
import { vpcDnsFix } from './fix.ts';
import { hostOf, namesIn } from './services.ts';

/** Every rule by which an endpoint is really there; existence is the least of them. Source: EKS user guide, private clusters; VPC guide, endpoints. */
export function endpointUsability(endpoint: EksEndpoint, context: EndpointContext): Usability {
  const { region } = context.evidence;
  const state = endpoint.state.toLowerCase();
  if (['deleted', 'deleting'].includes(state)) return { kind: 'absent' };
  if (endpoint.requesterManaged.state === 'given' && endpoint.requesterManaged.value) return { kind: 'absent' };
  if (endpoint.serviceRegion.state === 'given' && endpoint.serviceRegion.value !== region) return { kind: 'absent' };
  const byState = judgeState(endpoint, state, context);
  if (byState !== undefined) return byState;
  if (endpoint.type === 'absent') return unknownUse('absent-field', `${endpoint.id} does not tell its type`);
  const byPolicy = judgePolicy(endpoint);
  const type = endpoint.type.toLowerCase();
  if (type === 'gateway') {
    if (context.service !== 's3') return { kind: 'absent' };
    return firstTrouble(
      [gatewayRoutes(endpoint, context), gatewayPort443(endpoint, context), gatewayAcls(endpoint, context), byPolicy],
      `${endpoint.id} is on every node route table`,
    );
  }
  if (type !== 'interface') return { kind: 'absent' };
  return firstTrouble(
    [
      privateNames(endpoint, context),
      inboundOnly(endpoint, context),
      addressFamily(endpoint, context),
      interfacePort443(endpoint, context),
      interfaceAcls(endpoint, context),
      byPolicy,
    ],
    `${endpoint.id} is available, with private DNS and port 443 open from the nodes`,
  );
}

function firstTrouble(checks: readonly (Usability | undefined)[], line: string): Usability {
  const troubles = checks.filter((check) => check !== undefined);
  return troubles.find(({ kind }) => kind === 'defect') ?? troubles[0] ?? usable(line);
}

function judgeState(endpoint: EksEndpoint, state: string, context: EndpointContext): Usability | undefined {
  const { id } = endpoint;
  if (state === 'available') return undefined;
  if (state === 'absent') return unknownUse('absent-field', `${id} does not tell its state`);
  if (state === 'pending') return unknownUse('transitional-state', `${id} is pending`);
  if (['pendingacceptance', 'failed', 'rejected', 'expired'].includes(state))
    return defect('wrong-state', `${id} is ${state}`, replaceEndpoint(endpoint, context));
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

function gatewayRoutes(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, routeTableIds } = endpoint;
  const { evidence, nodes } = context;
  let unread: Usability | undefined;
  const lacking: { readonly table: string; readonly subnet: string }[] = [];
  for (const subnet of nodes.subnets) {
    const table = effectiveTable(subnet, evidence.network);
    if ('state' in table) {
      unread ??= unknownUse(table.reason, `${subnet.id}: ${table.message}`);
      continue;
    }
    const routed = table.routes.some(({ targetId, state }) => targetId === id && state === 'active');
    if (!routeTableIds.includes(table.id) && !routed) lacking.push({ table: table.id, subnet: subnet.id });
  }
  const [first] = lacking;
  if (first === undefined) return unread;
  return defect(
    'route-table-not-associated',
    `${id} is not on ${first.table}, the route table of node subnet ${first.subnet}`,
    widenRouteTables(endpoint, [...new Set(lacking.map(({ table }) => table))], context),
  );
}

function privateNames(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, privateDns } = endpoint;
  const { vpc, service, evidence } = context;
  for (const [name, attribute] of [
    ['DNS support', vpc.dnsSupport],
    ['DNS hostnames', vpc.dnsHostnames],
  ] as const) {
    if (attribute.state === 'unavailable') return unknownUse(attribute.reason, `${vpc.id}: ${attribute.message}`);
    if (attribute.value.state !== 'given') return unknownUse('absent-field', `${vpc.id}: ${name} is not told`);
    if (!attribute.value.value)
      return defect(
        'private-dns-off',
        `${name} of ${vpc.id} is off, so the private name of ${id} does not resolve`,
        vpcDnsFix(vpc.id, name === 'DNS support' ? 'enable-dns-support' : 'enable-dns-hostnames', evidence),
      );
  }
  if (privateDns.state !== 'given')
    return unknownUse(
      privateDns.state === 'absent' ? 'absent-field' : 'malformed-answer',
      `${id} does not tell its private DNS setting`,
    );
  const host = hostOf(service, evidence.region, evidence.partition);
  if (privateDns.value) {
    const forwarded = forwardsPast(vpc, host);
    if (forwarded?.kind === 'unread')
      return unknownUse(
        forwarded.part.reason,
        `whether ${forwarded.what} leads past the private name of ${id} is not known: ${forwarded.part.message}`,
      );
    return forwarded === undefined
      ? undefined
      : unknownUse('undecidable', `${forwarded.line} past the private name of ${id}`);
  }
  const fix = switchOnPrivateDns(endpoint, context);
  if (service === 'ecr.dkr') return defect('private-dns-off', `private DNS of ${id} is off, which ECR needs`, fix);
  if (vpc.hostedZones.state === 'unavailable')
    return unknownUse(
      vpc.hostedZones.reason,
      `private DNS of ${id} is off, and the private zones are not known: ${vpc.hostedZones.message}`,
    );
  const zone = namesIn(vpc.hostedZones.value, host);
  return zone === undefined
    ? defect('private-dns-off', `private DNS of ${id} is off`, fix)
    : unknownUse('undecidable', `private DNS of ${id} is off, and a private zone ${zone} stands in`);
}

/** Such an endpoint answers on-premises clients only; the VPC's own traffic needs a gateway endpoint. */
function inboundOnly(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, privateDnsOnlyForInboundResolver: only } = endpoint;
  if (only.state === 'malformed')
    return unknownUse('malformed-answer', `${id} does not tell whom its private DNS serves`);
  return only.state === 'given' && only.value
    ? defect(
        'private-dns-inbound-only',
        `private DNS of ${id} serves the inbound resolver only, and no gateway endpoint stands beside it`,
        admitsInboundOnly(endpoint, context),
      )
    : undefined;
}

/**
 * Nodes have IPv4 in every cluster, and IPv6 only in IPv6 clusters: an endpoint of IPv6 alone answers none of the others. An answer without the
 * type is of a time when every endpoint was IPv4. Source: VPC guide, interface endpoints, IP address type; EKS user guide, IPv6.
 */
function addressFamily(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, addressType } = endpoint;
  if (addressType.state === 'absent') return undefined;
  if (addressType.state === 'malformed')
    return unknownUse('malformed-answer', `${id} has the address type ${addressType.raw}`);
  if (['ipv4', 'dualstack'].includes(addressType.value)) return undefined;
  if (addressType.value !== 'ipv6')
    return unknownUse('unrecognised-value', `${id} has the address type ${addressType.value}`);
  const { cluster } = context.evidence;
  const family = cluster.state === 'collected' ? cluster.value.ipFamily : undefined;
  if (family?.state !== 'given')
    return unknownUse('absent-field', `${id} answers IPv6 only, and the address family of the cluster is not told`);
  return family.value === 'ipv6'
    ? undefined
    : defect(
        'address-family',
        `${id} answers IPv6 only, the nodes of the cluster have ${family.value}`,
        changeAddressType(endpoint, context),
      );
}
