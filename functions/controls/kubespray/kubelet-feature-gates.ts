import { asList, byValue } from './judgements.ts';
import { bad, good, type HostView, undecided, variableControl } from './variable-control.ts';
import { isAtLeast } from './version.ts';

export default variableControl({
  id: 'kubespray-kubelet-feature-gates',
  title: 'Kubelet feature gates neither switch rotation off nor name a removed gate',
  severity: 'MEDIUM',
  remediation:
    'Remove RotateKubeletServerCertificate=false, and from v2.25 on SeccompDefault, from kubelet_feature_gates.',
  hosts: 'k8s_cluster',
  judge: (view) =>
    byValue('kubelet_feature_gates', (value, where) => {
      const gates = asList(value);
      if (gates === undefined) return undecided('unrecognised-value', `${where} is no list`);
      if (gates.includes('RotateKubeletServerCertificate=false')) return bad('disabled', where);
      return gates.some((gate) => gate.startsWith('SeccompDefault=')) ? seccompGate(view, where) : good(where);
    })(view),
});

/** Kubernetes 1.29, which v2.25 brought, removed the gate: a kubelet that is told of it does not start. */
function seccompGate({ version }: HostView, where: string) {
  if (version === undefined)
    return undecided('version-unknown', `${where}: whether SeccompDefault still exists depends on the release`);
  return isAtLeast(version, 'v2.25.0') ? bad('removed-gate', `${where}: SeccompDefault was removed`) : good(where);
}
