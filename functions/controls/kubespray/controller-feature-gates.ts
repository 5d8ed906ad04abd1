import { bad, good, undecided } from './assessment.ts';
import { asGates, ownOrCommonGates, ROTATION_OFF } from './feature-gates.ts';
import { flagRule, type JudgeValue, settle } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge: JudgeValue = (value, where) => {
  const gates = asGates(value);
  if (gates === undefined) return undecided('unrecognised-value', `${where} is no list`);
  return gates.includes(ROTATION_OFF) ? bad('disabled', where) : good(where);
};

export default variableControl({
  id: 'kubespray-controller-feature-gates',
  title: 'The controller manager signs rotated kubelet certificates',
  severity: 'LOW',
  remediation: 'Remove RotateKubeletServerCertificate=false from kube_controller_feature_gates and kube_feature_gates.',
  set: 'kube_controller_feature_gates: [RotateKubeletServerCertificate=true]',
  hosts: 'kube_control_plane',
  judge: (view) => settle(...ownOrCommonGates(view, 'kube_controller_feature_gates'), judge),
  live: {
    components: ['kube-controller-manager'],
    flag: 'feature-gates',
    judge: flagRule(judge, 'feature-gates', (where) => good(`${where}: the gate defaults to true`)),
  },
});
