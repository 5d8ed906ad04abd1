import { bad, good, undecided, worstOf } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { includesSecrets } from './shared/encrypted-resources.ts';
import { asList, byValue, mustBe } from './shared/judgements.ts';

const resources = byValue('kube_encryption_resources', (value, where) => {
  const list = asList(value);
  if (list === undefined) return undecided('unrecognised-value', `${where} is not a list`);
  return includesSecrets(list)
    ? good(where)
    : {
        ...bad('secrets-missing', `${where}: Secrets are not among the encrypted resources`),
        set: 'kube_encryption_resources: [secrets]',
      };
});

const algorithm = byValue('kube_encryption_algorithm', (value, where) =>
  String(value).toLowerCase() === 'identity'
    ? {
        ...bad('identity', `${where}: the provider identity writes plain text`),
        set: 'kube_encryption_algorithm: secretbox',
      }
    : good(where),
);

export default defineKubesprayControl({
  id: 'kubespray-secret-encryption',
  title: 'Secrets are encrypted in etcd',
  severity: 'HIGH',
  ...HARDENING,
  remediation: 'Set kube_encrypt_secret_data: true, and rewrite the existing Secrets afterwards.',
  evaluate: byVariable({
    set: 'kube_encrypt_secret_data: true',
    hosts: 'kube_control_plane',
    judge: (view) => {
      const on = byValue('kube_encrypt_secret_data', mustBe(true, 'disabled'))(view);
      // What is switched off is said once.
      return on.state === 'bad' ? on : worstOf(on, resources(view), algorithm(view));
    },
    live: {
      components: ['kube-apiserver'],
      flag: 'encryption-provider-config',
      judge: (value) =>
        value === undefined || value === ''
          ? bad('disabled', 'no --encryption-provider-config on the command line')
          : good(`--encryption-provider-config=${value}`),
    },
  }),
});
