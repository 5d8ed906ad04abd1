import { isWithinPrivate, parseRange } from '#domain/net/cidr.ts';
import { fail, notApplicable, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import {
  CLUSTER_READ,
  fact,
  had,
  judged,
  optional,
  outboundTypeOf,
  path,
  podCidrsOf,
  type ReadCluster,
  required,
  same,
  short,
  sourceOf,
} from './shared/cluster.ts';
import { defaultRoute, familiesOf, isEverything, type PlainRoute, plainRoutes } from './shared/default-route.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { ids, literal, lookFirst, repairs } from './shared/fix.ts';
import { isNatGateway } from './shared/nat-gateway.ts';
import { everySubnet, type SubnetCase, withoutSubnets } from './shared/subnets.ts';

export default defineAksControl({
  id: 'aks-egress-carve-outs',
  title: 'No other route or service endpoint leads past the firewall',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 003: egress is denied by default',
  reference: 'Azure virtual network traffic routing; virtual network service endpoints',
  remediation: 'Remove the named routes and service endpoints, or declare them as allowed.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/routeTables/read',
    'Microsoft.Network/azureFirewalls/read',
    'Microsoft.Network/publicIPAddresses/read',
  ],
  defaults: aksDefaults('cluster.network.outboundType', 'subnets.facts.serviceEndpoints'),
  parameters: {
    prefixes: { describe: 'prefixes or service tags that may go to the internet directly', default: [] },
    serviceEndpoints: { describe: 'services that may be reached by service endpoint', default: [] },
  },
  evaluate(subject) {
    const outbound = outboundTypeOf(subject);
    if (subject.profile === 'private' && isNatGateway(outbound))
      return notApplicable('profile-private', 'the profile "private" lets nodes leave through NAT');
    const prefixes = subject.parameters.prefixes.map((prefix) => prefix.toLowerCase());
    const parts = everySubnet(subject, (subnet) =>
      combine(
        [
          judged(() => routes(subject, subnet, prefixes)),
          judged(() => serviceEndpoints(subnet, subject.parameters.serviceEndpoints)),
        ],
        `nothing in ${subnet.name} leads past the firewall`,
      ),
    );
    if (parts.length === 0) return withoutSubnets(subject);
    return combine(parts, passMessage(parts, 'no route and no service endpoint leads past the firewall'));
  },
});

/** What was allowed by the configuration is not called absent. */
function passMessage(parts: readonly Verdict[], whenNone: string): string {
  return parts.some(({ reason }) => reason === 'declared')
    ? 'nothing but what the configuration allows leads past the firewall'
    : whenNone;
}

function routes(subject: ReadCluster, subnet: SubnetCase, allowed: readonly string[]): Verdict {
  const answer = had(subnet.facts.routeTable);
  const source = sourceOf(subnet.facts.routeTable, subnet.source);
  if (answer.kind === 'none')
    return pass(`${subnet.name} has no route of its own`, [path([subnet.usedBy, subnet.id, 'no route table'], source)]);
  const podCidrs = podCidrsOf(subject);
  const tableId = optional(subnet.facts.routeTableId, 'subnet.routeTable.id') ?? 'route table';
  const all = plainRoutes(answer.table, podCidrs);
  const firewalls = familiesOf(subject).flatMap((family) => defaultRoute(all, family).routes);
  const bypasses = all
    .filter(({ prefix }) => !isEverything(prefix, 'ipv4') && !isEverything(prefix, 'ipv6'))
    .filter((route) => route.kind === 'internet' || leavesElsewhere(route, firewalls));
  if (bypasses.length === 0)
    return pass(`no carve-out in ${short(tableId)}`, [
      path([subnet.usedBy, subnet.id, tableId, 'no further route to the internet'], source),
    ]);
  return combine(
    bypasses.map((route) => {
      const hop = [route.nextHopType, route.nextHopIp].filter(Boolean).join(' ');
      const proof = [path([subnet.usedBy, subnet.id, tableId, `${route.prefix} (${route.name})`, hop], source)];
      if (allowed.includes(route.prefix.toLowerCase()))
        return pass(
          `${route.prefix} is allowed by the configuration`,
          [...proof, { kind: 'declared', line: `prefixes: ${route.prefix}` }],
          'declared',
        );
      if (route.kind !== 'internet')
        return unknown(
          'undecidable',
          `${short(tableId)} sends ${route.prefix} (${route.name}) to ${hop}, not to the next hop of the default route: whether it ends at a firewall cannot be seen`,
          proof,
        );
      return judged(() => ownAddress(subnet, route, proof, tableId));
    }),
    `${short(tableId)} has no carve-out but the allowed ones`,
  );
}

