import { asBoolean, mustBe, settle } from './judgements.ts';
import { bad, good, variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-audit',
  title: 'The API server writes an audit log or sends it to a webhook',
  severity: 'HIGH',
  remediation: 'Set kubernetes_audit: true (or kubernetes_audit_webhook: true).',
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
    judge: (value) =>
      value === undefined || value === ''
        ? bad('disabled', 'no --audit-policy-file on the command line')
        : good(`--audit-policy-file=${value}`),
  },
});
