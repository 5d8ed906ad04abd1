import { bad } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { atLeast, byValue, flagRule } from './shared/judgements.ts';

const judge = atLeast(100, 'too-small');

export default defineKubesprayControl({
  id: 'kubespray-audit-log-max-size',
  title: 'The audit log, where it is on, holds 100 MB before it is rotated',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set audit_log_maxsize: 100 or more.',
  evaluate: byVariable({
    set: 'audit_log_maxsize: 100',
    hosts: 'kube_control_plane',
    judge: byValue('audit_log_maxsize', judge),
    live: {
      components: ['kube-apiserver'],
      flag: 'audit-log-maxsize',
      judge: flagRule(judge, 'audit-log-maxsize', (where) => bad('missing', where)),
    },
  }),
});
