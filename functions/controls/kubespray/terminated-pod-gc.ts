import { bad } from './assessment.ts';
import { atLeast, byValue, flagRule } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge = atLeast(1, 'disabled');

export default variableControl({
  id: 'kubespray-terminated-pod-gc',
  title: 'Terminated pods are collected',
  severity: 'LOW',
  remediation: 'Set kube_controller_terminated_pod_gc_threshold: 50.',
  set: 'kube_controller_terminated_pod_gc_threshold: 50',
  hosts: 'kube_control_plane',
  judge: byValue('kube_controller_terminated_pod_gc_threshold', judge),
  live: {
    components: ['kube-controller-manager'],
    flag: 'terminated-pod-gc-threshold',
    judge: flagRule(judge, 'terminated-pod-gc-threshold', (where) => bad('missing', where)),
  },
});
