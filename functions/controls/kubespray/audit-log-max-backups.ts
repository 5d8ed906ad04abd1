import { bad } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { atLeast, byValue, flagRule } from './shared/judgements.ts';

const judge = atLeast(10, 'too-small');

export default defineKubesprayControl({
  id: 'kubespray-audit-log-max-backups',
  title: 'The audit log, where it is on, keeps ten rotated files',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set audit_log_maxbackups: 10 or more.',
  evaluate: byVariable({
    set: 'audit_log_maxbackups: 10',
    hosts: 'kube_control_plane',
    judge: byValue('audit_log_maxbackups', judge),
    live: {
      components: ['kube-apiserver'],
      flag: 'audit-log-maxbackup',
      judge: flagRule(judge, 'audit-log-maxbackup', (where) => bad('missing', where)),
    },
  }),
});
