import { bad } from './assessment.ts';
import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-seccomp-default',
  title: 'Pods run with the default seccomp profile',
  severity: 'MEDIUM',
  remediation: 'Set kubelet_seccomp_default: true.',
  set: 'kubelet_seccomp_default: true',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_seccomp_default', mustBe(true, 'disabled'), (where) =>
    bad('disabled', `${where}: the kubelet defaults to false`),
  ),
  kubelet: { field: 'seccompDefault', flag: 'seccomp-default', judge: mustBe(true, 'disabled') },
});
