import { asList, byValue, flagRule, type JudgeValue } from './judgements.ts';
import { bad, good, undecided, variableControl } from './variable-control.ts';

const judge: JudgeValue = (value, where) => {
  const gates = asList(value);
  if (gates === undefined) return undecided('unrecognised-value', `${where} is no list`);
  return gates.includes('RotateKubeletServerCertificate=false') ? bad('disabled', where) : good(where);
};

export default variableControl({
  id: 'kubespray-controller-feature-gates',
  title: 'The controller manager signs rotated kubelet certificates',
  severity: 'LOW',
  remediation: 'Remove RotateKubeletServerCertificate=false from kube_controller_feature_gates.',
  hosts: 'kube_control_plane',
  judge: byValue('kube_controller_feature_gates', judge),
  live: {
    components: ['kube-controller-manager'],
    flag: 'feature-gates',
    judge: flagRule(judge, 'feature-gates', (where) => good(`${where}: the gate defaults to true`)),
  },
});
