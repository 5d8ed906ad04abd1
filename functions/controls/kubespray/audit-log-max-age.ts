import { bad } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { atLeast, byValue, flagRule } from './shared/judgements.ts';

const judge = atLeast(30, 'too-small');

export default defineKubesprayControl({
  id: 'kubespray-audit-log-max-age',
  title: 'The audit log, where it is on, is kept for 30 days',
  severity: 'LOW',
  ...HARDENING,
  remediation: 'Set audit_log_maxage: 30 or more.',
  evaluate: byVariable({
    set: 'audit_log_maxage: 30',
    hosts: 'kube_control_plane',
    judge: byValue('audit_log_maxage', judge),
    live: {
      components: ['kube-apiserver'],
      flag: 'audit-log-maxage',
      judge: flagRule(judge, 'audit-log-maxage', (where) => bad('missing', where)),
    },
  }),
});
