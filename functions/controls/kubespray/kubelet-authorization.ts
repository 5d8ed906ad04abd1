import { byValue, mustBe } from './judgements.ts';
import { variableControl } from './variable-control.ts';

export default variableControl({
  id: 'kubespray-kubelet-authorization',
  title: 'Kubelets ask the API server whether a request is allowed',
  severity: 'CRITICAL',
  remediation:
    'Set kubelet_authorization_mode_webhook: true. With v2.20 the default is false, which leaves every kubelet at AlwaysAllow.',
  hosts: 'k8s_cluster',
  judge: byValue('kubelet_authorization_mode_webhook', mustBe(true, 'always-allow')),
});
