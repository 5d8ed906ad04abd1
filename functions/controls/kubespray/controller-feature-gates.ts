import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asGates, ownOrCommonGates, ROTATION_OFF } from './shared/feature-gates.ts';
import { flagRule, type JudgeValue, settle } from './shared/judgements.ts';

const judge: JudgeValue = (value, where) => {
  const gates = asGates(value);
  if (gates === undefined) return undecided('unrecognised-value', `${where} is not a list`);
  return gates.includes(ROTATION_OFF) ? bad('disabled', where) : good(where);
};

export default defineKubesprayControl({
  id: 'kubespray-controller-feature-gates',
  title: 'The controller manager signs rotated kubelet certificates',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Remove RotateKubeletServerCertificate=false from kube_controller_feature_gates and kube_feature_gates.',
  evaluate: byVariable({
    set: 'kube_controller_feature_gates: [RotateKubeletServerCertificate=true]',
    hosts: 'kube_control_plane',
    judge: (view) => settle(...ownOrCommonGates(view, 'kube_controller_feature_gates'), judge),
    live: {
      components: ['kube-controller-manager'],
      flag: 'feature-gates',
      judge: flagRule(judge, 'feature-gates', (where) => good(`${where}: the gate defaults to true`)),
    },
  }),
});
