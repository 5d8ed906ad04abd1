import { describe, expect, test } from 'vitest';
import { brief, verdicts } from './inventories.ts';

/** [control, one variable file, release, verdict]. What is not set has the release's role default. */
const CASES: readonly (readonly [control: string, yaml: string, version: string, expected: string])[] = [
  ['authorization-modes', '', 'v2.31.0', 'PASS holds'],
  ['authorization-modes', 'authorization_modes: [RBAC]', 'v2.31.0', 'FAIL mode-missing'],
  ['authorization-modes', 'authorization_modes: [Node, RBAC, AlwaysAllow]', 'v2.31.0', 'FAIL always-allow'],
  ['authorization-modes', 'authorization_modes: 7', 'v2.31.0', 'UNKNOWN unrecognised-value'],
  [
    'authorization-modes',
    'authorization_modes: [AlwaysAllow]\nkube_apiserver_use_authorization_config_file: true\nkube_apiserver_authorization_config_authorizers: [{type: Node}, {type: RBAC}]',
    'v2.28.0',
    'PASS holds',
  ],
  [
    'authorization-modes',
    'kube_apiserver_use_authorization_config_file: true\nkube_apiserver_authorization_config_authorizers: [{type: Webhook}]',
    'v2.28.0',
    'FAIL mode-missing',
  ],
  ['request-timeout', 'kube_apiserver_request_timeout: 5m', 'v2.31.0', 'PASS holds'],
  ['request-timeout', 'kube_apiserver_request_timeout: 5m1s', 'v2.31.0', 'FAIL out-of-range'],
  ['request-timeout', 'kube_apiserver_request_timeout: soon', 'v2.31.0', 'UNKNOWN unrecognised-value'],
  ['service-account-lookup', 'kube_apiserver_service_account_lookup: off', 'v2.31.0', 'FAIL disabled'],
  ['audit', '', 'v2.31.0', 'FAIL disabled'],
  ['audit', 'kubernetes_audit: yes', 'v2.31.0', 'PASS holds'],
  ['audit', 'kubernetes_audit_webhook: true', 'v2.31.0', 'PASS holds'],
  ['audit', 'kubernetes_audit_webhook: "{{ later | bool }}"', 'v2.31.0', 'UNKNOWN template-unresolved'],
  ['audit-log-path', 'audit_log_path: ""', 'v2.31.0', 'FAIL missing'],
  ['audit-log-path', 'audit_log_path: "-"', 'v2.31.0', 'PASS holds'],
  ['audit-log-max-age', 'audit_log_maxage: 29', 'v2.31.0', 'FAIL too-small'],
  ['audit-log-max-backups', '', 'v2.21.0', 'FAIL too-small'],
  ['audit-log-max-backups', '', 'v2.22.0', 'PASS holds'],
  ['audit-log-max-size', 'audit_log_maxsize: many', 'v2.31.0', 'UNKNOWN unrecognised-value'],
  ['tls-min-version', '', 'v2.31.0', 'PASS holds'],
  ['tls-min-version', '', 'v2.19.0', 'PASS holds'],
  ['tls-min-version', 'tls_min_version: VersionTLS11', 'v2.31.0', 'FAIL old-version'],
  ['tls-cipher-suites', '', 'v2.31.0', 'FAIL missing'],
  ['tls-cipher-suites', 'tls_cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]', 'v2.31.0', 'FAIL weak-suite'],
  ['tls-cipher-suites', 'tls_cipher_suites: [TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256]', 'v2.31.0', 'PASS holds'],
  ['secret-encryption', '', 'v2.31.0', 'FAIL disabled'],
  ['encryption-resources', 'kube_encryption_resources: [configmaps]', 'v2.31.0', 'FAIL missing'],
  ['encryption-algorithm', 'kube_encryption_algorithm: aesgcm', 'v2.31.0', 'FAIL not-accepted'],
  ['admission-plugins', '', 'v2.31.0', 'FAIL missing'],
  [
    'admission-plugins',
    'kube_apiserver_enable_admission_plugins: ["EventRateLimit,AlwaysPullImages,NodeRestriction"]',
    'v2.20.0',
    'PASS holds',
  ],
  [
    'admission-plugins',
    'kube_apiserver_enable_admission_plugins: [EventRateLimit, AlwaysPullImages, NodeRestriction, AlwaysAdmit]',
    'v2.31.0',
    'FAIL always-admit',
  ],
  ['admission-config-file', '', 'v2.31.0', 'FAIL disabled'],
  ['event-rate-limits', 'kube_apiserver_admission_control_config_file: true', 'v2.31.0', 'FAIL missing'],
  [
    'event-rate-limits',
    'kube_apiserver_admission_event_rate_limits: {a: {type: User, qps: 1, burst: 1}}',
    'v2.31.0',
    'FAIL no-effect',
  ],
  [
    'event-rate-limits',
    'kube_apiserver_admission_control_config_file: true\nkube_apiserver_admission_event_rate_limits: {a: {type: Usr, qps: 1, burst: 1}}',
    'v2.31.0',
    'FAIL missing',
  ],
  ['profiling', 'kube_profiling: true', 'v2.31.0', 'FAIL enabled'],
  ['scheduler-profiling', '', 'v2.21.0', 'FAIL enabled'],
  ['scheduler-profiling', '', 'v2.22.0', 'PASS holds'],
  ['bind-addresses', '', 'v2.31.0', 'FAIL not-loopback'],
  ['bind-addresses', 'kube_controller_manager_bind_address: 127.0.0.1', 'v2.31.0', 'FAIL not-loopback'],
  [
    'bind-addresses',
    'kube_controller_manager_bind_address: 127.0.0.1\nkube_scheduler_bind_address: "::1"',
    'v2.31.0',
    'PASS holds',
  ],
  ['terminated-pod-gc', 'kube_controller_terminated_pod_gc_threshold: 0', 'v2.31.0', 'FAIL disabled'],
  [
    'controller-feature-gates',
    'kube_controller_feature_gates: [RotateKubeletServerCertificate=false]',
    'v2.31.0',
    'FAIL disabled',
  ],
  ['etcd-deployment', 'etcd_deployment_type: docker', 'v2.31.0', 'UNKNOWN unrecognised-value'],
  ['etcd-metrics', 'etcd_extra_vars: {listen-metrics-urls: "http://0.0.0.0:2381"}', 'v2.31.0', 'PASS holds'],
  [
    'etcd-metrics',
    'etcd_deployment_type: kubeadm\netcd_extra_vars: {listen-metrics-urls: "http://0.0.0.0:2381"}',
    'v2.31.0',
    'FAIL metrics-open',
  ],
  ['etcd-metrics', 'etcd_listen_metrics_urls: "http://0.0.0.0:2381"', 'v2.31.0', 'FAIL metrics-open'],
  ['etcd-metrics', 'etcd_listen_metrics_urls: "http://127.0.0.1:2381"', 'v2.31.0', 'PASS holds'],
  ['kubelet-authorization', '', 'v2.20.0', 'FAIL always-allow'],
  ['kubelet-authorization', '', 'v2.21.0', 'PASS holds'],
  ['kubelet-authentication', 'kubelet_authentication_token_webhook: no', 'v2.31.0', 'FAIL disabled'],
  ['kubelet-anonymous', '', 'v2.31.0', 'PASS holds'],
  [
    'kubelet-anonymous',
    'kubelet_config_extra_args: {authentication: {anonymous: {enabled: true}}}',
    'v2.31.0',
    'FAIL anonymous',
  ],
  ['kubelet-anonymous', 'kubelet_custom_flags: ["--anonymous-auth=true"]', 'v2.31.0', 'FAIL anonymous'],
  ['kubelet-read-only-port', 'kube_read_only_port: 10255', 'v2.31.0', 'FAIL port-open'],
  ['kubelet-rotate-server-certificates', '', 'v2.31.0', 'FAIL disabled'],
  ['kubelet-protect-kernel-defaults', 'kubelet_protect_kernel_defaults: false', 'v2.31.0', 'FAIL disabled'],
  ['kubelet-event-record-qps', 'kubelet_event_record_qps: 0', 'v2.31.0', 'PASS holds'],
  ['kubelet-rotate-certificates', 'kubelet_rotate_certificates: false', 'v2.31.0', 'FAIL disabled'],
  ['kubelet-streaming-idle-timeout', '', 'v2.31.0', 'PASS holds'],
  ['kubelet-streaming-idle-timeout', 'kubelet_streaming_connection_idle_timeout: "0s"', 'v2.31.0', 'FAIL never'],
  ['kubelet-streaming-idle-timeout', 'kubelet_streaming_connection_idle_timeout: "0"', 'v2.31.0', 'FAIL never'],
  ['kubelet-iptables-util-chains', '', 'v2.31.0', 'PASS holds'],
  ['kubelet-iptables-util-chains', 'kubelet_make_iptables_util_chains: false', 'v2.31.0', 'FAIL disabled'],
  [
    'kubelet-feature-gates',
    'kubelet_feature_gates: [RotateKubeletServerCertificate=false]',
    'v2.31.0',
    'FAIL disabled',
  ],
  ['kubelet-seccomp-default', '', 'v2.31.0', 'FAIL disabled'],
  ['kubelet-systemd-hardening', '', 'v2.31.0', 'FAIL disabled'],
  ['kubelet-secure-addresses', 'kubelet_secure_addresses: "10.0.0.1"', 'v2.31.0', 'FAIL no-effect'],
  [
    'kubelet-secure-addresses',
    'kubelet_systemd_hardening: true\nkubelet_secure_addresses: "10.0.0.1 any"',
    'v2.31.0',
    'FAIL everybody',
  ],
  [
    'kubelet-secure-addresses',
    'kubelet_systemd_hardening: true\nkubelet_secure_addresses: "0.0.0.0/1 128.0.0.0/1"',
    'v2.31.0',
    'FAIL everybody',
  ],
  ['kubelet-secure-addresses', 'kubelet_systemd_hardening: true', 'v2.31.0', 'PASS holds'],
  ['file-owners', '', 'v2.31.0', 'FAIL not-root'],
  ['file-owners', 'kube_owner: root', 'v2.31.0', 'FAIL not-root'],
  ['pod-security', '', 'v2.31.0', 'FAIL disabled'],
  ['pod-security', 'kube_pod_security_use_default: true', 'v2.31.0', 'FAIL no-effect'],
  [
    'pod-security',
    'kube_pod_security_use_default: true\nkube_apiserver_admission_control_config_file: true\nkube_pod_security_default_enforce: privileged',
    'v2.31.0',
    'FAIL privileged',
  ],
  [
    'pod-security',
    'kube_pod_security_use_default: true\nkube_apiserver_admission_control_config_file: true\nkube_pod_security_exemptions_namespaces: [kube-system, apps]',
    'v2.31.0',
    'FAIL exempt-namespaces',
  ],
  ['anonymous-access', '', 'v2.24.0', 'NOT_APPLICABLE not-in-this-version'],
  ['anonymous-access', 'remove_anonymous_access: true', 'v2.25.0', 'PASS holds'],
  ['api-anonymous-auth', 'kube_api_anonymous_auth: false', 'v2.31.0', 'PASS holds'],
  ['api-anonymous-auth', 'kube_apiserver_use_authentication_config_file: true', 'v2.31.0', 'UNKNOWN host-only'],
  ['network-plugin', 'kube_network_plugin: flannel', 'v2.31.0', 'FAIL not-enforcing'],
  ['network-plugin', 'kube_network_plugin: weave', 'v2.28.0', 'PASS holds'],
  ['network-plugin', 'kube_network_plugin: weave', 'v2.29.0', 'FAIL removed-plugin'],
  ['network-plugin', 'kube_network_plugin: cni', 'v2.31.0', 'UNKNOWN undecidable'],
  ['metrics-exposure', '', 'v2.31.0', 'FAIL exposed'],
  // Extra arguments, flags and patches go past the hardening variables.
  ['profiling', 'kube_kubeadm_apiserver_extra_args: {profiling: "true"}', 'v2.31.0', 'FAIL enabled'],
  ['profiling', 'kube_kubeadm_controller_extra_args: {profiling: "true"}', 'v2.31.0', 'FAIL enabled'],
  ['scheduler-profiling', 'kube_kubeadm_scheduler_extra_args: {profiling: true}', 'v2.31.0', 'FAIL enabled'],
  [
    'authorization-modes',
    'kube_kubeadm_apiserver_extra_args: {authorization-mode: AlwaysAllow}',
    'v2.31.0',
    'FAIL always-allow',
  ],
  [
    'bind-addresses',
    'kube_kubeadm_controller_extra_args: {bind-address: 127.0.0.1}\nkube_kubeadm_scheduler_extra_args: {bind-address: "::1"}',
    'v2.31.0',
    'PASS holds',
  ],
  ['bind-addresses', 'kube_kubeadm_controller_extra_args: {bind-address: 127.0.0.1}', 'v2.31.0', 'FAIL not-loopback'],
  [
    'bind-addresses',
    'kube_controller_manager_bind_address: 127.0.0.1\nkube_scheduler_bind_address: 127.0.0.1\nkube_kubeadm_scheduler_extra_args: {bind-address: 0.0.0.0}',
    'v2.31.0',
    'FAIL not-loopback',
  ],
  [
    'service-account-lookup',
    'kube_kubeadm_apiserver_extra_args: "{{ later | bool }}"',
    'v2.31.0',
    'UNKNOWN template-unresolved',
  ],
  [
    'service-account-lookup',
    'kubeadm_patches: [{target: kube-apiserver0, patch: x}]',
    'v2.31.0',
    'UNKNOWN undecidable',
  ],
  ['service-account-lookup', 'kubeadm_patches: [{target: etcd, patch: x}]', 'v2.31.0', 'PASS holds'],
  ['service-account-lookup', 'kubeadm_patches: {enabled: true, source_dir: p}', 'v2.25.0', 'UNKNOWN undecidable'],
  ['service-account-lookup', 'kubeadm_patches: {enabled: false}', 'v2.25.0', 'PASS holds'],
  [
    'kubelet-authorization',
    'kubelet_config_extra_args: {authorization: {mode: AlwaysAllow}}',
    'v2.31.0',
    'FAIL always-allow',
  ],
  [
    'kubelet-authorization',
    'kubelet_node_custom_flags: ["--authorization-mode=AlwaysAllow"]',
    'v2.31.0',
    'FAIL always-allow',
  ],
  ['kubelet-authorization', 'kubelet_custom_flags: ["--authorization-mode=Webhook"]', 'v2.20.0', 'PASS holds'],
  [
    'kubelet-authentication',
    'kubelet_custom_flags: "--v=2 --authentication-token-webhook=false"',
    'v2.31.0',
    'FAIL disabled',
  ],
  ['kubelet-read-only-port', 'kubelet_node_config_extra_args: {readOnlyPort: 10255}', 'v2.31.0', 'FAIL port-open'],
  ['kubelet-read-only-port', 'kubelet_custom_flags: "--read-only-port 10255"', 'v2.31.0', 'FAIL port-open'],
  [
    'kubelet-anonymous',
    'kubelet_custom_flags: ["--anonymous-auth=false --anonymous-auth"]',
    'v2.31.0',
    'FAIL anonymous',
  ],
  ['kubelet-anonymous', 'kubelet_config_extra_args: !vault x', 'v2.31.0', 'UNKNOWN vaulted'],
  ['kubelet-feature-gates', 'kube_feature_gates: [RotateKubeletServerCertificate=false]', 'v2.31.0', 'FAIL disabled'],
  [
    'kubelet-feature-gates',
    'kubelet_config_extra_args: {featureGates: {RotateKubeletServerCertificate: false}}',
    'v2.31.0',
    'FAIL disabled',
  ],
  [
    'controller-feature-gates',
    'kube_feature_gates: [RotateKubeletServerCertificate=false]',
    'v2.31.0',
    'FAIL disabled',
  ],
  // What is on by default can be switched off.
  [
    'admission-plugins',
    'kube_apiserver_enable_admission_plugins: [EventRateLimit, AlwaysPullImages, NodeRestriction]\nkube_apiserver_disable_admission_plugins: [ServiceAccount]',
    'v2.31.0',
    'FAIL disabled',
  ],
  [
    'admission-plugins',
    'kube_apiserver_enable_admission_plugins: [EventRateLimit, AlwaysPullImages, NodeRestriction]\nkube_kubeadm_apiserver_extra_args: {disable-admission-plugins: NodeRestriction}',
    'v2.31.0',
    'FAIL disabled',
  ],
  [
    'pod-security',
    'kube_pod_security_use_default: true\nkube_apiserver_admission_control_config_file: true\nkube_apiserver_disable_admission_plugins: [PodSecurity]',
    'v2.31.0',
    'FAIL no-effect',
  ],
  [
    'event-rate-limits',
    'kube_apiserver_admission_control_config_file: true\nkube_apiserver_admission_event_rate_limits: {a: {type: User, qps: 1, burst: 1}}',
    'v2.31.0',
    'FAIL no-effect',
  ],
  [
    'event-rate-limits',
    'kube_apiserver_enable_admission_plugins: [EventRateLimit]\nkube_apiserver_admission_control_config_file: true\nkube_apiserver_admission_event_rate_limits: {a: {type: User, qps: 1, burst: 1}}',
    'v2.31.0',
    'PASS holds',
  ],
  // etcd as a host service reads other names than under kubeadm.
  ['etcd-metrics', 'etcd_metrics_port: 2381', 'v2.31.0', 'FAIL metrics-open'],
  ['etcd-metrics', 'etcd_deployment_type: kubeadm\netcd_metrics_port: 2381', 'v2.31.0', 'PASS holds'],
  [
    'etcd-metrics',
    'etcd_extra_vars: {ETCD_LISTEN_METRICS_URLS: "http://0.0.0.0:2381"}',
    'v2.31.0',
    'FAIL metrics-open',
  ],
  [
    'etcd-metrics',
    'etcd_deployment_type: kubeadm\netcd_listen_metrics_urls: "http://127.0.0.1:2381"\netcd_extra_vars: {listen-metrics-urls: "http://0.0.0.0:2381"}',
    'v2.31.0',
    'FAIL metrics-open',
  ],
  [
    'etcd-metrics',
    'etcd_deployment_type: "{{ later | bool }}"\netcd_metrics_port: 2381',
    'v2.31.0',
    'UNKNOWN template-unresolved',
  ],
  // Releases that are not read, or that the text does not tell apart.
  ['kubelet-authorization', '', 'v2.19', 'UNKNOWN version-unknown'],
  ['kubelet-authorization', '', 'v2.20', 'FAIL always-allow'],
  ['kubelet-authorization', '', 'v2.99.0', 'UNKNOWN version-unknown'],
  ['kubelet-read-only-port', '', 'v2.99.0', 'PASS holds'],
  ['audit', 'kubernetes_audit: y', 'v2.31.0', 'UNKNOWN unrecognised-value'],
];

