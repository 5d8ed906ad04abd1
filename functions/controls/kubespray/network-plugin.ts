import { isAtLeast } from '#domain/kubespray/version.ts';
import { type Assessment, bad, good, type HostView, undecided, worstOf } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue } from './shared/judgements.ts';
import { enforcement } from './shared/plugin-enforcement.ts';

/** Roles of the releases up to v2.31; canal was removed in v2.22, weave in v2.29. */
const ENFORCING = ['calico', 'cilium', 'kube-ovn', 'kube-router'];
const NOT_ENFORCING = ['flannel', 'macvlan', 'cloud'];
const REMOVED: Readonly<Record<string, string>> = { canal: 'v2.22.0', weave: 'v2.29.0' };

export default defineKubesprayControl({
  id: 'kubespray-network-plugin',
  title: 'The network plugin enforces NetworkPolicies',
  severity: 'HIGH',
  ...HARDENING,
  remediation:
    'Set kube_network_plugin to calico, cilium, kube-ovn or kube-router, and do not switch its enforcement off (kube_router_run_firewall, kube_ovn_enable_np, cilium_policy_audit_mode, enable-policy).',
  evaluate: byVariable({
    set: 'kube_network_plugin: calico',
    hosts: 'k8s_cluster',
    judge: (view) => byValue('kube_network_plugin', (value, where) => plugin(view, value, where))(view),
  }),
});

function plugin(view: HostView, value: unknown, where: string): Assessment {
  const { version } = view;
  if (typeof value !== 'string') return undecided('unrecognised-value', `${where} is not a name`);
  if (ENFORCING.includes(value)) return worstOf(good(where), ...enforcement(view, value));
  if (NOT_ENFORCING.includes(value)) return bad('not-enforcing', where);
  const removed = REMOVED[value];
  if (removed === undefined) return undecided('undecidable', `${where}: installed by other means`);
  if (version === undefined)
    return undecided('version-unknown', `${where}: whether it still exists depends on the release`);
  return isAtLeast(version, removed) ? bad('removed-plugin', `${where}: removed in ${removed}`) : good(where);
}
