import { bad, good } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-secret-encryption',
  title: 'Secrets are encrypted in etcd',
  severity: 'HIGH',
  ...HARDENING,
  remediation: 'Set kube_encrypt_secret_data: true, and rewrite the existing Secrets afterwards.',
  evaluate: byVariable({
    set: 'kube_encrypt_secret_data: true',
    hosts: 'kube_control_plane',
    judge: byValue('kube_encrypt_secret_data', mustBe(true, 'disabled')),
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