/** Public destinations that a gateway or another appliance takes, beside the default route to the firewall. */
function leavesElsewhere({ kind, prefix, nextHopIp }: PlainRoute, defaults: readonly PlainRoute[]): boolean {
  if (isWithinPrivate(prefix) || !defaults.some((route) => route.kind === 'appliance')) return false;
  if (kind === 'network-gateway' || kind === 'unrecognised') return true;
  return kind === 'appliance' && !defaults.some((route) => route.nextHopIp === nextHopIp);
}

/** The one route to the internet that the AKS tutorial itself makes: the firewall's own public address. */
function ownAddress(subnet: SubnetCase, route: PlainRoute, proof: Verdict['proof'], tableId: string): Verdict {
  const bypass = fail(
    'route-past-firewall',
    `${short(tableId)} sends ${route.prefix} (${route.name}) to the internet past the firewall`,
    proof,
    repairs([
      lookFirst(
        `az network route-table route show ${ids(`${tableId}/routes/${route.name}`)}`,
        'Find out what is reached by the route: the firewall has to allow that before the route is taken out.',
      ),
    ]),
  );
  const range = parseRange(route.prefix);
  if (range === undefined || range.first !== range.last) return bypass;
  const owners = subnet.facts.nextHops.map(({ owner }) => had(owner));
  const firewalls = owners.filter((owner) => owner.kind === 'azure-firewall');
  const addresses = firewalls.flatMap((firewall) => had(firewall.publicIps));
  if (addresses.some((address) => parseRange(address)?.first === range.first))
    return pass(`${route.prefix} is the firewall's own address`, proof);
  return firewalls.length === 0 && owners.some((owner) => owner.kind === 'other')
    ? unknown('undecidable', `${route.prefix} may be the public address of a third-party appliance`, proof)
    : bypass;
}

function serviceEndpoints(subnet: SubnetCase, allowed: readonly string[]): Verdict {
  const endpoints = (optional(subnet.facts.serviceEndpoints, 'subnet.serviceEndpoints') ?? []).map((endpoint) => ({
    service: required(endpoint.service, 'serviceEndpoints[].service'),
    state: optional(endpoint.provisioningState, 'serviceEndpoints[].provisioningState'),
  }));
  const proof = [
    fact(
      `${subnet.id}: service endpoints [${endpoints.map(({ service }) => service).join(', ')}]`,
      'subnet.properties.serviceEndpoints',
      endpoints.map(({ service }) => service),
      subnet.source,
    ),
  ];
  const foreign = endpoints.filter(({ service }) => !allowed.some((entry) => same(entry, service)));
  if (foreign.length > 0) {
    return fail(
      'service-endpoint',
      `${subnet.name} reaches ${foreign.map(({ service }) => service).join(', ')} by service endpoint past the firewall`,
      proof,
      serviceEndpointFix(
        subnet,
        endpoints
          .map(({ service }) => service)
          .filter((service) => !foreign.some((other) => other.service === service)),
      ),
    );
  }
  const unready = endpoints.find(({ state }) => state !== undefined && !same(state, 'Succeeded'));
  if (unready !== undefined)
    return unknown(
      'transitional-state',
      `the service endpoint ${unready.service} of ${subnet.name} is in state ${unready.state}`,
      proof,
    );
  return pass(`${subnet.name} has no service endpoint but the allowed ones`, proof);
}

/** Whoever reaches the service by it needs another way first. */
function serviceEndpointFix({ id }: SubnetCase, kept: readonly string[]): ReturnType<typeof repairs> {
  return repairs(
    [
      lookFirst(
        `az network vnet subnet show ${ids(id)} --query serviceEndpoints`,
        'A private endpoint or a rule of the firewall has to take over what is reached by each service endpoint before it is taken out.',
      ),
    ],
    `properties: {\n  serviceEndpoints: [${kept.map((service) => `{ service: ${literal(service)} }`).join(', ')}] // once another way stands\n}`,
  );
}
