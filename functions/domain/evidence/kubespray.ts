import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';

/**
 * The variables that controls read. Each of them has an entry on every host, `unset` where no file sets it, so that a lost entry can
 * not be mistaken for a default.
 */
export const KUBESPRAY_VARIABLES = [
  'audit_log_maxage',
  'audit_log_maxbackups',
  'audit_log_maxsize',
  'audit_log_path',
  'authorization_modes',
  'cilium_config_extra_vars',
  'cilium_extra_values',
  'cilium_policy_audit_mode',
  'etcd_deployment_type',
  'etcd_extra_vars',
  'etcd_listen_metrics_urls',
  'etcd_metrics_port',
  'kube_api_anonymous_auth',
  'kube_apiserver_admission_control_config_file',
  'kube_apiserver_admission_event_rate_limits',
  'kube_apiserver_authorization_config_authorizers',
  'kube_apiserver_disable_admission_plugins',
  'kube_apiserver_enable_admission_plugins',
  'kube_apiserver_request_timeout',
  'kube_apiserver_service_account_lookup',
  'kube_apiserver_use_authentication_config_file',
  'kube_apiserver_use_authorization_config_file',
  'kube_cert_group',
  'kube_controller_feature_gates',
  'kube_controller_manager_bind_address',
  'kube_controller_terminated_pod_gc_threshold',
  'kube_encrypt_secret_data',
  'kube_encryption_algorithm',
  'kube_encryption_resources',
  'kube_feature_gates',
  'kube_kubeadm_apiserver_extra_args',
  'kube_kubeadm_controller_extra_args',
  'kube_kubeadm_scheduler_extra_args',
  'kube_network_plugin',
  'kube_ovn_enable_np',
  'kube_owner',
  'kube_pod_security_default_enforce',
  'kube_pod_security_exemptions_namespaces',
  'kube_pod_security_use_default',
  'kube_pods_subnet',
  'kube_profiling',
  'kube_proxy_metrics_bind_address',
  'kube_proxy_remove',
  'kube_read_only_port',
  'kube_router_run_firewall',
  'kube_scheduler_bind_address',
  'kubeadm_patches',
  'kubelet_authentication_token_webhook',
  'kubelet_authorization_mode_webhook',
  'kubelet_config_extra_args',
  'kubelet_custom_flags',
  'kubelet_event_record_qps',
  'kubelet_feature_gates',
  'kubelet_make_iptables_util_chains',
  'kubelet_node_config_extra_args',
  'kubelet_node_custom_flags',
  'kubelet_protect_kernel_defaults',
  'kubelet_rotate_certificates',
  'kubelet_rotate_server_certificates',
  'kubelet_seccomp_default',
  'kubelet_secure_addresses',
  'kubelet_streaming_connection_idle_timeout',
  'kubelet_systemd_hardening',
  'kubernetes_audit',
  'kubernetes_audit_webhook',
  'remove_anonymous_access',
  'tls_cipher_suites',
  'tls_min_version',
] as const;

export type KubesprayVariable = (typeof KUBESPRAY_VARIABLES)[number];

/** A vaulted file that might have set the variable does not, as the inventory's `vaulted` declares. */
const Declared = v.optional(v.literal(true));

/** JSON as text: the value as YAML 1.1 reads it. Text keeps the evidence flat, and equal values compare equal. */
const Literal = v.strictObject({
  state: v.literal('literal'),
  json: v.string(),
  /** File as configured, and the line of the key in it, counted from 1. */
  file: v.string(),
  line: v.number(),
  declared: Declared,
});

const Opaque = v.strictObject({
  /** `sealed`: no file that can be read sets it, but a file that is vaulted as a whole may. */
  state: v.picklist(['template', 'vaulted', 'sealed']),
  /** The template's text, or the JSON of a structure in which what can be resolved is; for the others empty. */
  raw: v.string(),
  file: v.string(),
  line: v.number(),
});

const VariableValue = v.variant('state', [
  Literal,
  Opaque,
  v.strictObject({ state: v.literal('unset'), declared: Declared }),
]);
export type VariableValue = v.InferOutput<typeof VariableValue>;

const variableEntries = Object.fromEntries(KUBESPRAY_VARIABLES.map((name) => [name, VariableValue])) as Record<
  KubesprayVariable,
  typeof VariableValue
