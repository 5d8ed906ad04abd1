import { fail, notApplicable, pass, unknown } from '#domain/verdict.ts';
import {
  CLUSTER_READ,
  clusterArguments,
  fact,
  had,
  networkOf,
  optional,
  same,
  short,
  sourceOf,
} from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { lookFirst, repairs } from './shared/fix.ts';
import { poolsOf } from './shared/subnets.ts';

export default defineAksControl({
  id: 'aks-static-egress-gateway',
  title: 'No static egress gateway leaves by public addresses',
  severity: 'MEDIUM',
  dimension: 'node egress',
  basis: 'seed 003: egress is denied by default',
  reference: 'AKS documentation, configure-static-egress-gateway; ARM networkProfile.staticEgressGatewayProfile',
  remediation: 'Disable the static egress gateway, or give its gateways private addresses only.',
  needs: [
    CLUSTER_READ,
    'Microsoft.Resources/subscriptions/resourceGroups/read',
    'Microsoft.Network/publicIPPrefixes/read',
  ],
  defaults: aksDefaults('cluster.network.staticEgressGateway', 'cluster.pools.mode'),
  evaluate(subject) {
    const network = networkOf(subject);
    const enabled = optional(network.staticEgressGateway, 'staticEgressGatewayProfile.enabled');
    const pools = poolsOf(subject.cluster).filter((pool) =>
      same(optional(pool.mode, `mode of pool ${pool.name}`), 'Gateway'),
    );
    const names = pools.map(({ name }) => name);
    const proof = [
      fact(
        `staticEgressGatewayProfile.enabled is ${enabled ?? 'absent (the default is false)'}, gateway pools [${names.join(', ')}]`,
        'properties.networkProfile.staticEgressGatewayProfile.enabled',
        enabled ?? null,
        subject.source,
      ),
    ];
    if (enabled !== true && pools.length === 0) return pass('there is no static egress gateway', proof);
    if (subject.profile === 'private')
      return notApplicable(
        'profile-private',
        'the profile "private" lets nodes leave by addresses of their own',
        proof,
      );
    const group = had(subject.evidence.nodeGroup);
    if (group.publicPrefixes.length === 0)
      return unknown(
        'undecidable',
        'the static egress gateway is enabled: whether its gateways are private is written inside the cluster',
        proof,
      );
    const source = sourceOf(subject.evidence.nodeGroup, subject.source);
    return fail(
      'public-prefix',
      `the static egress gateway leaves by the public prefix ${group.publicPrefixes.map(short).join(', ')}`,
      [
        ...group.publicPrefixes.map((id) =>
          fact(`${id} is in the node resource group`, 'publicIPPrefixes', id, source),
        ),
        ...proof,
      ],
      repairs(
        [
          lookFirst(
            `az aks show ${clusterArguments(subject.evidence.id)} --query networkProfile.staticEgressGatewayProfile`,
            'Find out which pods leave by the gateways: they need another way before the gateway goes.',
          ),
          'kubectl get staticgatewayconfigurations --all-namespaces',
        ],
        'networkProfile: {\n  staticEgressGatewayProfile: {\n    enabled: false // once nothing leaves by it\n  }\n}',
      ),
    );
  },
});
