import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, type JudgeValue, mustBe } from './shared/judgements.ts';

const judgeMode: JudgeValue = (value, where) => {
  if (value === 'Webhook') return good(where);
  return value === 'AlwaysAllow' ? bad('always-allow', where) : undecided('unrecognised-value', where);
};

export default defineKubesprayControl({
  id: 'kubespray-kubelet-authorization',
  title: 'Kubelets ask the API server whether a request is allowed',
  severity: 'CRITICAL',
  ...HARDENING,
  remediation:
    'Set kubelet_authorization_mode_webhook: true. With v2.20 the default is false, which leaves every kubelet at AlwaysAllow.',
  evaluate: byVariable({
    set: 'kubelet_authorization_mode_webhook: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_authorization_mode_webhook', mustBe(true, 'always-allow')),
    kubelet: { field: 'authorization.mode', flag: 'authorization-mode', judge: judgeMode },
  }),
});
