import { bad } from './assessment.ts';
import { byValue, flagRule, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge = mustBe(false, 'enabled');

export default variableControl({
  id: 'kubespray-profiling',
  title: 'Profiling is off on the control plane',
  severity: 'LOW',
  remediation: 'Set kube_profiling: false.',
  set: 'kube_profiling: false',
  hosts: 'kube_control_plane',
  judge: byValue('kube_profiling', judge),
  live: {
    components: ['kube-apiserver', 'kube-controller-manager'],
    flag: 'profiling',
    judge: flagRule(judge, 'profiling', (where) => bad('enabled', `${where}: upstream default true`)),
  },
});
