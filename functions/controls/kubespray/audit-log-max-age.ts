import { bad } from './assessment.ts';
import { atLeast, byValue, flagRule } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge = atLeast(30, 'too-small');

export default variableControl({
  id: 'kubespray-audit-log-max-age',
  title: 'The audit log, where it is on, is kept for 30 days',
  severity: 'LOW',
  remediation: 'Set audit_log_maxage: 30 or more.',
  set: 'audit_log_maxage: 30',
  hosts: 'kube_control_plane',
  judge: byValue('audit_log_maxage', judge),
  live: {
    components: ['kube-apiserver'],
    flag: 'audit-log-maxage',
    judge: flagRule(judge, 'audit-log-maxage', (where) => bad('missing', where)),
  },
});
