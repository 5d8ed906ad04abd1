import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-rotate-certificates',
  title: 'Kubelets rotate their client certificates',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set kubelet_rotate_certificates: true.',
  evaluate: byVariable({
    set: 'kubelet_rotate_certificates: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_rotate_certificates', mustBe(true, 'disabled')),
    kubelet: { field: 'rotateCertificates', flag: 'rotate-certificates', judge: mustBe(true, 'disabled') },
  }),
});
