import { bad } from './assessment.ts';
import { atLeast, byValue, flagRule } from './judgements.ts';
import { variableControl } from './variable-control.ts';

const judge = atLeast(10, 'too-small');

export default variableControl({
  id: 'kubespray-audit-log-max-backups',
  title: 'The audit log, where it is on, keeps ten rotated files',
  severity: 'LOW',
  remediation: 'Set audit_log_maxbackups: 10 or more.',
  set: 'audit_log_maxbackups: 10',
  hosts: 'kube_control_plane',
  judge: byValue('audit_log_maxbackups', judge),
  live: {
    components: ['kube-apiserver'],
    flag: 'audit-log-maxbackup',
    judge: flagRule(judge, 'audit-log-maxbackup', (where) => bad('missing', where)),
  },
});
