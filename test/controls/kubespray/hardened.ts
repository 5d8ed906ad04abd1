/** The flags of a control plane that the seed's hardening was applied to. */
export const HARDENED = {
  'kube-apiserver': {
    'authorization-mode': 'Node,RBAC',
    'request-timeout': '120s',
    'audit-policy-file': '/etc/kubernetes/audit-policy.yaml',
    'audit-log-path': '/var/log/kube-apiserver-log.json',
    'audit-log-maxage': '30',
    'audit-log-maxbackup': '10',
    'audit-log-maxsize': '100',
    'tls-min-version': 'VersionTLS12',
    'tls-cipher-suites':
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305',
    'encryption-provider-config': '/etc/kubernetes/secrets.yaml',
    'enable-admission-plugins': 'EventRateLimit,AlwaysPullImages,NodeRestriction',
    'admission-control-config-file': '/etc/kubernetes/admission.yaml',
    profiling: 'False',
    'kubelet-certificate-authority': '/etc/kubernetes/ssl/ca.crt',
    'anonymous-auth': 'True',
  },
  'kube-controller-manager': {
    profiling: 'False',
    'bind-address': '127.0.0.1',
    'terminated-pod-gc-threshold': '50',
    'tls-min-version': 'VersionTLS12',
  },
  'kube-scheduler': { profiling: 'False', 'bind-address': '127.0.0.1', 'tls-min-version': 'VersionTLS12' },
  etcd: { 'listen-metrics-urls': 'http://127.0.0.1:2381' },
} as const;
