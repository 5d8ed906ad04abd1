import { isInside } from '#domain/arm-id.ts';
import type { AksPool } from '#domain/evidence/aks.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import {
  CLUSTER_READ,
  clusterArguments,
  fact,
  had,
  judged,
  optional,
  type ReadCluster,
  same,
  short,
  sourceOf,
} from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { ids, literal, lookFirst, repairs } from './shared/fix.ts';
import { poolsOf } from './shared/subnets.ts';

export default defineAksControl({
  id: 'aks-node-public-ip',
  title: 'No node pool gives nodes public addresses',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 003: node access',
  reference: 'AKS documentation, use-node-public-ips; ARM agentPoolProfiles.enableNodePublicIP',
  remediation: 'Replace the named pools by pools without node public IPs.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults(
    'cluster.pools.enableNodePublicIp',
    'cluster.pools.nodePublicIpPrefixId',
    'cluster.pools.mode',
    'cluster.nodeProvisioningMode',
  ),
  evaluate: judgeNodePublicIp,
});

function judgeNodePublicIp(subject: ReadCluster): Verdict {
  const { cluster } = subject;
  const auto = same(optional(cluster.nodeProvisioningMode, 'nodeProvisioningProfile.mode'), 'Auto');
  const hosted = optional(cluster.hostedSystemPools, 'hostedSystemProfile.enabled') === true;
  const pools = poolsOf(cluster);
  const parts = pools.map((pool) => judged(() => judgePool(subject, pool)));
  const seen = instances(subject);
  if (seen !== undefined) parts.push(seen);
  else if (auto) parts.push(judged(() => noInstances(subject)));
  if (pools.length === 0 && !auto) {
    const empty = [fact('agentPoolProfiles is empty or absent', 'properties.agentPoolProfiles', null, subject.source)];
    parts.push(
      hosted
        ? pass('the cluster has hosted system pools only', empty)
        : unknown('absent-field', 'the cluster shows no agent pools', empty),
    );
  }
  return combine(parts, 'no pool gives its nodes public addresses');
}

function judgePool(subject: ReadCluster, pool: AksPool): Verdict {
  const own = optional(pool.enableNodePublicIp, `enableNodePublicIP of pool ${pool.name}`);
  const prefix = optional(pool.nodePublicIpPrefixId, `nodePublicIPPrefixID of pool ${pool.name}`);
  const proof: readonly Proof[] = [
    fact(
      `pool ${pool.name}: enableNodePublicIP is ${own ?? 'absent (the default is false)'}`,
      `properties.agentPoolProfiles[${pool.name}].enableNodePublicIP`,
      own ?? null,
      subject.source,
    ),
  ];
  const fix = repairs(
    [replacement(subject.evidence.id, pool.name)],
    `agentPoolProfiles: [\n  { name: ${literal(pool.name)}, enableNodePublicIP: false } // and no nodePublicIPPrefixID\n]`,
  );
  const second = (optional(pool.secondaryInterfaces, `secondaryNetworkInterfaces of pool ${pool.name}`) ?? []).some(
    ({ publicAddress }) => optional(publicAddress, `publicIPAddressConfiguration of pool ${pool.name}`) === true,
  );
  if (second)
    return fail(
      'secondary-interface-public-ip',
      `a second network interface of pool ${pool.name} has public addresses`,
      [
        fact(
          `pool ${pool.name}: secondaryNetworkInterfaces[].publicIPAddressConfiguration is set`,
          `properties.agentPoolProfiles[${pool.name}].networkProfile.secondaryNetworkInterfaces`,
          true,
          subject.source,
        ),
        ...proof,
      ],
      fix,
    );
  if (own === true) return fail('node-public-ip', `pool ${pool.name} gives its nodes public addresses`, proof, fix);
  if (prefix !== undefined) {
    return fail(
      'node-public-ip-prefix',
      `pool ${pool.name} takes node addresses from the public prefix ${short(prefix)}`,
      [
        fact(
          `pool ${pool.name}: nodePublicIPPrefixID is ${prefix}`,
          `properties.agentPoolProfiles[${pool.name}].nodePublicIPPrefixID`,
          prefix,
          subject.source,
        ),
        ...proof,
      ],
      fix,
    );
  }
  if (same(optional(pool.mode, `mode of pool ${pool.name}`), 'Gateway')) {
    return unknown(
      'undecidable',
      `pool ${pool.name} is a static egress gateway: whether it has a public prefix is written inside the cluster`,
      proof,
    );
  }
  return pass(`pool ${pool.name} has no public addresses`, proof);
}

/** A positive sighting counts whatever the pools say; seeing nothing only counts where the node resource group was read. */
function instances({ evidence, source }: ReadCluster): Verdict | undefined {
  const { nodeGroup } = evidence;
  // What instances really have was not looked at: the pools' settings alone do not show it.
  if (nodeGroup.state === 'unavailable') return unknownBecause(nodeGroup);
  if (nodeGroup.value.instanceAddresses.length === 0) return undefined;
  const found = nodeGroup.value.instanceAddresses;
  return fail(
    'instance-public-ip',
    `instances have public addresses: ${found.map(short).join(', ')}`,
    found.map((id) =>
      fact(`${id} carries a public address`, 'ipConfigurations[].publicIPAddress', id, sourceOf(nodeGroup, source)),
    ),
    repairs(found.map((id) => detach(id, evidence.id))),
  );
}

function detach(id: string, clusterId: string): ReturnType<typeof lookFirst> {
  if (isInside(id, 'virtualMachineScaleSets')) return replacement(clusterId, `<pool of ${short(id)}>`);
  if (isInside(id, 'networkInterfaces'))
    return lookFirst(
      `az network nic show ${ids(id)} --query ipConfigurations`,
      'Find out who reaches the machine by its public address before the address is taken off.',
    );
  return lookFirst(
    `az network public-ip show ${ids(id)}`,
    'Find out who reaches the machine by the public address before it is taken off.',
  );
}

/** Pools keep what they were made with: another one takes over the work of this one, which then can go. */
function replacement(clusterId: string, pool: string): ReturnType<typeof lookFirst> {
  const name = pool.startsWith('<') ? pool : shellQuote(pool);
  return lookFirst(
    `az aks nodepool show ${clusterArguments(clusterId, '--cluster-name')} --name ${name}`,
    'Make a pool like it without public addresses, and move its pods there before it goes.',
  );
}

function noInstances({ evidence, source }: ReadCluster): Verdict {
  const { id, unreadInterfaces } = had(evidence.nodeGroup);
  const [unread] = unreadInterfaces;
  if (unread !== undefined)
    return unknown('absent-field', `the network interface ${short(unread)} does not show its addresses`, [
      fact(`${unread} shows no ipConfigurations`, 'ipConfigurations', null, sourceOf(evidence.nodeGroup, source)),
    ]);
  return pass('node auto-provisioning made no instance with a public address', [
    fact(`no instance in ${id} has a public address`, 'nodeResourceGroup', id, sourceOf(evidence.nodeGroup, source)),
  ]);
}
