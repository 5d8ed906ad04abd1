import type { Source } from '#domain/collected.ts';
import type { AksAppliance } from '#domain/evidence/aks.ts';
import type { Family } from '#domain/net/cidr.ts';
import { fail, notApplicable, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { declaredProof } from './shared/appliance-hop.ts';
import { CENTRAL_EGRESS_PARAMETER } from './shared/central-egress.ts';
import {
  CLUSTER_READ,
  fact,
  had,
  judged,
  optional,
  outboundTypeOf,
  path,
  podCidrsOf,
  required,
  same,
  short,
  sourceOf,
} from './shared/cluster.ts';
import { type DefaultRoute, defaultRoute, familiesOf, plainRoutes } from './shared/default-route.ts';
import { aksDefaults } from './shared/defaults.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';
import { defaultRouteFix, ids, repairs } from './shared/fix.ts';
import { isNatGateway } from './shared/nat-gateway.ts';
import { everySubnet, isOwnTable, type SubnetCase } from './shared/subnets.ts';

const PARAMETERS = { centralEgress: CENTRAL_EGRESS_PARAMETER } as const;
type Subject = AksSubject<typeof PARAMETERS>;

export default defineAksControl({
  id: 'aks-egress-firewall',
  title: 'The next hop of the default route is a working firewall',
  severity: 'MEDIUM',
  basis: 'seed 003: egress through Azure Firewall',
  reference: 'AKS documentation, limit-egress-traffic; ARM azureFirewalls',
  remediation: 'Route the default to an Azure Firewall that is running and whose threat intelligence mode is not Off.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/routeTables/read',
    'Microsoft.Network/azureFirewalls/read',
    'Microsoft.Network/firewallPolicies/read',
  ],
  defaults: aksDefaults('cluster.network.ipFamilies'),
  parameters: PARAMETERS,
  evaluate(subject) {
    const outbound = outboundTypeOf(subject);
    if (subject.profile === 'private' && isNatGateway(outbound))
      return notApplicable('profile-private', 'the profile "private" lets nodes leave through NAT');
    if (!same(outbound, 'userDefinedRouting'))
      return notApplicable('other-outbound-type', `the outbound type is ${outbound ?? 'loadBalancer (the default)'}`);
    return combine(
      everySubnet(subject, (subnet) => judgeSubnet(subject, subnet)),
      'every default route leads to a working firewall',
    );
  },
});

function judgeSubnet(subject: Subject, subnet: SubnetCase): Verdict {
  const answer = had(subnet.facts.routeTable);
  const none = notApplicable('no-appliance', `${subnet.name} has no default route to an appliance`, [
    path([subnet.usedBy, subnet.id, 'no default route to an appliance'], subnet.source),
  ]);
  if (answer.kind === 'none') return none;
  const podCidrs = podCidrsOf(subject);
  const routes = plainRoutes(answer.table, podCidrs);
  const own = isOwnTable(subject, answer.table);
  const parts = familiesOf(subject).flatMap((family) => {
    const found = defaultRoute(routes, family);
    if (found.kind !== 'appliance') return [];
    const addresses = [...new Set(found.routes.map(({ nextHopIp }) => nextHopIp ?? ''))];
    return addresses.map((address) => judged(() => judgeAddress(subject, { subnet, own }, address, found, family)));
  });
  return parts.length === 0 ? none : combine(parts, `${subnet.name} leaves through a working firewall`);
}

