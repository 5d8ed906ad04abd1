import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue, mustBe } from './shared/judgements.ts';

export default defineKubesprayControl({
  id: 'kubespray-kubelet-authentication',
  title: 'Kubelets authenticate bearer tokens through the API server',
  severity: 'HIGH',
  ...HARDENING,
  remediation: 'Set kubelet_authentication_token_webhook: true.',
  evaluate: byVariable({
    set: 'kubelet_authentication_token_webhook: true',
    hosts: 'k8s_cluster',
    judge: byValue('kubelet_authentication_token_webhook', mustBe(true, 'disabled')),
    kubelet: {
      field: 'authentication.webhook.enabled',
      flag: 'authentication-token-webhook',
      judge: mustBe(true, 'disabled'),
    },
  }),
});