>;

const KubesprayHost = v.strictObject({
  name: v.string(),
  /** Groups the host belongs to, those of its groups' parents included. */
  groups: v.array(v.string()),
  variables: v.strictObject(variableEntries),
});
export type KubesprayHost = v.InferOutput<typeof KubesprayHost>;

const Labels = v.record(v.string(), v.string());

/** What stands in front of the listeners on the nodes' own network. */
const HostFirewall = v.strictObject({
  /** Nodes of the control plane. */
  nodes: v.array(v.strictObject({ name: v.string(), labels: Labels })),
  /** `enable-host-firewall` of Cilium's configuration: without it a policy with `nodeSelector` has no effect. */
  ciliumHostFirewall: v.boolean(),
  /** Calico's endpoint objects of the nodes: without one a GlobalNetworkPolicy does not reach the host. */
  hostEndpoints: v.array(
    v.strictObject({ name: v.string(), node: v.string(), interfaceName: v.string(), labels: Labels }),
  ),
  /** Inbound ports that Calico always leaves open on hosts, where its configuration replaces its own list of them. */
  failsafePorts: v.array(v.number()),
  /** Cluster-wide policies and what they name; `spec` is the JSON text of what the API server stores. */
  policies: v.array(v.strictObject({ apiVersion: v.string(), kind: v.string(), name: v.string(), spec: v.string() })),
});
export type HostFirewall = v.InferOutput<typeof HostFirewall>;

/** What runs in the cluster, as far as hardening could refuse it or cut it off. */
const Workloads = v.strictObject({
  /** `enforce` is the namespace's own Pod Security level: the default of the API servers does not reach it then. */
  namespaces: v.array(v.strictObject({ name: v.string(), enforce: fieldSchema(v.string()) })),
  /** Pods that are not finished and that no node started from a file. */
  pods: v.array(
    v.strictObject({
      namespace: v.string(),
      name: v.string(),
      /** `ReplicaSet web-5d9c`; empty where nothing owns the pod. */
      owner: v.string(),
      beyondBaseline: v.array(v.string()),
      beyondRestricted: v.array(v.string()),
      /** Containers for which the kubelet's default decides about a seccomp profile. */
      withoutSeccomp: v.array(v.string()),
      /** By its image a collector of metrics, on the pod network. */
      scrapes: v.boolean(),
    }),
  ),
});
export type Workloads = v.InferOutput<typeof Workloads>;

const LiveCluster = v.strictObject({
  staticPods: v.array(
    v.strictObject({
      component: v.string(),
      name: v.string(),
      /** Whether the command starts the component itself: behind a shell its flags are not seen. */
      isComplete: v.boolean(),
      /** Flags of the command line in their order; a bare flag has the value `true`. */
      flags: v.array(v.strictObject({ name: v.string(), value: v.string() })),
    }),
  ),
  hostFirewall: collectedSchema(HostFirewall),
  workloads: collectedSchema(Workloads),
});
export type LiveCluster = v.InferOutput<typeof LiveCluster>;

/** A file of variables that no host gets. */
const UnusedFile = v.strictObject({
  file: v.string(),
  /** Why: no group or host of this name, a group without a host, or a folder of the same name beside it. */
  because: v.string(),
  /** Variables that it would set, of those that controls read, with their lines. */
  variables: v.array(v.strictObject({ name: v.string(), line: v.number() })),
});
export type UnusedFile = v.InferOutput<typeof UnusedFile>;

export const KubesprayEvidence = v.strictObject({
  inventory: v.string(),
  /** As configured: `v2.31.0` or `master`. */
  version: fieldSchema(v.string()),
  /** The files as configured, for the playbook's command line: the hosts file, and the extra vars in their order. */
  sources: v.strictObject({ inventory: v.string(), vars: v.array(v.string()) }),
  hosts: collectedSchema(v.array(KubesprayHost)),
  unusedFiles: collectedSchema(v.array(UnusedFile)),
  live: v.variant('state', [
    v.strictObject({ state: v.literal('not-configured') }),
    v.strictObject({ state: v.literal('configured'), cluster: collectedSchema(LiveCluster) }),
  ]),
});
export type KubesprayEvidence = v.InferOutput<typeof KubesprayEvidence>;