function judgeAddress(
  subject: Subject,
  { subnet, own }: { readonly subnet: SubnetCase; readonly own: boolean },
  address: string,
  found: DefaultRoute,
  family: Family,
): Verdict {
  const owner = subnet.facts.nextHops.find((hop) => hop.address === address)?.owner;
  if (owner === undefined)
    return unknown('malformed-answer', `the next hop ${address || '(no address)'} of ${subnet.name} was not looked up`);
  const declared = subject.declaredEgress([subnet.id]);
  const isDeclared = declared.value !== 'none' && (owner.state === 'unavailable' || owner.value.kind === 'other');
  if (isDeclared)
    return pass(
      `the next hop ${address} of ${subnet.name} is declared as ${declared.value}`,
      [declaredProof(declared)],
      'declared',
    );
  const appliance = had(owner);
  const source = sourceOf(owner, subnet.source);
  const table = optional(subnet.facts.routeTableId, 'subnet.routeTable.id') ?? 'route table';
  const route = found.routes.find(({ nextHopIp }) => nextHopIp === address);
  const start = [
    subnet.usedBy,
    subnet.id,
    table,
    ...(route === undefined ? [] : [`${route.prefix} (${route.name})`]),
    `VirtualAppliance ${address}`,
  ];
  if (appliance.kind === 'nothing') {
    return fail(
      'next-hop-unknown',
      `the next hop ${address} of ${subnet.name} belongs to nothing: no firewall has that address`,
      [path([...start, `nothing in ${short(appliance.searched)}`], source)],
      defaultRouteFix(
        { tableId: table, own },
        found.routes.filter(({ nextHopIp }) => nextHopIp === address),
        family,
      ),
    );
  }
  if (appliance.kind === 'other') {
    return unknown(
      'undecidable',
      `the next hop ${address} of ${subnet.name} is ${short(appliance.id)} (${appliance.type}), a third-party appliance; azure.centralEgress (${declared.key}) declares it`,
      [path([...start, appliance.id], source)],
    );
  }
  return judgeFirewall(appliance, address, path([...start, appliance.id], source), source);
}

type AzureFirewall = Extract<AksAppliance, { kind: 'azure-firewall' }>;

function judgeFirewall(firewall: AzureFirewall, address: string, way: Proof, source: Source): Verdict {
  const name = short(firewall.id);
  if (firewall.connection === 'not-connected') {
    return unknown(
      'undecidable',
      `${name} has the address ${address}, but its network is not peered with the nodes' network`,
      [way],
    );
  }
  const state = required(firewall.provisioningState, `provisioningState of ${name}`);
  const stateLine = fact(`${name} is in state ${state}`, 'azureFirewalls.properties.provisioningState', state, source);
  if (same(state, 'Failed'))
    return fail(
      'wrong-state',
      `the firewall ${name} is in state ${state}`,
      [way, stateLine],
      // An update without a change makes Azure provision the firewall again.
      repairs([`az network firewall update ${ids(firewall.id)}`]),
    );
  if (!same(state, 'Succeeded'))
    return unknown('transitional-state', `the firewall ${name} is in state ${state}`, [way, stateLine]);
  const mode = required(had(firewall.threatIntelMode), `threatIntelMode of ${name}`);
  const modeLine = fact(
    `${name}: threatIntelMode is ${mode}`,
    'threatIntelMode',
    mode,
    sourceOf(firewall.threatIntelMode, source),
  );
  if (same(mode, 'Off'))
    return fail(
      'threat-intelligence-off',
      `threat intelligence of the firewall ${name} is off`,
      [way, modeLine],
      threatIntelligenceFix(firewall),
    );
  if (!same(mode, 'Alert') && !same(mode, 'Deny'))
    return unknown('unrecognised-value', `threatIntelMode ${mode} of ${name} is not known`, [way, modeLine]);
  const caveat: readonly Proof[] =
    firewall.connection === 'by-address-only'
      ? [
          {
            kind: 'derived',
            line: `${name} was matched by its address alone: the peerings of the node network are not known`,
          },
        ]
      : [];
  return pass(`${address} is the firewall ${name}, working, threat intelligence ${mode}`, [
    way,
    stateLine,
    modeLine,
    ...caveat,
  ]);
}

/** The mode of a firewall that has a policy stands in the policy. */
function threatIntelligenceFix({ id, policyId }: AzureFirewall): ReturnType<typeof repairs> {
  const policy = optional(policyId, 'firewallPolicy.id');
  const bicep = "properties: {\n  threatIntelMode: 'Alert'\n}";
  return policy === undefined
    ? repairs([`az network firewall update ${ids(id)} --threat-intel-mode Alert`], bicep)
    : repairs([`az network firewall policy update ${ids(policy)} --threat-intel-mode Alert`], bicep);
}
