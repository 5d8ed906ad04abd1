import { type Assessment, bad, good, undecided, worstOf } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { disabledPlugins } from './shared/disabled-plugins.ts';
import { asList, settle } from './shared/judgements.ts';

const REQUIRED = ['EventRateLimit', 'AlwaysPullImages', 'NodeRestriction'];
/** Enabled without being named, unless they are switched off. PodSecurity is among them since Kubernetes 1.23. */
const BY_DEFAULT = [
  'NamespaceLifecycle',
  'ServiceAccount',
  'LimitRanger',
  'ResourceQuota',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionWebhook',
  'PodSecurity',
];

function enabled(value: unknown, where: string): Assessment {
  const plugins = asList(value);
  if (plugins === undefined) return undecided('unrecognised-value', `${where} is not a list`);
  if (plugins.includes('AlwaysAdmit')) return bad('always-admit', where);
  // With an empty list the role writes no flag, and kubeadm's own NodeRestriction stands.
  const named = plugins.length === 0 ? ['NodeRestriction'] : plugins;
  const missing = REQUIRED.filter((plugin) => !named.includes(plugin));
  return missing.length === 0 ? good(where) : bad('missing', `${missing.join(', ')} missing in ${where}`);
}

function notDisabled(value: unknown, where: string): Assessment {
  const plugins = asList(value);
  if (plugins === undefined) return undecided('unrecognised-value', `${where} is not a list`);
  const off = plugins.filter((plugin) => BY_DEFAULT.includes(plugin) || REQUIRED.includes(plugin));
  return off.length === 0 ? good(where) : bad('disabled', `${off.join(', ')} switched off by ${where}`);
}

export default defineKubesprayControl({
  id: 'kubespray-admission-plugins',
  title: 'EventRateLimit, AlwaysPullImages and NodeRestriction are enabled, AlwaysAdmit is not, no default is disabled',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation:
    'Add the missing plugins to kube_apiserver_enable_admission_plugins, and take defaults out of kube_apiserver_disable_admission_plugins.',
  evaluate: byVariable({
    set: 'kube_apiserver_enable_admission_plugins: [EventRateLimit, AlwaysPullImages, NodeRestriction]\nkube_apiserver_disable_admission_plugins: []',
    hosts: 'kube_control_plane',
    judge: (view) => {
      const name = 'kube_apiserver_enable_admission_plugins';
      return worstOf(settle(name, view.read(name), enabled), disabledPlugins(view, notDisabled));
    },
    live: {
      components: ['kube-apiserver'],
      flag: 'enable-admission-plugins',
      judge: (value, other) => {
        const on =
          value === undefined
            ? bad('missing', 'no --enable-admission-plugins on the command line')
            : enabled(value, `--enable-admission-plugins=${value}`);
        const off = other('disable-admission-plugins');
        return off === undefined ? on : worstOf(on, notDisabled(off, `--disable-admission-plugins=${off}`));
      },
    },
  }),
});
