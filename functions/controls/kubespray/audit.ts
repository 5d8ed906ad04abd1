import { bad, good } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asBoolean, mustBe, settle } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-audit',
  title: 'The API server writes an audit log or sends it to a webhook',
  severity: 'HIGH',
  ...HARDENING,
  remediation: 'Set kubernetes_audit: true (or kubernetes_audit_webhook: true).',
  evaluate: byVariable({
    set: 'kubernetes_audit: true',
    hosts: 'kube_control_plane',
    judge: ({ read }) => {
      const webhook = read('kubernetes_audit_webhook');
      if (webhook.state === 'set' && asBoolean(webhook.value) === true) {
        return good(`kubernetes_audit_webhook: true (${webhook.where})`);
      }
      const log = settle('kubernetes_audit', read('kubernetes_audit'), mustBe(true, 'disabled'));
      // Only with both read may the control say that there is no audit at all.
      return log.state === 'bad' && webhook.state === 'undecided'
        ? { state: 'undecided', reason: webhook.reason, note: webhook.message }
        : log;
    },
    live: {
      components: ['kube-apiserver'],
      flag: 'audit-policy-file',
      judge: (value, other) => {
        if (value === undefined || value === '') return bad('disabled', 'no --audit-policy-file on the command line');
        const sink = ['audit-log-path', 'audit-webhook-config-file'].find((flag) => (other(flag) ?? '') !== '');
        return sink === undefined
          ? bad('disabled', 'a policy, but neither --audit-log-path nor --audit-webhook-config-file')
          : good(`--audit-policy-file=${value}, --${sink}=${other(sink)}`);
      },
    },
  }),
});
