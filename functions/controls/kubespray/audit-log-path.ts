import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, flagRule, type JudgeValue } from './shared/judgements.ts';

const judge: JudgeValue = (value, where) => {
  if (typeof value !== 'string') return undecided('unrecognised-value', `${where} is not a path`);
  if (value === '-') return good(`${where}: standard output, kept only where container logs are shipped`);
  return value === '' ? bad('missing', where) : good(where);
};

export default defineKubesprayControl({
  id: 'kubespray-audit-log-path',
  title: 'The audit log, where it is on, has a path',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set audit_log_path; the host directory is audit_log_hostpath.',
  evaluate: byVariable({
    set: 'audit_log_path: /var/log/audit/kube-apiserver-audit.log',
    hosts: 'kube_control_plane',
    judge: byValue('audit_log_path', judge),
    live: {
      components: ['kube-apiserver'],
      flag: 'audit-log-path',
      judge: flagRule(judge, 'audit-log-path', (where) => bad('missing', where)),
    },
  }),
});
