import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-systemd-hardening',
  title: 'The kubelet unit admits listed addresses only',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set kubelet_systemd_hardening: true and name the addresses in kubelet_secure_addresses.',
  evaluate: byVariable({
    set: 'kubelet_systemd_hardening: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_systemd_hardening', mustBe(true, 'disabled')),
  }),
});
