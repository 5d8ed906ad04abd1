import type { EksEndpoint } from '#domain/evidence/eks-network.ts';
import { gatewayAcls, interfaceAcls } from './endpoint-acls.ts';
import { admitsInboundOnly, changeAddressType, replaceEndpoint, widenRouteTables } from './endpoint-fix.ts';
import { privateNames } from './endpoint-names.ts';
import { judgePolicy } from './endpoint-policy.ts';
import { gatewayPort443, interfacePort443 } from './endpoint-port.ts';
import { defect, type EndpointContext, type Usability, unknownUse, usable } from './endpoint-use.ts';
import { effectiveTable } from './paths.ts';

/** Every rule by which an endpoint is really there; existence is the least of them. Source: EKS user guide, private clusters; VPC guide, endpoints. */
export function endpointUsability(endpoint: EksEndpoint, context: EndpointContext): Usability {
  const { region } = context.evidence;
  const state = endpoint.state.toLowerCase();
  if (['deleted', 'deleting'].includes(state)) return { kind: 'absent' };
  if (endpoint.requesterManaged.state === 'given' && endpoint.requesterManaged.value) return { kind: 'absent' };
  if (endpoint.serviceRegion.state === 'given' && endpoint.serviceRegion.value !== region) return { kind: 'absent' };
  const byState = judgeState(endpoint, state, context);
  if (byState !== undefined) return byState;
  if (endpoint.type === 'absent') return unknownUse('absent-field', `${endpoint.id} does not report its type`);
  const byPolicy = judgePolicy(endpoint, context);
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
  if (state === 'absent') return unknownUse('absent-field', `${id} does not report its state`);
  if (state === 'pending') return unknownUse('transitional-state', `${id} is pending`);
  if (['pendingacceptance', 'failed', 'rejected', 'expired'].includes(state))
    return defect('wrong-state', `${id} is ${state}`, replaceEndpoint(endpoint, context));
  return unknownUse('unrecognised-value', `${id} is in state ${state}`);
}

function gatewayRoutes(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, routeTableIds } = endpoint;
  const { evidence, nodes } = context;
  let unread: Usability | undefined;
  const lacking: { readonly table: string; readonly subnet: string }[] = [];
  const { pods } = nodes;
  for (const subnet of [...nodes.subnets, ...(pods?.ownRoutes === true ? pods.certain : [])]) {
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

/** Such an endpoint answers on-premises clients only; the VPC's own traffic needs a gateway endpoint. */
function inboundOnly(endpoint: EksEndpoint, context: EndpointContext): Usability | undefined {
  const { id, privateDnsOnlyForInboundResolver: only } = endpoint;
  if (only.state === 'malformed')
    return unknownUse('malformed-answer', `${id} does not say whom its private DNS serves`);
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
    return unknownUse('absent-field', `${id} answers IPv6 only, and the address family of the cluster is not reported`);
  return family.value === 'ipv6'
    ? undefined
    : defect(
        'address-family',
        `${id} answers IPv6 only, the nodes of the cluster have ${family.value}`,
        changeAddressType(endpoint, context),
      );
}
