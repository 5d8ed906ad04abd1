import { type Assessment, bad, good, type HostView, undecided, worstOf } from './assessment.ts';
import { asList, settle } from './judgements.ts';
import { extraArgument } from './overrides.ts';
import { variableControl } from './variable-control.ts';

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
const DISABLED = 'kube_apiserver_disable_admission_plugins';

function enabled(value: unknown, where: string): Assessment {
  const plugins = asList(value);
  if (plugins === undefined) return undecided('unrecognised-value', `${where} is no list`);
  if (plugins.includes('AlwaysAdmit')) return bad('always-admit', where);
  // With an empty list the role writes no flag, and kubeadm's own NodeRestriction stands.
  const named = plugins.length === 0 ? ['NodeRestriction'] : plugins;
  const missing = REQUIRED.filter((plugin) => !named.includes(plugin));
  return missing.length === 0 ? good(where) : bad('missing', `${missing.join(', ')} missing in ${where}`);
}

function notDisabled(value: unknown, where: string): Assessment {
  const plugins = asList(value);
  if (plugins === undefined) return undecided('unrecognised-value', `${where} is no list`);
  const off = plugins.filter((plugin) => BY_DEFAULT.includes(plugin) || REQUIRED.includes(plugin));
  return off.length === 0 ? good(where) : bad('disabled', `${off.join(', ')} switched off by ${where}`);
}

/** What the inventory switches off, by its variable or past it. */
export function disabledPlugins(view: HostView, judge: (value: unknown, where: string) => Assessment): Assessment {
  const setting = view.read(DISABLED);
  // As with every override: a vaulted password file is not supposed to hold it.
  const isSilent = setting.state === 'undecided' && setting.isSealed === true;
  const own = isSilent ? good(`no file that can be read sets ${DISABLED}`) : settle(DISABLED, setting, judge);
  const extra = extraArgument(view, 'kube-apiserver', 'disable-admission-plugins');
  if (extra.state === 'silent') return own;
  return worstOf(
    own,
    extra.state === 'given'
      ? judge(extra.value, `--disable-admission-plugins=${extra.value} (${extra.where})`)
      : extra.assessment,
  );
}

export default variableControl({
  id: 'kubespray-admission-plugins',
  title: 'EventRateLimit, AlwaysPullImages and NodeRestriction are enabled, AlwaysAdmit is not, no default is disabled',
  severity: 'MEDIUM',
  remediation:
    'Add the missing plugins to kube_apiserver_enable_admission_plugins, and take defaults out of kube_apiserver_disable_admission_plugins.',
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
});
