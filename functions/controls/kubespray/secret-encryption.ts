import { bad, good } from './assessment.ts';
import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-secret-encryption',
  title: 'Secrets are encrypted in etcd',
  severity: 'HIGH',
  remediation: 'Set kube_encrypt_secret_data: true, and rewrite the existing Secrets afterwards.',
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
});
