import { atLeast, byValue, flagRule } from './judgements.ts';
import { bad, variableControl } from './variable-control.ts';

const judge = atLeast(10, 'too-small');

export default variableControl({
  id: 'kubespray-audit-log-max-backups',
  title: 'Ten rotated audit logs are kept',
  severity: 'LOW',
  remediation: 'Set audit_log_maxbackups: 10 or more.',
  hosts: 'kube_control_plane',
  judge: byValue('audit_log_maxbackups', judge),
  live: {
    components: ['kube-apiserver'],
    flag: 'audit-log-maxbackup',
    judge: flagRule(judge, 'audit-log-maxbackup', (where) => bad('missing', where)),
  },
});
