import type { AksSecurityRule } from '#domain/evidence/aks.ts';
import { isWithinPrivate } from '#domain/net/cidr.ts';
import { fail, notApplicable, pass, type Verdict } from '#domain/verdict.ts';
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
  type ReadCluster,
  required,
  same,
  short,
} from './shared/cluster.ts';
import { defaultRoute, plainRoutes } from './shared/default-route.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { ids, lookFirst, repairs } from './shared/fix.ts';
import { isNatGateway } from './shared/nat-gateway.ts';
import { everySubnet, type SubnetCase, withoutSubnets } from './shared/subnets.ts';

export default defineAksControl({
  id: 'aks-subnet-default-outbound',
  title: 'Node subnets have no implicit outbound access',
  severity: 'MEDIUM',
  basis: 'seed 003: deny egress by default',
  reference: 'Azure documentation, default outbound access; ARM subnet.defaultOutboundAccess',
  remediation:
    'Set defaultOutboundAccess to false on the named subnets, or close them by a route or an outbound security rule.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/routeTables/read',
    'Microsoft.Network/networkSecurityGroups/read',
  ],
  defaults: aksDefaults(
    'cluster.network.outboundType',
    'subnets.facts.natGatewayId',
    'subnets.facts.defaultOutboundAccess',
  ),
  evaluate(subject) {
    const outbound = outboundTypeOf(subject);
    if (subject.profile === 'private' && isNatGateway(outbound))
      return notApplicable('profile-private', 'the profile "private" lets nodes leave through NAT');
    return judgeClosedSubnets(subject, outbound ?? 'loadBalancer');
  },
});

/** Reference: a subnet that is not private lets its machines out by an address that Azure lends them, unless a rule or route closes it. */
function judgeClosedSubnets(subject: ReadCluster, outbound: string): Verdict {
  const parts = everySubnet(subject, (subnet) => judgeSubnet(subject, subnet, outbound));
  if (parts.length === 0) return withoutSubnets(subject);
  return combine(parts, 'no node subnet has implicit outbound access');
}

function judgeSubnet(subject: ReadCluster, subnet: SubnetCase, outbound: string): Verdict {
  const { facts, source } = subnet;
  const nat = optional(facts.natGatewayId, 'subnet.natGateway');
  const type = outbound.toLowerCase();
  // A user-defined route to an appliance or a gateway comes first: the NAT gateway is not used (Azure documentation, NAT gateway overview).
  const unused = type === 'userdefinedrouting' && nat !== undefined ? closedByRoute(subject, subnet) : undefined;
  if (nat !== undefined && unused === undefined && ['none', 'block', 'userdefinedrouting'].includes(type)) {
    return fail(
      'nat-gateway',
      `${subnet.name} has the NAT gateway ${short(nat)} although the outbound type is ${outbound}`,
      [path([subnet.usedBy, subnet.id, nat, 'internet'], source)],
      {
        remediation: 'Take the NAT gateway off the named subnets, once nothing in them leaves by it.',
        ...repairs([
          lookFirst(
            `az network vnet subnet show ${ids(subnet.id)} --query natGateway`,
            'Find out what in the subnet leaves by the NAT gateway before it is taken off.',
          ),
        ]),
      },
    );
  }
  const access = optional(facts.defaultOutboundAccess, 'subnet.defaultOutboundAccess');
  const proof = [
    fact(
      `${subnet.id}: defaultOutboundAccess is ${access ?? 'absent'}`,
      'subnet.properties.defaultOutboundAccess',
      access ?? null,
      source,
    ),
    ...(nat === undefined || unused === undefined
      ? []
      : [derived(`${subnet.name}: the NAT gateway ${short(nat)} is not used, because ${unused} comes first`)]),
  ];
  if (access === false) return pass(`${subnet.name} is a private subnet`, proof);
  const closing = closedByRoute(subject, subnet) ?? closedByRule(subject, subnet);
  if (closing !== undefined)
    return pass(`${subnet.name} is closed by ${closing}`, [
      ...proof,
      derived(`${subnet.name} is closed by ${closing}`),
    ]);
  return fail(
    'default-outbound-access',
    `${subnet.name} has implicit outbound access and neither a route nor a security rule closes it`,
    proof,
    repairs(
      [`az network vnet subnet update ${ids(subnet.id)} --default-outbound-access false`],
      'properties: {\n  defaultOutboundAccess: false\n}',
    ),
  );
}

function closedByRoute(subject: ReadCluster, { facts }: SubnetCase): string | undefined {
  const answer = had(facts.routeTable);
  if (answer.kind === 'none') return undefined;
  const podCidrs = podCidrsOf(subject);
  const found = defaultRoute(plainRoutes(answer.table, podCidrs), 'ipv4');
  if (found.kind !== 'appliance' && found.kind !== 'black-hole' && found.kind !== 'network-gateway') return undefined;
  return `the route ${found.routes.map(({ name, nextHopType }) => `${name} (${nextHopType})`).join(', ')}`;
}

const OUTSIDE = ['internet', '*', '0.0.0.0/0'];

/** The first outbound rule that speaks of the internet decides: it must deny everything to it, and nothing before it may allow a way out. */
function closedByRule(subject: ReadCluster, { facts }: SubnetCase): string | undefined {
  const rules = required(had(facts.securityRules), 'networkSecurityGroup.securityRules')
    .filter((rule) => same(required(rule.direction, `direction of rule ${rule.name}`), 'Outbound'))
    .map((rule) => ({ rule, priority: required(rule.priority, `priority of rule ${rule.name}`) }))
    .sort((a, b) => a.priority - b.priority);
  const inside = insideOf(subject, facts);
  for (const { rule, priority } of rules) {
    if (staysInside(rule, inside)) continue;
    if (!same(required(rule.access, `access of rule ${rule.name}`), 'Deny')) return undefined;
    if (deniesEverything(rule)) return `the security rule ${rule.name} (priority ${priority})`;
  }
  return undefined;
}

/** The tag VirtualNetwork also means the prefixes of user-defined routes: with one to the internet it is no longer inside. */
function insideOf(subject: ReadCluster, facts: SubnetCase['facts']): readonly string[] {
  const answer = had(facts.routeTable);
  const open =
    answer.kind === 'table' && plainRoutes(answer.table, podCidrsOf(subject)).some(({ kind }) => kind === 'internet');
  return open ? ['azureloadbalancer'] : ['virtualnetwork', 'azureloadbalancer'];
}

function staysInside({ destinations }: AksSecurityRule, inside: readonly string[]): boolean {
  return (
    destinations.length > 0 &&
    destinations.every((destination) => inside.includes(destination.toLowerCase()) || isWithinPrivate(destination))
  );
}

function deniesEverything({
  name,
  destinations,
  destinationPorts,
  sources,
  sourcePorts,
  protocol,
}: AksSecurityRule): boolean {
  const all = (values: readonly string[], wild: readonly string[]) =>
    values.some((value) => wild.includes(value.toLowerCase()));
  return (
    all(destinations, OUTSIDE) &&
    all(destinationPorts, ['*', '0-65535']) &&
    all(sources, ['*', 'virtualnetwork', '0.0.0.0/0']) &&
    all(sourcePorts, ['*', '0-65535']) &&
    required(protocol, `protocol of rule ${name}`) === '*'
  );
}
