import { fail, notApplicable, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import apiPrivate from './api-private.ts';
import nodePublicIp from './node-public-ip.ts';
import { CLUSTER_READ, clusterArguments, derived, fact, optional, outboundTypeOf, same } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { type AksSubject, defineAksControl } from './shared/define-aks-control.ts';

export default defineAksControl({
  id: 'aks-network-isolated',
  title: 'Outbound type none or block is backed by a network isolated cluster',
  severity: 'MEDIUM',
  basis: 'seed 003: egress for images and updates',
  reference: 'AKS documentation, concepts-network-isolated',
  remediation: 'Set bootstrapProfile.artifactSource to Cache, make the API server private, and reimage the nodes.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults(
    'cluster.apiServer',
    'cluster.apiServer.enablePrivateCluster',
    'cluster.bootstrap',
    'cluster.bootstrap.artifactSource',
    'cluster.pools.enableNodePublicIp',
  ),
  evaluate: judgeNetworkIsolated,
});

function judgeNetworkIsolated(subject: AksSubject): Verdict {
  const outbound = outboundTypeOf(subject);
  if (!same(outbound, 'none') && !same(outbound, 'block'))
    return notApplicable('other-outbound-type', `the outbound type is ${outbound ?? 'loadBalancer (the default)'}`);
  const bootstrap = optional(subject.cluster.bootstrap, 'bootstrapProfile');
  const artifacts =
    bootstrap === undefined ? undefined : optional(bootstrap.artifactSource, 'bootstrapProfile.artifactSource');
  const told = artifacts ?? 'absent (the default is Direct)';
  const proof = [
    fact(
      `bootstrapProfile.artifactSource is ${told}`,
      'properties.bootstrapProfile.artifactSource',
      artifacts ?? null,
      subject.source,
    ),
  ];
  const source =
    artifacts === undefined || same(artifacts, 'Direct')
      ? fail('artifacts-direct', `nodes fetch their images from the internet: artifactSource is ${told}`, proof, {
          fix: {
            commands: [`az aks update ${clusterArguments(subject.evidence.id)} --bootstrap-artifact-source Cache`],
            fragments: [{ language: 'bicep', code: "bootstrapProfile: {\n  artifactSource: 'Cache'\n}" }],
          },
        })
      : same(artifacts, 'Cache')
        ? pass('artifacts come from the cache', [
            ...proof,
            derived('ARM does not show whether the nodes were reimaged after the change to Cache'),
          ])
        : unknown('unrecognised-value', `artifactSource ${artifacts} is not known`, proof);
  return combine(
    [source, subject.verdictOf(apiPrivate), subject.verdictOf(nodePublicIp)],
    'the cluster is network isolated: artifacts from the cache, private API server, no node addresses',
  );
}
