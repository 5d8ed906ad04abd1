import { fail, notApplicable, pass } from '#domain/verdict.ts';
import { apiServerOf, CLUSTER_READ, clusterArguments, fact, isPrivate, optional } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

export default defineAksControl({
  id: 'aks-api-public-name',
  title: 'A private API server has no public DNS name',
  severity: 'LOW',
  basis: 'seed 003: control plane access',
  reference: 'AKS documentation, private-clusters: disable a public FQDN',
  remediation: 'Disable the public FQDN. The name shows the private address to everyone; it does not open the server.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults('cluster.apiServer.enablePublicName'),
  evaluate(subject) {
    if (!isPrivate(subject)) return notApplicable('public-cluster', 'the API server is public, so its name is too');
    const profile = apiServerOf(subject);
    const enabled =
      profile === undefined
        ? undefined
        : optional(profile.enablePublicName, 'apiServerAccessProfile.enablePrivateClusterPublicFQDN');
    const told = enabled ?? 'absent (the service creates the name by default)';
    const proof = [
      fact(
        `enablePrivateClusterPublicFQDN is ${told}`,
        'properties.apiServerAccessProfile.enablePrivateClusterPublicFQDN',
        enabled ?? null,
        subject.source,
      ),
    ];
    if (enabled === false) return pass('the private API server has no public name', proof);
    const name = optional(subject.cluster.fqdn, 'fqdn');
    return fail(
      'public-name',
      `the private API server has a public DNS name${name === undefined ? '' : ` (${name})`}`,
      proof,
      {
        fix: {
          commands: [`az aks update ${clusterArguments(subject.evidence.id)} --disable-public-fqdn`],
          fragments: [
            { language: 'bicep', code: 'apiServerAccessProfile: {\n  enablePrivateClusterPublicFQDN: false\n}' },
          ],
        },
      },
    );
  },
});
