import { type Fix, fail, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import egressRoute from './egress-route.ts';
import networkIsolated from './network-isolated.ts';
import { CLUSTER_READ, clusterArguments, fact, networkOf, optional, podCidrsOf } from './shared/cluster.ts';
import { defaultRoute, plainRoutes } from './shared/default-route.ts';
import { aksDefaults } from './shared/defaults.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';
import { ids, lookFirst, repairs } from './shared/fix.ts';
import { isNatGateway } from './shared/nat-gateway.ts';
import { homeless } from './shared/subnets.ts';
import subnetDefaultOutbound from './subnet-default-outbound.ts';

export default defineAksControl({
  id: 'aks-outbound-type',
  title: 'Node egress leaves only where the organisation sends it',
  severity: 'HIGH',
  dimension: 'node egress',
  basis: 'seed 003: AKS node access, outbound type userDefinedRouting',
  reference: 'AKS documentation, egress-outboundtype; ARM managedClusters networkProfile.outboundType',
  remediation:
    'Set the outbound type to userDefinedRouting behind a firewall, or to none or block with a network isolated cluster.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/routeTables/read',
  ],
  defaults: aksDefaults(
    'cluster.apiServer',
    'cluster.apiServer.enablePrivateCluster',
    'cluster.network.outboundType',
    'cluster.network.ipFamilies',
    'cluster.network.loadBalancerOutboundIps',
    'cluster.bootstrap',
    'cluster.bootstrap.artifactSource',
    'cluster.pools.enableNodePublicIp',
    'subnets.facts.natGatewayId',
  ),
  evaluate: judgeOutboundType,
});

function judgeOutboundType(subject: AksSubject): Verdict {
  const network = networkOf(subject);
  const value = optional(network.outboundType, 'networkProfile.outboundType');
  const told = value ?? 'absent (the default is loadBalancer)';
  const proof = [
    fact(
      `networkProfile.outboundType is ${told}`,
      'properties.networkProfile.outboundType',
      value ?? null,
      subject.source,
    ),
  ];
  if (optional(subject.cluster.httpProxy, 'httpProxyConfig') === true)
    proof.push(
      fact('nodes use an HTTP proxy (httpProxyConfig): a note', 'properties.httpProxyConfig', true, subject.source),
    );
  const routed = routedTo(subject);
  const fix = { fix: fixFor(subject, routed !== undefined) };
  const type = value?.toLowerCase() ?? 'loadbalancer';
  if (type === 'loadbalancer')
    return fail(
      'load-balancer',
      routed === undefined
        ? `nodes leave through a public load balancer: outboundType is ${told}`
        : kept(told, routed, 'a load balancer'),
      proof,
      fix,
    );
  if (isNatGateway(type)) {
    if (subject.profile === 'private')
      return pass(`nodes leave through NAT (${value}), which the profile "private" allows`, proof);
    return fail(
      'nat-gateway',
      routed === undefined
        ? `nodes leave through a NAT gateway: outboundType is ${value}`
        : kept(told, routed, 'a NAT gateway'),
      proof,
      fix,
    );
  }
  if (type !== 'userdefinedrouting' && type !== 'none' && type !== 'block')
    return unknown('unrecognised-value', `outboundType ${value} is not known`, proof);
  const leftover = [
    ...(optional(network.loadBalancerOutboundIps, 'loadBalancerProfile.effectiveOutboundIPs') ?? []),
    ...(optional(network.natGatewayOutboundIps, 'natGatewayProfile.effectiveOutboundIPs') ?? []),
  ];
  const conflict =
    leftover.length === 0
      ? []
      : [
          unknown(
            'conflicting-fields',
            `outboundType is ${value}, yet ${leftover.length} outbound public addresses are in effect`,
            [
              ...proof,
              fact(
                `effectiveOutboundIPs: ${leftover.join(', ')}`,
                'properties.networkProfile.*.effectiveOutboundIPs',
                leftover,
                subject.source,
              ),
            ],
          ),
        ];
  if (type === 'userdefinedrouting') {
    const route = subject.verdictOf(egressRoute);
    return after(proof, [route, ...conflict], `user-defined routing: ${route.message}`, egressRoute.remediation);
  }
  const closed = subject.verdictOf(subnetDefaultOutbound);
  if (type === 'block')
    return after(
      proof,
      [pass('outbound traffic is blocked (preview)', proof), closed, ...conflict],
      'outbound traffic is blocked by network security rules (block, a preview)',
      CLOSE_SUBNETS,
    );
  return after(
    proof,
    [subject.verdictOf(networkIsolated), closed, ...conflict],
    'no egress is configured, the cluster is network isolated and its subnets are closed',
    `Make the cluster network isolated (artifacts from the cache, private API server, no node addresses). ${CLOSE_SUBNETS}`,
  );
}

