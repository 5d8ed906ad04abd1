import type { AksAppliance, AksRouteTable } from '#domain/evidence/aks.ts';
import { type Family, isWithinPrivate } from '#domain/net/cidr.ts';
import { fail, notApplicable, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import {
  CLUSTER_READ,
  derived,
  fact,
  had,
  optional,
  outboundTypeOf,
  path,
  podCidrsOf,
  required,
  same,
  short,
  sourceOf,
} from './shared/cluster.ts';
import {
  type DefaultRoute,
  defaultRoute,
  EVERYTHING,
  familiesOf,
  type PlainRoute,
  plainRoutes,
} from './shared/default-route.ts';
import { aksDefaults } from './shared/defaults.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';
import { defaultRouteFix, ids, repairs } from './shared/fix.ts';
import { eachSubnet, inTransition, poolsOf, type SubnetCase } from './shared/subnets.ts';

const PARAMETERS = {
  acceptNetworkGateway: { describe: 'forced tunnelling to on-premises counts as closed', default: false },
} as const;

type Subject = AksSubject<typeof PARAMETERS>;

export default defineAksControl({
  id: 'aks-egress-route',
  title: 'With user-defined routing every node and pod subnet really routes its default to an appliance',
  severity: 'CRITICAL',
  dimension: 'node egress',
  basis: 'seed 003: AKS node access, egress through Azure Firewall and user-defined routes',
  reference: 'AKS documentation, egress-udr; Azure virtual network traffic routing',
  remediation:
    'Associate a route table with every node and pod subnet and route 0.0.0.0/0 (and ::/0) in it to the firewall.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/routeTables/read',
  ],
  defaults: aksDefaults('cluster.network.ipFamilies', 'subnets.facts.natGatewayId'),
  parameters: PARAMETERS,
  evaluate: judgeEgressRoute,
});

function judgeEgressRoute(subject: Subject): Verdict {
  const outbound = outboundTypeOf(subject);
  if (!same(outbound, 'userDefinedRouting')) {
    return notApplicable(
      'other-outbound-type',
      `the outbound type is ${outbound ?? 'loadBalancer (the default)'}, not userDefinedRouting`,
      [
        fact(
          `networkProfile.outboundType is ${outbound ?? 'absent'}`,
          'properties.networkProfile.outboundType',
          outbound ?? null,
          subject.source,
        ),
      ],
    );
  }
  const homeless = poolsOf(subject.cluster).filter(
    (pool) => optional(pool.nodeSubnetId, `vnetSubnetID of pool ${pool.name}`) === undefined,
  );
  const parts = eachSubnet(subject, (subnet) => judgeSubnet(subject, subnet));
  if (homeless.length > 0 || parts.length === 0) {
    const names = homeless.map(({ name }) => name).join(', ') || 'the cluster';
    const contradiction = unknown(
      'conflicting-fields',
      `userDefinedRouting needs a subnet of one's own, but ${names} has no vnetSubnetID`,
      [fact(`vnetSubnetID of ${names} is absent`, 'properties.agentPoolProfiles[].vnetSubnetID', null, subject.source)],
    );
    return combine([...parts, contradiction], '');
  }
  const also = subject.parameters.acceptNetworkGateway ? ' or to on-premises' : '';
  return combine(parts, `every node and pod subnet routes its default to an appliance${also}`);
}

function judgeSubnet(subject: Subject, subnet: SubnetCase): Verdict {
  const { facts, source } = subnet;
  const state = required(facts.provisioningState, 'provisioningState of the subnet');
  if (inTransition(state))
    return unknown('transitional-state', `${subnet.name} is in state ${state}`, [
      fact(`${subnet.id} is in state ${state}`, 'subnet.properties.provisioningState', state ?? null, source),
    ]);
  const answer = had(facts.routeTable);
  if (answer.kind === 'none') {
    return fail(
      'no-route-table',
      `${subnet.name} (${subnet.usedBy}) has no route table`,
      [path([subnet.usedBy, subnet.id, 'no route table'], source)],
      repairs(
        [
          `az network vnet subnet update ${ids(subnet.id)} --route-table <id of the route table with the default route to the firewall>`,
        ],
        'properties: {\n  routeTable: { id: routeTable.id } // with 0.0.0.0/0 to the firewall\n}',
      ),
    );
  }
  const { table } = answer;
  const tableState = optional(table.provisioningState, 'provisioningState of the route table');
  const tableId = optional(facts.routeTableId, 'subnet.routeTable.id') ?? 'route table';
  if (inTransition(tableState))
    return unknown('transitional-state', `${short(tableId)} is in state ${tableState}`, [
      fact(
        `${tableId} is in state ${tableState}`,
        'routeTable.properties.provisioningState',
        tableState ?? null,
        sourceOf(facts.routeTable, source),
      ),
    ]);
  const podCidrs = podCidrsOf(subject);
  const routes = plainRoutes(table, podCidrs);
  const parts = familiesOf(subject).map((family) => judgeFamily(subject, subnet, { table, tableId }, routes, family));
  return combine(parts, `${subnet.name} routes its default to an appliance`);
}

interface Table {
  readonly table: AksRouteTable;
  readonly tableId: string;
}

