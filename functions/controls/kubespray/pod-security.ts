import { type Assessment, bad, good, type HostView, undecided, worstOf } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { disabledPlugins } from './shared/disabled-plugins.ts';
import { asBoolean, asList, settle } from './shared/judgements.ts';

const USE = 'kube_pod_security_use_default';
const FILE = 'kube_apiserver_admission_control_config_file';
const LEVEL = 'kube_pod_security_default_enforce';
const EXEMPT = 'kube_pod_security_exemptions_namespaces';

export default defineKubesprayControl({
  id: 'kubespray-pod-security',
  title: 'Namespaces without a label get the baseline or restricted Pod Security Standard',
  severity: 'HIGH',
  ...HARDENING,
  remediation:
    'Set kube_pod_security_use_default: true, kube_pod_security_default_enforce: restricted and kube_apiserver_admission_control_config_file: true.',
  evaluate: byVariable({
    set: 'kube_pod_security_use_default: true\nkube_pod_security_default_enforce: restricted\nkube_pod_security_exemptions_namespaces: [kube-system]\nkube_apiserver_admission_control_config_file: true',
    hosts: 'kube_control_plane',
    judge: (view) =>
      settle(USE, view.read(USE), (use, usedAt) => {
        if (asBoolean(use) !== true) return bad('disabled', usedAt);
        return settle(FILE, view.read(FILE), (file, fileAt) =>
          asBoolean(file) === true
            ? worstOf(level(view), pluginRuns(view))
            : bad('no-effect', `${fileAt}: the default would have no effect`),
        );
      }),
  }),
});

function pluginRuns(view: HostView): Assessment {
  return disabledPlugins(view, (value, where) => {
    const plugins = asList(value);
    if (plugins === undefined) return undecided('unrecognised-value', `${where} is not a list`);
    return plugins.includes('PodSecurity') ? bad('no-effect', `PodSecurity is switched off by ${where}`) : good(where);
  });
}

function level(view: HostView): Assessment {
  return settle(LEVEL, view.read(LEVEL), (value, where) => {
    if (value === 'privileged') return bad('privileged', where);
    if (value !== 'baseline' && value !== 'restricted') return undecided('unrecognised-value', where);
    return exemptions(view, where);
  });
}

function exemptions(view: HostView, level: string): Assessment {
  return settle(EXEMPT, view.read(EXEMPT), (value, where) => {
    const names = asList(value);
    if (names === undefined) return undecided('unrecognised-value', `${where} is not a list`);
    const beyond = names.filter((name) => name !== 'kube-system');
    return beyond.length === 0
      ? good(`${level}; ${where}`)
      : bad('exempt-namespaces', `${beyond.join(', ')} exempt in ${where}`, 'MEDIUM');
  });
}
