import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { includesSecrets } from './shared/encrypted-resources.ts';
import { asList, byValue } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-encryption-resources',
  title: 'The encrypted resources, where encryption is on, include Secrets',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set kube_encryption_resources: [secrets].',
  evaluate: byVariable({
    set: 'kube_encryption_resources: [secrets]',
    hosts: 'kube_control_plane',
    judge: byValue('kube_encryption_resources', (value, where) => {
      const resources = asList(value);
      if (resources === undefined) return undecided('unrecognised-value', `${where} is not a list`);
      return includesSecrets(resources) ? good(where) : bad('missing', where);
    }),
  }),
});
