import { fail, pass } from '#domain/verdict.ts';
import { CLUSTER_READ, clusterArguments, fact, optional } from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

export default defineAksControl({
  id: 'aks-local-accounts',
  title: 'Local accounts are disabled',
  severity: 'MEDIUM',
  basis: 'seed 002: who may reach the cluster',
  reference: 'AKS documentation, manage-local-accounts-managed-azure-ad',
  remediation: 'Disable local accounts and rotate the certificates: those issued before stay valid until then.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults('cluster.disableLocalAccounts'),
  evaluate(subject) {
    const disabled = optional(subject.cluster.disableLocalAccounts, 'disableLocalAccounts');
    const proof = [
      fact(
        `disableLocalAccounts is ${disabled ?? 'absent (the default is false)'}`,
        'properties.disableLocalAccounts',
        disabled ?? null,
        subject.source,
      ),
    ];
    if (disabled === true) return pass('local accounts are disabled', proof);
    return fail(
      'local-accounts-enabled',
      'local accounts are enabled: a cluster certificate gives access without Entra',
      proof,
      {
        fix: {
          commands: [`az aks update ${clusterArguments(subject.evidence.id)} --disable-local-accounts`],
          fragments: [{ language: 'bicep', code: 'properties: {\n  disableLocalAccounts: true\n}' }],
        },
      },
    );
  },
});