function judgeFamily(
  subject: Subject,
  subnet: SubnetCase,
  { table, tableId }: Table,
  routes: readonly PlainRoute[],
  family: Family,
): Verdict {
  const source = sourceOf(subnet.facts.routeTable, subnet.source);
  const found = defaultRoute(routes, family);
  const suffix = family === 'ipv6' ? '-ipv6' : '';
  const proof = proofOf(subnet, tableId, found, family, source);
  const here = `${subnet.name} (${short(tableId)})`;
  const fix = defaultRouteFix(tableId, found.routes, family);
  switch (found.kind) {
    case 'appliance':
      return judgeAppliance(subnet, { table, tableId }, found, proof, here, family);
    case 'internet':
      return fail(
        `default-route-internet${suffix}`,
        `${here} routes ${EVERYTHING[family]} to the internet`,
        proof,
        fix,
      );
    case 'network-gateway':
      if (subject.parameters.acceptNetworkGateway) {
        return pass(`${here} tunnels ${EVERYTHING[family]} to on-premises, which the configuration accepts`, [
          ...proof,
          { kind: 'declared', line: 'acceptNetworkGateway: true' },
        ]);
      }
      return fail(
        `default-route-network-gateway${suffix}`,
        `${here} routes ${EVERYTHING[family]} to the virtual network gateway, not to an appliance`,
        proof,
        fix,
      );
    case 'black-hole':
      return fail(
        `black-hole${suffix}`,
        `${here} drops ${EVERYTHING[family]} (next hop None): closed, but the cluster cannot work`,
        proof,
        { severity: 'LOW', ...fix },
      );
    case 'local':
      return fail(
        `default-route-local${suffix}`,
        `${here} keeps ${EVERYTHING[family]} inside the network (next hop VnetLocal)`,
        proof,
        fix,
      );
    case 'unrecognised':
      return unknown(
        'unrecognised-value',
        `${here} routes ${EVERYTHING[family]} to an unknown kind of next hop (${found.routes.map(({ nextHopType }) => nextHopType).join(', ')})`,
        proof,
      );
    case 'missing':
      return judgeMissing(subnet, table, proof, here, family, suffix, fix);
  }
}

function judgeAppliance(
  subnet: SubnetCase,
  { table, tableId }: Table,
  found: DefaultRoute,
  proof: readonly Proof[],
  here: string,
  family: Family,
): Verdict {
  const nameless = found.routes.find(({ nextHopIp }) => nextHopIp === undefined || nextHopIp === '');
  if (nameless !== undefined)
    return unknown('absent-field', `route ${nameless.name} of ${here} names no next hop address`, proof);
  const open = found.routes.find(({ nextHopIp }) => !isWithinPrivate(nextHopIp ?? ''));
  if (open !== undefined)
    return fail(
      'next-hop-not-private',
      `route ${open.name} of ${here} leads to ${open.nextHopIp}, which is no private address`,
      proof,
      defaultRouteFix(tableId, [open], family),
    );
  const nat = optional(subnet.facts.natGatewayId, 'subnet.natGateway');
  if (nat !== undefined) {
    return unknown(
      'conflicting-fields',
      `${here} routes to an appliance, but the subnet also has the NAT gateway ${short(nat)}`,
      [
        ...proof,
        fact(`${subnet.id} has the NAT gateway ${nat}`, 'subnet.properties.natGateway.id', nat, subnet.source),
      ],
    );
  }
  const off = optional(table.disableBgpPropagation, 'disableBgpRoutePropagation') === true;
  const caveat = off
    ? []
    : [
        derived(
          `${here}: BGP propagation is on, so a more specific route learned from a gateway would win over the default`,
        ),
      ];
  return pass(
    `${here} routes ${EVERYTHING[family]} to ${[...new Set(found.routes.map(({ nextHopIp }) => nextHopIp))].join(', ')}`,
    [...proof, ...caveat],
  );
}

function judgeMissing(
  subnet: SubnetCase,
  table: AksRouteTable,
  proof: readonly Proof[],
  here: string,
  family: Family,
  suffix: string,
  fix: ReturnType<typeof defaultRouteFix>,
): Verdict {
  const off = optional(table.disableBgpPropagation, 'disableBgpRoutePropagation') === true;
  const [gateway] = subnet.facts.gateways;
  if (!off && gateway !== undefined) {
    return unknown(
      'undecidable',
      `${here} has no route for ${EVERYTHING[family]}, but one may be learned by BGP (${gateway})`,
      proof,
    );
  }
  return fail(`no-default-route${suffix}`, `${here} has no route for ${EVERYTHING[family]}`, proof, fix);
}

function proofOf(
  subnet: SubnetCase,
  tableId: string,
  found: DefaultRoute,
  family: Family,
  source: Parameters<typeof path>[1],
): readonly Proof[] {
  const start = [subnet.usedBy, subnet.id, tableId];
  if (found.routes.length === 0) return [path([...start, `no route for ${EVERYTHING[family]}`], source)];
  return found.routes.map((route) =>
    path(
      [
        ...start,
        `${route.prefix} (${route.name})`,
        [route.nextHopType, route.nextHopIp].filter(Boolean).join(' '),
        ...ownerOf(subnet, route),
      ],
      source,
    ),
  );
}

function ownerOf({ facts }: SubnetCase, route: PlainRoute): readonly string[] {
  const owner = facts.nextHops.find(({ address }) => address === route.nextHopIp)?.owner;
  const value: AksAppliance | undefined = owner?.state === 'collected' ? owner.value : undefined;
  return value === undefined || value.kind === 'nothing' ? [] : [value.id];
}