describe('values of hardening variables', () => {
  test.each(CASES)('%s with %j on %s → %s', async (control, yaml, version, expected) => {
    const judged = await verdicts({ version }, { 'inv/group_vars/all/all.yml': yaml });
    expect(brief(judged[control])).toBe(expected);
  });
});

describe('what cannot be decided', () => {
  const DIFFERENT_BY_RELEASE = [
    'audit-log-max-backups',
    'kubelet-authorization',
    'kubelet-secure-addresses',
    'scheduler-profiling',
    'anonymous-access',
  ];

  test('without a version, defaults that differ between releases are UNKNOWN, the others decide', async () => {
    const judged = await verdicts({}, { 'inv/group_vars/all/all.yml': 'kubelet_systemd_hardening: true' });
    for (const id of DIFFERENT_BY_RELEASE) expect(brief(judged[id]), id).toBe('UNKNOWN version-unknown');
    expect(brief(judged['kubelet-read-only-port'])).toBe('PASS holds');
  });

  test('a version that is no release counts as none', async () => {
    const judged = await verdicts({ version: 'my-fork' });
    expect(brief(judged['kubelet-authorization'])).toBe('UNKNOWN version-unknown');
  });

  test('a vaulted value is never decrypted', async () => {
    const yaml = 'kubernetes_audit: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132';
    const judged = await verdicts({ version: 'v2.31.0' }, { 'inv/group_vars/all/all.yml': yaml });
    expect(brief(judged['audit'])).toBe('UNKNOWN vaulted');
    expect(brief(judged['secret-encryption'])).toBe('FAIL disabled');
  });

  test('a vaulted file may set anything that no later file sets', async () => {
    const files = {
      'inv/group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n3132',
      'extra.yaml': 'kubernetes_audit: true',
    };
    const judged = await verdicts({ version: 'v2.31.0', vars: ['extra.yaml'] }, files);
    expect(brief(judged['audit'])).toBe('PASS holds');
    expect(brief(judged['secret-encryption'])).toBe('UNKNOWN vaulted');
  });
});

