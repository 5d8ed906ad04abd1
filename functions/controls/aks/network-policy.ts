import type { AksPool } from '#domain/evidence/aks.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import {
  CLUSTER_READ,
  clusterArguments,
  derived,
  fact,
  judged,
  networkOf,
  optional,
  type ReadCluster,
  required,
  same,
} from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { lookFirst, repairs } from './shared/fix.ts';
import { endOf, notEnforced } from './shared/policy-engines.ts';
import { poolsOf } from './shared/subnets.ts';

export default defineAksControl({
  id: 'aks-network-policy',
  title: 'A network policy engine is on, on every pool',
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
    const known = ENGINES[engine.toLowerCase()];
    if (known === undefined) return unknown('unrecognised-value', `networkPolicy ${engine} is not known`, proof);
    if (same(engine, 'cilium') && !same(dataplane, 'cilium'))
      return unknown(
        'conflicting-fields',
        `networkPolicy is cilium, but networkDataplane is ${dataplane ?? 'absent'}`,
        proof,
      );
    const parts = poolsOf(subject.cluster).map((pool) => judged(() => judgePool(pool, engine, known, subject)));
    const linux = endOf(engine, 'Linux');
    const end = linux === undefined ? '' : `; its support ends on Linux on ${linux}`;
    const second = secondInterfaces(subject);
    const blind = second.length === 0 ? '' : `, but not on the second interfaces of ${second.join(', ')}`;
    const message = `${known} enforces network policies${blind}${end}`;
    const engineVerdict = pass(message, [
      ...proof,
      ...second.map((name) => derived(`network policies do not cover the second network interfaces of pool ${name}`)),
    ]);
    return combine([engineVerdict, ...parts], message);
  },
});

const ENGINES: Readonly<Record<string, string>> = {
  cilium: 'Cilium',
  azure: 'Azure Network Policy Manager',
  calico: 'Calico',
};

function secondInterfaces({ cluster }: ReadCluster): readonly string[] {
  return poolsOf(cluster)
    .filter(
      (pool) => (optional(pool.secondaryInterfaces, `secondaryNetworkInterfaces of ${pool.name}`) ?? []).length > 0,
    )
    .map(({ name }) => name);
}

function judgePool(pool: AksPool, engine: string, name: string, { evidence, source }: ReadCluster): Verdict {
  // Without an end on Windows the system does not matter.
  if (endOf(engine, 'Windows') === undefined) return pass(`${name} enforces network policies on pool ${pool.name}`, []);
  const system = required(pool.osType, `osType of pool ${pool.name}`);
  const proof = [
    fact(`pool ${pool.name}: osType is ${system}`, `properties.agentPoolProfiles[${pool.name}].osType`, system, source),
  ];
  if (!same(system, 'Linux') && !same(system, 'Windows'))
    return unknown('unrecognised-value', `osType ${system} of pool ${pool.name} is not known`, proof);
  const why = notEnforced(engine, system, source.at);
  if (why === undefined) return pass(`${name} enforces network policies on pool ${pool.name}`, proof);
  return fail(
    'pool-without-policies',
    `network policies are not enforced on pool ${pool.name}: ${why}`,
    [...proof, derived(why)],
    {
      remediation: `Move what runs on the named pools to pools on which ${name} enforces policies, or to a cluster with Calico.`,
      ...repairs([
        lookFirst(
          `az aks nodepool show ${clusterArguments(evidence.id, '--cluster-name')} --name ${shellQuote(pool.name)}`,
          'Find out which pods run on the pool without network policies, and move them before it goes.',
        ),
      ]),
    },
  );
}
