import { fail, pass, type Verdict } from '#domain/verdict.ts';
import { apiServerOf, CLUSTER_READ, clusterArguments, fact, optional, type ReadCluster } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { repairs } from './shared/fix.ts';

export default defineAksControl({
  id: 'aks-api-private',
  title: 'The API server is private',
  severity: 'CRITICAL',
  dimension: ['API exposure', 'private API path'],
  basis: 'seed 003: control plane access',
  reference: 'AKS documentation, private-clusters and api-server-vnet-integration',
  remediation:
    'Make the cluster private. A cluster with API Server VNet Integration can be switched in place; any other has to be made anew.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults('cluster.apiServer', 'cluster.apiServer.enablePrivateCluster'),
  evaluate: judgeApiPrivate,
});

/** Decided by `enablePrivateCluster` alone: a private cluster may well have a public name, and VNet integration alone leaves the front door open. */
function judgeApiPrivate(subject: ReadCluster): Verdict {
  const profile = apiServerOf(subject);
  const field = 'properties.apiServerAccessProfile.enablePrivateCluster';
  const integrated =
    profile !== undefined &&
    optional(profile.enableVnetIntegration, 'apiServerAccessProfile.enableVnetIntegration') === true;
  const fix = privateFix(subject.evidence.id, integrated);
  if (profile === undefined) {
    return fail(
      'public-open',
      'the API server is public: the cluster has no apiServerAccessProfile, as default public clusters',
      [fact('apiServerAccessProfile is absent', 'properties.apiServerAccessProfile', null, subject.source)],
      fix,
    );
  }
  const enabled = optional(profile.enablePrivateCluster, 'apiServerAccessProfile.enablePrivateCluster');
  const proof = [
    fact(
      `apiServerAccessProfile.enablePrivateCluster is ${enabled ?? 'absent'}`,
      field,
      enabled ?? null,
      subject.source,
    ),
  ];
  const flag = optional(subject.cluster.publicNetworkAccess, 'publicNetworkAccess');
  // A note only: AKS does not document what the flag does, so it never overrides enablePrivateCluster.
  const note =
    flag === undefined
      ? []
      : [fact(`publicNetworkAccess is ${flag}`, 'properties.publicNetworkAccess', flag, subject.source)];
  if (enabled === true) return pass('the API server is private', [...proof, ...note]);
  const hint = integrated ? ' (VNet integration makes the path of the nodes private, not the front door)' : '';
  return fail(
    'public-open',
    `the API server is public: enablePrivateCluster is ${enabled ?? 'absent'}${hint}`,
    [...proof, ...note],
    fix,
  );
}

/** Only a cluster with VNet integration can be made private in place; the step before it cannot be taken back. */
function privateFix(id: string, integrated: boolean): ReturnType<typeof repairs> {
  const integrate = `az aks update ${clusterArguments(id)} --enable-apiserver-vnet-integration --apiserver-subnet-id <id of a subnet delegated to AKS>`;
  return repairs(
    [...(integrated ? [] : [integrate]), `az aks update ${clusterArguments(id)} --enable-private-cluster`],
    'apiServerAccessProfile: {\n  enablePrivateCluster: true\n  enablePrivateClusterPublicFQDN: false\n}',
  );
}
