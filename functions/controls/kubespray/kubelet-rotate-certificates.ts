import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-rotate-certificates',
  title: 'Kubelets rotate their client certificates',
  severity: 'MEDIUM',
  remediation: 'Set kubelet_rotate_certificates: true.',
  set: 'kubelet_rotate_certificates: true',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_rotate_certificates', mustBe(true, 'disabled')),
  kubelet: { field: 'rotateCertificates', flag: 'rotate-certificates', judge: mustBe(true, 'disabled') },
});
