import { fail, pass, unknown } from '#domain/verdict.ts';
import { CLUSTER_READ, clusterArguments, fact, networkOf, required, same } from './shared/cluster.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

export default defineAksControl({
  id: 'aks-load-balancer-sku',
  title: 'The load balancer is Standard',
  severity: 'LOW',
  basis: 'seed 003: load balancer of the nodes',
  reference: 'AKS documentation, load-balancer-standard; the Basic SKU was retired on 2025-09-30',
  remediation:
    'Migrate to the Standard load balancer: Basic knows no outbound type, no Private Link and no authorized ranges.',
  needs: [CLUSTER_READ],
  evaluate(subject) {
    const network = networkOf(subject);
    const sku = required(network.loadBalancerSku, 'networkProfile.loadBalancerSku');
    const proof = [
      fact(
        `networkProfile.loadBalancerSku is ${sku}`,
        'properties.networkProfile.loadBalancerSku',
        sku,
        subject.source,
      ),
    ];
    if (same(sku, 'standard')) return pass('the load balancer is Standard', proof);
    if (same(sku, 'basic'))
      return fail('basic-load-balancer', 'the load balancer is Basic, which was retired on 2025-09-30', proof, {
        fix: {
          commands: [`az aks update ${clusterArguments(subject.evidence.id)} --load-balancer-sku standard`],
          fragments: [{ language: 'bicep', code: "networkProfile: {\n  loadBalancerSku: 'standard'\n}" }],
        },
      });
    return unknown('unrecognised-value', `loadBalancerSku ${sku} is not known`, proof);
  },
});