describe('who may reach the kubelets, beside the listeners', () => {
  const closed =
    'kube_controller_manager_bind_address: 127.0.0.1\nkube_scheduler_bind_address: 127.0.0.1\nkubelet_systemd_hardening: true\n';

  test.each([
    ['the control plane only', '"10.0.0.1"', 'PASS holds'],
    ['the pod network', '"10.0.0.1 10.233.64.0/18"', 'PASS holds'],
    ['wider than the pod network', '"10.0.0.0/8"', 'FAIL kubelet-open'],
    ['everybody', 'any', 'FAIL kubelet-open'],
    ['a vaulted list', '!vault x', 'UNKNOWN vaulted'],
    ['a template', '"{{ groups[1] }}"', 'UNKNOWN template-unresolved'],
  ])('%s', async (_case, list, expected) => {
    const yaml = `${closed}kubelet_secure_addresses: ${list}`;
    const judged = await verdicts({ version: 'v2.31.0' }, { 'inv/group_vars/all.yml': yaml });
    expect(brief(judged['metrics-exposure'])).toBe(expected);
  });

  test('that every pod reaches them is said', async () => {
    const yaml = `${closed}kubelet_secure_addresses: 10.233.64.0/18`;
    const judged = await verdicts({ version: 'v2.31.0' }, { 'inv/group_vars/all.yml': yaml });
    expect(judged['metrics-exposure']?.proof[0]?.line).toContain('every pod reaches the kubelets');
  });
});

