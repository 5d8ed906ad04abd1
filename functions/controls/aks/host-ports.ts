import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine, mergeFixes } from '../shared/combine.ts';
import nodePublicIp from './node-public-ip.ts';
import { CLUSTER_READ, clusterArguments, fact, judged, optional, type ReadCluster, same } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';
import { lookFirst, repairs } from './shared/fix.ts';
import { poolsOf } from './shared/subnets.ts';

export default defineAksControl({
  id: 'aks-host-ports',
  title: 'No host port is open on nodes with public addresses',
  severity: 'HIGH',
  basis: 'seed 003: node access',
  reference:
    'AKS documentation, use-node-public-ips: allow host port connections; ARM agentPoolProfiles.networkProfile',
  remediation: 'Take the allowed host ports from the named pools, or the public addresses from their nodes.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults('cluster.pools.enableNodePublicIp', 'cluster.pools.hostPorts'),
  evaluate(subject) {
    const pools = poolsOf(subject.cluster);
    if (pools.length === 0) return poolless(subject);
    return combine(
      pools.map((pool) => judged(() => judgePool(subject, pool))),
      'no pool opens host ports on a public address',
    );
  },
});

/** Alone the ports only open the security group; together with a node's public address they are open to the internet. */
function judgePool(subject: AksSubject, pool: ReturnType<typeof poolsOf>[number]): Verdict {
  const ports = optional(pool.hostPorts, `allowedHostPorts of pool ${pool.name}`) ?? [];
  const proof = [
    fact(
      `pool ${pool.name}: allowedHostPorts [${ports.join(', ')}]`,
      `properties.agentPoolProfiles[${pool.name}].networkProfile.allowedHostPorts`,
      ports,
      subject.source,
    ),
  ];
  if (ports.length === 0) return pass(`pool ${pool.name} opens no host port`, proof);
  const addresses = subject.verdictOf(nodePublicIp);
  if (addresses.status === 'PASS')
    return pass(`pool ${pool.name} opens ${ports.join(', ')} on private addresses only`, [
      ...proof,
      ...addresses.proof,
    ]);
  if (addresses.status !== 'FAIL') return { ...addresses, proof: [...proof, ...addresses.proof] };
  return fail(
    'host-ports-public',
    `pool ${pool.name} opens the host ports ${ports.join(', ')}, and nodes have public addresses`,
    [...proof, ...addresses.proof],
    {
      fix: mergeFixes([
        repairs([
          lookFirst(
            `az aks nodepool show ${clusterArguments(subject.evidence.id, '--cluster-name')} --name ${shellQuote(pool.name)} --query networkProfile.allowedHostPorts`,
            'Find out which pods listen on the host ports before the ports are closed.',
          ),
        ]).fix,
        ...(addresses.fix === undefined ? [] : [addresses.fix]),
      ]),
    },
  );
}

function poolless({ cluster }: ReadCluster): Verdict {
  const explained =
    optional(cluster.hostedSystemPools, 'hostedSystemProfile.enabled') === true ||
    same(optional(cluster.nodeProvisioningMode, 'nodeProvisioningProfile.mode'), 'Auto');
  return explained
    ? notApplicable('no-pools', 'the cluster has no pool of its own: hosted and self-made nodes have no such setting')
    : unknown('absent-field', 'the cluster shows no agent pools');
}
