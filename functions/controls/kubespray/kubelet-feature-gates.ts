import { isAtLeast, type KubesprayVersion } from '#domain/kubespray/version.ts';
import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asGates, ownOrCommonGates, ROTATION_OFF } from './shared/feature-gates.ts';
import { type JudgeValue, settle } from './shared/judgements.ts';

const judge: JudgeValue = (value, where) => {
  const gates = asGates(value);
  if (gates === undefined) return undecided('unrecognised-value', `${where} is not a list`);
  return gates.includes(ROTATION_OFF) ? bad('disabled', where) : good(where);
};

export default defineKubesprayControl({
  id: 'kubespray-kubelet-feature-gates',
  title: 'Kubelet feature gates neither switch rotation off nor name a removed gate',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation:
    'Remove RotateKubeletServerCertificate=false, and from v2.25 on SeccompDefault, from kubelet_feature_gates.',
  evaluate: byVariable({
    set: 'kubelet_feature_gates: [RotateKubeletServerCertificate=true]',
    hosts: 'k8s_cluster',
    judge: (view) =>
      settle(...ownOrCommonGates(view, 'kubelet_feature_gates'), (value, where) => {
        const assessment = judge(value, where);
        const names = asGates(value)?.some((gate) => gate.startsWith('SeccompDefault=')) ?? false;
        return assessment.state === 'good' && names ? seccompGate(view.version, where) : assessment;
      }),
    kubelet: { field: 'featureGates', flag: 'feature-gates', judge },
  }),
});

/** Kubernetes 1.29, which v2.25 brought, removed the gate: a kubelet that is told of it does not start. */
function seccompGate(version: KubesprayVersion | undefined, where: string) {
  if (version === undefined)
    return undecided('version-unknown', `${where}: whether SeccompDefault still exists depends on the release`);
  return isAtLeast(version, 'v2.25.0') ? bad('removed-gate', `${where}: SeccompDefault was removed`) : good(where);
}
