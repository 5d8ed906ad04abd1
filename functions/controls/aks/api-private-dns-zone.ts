import { fail, notApplicable, pass, unknown, type Verdict } from '#domain/verdict.ts';
import {
  apiServerOf,
  CLUSTER_READ,
  fact,
  isPrivate,
  optional,
  type ReadCluster,
  required,
  same,
  short,
} from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';
import { repairs, scopeArguments } from './shared/fix.ts';

/** Zone suffixes of the clouds, as of November 2026 (AKS documentation, private-clusters: configure a private DNS zone). */
const CLOUD_SUFFIXES = ['azmk8s.io', 'cx.prod.service.azk8s.cn', 'cx.aks.containerservice.azure.us'];

export default defineAksControl({
  id: 'aks-api-private-dns-zone',
  title: 'The private DNS zone of the API server is a proper one',
  severity: 'LOW',
  basis: 'seed 003: control plane access',
  reference: 'AKS documentation, private-clusters: configure a private DNS zone',
  remediation:
    'Use "system" or a zone named privatelink.<region>.azmk8s.io (private.<region>.azmk8s.io with VNet integration).',
  needs: [CLUSTER_READ],
  defaults: aksDefaults('cluster.apiServer.enableVnetIntegration', 'cluster.apiServer.enablePublicName'),
  evaluate(subject) {
    if (!isPrivate(subject)) return notApplicable('public-cluster', 'the API server is public');
    const profile = apiServerOf(subject);
    if (profile === undefined) return notApplicable('public-cluster', 'the API server is public');
    const zone = required(profile.privateDnsZone, 'apiServerAccessProfile.privateDNSZone');
    const proof = [
      fact(`privateDNSZone is ${zone}`, 'properties.apiServerAccessProfile.privateDNSZone', zone, subject.source),
    ];
    if (same(zone, 'system')) return pass('AKS manages the private DNS zone', proof);
    if (same(zone, 'none')) {
      if (optional(profile.enablePublicName, 'enablePrivateClusterPublicFQDN') === false)
        return unknown(
          'conflicting-fields',
          'privateDNSZone is none and the public name is disabled, which AKS does not support',
          proof,
        );
      return fail('no-zone', 'there is no private DNS zone: the API server is found by its public name', proof, {
        severity: 'INFORMATIONAL',
        ...zoneFix(subject),
      });
    }
    return judgeZone(subject, zone, optional(profile.enableVnetIntegration, 'enableVnetIntegration') === true, proof);
  },
});

function judgeZone(subject: ReadCluster, zone: string, integrated: boolean, proof: Verdict['proof']): Verdict {
  const name = short(zone).toLowerCase();
  const region = required(subject.cluster.location, 'location').toLowerCase().replaceAll(' ', '');
  const kind = integrated ? 'private' : 'privatelink';
  const wanted = CLOUD_SUFFIXES.map((suffix) => `${kind}.${region}.${suffix}`);
  if (wanted.some((proper) => name === proper || name.endsWith(`.${proper}`)))
    return pass(`the private DNS zone is ${name}`, proof);
  return fail('other-zone', `the private DNS zone is ${name}, not ${wanted[0]}`, proof, zoneFix(subject));
}

/** The zone is chosen when a cluster is made: the command is for its successor. */
function zoneFix({ evidence: { id } }: ReadCluster): ReturnType<typeof repairs> {
  return repairs(
    [
      `az aks create ${scopeArguments(id)} --name <successor of ${short(id)}> --enable-private-cluster --private-dns-zone system`,
    ],
    "apiServerAccessProfile: {\n  enablePrivateCluster: true\n  privateDNSZone: 'system'\n}",
  );
}
