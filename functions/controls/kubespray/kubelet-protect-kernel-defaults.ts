import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-protect-kernel-defaults',
  title: 'Kubelets do not start with other kernel settings than they need',
  severity: 'LOW',
  remediation: 'Set kubelet_protect_kernel_defaults: true.',
  set: 'kubelet_protect_kernel_defaults: true',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_protect_kernel_defaults', mustBe(true, 'disabled')),
  kubelet: { field: 'protectKernelDefaults', flag: 'protect-kernel-defaults', judge: mustBe(true, 'disabled') },
});
