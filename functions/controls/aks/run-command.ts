import { fail, pass } from '#domain/verdict.ts';
import { apiServerOf, CLUSTER_READ, clusterArguments, fact, optional } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

export default defineAksControl({
  id: 'aks-run-command',
  title: 'The run command is disabled',
  severity: 'MEDIUM',
  basis: 'seed 003: control plane access',
  reference: 'AKS documentation, access-private-cluster',
  remediation:
    'Disable the run command: with it, whoever may call Azure Resource Manager runs kubectl in a private cluster from the internet.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults('cluster.apiServer', 'cluster.apiServer.disableRunCommand'),
  evaluate(subject) {
    const profile = apiServerOf(subject);
    const disabled =
      profile === undefined
        ? undefined
        : optional(profile.disableRunCommand, 'apiServerAccessProfile.disableRunCommand');
    const proof = [
      fact(
        `disableRunCommand is ${disabled ?? 'absent (the default is false)'}`,
        'properties.apiServerAccessProfile.disableRunCommand',
        disabled ?? null,
        subject.source,
      ),
    ];
    if (disabled === true) return pass('the run command is disabled', proof);
    return fail(
      'run-command-enabled',
      'az aks command invoke reaches the API server from the internet: the run command is enabled',
      proof,
      {
        fix: {
          commands: [`az aks update ${clusterArguments(subject.evidence.id)} --disable-run-command`],
          fragments: [{ language: 'bicep', code: 'apiServerAccessProfile: {\n  disableRunCommand: true\n}' }],
        },
      },
    );
  },
});
