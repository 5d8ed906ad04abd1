import type { KubesprayVariable } from '../evidence/kubespray.ts';
import { isAtLeast, type KubesprayVersion, reaches } from './version.ts';

/**
 * Role defaults of the hardening variables by release, read from the tags v2.19.0 to v2.31.0 and master of
 * github.com/kubernetes-sigs/kubespray on 2026-08-21. A step holds from its release on.
 */
interface Step {
  readonly from: string;
  /** `undefined` as text: the role leaves the setting out, and the component's own default rules. */
  readonly value: unknown;
}

interface History {
  /** The variable does not exist before this release. */
  readonly since?: string;
  readonly steps: readonly Step[];
}

/** The role leaves the setting out. */
export const LEFT_OUT = Symbol('left out');
/** Releases of one minor version differ among themselves, or the default is computed from facts of the hosts. */
export const DIFFERS = Symbol('differs');

/** Histories begin here. */
export const FIRST_RELEASE = 'v2.19.0';
/** What later releases changed is not known here; master is, as of the day above. */
const UNKNOWN_FROM = 'v2.33.0';

const always = (value: unknown): History => ({ steps: [{ from: 'v2.19.0', value }] });
const since = (release: string, value: unknown): History => ({ since: release, steps: [{ from: release, value }] });

const HISTORIES: Readonly<Record<KubesprayVariable, History>> = {
  audit_log_maxage: always(30),
  audit_log_maxbackups: {
    steps: [
      { from: 'v2.19.0', value: 1 },
      { from: 'v2.22.0', value: 10 },
    ],
  },
  audit_log_maxsize: always(100),
  audit_log_path: always('/var/log/audit/kube-apiserver-audit.log'),
  authorization_modes: always(['Node', 'RBAC']),
  cilium_config_extra_vars: always({}),
  cilium_extra_values: since('v2.29.0', {}),
  // Read by v2.27 and, after a correction (pull request 12569), by v2.29 and later. What lies between renders Helm values without it.
  cilium_policy_audit_mode: since('v2.27.0', false),
  etcd_deployment_type: always('host'),
  etcd_extra_vars: always({}),
  etcd_listen_metrics_urls: since('v2.23.0', LEFT_OUT),
  etcd_metrics_port: always(LEFT_OUT),
  kube_apiserver_disable_admission_plugins: always([]),
  kube_feature_gates: always([]),
  kube_kubeadm_apiserver_extra_args: always({}),
  kube_kubeadm_controller_extra_args: always({}),
  kubeadm_patches: always([]),
  kubelet_node_config_extra_args: always({}),
  kubelet_node_custom_flags: always([]),
  kube_api_anonymous_auth: always(true),
  kube_apiserver_admission_control_config_file: always(false),
  kube_apiserver_admission_event_rate_limits: always({}),
  kube_apiserver_authorization_config_authorizers: since('v2.28.0', [
    { type: 'Node', name: 'node' },
    { type: 'RBAC', name: 'rbac' },
  ]),
  kube_apiserver_enable_admission_plugins: always([]),
  kube_apiserver_request_timeout: always('1m0s'),
  kube_apiserver_service_account_lookup: always(true),
  kube_apiserver_use_authentication_config_file: since('v2.31.0', false),
  kube_apiserver_use_authorization_config_file: since('v2.28.0', false),
  kube_cert_group: always('kube-cert'),
  kube_controller_feature_gates: always([]),
  kube_controller_manager_bind_address: {
    steps: [
      { from: 'v2.19.0', value: '0.0.0.0' },
      { from: 'v2.28.0', value: '::' },
    ],
  },
  kube_controller_terminated_pod_gc_threshold: always(12500),
  kube_encrypt_secret_data: always(false),
  kube_encryption_algorithm: always('secretbox'),
  kube_encryption_resources: always(['secrets']),
  kube_kubeadm_scheduler_extra_args: always({}),
  kube_network_plugin: always('calico'),
  kube_ovn_enable_np: always(true),
  kube_owner: always('kube'),
  kube_pod_security_default_enforce: always('baseline'),
  kube_pod_security_exemptions_namespaces: always(['kube-system']),
  kube_pod_security_use_default: always(false),
  kube_pods_subnet: always('10.233.64.0/18'),
  kube_profiling: always(false),
  kube_proxy_metrics_bind_address: always('127.0.0.1:10249'),
  kube_proxy_remove: always(false),
  kube_read_only_port: always(0),
  kube_router_run_firewall: always(true),
  kube_scheduler_bind_address: {
    steps: [
      { from: 'v2.19.0', value: '0.0.0.0' },
      { from: 'v2.28.0', value: '::' },
    ],
  },
  kubelet_authentication_token_webhook: always(true),
  // False in v2.20.0 and in late patch releases of 2.19 (pull requests 9238 to 9240), true again from v2.21.0 (9662).
  kubelet_authorization_mode_webhook: {
    steps: [
      { from: 'v2.19.0', value: true },
      { from: 'v2.19.1', value: DIFFERS },
      { from: 'v2.20.0', value: false },
      { from: 'v2.21.0', value: true },
    ],
  },
  kubelet_config_extra_args: always({}),
  kubelet_custom_flags: always([]),
  kubelet_event_record_qps: {
    steps: [
      { from: 'v2.19.0', value: 5 },
      { from: 'v2.25.0', value: 50 },
    ],
  },
  kubelet_feature_gates: always([]),
  kubelet_make_iptables_util_chains: always(LEFT_OUT),
  kubelet_protect_kernel_defaults: always(true),
  kubelet_rotate_certificates: always(true),
  kubelet_rotate_server_certificates: always(false),
  kubelet_seccomp_default: always(LEFT_OUT),
  kubelet_secure_addresses: always(DIFFERS),
  kubelet_streaming_connection_idle_timeout: always(LEFT_OUT),
  kubelet_systemd_hardening: always(false),
  kubernetes_audit: always(false),
  kubernetes_audit_webhook: always(false),
  remove_anonymous_access: since('v2.25.0', false),
  tls_cipher_suites: always(LEFT_OUT),
  tls_min_version: always(LEFT_OUT),
};

