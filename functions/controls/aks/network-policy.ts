import { fail, pass, unknown } from '#domain/verdict.ts';
import { CLUSTER_READ, clusterArguments, derived, fact, networkOf, optional, same } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

export default defineAksControl({
  id: 'aks-network-policy',
  title: 'A network policy engine is on',
  severity: 'HIGH',
  basis: 'seed 002: network policies',
  reference: 'AKS documentation, use-network-policies; ARM networkProfile.networkPolicy',
  remediation: 'Enable a policy engine (cilium is the one that AKS recommends).',
  needs: [CLUSTER_READ],
  defaults: aksDefaults('cluster.network.networkPolicy', 'cluster.network.networkPlugin'),
  evaluate(subject) {
    const network = networkOf(subject);
    const engine = optional(network.networkPolicy, 'networkProfile.networkPolicy');
    const plugin = optional(network.networkPlugin, 'networkProfile.networkPlugin');
    const dataplane = optional(network.networkDataplane, 'networkProfile.networkDataplane');
    const proof = [
      fact(
        `networkPolicy is ${engine ?? 'absent'}, networkPlugin ${plugin ?? 'absent'}, networkDataplane ${dataplane ?? 'absent'}`,
        'properties.networkProfile.networkPolicy',
        engine ?? null,
        subject.source,
      ),
    ];
    // The service returns the text "none": a value like any other, and no engine.
    if (engine === undefined || same(engine, 'none')) {
      if (same(plugin, 'none'))
        return unknown(
          'undecidable',
          'the cluster brings its own network plugin (networkPlugin none): whether it enforces policies shows inside the cluster only',
          proof,
        );
      return fail('no-policy-engine', `no network policy engine is on: networkPolicy is ${engine ?? 'absent'}`, proof, {
        fix: {
          commands: [
            `az aks update ${clusterArguments(subject.evidence.id)} --network-policy cilium --network-dataplane cilium`,
          ],
          fragments: [
            {
              language: 'bicep',
              code: "networkProfile: {\n  networkPolicy: 'cilium'\n  networkDataplane: 'cilium'\n}",
            },
          ],
        },
      });
    }
    if (same(engine, 'cilium')) {
      if (same(dataplane, 'cilium')) return pass('Cilium enforces network policies', proof);
      return unknown(
        'conflicting-fields',
        `networkPolicy is cilium, but networkDataplane is ${dataplane ?? 'absent'}`,
        proof,
      );
    }
    if (same(engine, 'azure'))
      return pass('Azure Network Policy Manager enforces network policies; its support ends on Linux on 2028-09-30', [
        ...proof,
        derived('Azure NPM: support on Windows ended on 2026-09-30'),
      ]);
    if (same(engine, 'calico')) return pass('Calico enforces network policies', proof);
    return unknown('unrecognised-value', `networkPolicy ${engine} is not known`, proof);
  },
});
