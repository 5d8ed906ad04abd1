import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-authentication',
  title: 'Kubelets authenticate bearer tokens through the API server',
  severity: 'HIGH',
  remediation: 'Set kubelet_authentication_token_webhook: true.',
  set: 'kubelet_authentication_token_webhook: true',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_authentication_token_webhook', mustBe(true, 'disabled')),
  kubelet: {
    field: 'authentication.webhook.enabled',
    flag: 'authentication-token-webhook',
    judge: mustBe(true, 'disabled'),
  },
});
