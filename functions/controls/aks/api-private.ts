import { fail, pass, type Verdict } from '#domain/verdict.ts';
import {
  type AksCase,
  apiServerOf,
  CLUSTER_READ,
  clusterArguments,
  defineAksControl,
  fact,
  optional,
} from './aks-control.ts';

export const apiPrivate = defineAksControl({
  id: 'aks-api-private',
  title: 'The API server is private',
  severity: 'CRITICAL',
  basis: 'seed 003: control plane access',
  reference: 'AKS documentation, private-clusters and api-server-vnet-integration',
  remediation:
    'Make the cluster private. A cluster with API Server VNet Integration can be switched in place; any other has to be made anew.',
  needs: [CLUSTER_READ],
  rule: judgeApiPrivate,
});

/** Decided by `enablePrivateCluster` alone: a private cluster may well have a public name, and VNet integration alone leaves the front door open. */
export function judgeApiPrivate(subject: AksCase): Verdict {
  const profile = apiServerOf(subject);
  const field = 'properties.apiServerAccessProfile.enablePrivateCluster';
  const fix = {
    commands: [`az aks update ${clusterArguments(subject.evidence.id)} --enable-private-cluster`],
    fragments: [
      {
        language: 'bicep' as const,
        code: 'apiServerAccessProfile: {\n  enablePrivateCluster: true\n  enablePrivateClusterPublicFQDN: false\n}',
      },
    ],
  };
  if (profile === undefined) {
    return fail(
      'public-open',
      'the API server is public: the cluster has no apiServerAccessProfile, as default public clusters',
      [fact('apiServerAccessProfile is absent', 'properties.apiServerAccessProfile', null, subject.source)],
      { fix },
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
  if (enabled === true) return pass('the API server is private', proof);
  const integrated = optional(profile.enableVnetIntegration, 'apiServerAccessProfile.enableVnetIntegration') === true;
  const hint = integrated ? ' (VNet integration makes the path of the nodes private, not the front door)' : '';
  return fail('public-open', `the API server is public: enablePrivateCluster is ${enabled ?? 'absent'}${hint}`, proof, {
    fix,
  });
}

/** Whether the controls that only make sense for a private cluster apply. Malformed fields leave through `judged`. */
export function isPrivate(subject: AksCase): boolean {
  const profile = apiServerOf(subject);
  return (
    profile !== undefined &&
    optional(profile.enablePrivateCluster, 'apiServerAccessProfile.enablePrivateCluster') === true
  );
}
