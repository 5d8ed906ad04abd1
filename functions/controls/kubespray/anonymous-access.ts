import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-anonymous-access',
  title: 'The public cluster-info is not readable anonymously',
  severity: 'LOW',
  remediation: 'Set remove_anonymous_access: true.',
  set: 'remove_anonymous_access: true',
  hosts: 'kube_control_plane',
  judge: byValue('remove_anonymous_access', mustBe(true, 'anonymous')),
});
