import { type Fix, fail, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import egressRoute from './egress-route.ts';
import networkIsolated from './network-isolated.ts';
import { CLUSTER_READ, clusterArguments, fact, networkOf, optional } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';
import { isNatGateway } from './shared/nat-gateway.ts';
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
  const fix = { fix: fixFor(subject.evidence.id) };
  const type = value?.toLowerCase() ?? 'loadbalancer';
  if (type === 'loadbalancer')
    return fail('load-balancer', `nodes leave through a public load balancer: outboundType is ${told}`, proof, fix);
  if (isNatGateway(type)) {
    if (subject.profile === 'private')
      return pass(`nodes leave through NAT (${value}), which the profile "private" allows`, proof);
    return fail('nat-gateway', `nodes leave through a NAT gateway: outboundType is ${value}`, proof, fix);
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

function fixFor(id: string): Fix {
  return {
    commands: [`az aks update ${clusterArguments(id)} --outbound-type userDefinedRouting`],
    fragments: [
      {
        language: 'bicep',
        code: "networkProfile: {\n  outboundType: 'userDefinedRouting' // the node subnets need a route table with 0.0.0.0/0 to the firewall first\n}",
      },
    ],
  };
}