const CLOSE_SUBNETS = 'Close the named subnets: no NAT gateway, no implicit outbound access.';

/** Of a PASS the outbound type itself is the key line; otherwise what decided comes first, and its remedy replaces the control's own. */
function after(proof: Verdict['proof'], parts: readonly Verdict[], whenPassed: string, remediation: string): Verdict {
  const verdict = combine(parts, whenPassed);
  const further = verdict.proof.filter(({ line }) => !proof.some((own) => own.line === line));
  if (verdict.status === 'PASS') return { ...verdict, proof: [...proof, ...further] };
  const decided = { ...verdict, proof: [...further, ...proof] };
  return decided.status === 'FAIL' ? { ...decided, remediation } : decided;
}

/** A user-defined route comes before what the outbound type made, which stays in reserve. */
function kept(outbound: string, routed: string, what: string): string {
  return `outboundType is ${outbound}, but every node subnet routes its default to ${routed}, and that route comes first; AKS still keeps ${what} with public addresses, by which nodes leave as soon as the route is gone. The outbound type should be userDefinedRouting`;
}

/** The appliances that the default routes of all subnets lead to; undefined where one leads elsewhere or is not known. */
function routedTo(subject: AksSubject): string | undefined {
  const { subnets } = subject.evidence;
  const hops = subnets.map(({ facts }) => {
    const answer = facts.state === 'collected' ? facts.value.routeTable : undefined;
    if (answer?.state !== 'collected' || answer.value.kind === 'none' || answer.value.table.routes.state !== 'given')
      return undefined;
    const found = defaultRoute(plainRoutes(answer.value.table, podCidrsOf(subject)), 'ipv4');
    return found.kind === 'appliance' ? found.routes.map(({ nextHopIp }) => nextHopIp ?? '').join(', ') : undefined;
  });
  const known = hops.filter((hop) => hop !== undefined);
  return known.length === 0 || known.length < hops.length || homeless(subject).length > 0
    ? undefined
    : [...new Set(known)].join(', ');
}

/** Without the default route the change cuts the nodes off. */
function fixFor(subject: AksSubject, isRouted: boolean): Fix {
  const { id, subnets } = subject.evidence;
  const change = `az aks update ${clusterArguments(id)} --outbound-type userDefinedRouting`;
  const [first] = subnets;
  const commands = isRouted
    ? [change]
    : first === undefined
      ? [
          lookFirst(
            `az aks show ${clusterArguments(id)} --query agentPoolProfiles[].vnetSubnetId`,
            'userDefinedRouting needs node subnets of your own that route their default to the firewall: the cluster has to be made anew there.',
          ),
        ]
      : [
          ...subnets.map((subnet) =>
            lookFirst(
              `az network vnet subnet show ${ids(subnet.id)} --query routeTable`,
              'Every node subnet has to route 0.0.0.0/0 to the firewall (aks-egress-route) before the outbound type changes: otherwise the nodes are cut off.',
            ),
          ),
          change,
        ];
  return repairs(
    commands,
    "networkProfile: {\n  outboundType: 'userDefinedRouting' // the node subnets need a route table with 0.0.0.0/0 to the firewall first\n}",
  ).fix;
}
