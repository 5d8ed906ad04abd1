import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-protect-kernel-defaults',
  title: 'Kubelets do not start with other kernel settings than they need',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set kubelet_protect_kernel_defaults: true.',
  evaluate: byVariable({
    set: 'kubelet_protect_kernel_defaults: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_protect_kernel_defaults', mustBe(true, 'disabled')),
    kubelet: { field: 'protectKernelDefaults', flag: 'protect-kernel-defaults', judge: mustBe(true, 'disabled') },
  }),
});
