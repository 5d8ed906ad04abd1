import { settle, show } from './judgements.ts';
import type { Finding } from './variable-control.ts';
import { bad, good, type HostView, undecided, variableControl } from './variable-control.ts';

/** The kubelet template of every release hard-codes `anonymous.enabled: false`; only these two variables can override it. */
export default variableControl({
  id: 'kubespray-kubelet-anonymous',
  title: 'Kubelets refuse anonymous requests',
  severity: 'CRITICAL',
  remediation:
    'Remove the override of anonymous authentication from kubelet_config_extra_args and kubelet_custom_flags.',
  hosts: 'k8s_cluster',
  judge: (view) => {
    const config = settle('kubelet_config_extra_args', view.read('kubelet_config_extra_args'), configuration);
    return config.state === 'good' ? flags(view) : config;
  },
});

function configuration(value: unknown, where: string): Finding {
  if (typeof value !== 'object' || value === null) return undecided('unrecognised-value', `${where} is no mapping`);
  const anonymous = (value as { authentication?: { anonymous?: { enabled?: unknown } } }).authentication?.anonymous
    ?.enabled;
  if (anonymous === undefined || anonymous === false) return good(`${where}: the template's "anonymous: false" stands`);
  return bad('anonymous', `${where} sets anonymous authentication to ${show(anonymous)}`);
}

function flags({ read }: HostView): Finding {
  return settle('kubelet_custom_flags', read('kubelet_custom_flags'), (value, where) => {
    const text = show(value);
    if (!text.includes('anonymous-auth')) return good(`${where}: the template's "anonymous: false" stands`);
    return /anonymous-auth[= ]+"?false/i.test(text) ? good(where) : bad('anonymous', where);
  });
}
