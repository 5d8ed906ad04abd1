import { atLeast, byValue, flagRule } from './judgements.ts';
import { bad, variableControl } from './variable-control.ts';

const judge = atLeast(30, 'too-small');

export default variableControl({
  id: 'kubespray-audit-log-max-age',
  title: 'Audit logs are kept for 30 days',
  severity: 'LOW',
  remediation: 'Set audit_log_maxage: 30 or more.',
  hosts: 'kube_control_plane',
  judge: byValue('audit_log_maxage', judge),
  live: {
    components: ['kube-apiserver'],
    flag: 'audit-log-maxage',
    judge: flagRule(judge, 'audit-log-maxage', (where) => bad('missing', where)),
  },
});
