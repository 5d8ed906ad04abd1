import { bad, good, undecided } from './assessment.ts';
import { asGates, ownOrCommonGates, ROTATION_OFF } from './feature-gates.ts';
import { type JudgeValue, settle } from './judgements.ts';
import { variableControl } from './variable-control.ts';
import { isAtLeast, type KubesprayVersion } from './version.ts';

const judge: JudgeValue = (value, where) => {
  const gates = asGates(value);
  if (gates === undefined) return undecided('unrecognised-value', `${where} is no list`);
  return gates.includes(ROTATION_OFF) ? bad('disabled', where) : good(where);
};

export default variableControl({
  id: 'kubespray-kubelet-feature-gates',
  title: 'Kubelet feature gates neither switch rotation off nor name a removed gate',
  severity: 'MEDIUM',
  remediation:
    'Remove RotateKubeletServerCertificate=false, and from v2.25 on SeccompDefault, from kubelet_feature_gates.',
  set: 'kubelet_feature_gates: [RotateKubeletServerCertificate=true]',
  hosts: 'k8s_cluster',
  judge: (view) =>
    settle(...ownOrCommonGates(view, 'kubelet_feature_gates'), (value, where) => {
      const assessment = judge(value, where);
      const names = asGates(value)?.some((gate) => gate.startsWith('SeccompDefault=')) ?? false;
      return assessment.state === 'good' && names ? seccompGate(view.version, where) : assessment;
    }),
  kubelet: { field: 'featureGates', flag: 'feature-gates', judge },
});

/** Kubernetes 1.29, which v2.25 brought, removed the gate: a kubelet that is told of it does not start. */
function seccompGate(version: KubesprayVersion | undefined, where: string) {
  if (version === undefined)
    return undecided('version-unknown', `${where}: whether SeccompDefault still exists depends on the release`);
  return isAtLeast(version, 'v2.25.0') ? bad('removed-gate', `${where}: SeccompDefault was removed`) : good(where);
}
