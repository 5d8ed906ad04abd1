import { good, undecided } from './assessment.ts';
import { byValue } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-etcd-deployment',
  title: 'etcd runs as a host service or under kubeadm',
  severity: 'INFORMATIONAL',
  remediation: 'Set etcd_deployment_type to host or kubeadm.',
  set: 'etcd_deployment_type: host',
  hosts: 'etcd',
  judge: byValue('etcd_deployment_type', (value, where) =>
    value === 'host' || value === 'kubeadm' ? good(where) : undecided('unrecognised-value', where),
  ),
});
