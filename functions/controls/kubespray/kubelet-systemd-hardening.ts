import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-systemd-hardening',
  title: 'The kubelet unit admits listed addresses only',
  severity: 'MEDIUM',
  remediation: 'Set kubelet_systemd_hardening: true and name the addresses in kubelet_secure_addresses.',
  set: 'kubelet_systemd_hardening: true',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_systemd_hardening', mustBe(true, 'disabled')),
});
