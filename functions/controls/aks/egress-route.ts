import type { AksAppliance, AksRouteTable } from '#domain/evidence/aks.ts';
import type { Family } from '#domain/net/cidr.ts';
import { fail, notApplicable, type Proof, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { type ApplianceRoute, judgeHops } from './shared/appliance-hop.ts';
import { CENTRAL_EGRESS_PARAMETER } from './shared/central-egress.ts';
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
import { accepted, judgeLearned } from './shared/learned-route.ts';
import { eachSubnet, homeless, inTransition, isOwnTable, type SubnetCase } from './shared/subnets.ts';

const PARAMETERS = {
  acceptNetworkGateway: { describe: 'forced tunnelling to on-premises counts as closed', default: false },
  centralEgress: CENTRAL_EGRESS_PARAMETER,
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
  const users = homeless(subject);
  const parts = eachSubnet(subject, (subnet) => judgeSubnet(subject, subnet));
  if (users.length > 0 || parts.length === 0) {
    const names = users.join(', ') || 'the cluster';
    const contradiction = unknown(
      'conflicting-fields',
      `userDefinedRouting needs a subnet of one's own, but ${names} names none, and the node resource group shows no network for it`,
      [fact(`vnetSubnetID of ${names} is absent`, 'properties.agentPoolProfiles[].vnetSubnetID', null, subject.source)],
    );
    return combine([...parts, contradiction], '');
  }
  return combine(parts, passMessage(parts));
}

/** What rests on a word is not called a route to an appliance. */
function passMessage(parts: readonly Verdict[]): string {
  const declared = parts.filter(({ reason }) => reason === 'declared');
  const rest =
    declared.length === parts.length ? '' : 'every other node and pod subnet routes its default to an appliance';
  return declared.length === 0
    ? 'every node and pod subnet routes its default to an appliance'
    : [...new Set(declared.map(({ message }) => message)), rest].filter(Boolean).join('; ');
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
    const proof = [path([subnet.usedBy, subnet.id, 'no route table'], source)];
    const learned = judgeLearned(subject, subnet, `${subnet.name} (${subnet.usedBy}) has no route table`, proof);
    if (learned !== undefined) return learned;
    return fail(
      'no-route-table',
      `${subnet.name} (${subnet.usedBy}) has no route table`,
      proof,
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
  const declared = parts.filter(({ reason }) => reason === 'declared').map(({ message }) => message);
  return combine(parts, declared.join('; ') || `${subnet.name} routes its default to an appliance`);
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
  const own = isOwnTable(subject, table);
  const fix = defaultRouteFix({ tableId, own }, found.routes, family);
  switch (found.kind) {
    case 'appliance':
      return judgeAppliance(subject, table, { subnet, tableId, own, here, family, proof }, found.routes);
    case 'internet':
      return fail(
        `default-route-internet${suffix}`,
        `${here} routes ${EVERYTHING[family]} to the internet`,
        proof,
        fix,
      );
    case 'network-gateway':
      return (
        accepted(subject, subnet, `${here} tunnels ${EVERYTHING[family]} to the network gateway`, proof) ??
        fail(
          `default-route-network-gateway${suffix}`,
          `${here} routes ${EVERYTHING[family]} to the virtual network gateway, not to an appliance`,
          proof,
          fix,
        )
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
      return judgeMissing(subject, subnet, table, proof, here, family, suffix, fix);
  }
}

/** Documented precedence: a user-defined route to an appliance or gateway comes before a NAT gateway, that before all other ways. */
function judgeAppliance(
  subject: Subject,
  table: AksRouteTable,
  at: ApplianceRoute,
  routes: readonly PlainRoute[],
): Verdict {
  const { subnet, here } = at;
  const nat = optional(subnet.facts.natGatewayId, 'subnet.natGateway');
  const off = optional(table.disableBgpPropagation, 'disableBgpRoutePropagation') === true;
  const caveats = [
    ...(nat === undefined
      ? []
      : [derived(`${here}: the NAT gateway ${short(nat)} is not used, because the user-defined route comes first`)]),
    ...(off
      ? []
      : [
          derived(
            `${here}: BGP propagation is on, so a more specific route learned from a gateway would win over the default`,
          ),
        ]),
  ];
  const verdict = judgeHops(routes, at, subject.declaredEgress([subnet.id]));
  return verdict.status === 'PASS' ? { ...verdict, proof: [...verdict.proof, ...caveats] } : verdict;
}

function judgeMissing(
  subject: Subject,
  subnet: SubnetCase,
  table: AksRouteTable,
  proof: readonly Proof[],
  here: string,
  family: Family,
  suffix: string,
  fix: ReturnType<typeof defaultRouteFix>,
): Verdict {
  const off = optional(table.disableBgpPropagation, 'disableBgpRoutePropagation') === true;
  const missing = `${here} has no route for ${EVERYTHING[family]}`;
  const learned = off ? undefined : judgeLearned(subject, subnet, missing, proof);
  return learned ?? fail(`no-default-route${suffix}`, missing, proof, fix);
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
