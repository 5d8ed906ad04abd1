import { bad, good, undecided } from './assessment.ts';
import { asNumber, byValue, type JudgeValue } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge: JudgeValue = (value, where) => {
  const port = asNumber(value);
  if (port === undefined) return undecided('unrecognised-value', `${where} is no port`);
  return port === 0 ? good(where) : bad('port-open', where);
};

export default variableControl({
  id: 'kubespray-kubelet-read-only-port',
  title: 'The kubelet has no read-only port',
  severity: 'HIGH',
  remediation: 'Set kube_read_only_port: 0.',
  set: 'kube_read_only_port: 0',
  hosts: 'k8s_cluster',
  judge: byValue('kube_read_only_port', judge),
  kubelet: { field: 'readOnlyPort', flag: 'read-only-port', judge },
});