describe('the fix', () => {
  const fixOf = async (control: string, yaml: string, options: object = {}) => {
    const judged = await verdicts({ version: 'v2.31.0', ...options }, { 'inv/group_vars/all/all.yml': yaml });
    const verdict = judged[control];
    return verdict?.status === 'FAIL' ? verdict.fix : undefined;
  };

  test('names the line to replace, the hosts, and the playbook', async () => {
    expect(await fixOf('audit', 'x: 1\nkubernetes_audit: false')).toEqual({
      commands: ['ansible-playbook -b -i inv/hosts.ini cluster.yml'],
      fragments: [
        { language: 'yaml', code: '# in place of inv/group_vars/all/all.yml:2 (cp1)\nkubernetes_audit: true' },
      ],
    });
  });

  test('says where a line belongs that no file has; an old release needs the upgrade playbook', async () => {
    expect(await fixOf('audit', '', { version: 'v2.20.0' })).toEqual({
      commands: ['ansible-playbook -b -i inv/hosts.ini upgrade-cluster.yml'],
      fragments: [
        {
          language: 'yaml',
          code: '# in the extra vars, or in group_vars/k8s_cluster beside inv/hosts.ini (cp1)\nkubernetes_audit: true',
        },
      ],
    });
  });

  test('every FAIL of a bare inventory has one that names a variable of the inventory', async () => {
    const judged = await verdicts({ version: 'v2.20.0' });
    const failed = Object.entries(judged).filter(([, { status }]) => status === 'FAIL');
    expect(failed.length).toBeGreaterThan(15);
    for (const [id, verdict] of failed) {
      const code = verdict.status === 'FAIL' ? verdict.fix?.fragments.map((fragment) => fragment.code).join('\n') : '';
      expect(code, id).toMatch(/^(kube|etcd|tls|audit|authorization|remove)\w+:/m);
    }
  });
});
