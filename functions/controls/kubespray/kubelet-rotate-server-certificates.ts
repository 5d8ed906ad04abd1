import { bad, good } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-rotate-server-certificates',
  title: 'Kubelets serve certificates that the cluster signed and rotates',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation:
    'Set kubelet_rotate_server_certificates: true (before v2.22 the signing requests have to be approved by hand).',
  evaluate: byVariable({
    set: 'kubelet_rotate_server_certificates: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_rotate_server_certificates', mustBe(true, 'disabled')),
    live: {
      components: ['kube-apiserver'],
      flag: 'kubelet-certificate-authority',
      judge: (value) =>
        value === undefined || value === ''
          ? bad('disabled', 'no --kubelet-certificate-authority on the command line')
          : good(`--kubelet-certificate-authority=${value}`),
    },
    kubelet: { field: 'serverTLSBootstrap', flag: 'rotate-server-certificates', judge: mustBe(true, 'disabled') },
  }),
});