export type DefaultValue =
  | { readonly state: 'value'; readonly value: unknown }
  | { readonly state: 'left-out' }
  | { readonly state: 'unknown-version' }
  | { readonly state: 'nonexistent'; readonly since: string };

/** The default of a variable in a release; without a release only what all of them agree on. */
export function defaultOf(variable: KubesprayVariable, version: KubesprayVersion | undefined): DefaultValue {
  const history = HISTORIES[variable];
  if (version === undefined || (version.text !== 'master' && isAtLeast(version, UNKNOWN_FROM))) {
    const only = history.steps.length === 1 && history.since === undefined ? history.steps[0] : undefined;
    return only === undefined ? { state: 'unknown-version' } : asDefault(only.value);
  }
  if (history.since !== undefined && !isAtLeast(version, history.since)) {
    return { state: 'nonexistent', since: history.since };
  }
  const stepAt = (order: KubesprayVersion['order']) => history.steps.findLast(({ from }) => reaches(order, from));
  const step = stepAt(version.order);
  return step === undefined || step !== stepAt(version.latest) ? { state: 'unknown-version' } : asDefault(step.value);
}

function asDefault(value: unknown): DefaultValue {
  if (value === LEFT_OUT) return { state: 'left-out' };
  if (value === DIFFERS) return { state: 'unknown-version' };
  return { state: 'value', value };
}

/** Whether the release has the variable; undefined when the release is not known and the releases differ. */
export function exists(variable: KubesprayVariable, version: KubesprayVersion | undefined): boolean | undefined {
  const { since: first } = HISTORIES[variable];
  if (first === undefined) return true;
  return version === undefined ? undefined : isAtLeast(version, first);
}
