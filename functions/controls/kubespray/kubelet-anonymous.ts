import { good } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { mustBe } from './shared/judgements.ts';

/** The kubelet template of every release hard-codes `anonymous.enabled: false`; only extra configuration and flags can override it. */
export default defineKubesprayControl({
  id: 'kubespray-kubelet-anonymous',
  title: 'Kubelets refuse anonymous requests',
  severity: 'CRITICAL',
  ...HARDENING,
  remediation:
    'Remove the override of anonymous authentication from kubelet_config_extra_args and kubelet_custom_flags.',
  evaluate: byVariable({
    set: 'kubelet_config_extra_args: { authentication: { anonymous: { enabled: false } } }\nkubelet_custom_flags: []',
    hosts: 'k8s_cluster',
    judge: () => good('the template\'s "anonymous: false" stands, no extra argument overrides it'),
    kubelet: {
      field: 'authentication.anonymous.enabled',
      flag: 'anonymous-auth',
      judge: mustBe(false, 'anonymous'),
    },
  }),
});
