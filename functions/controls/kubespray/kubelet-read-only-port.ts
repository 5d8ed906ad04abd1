import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asNumber, byValue, type JudgeValue } from './shared/judgements.ts';

const judge: JudgeValue = (value, where) => {
  const port = asNumber(value);
  if (port === undefined) return undecided('unrecognised-value', `${where} is not a port`);
  return port === 0 ? good(where) : bad('port-open', where);
};

export default defineKubesprayControl({
  id: 'kubespray-kubelet-read-only-port',
  title: 'The kubelet has no read-only port',
  severity: 'HIGH',
  ...HARDENING,
  remediation: 'Set kube_read_only_port: 0.',
  evaluate: byVariable({
    set: 'kube_read_only_port: 0',
    hosts: 'k8s_cluster',
    judge: byValue('kube_read_only_port', judge),
    kubelet: { field: 'readOnlyPort', flag: 'read-only-port', judge },
  }),
});
