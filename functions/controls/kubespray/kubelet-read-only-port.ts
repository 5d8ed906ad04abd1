import { asNumber, byValue } from './judgements.ts';
import { bad, good, undecided, variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-read-only-port',
  title: 'The kubelet has no read-only port',
  severity: 'HIGH',
  remediation: 'Set kube_read_only_port: 0.',
  hosts: 'k8s_cluster',
  judge: byValue('kube_read_only_port', (value, where) => {
    const port = asNumber(value);
    if (port === undefined) return undecided('unrecognised-value', `${where} is no port`);
    return port === 0 ? good(where) : bad('port-open', where);
  }),
});
