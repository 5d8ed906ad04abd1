import { bad } from './assessment.ts';
import { atLeast, byValue, flagRule } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge = atLeast(100, 'too-small');

export default variableControl({
  id: 'kubespray-audit-log-max-size',
  title: 'The audit log, where it is on, holds 100 MB before it is rotated',
  severity: 'LOW',
  remediation: 'Set audit_log_maxsize: 100 or more.',
  set: 'audit_log_maxsize: 100',
  hosts: 'kube_control_plane',
  judge: byValue('audit_log_maxsize', judge),
  live: {
    components: ['kube-apiserver'],
    flag: 'audit-log-maxsize',
    judge: flagRule(judge, 'audit-log-maxsize', (where) => bad('missing', where)),
  },
});
