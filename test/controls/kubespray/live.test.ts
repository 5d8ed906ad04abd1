import { describe, expect, test } from 'vitest';
import { unavailable } from '#domain/collected.ts';
import { brief, liveCluster, SEED_HARDENING, verdicts } from './inventories.ts';

const HARDENED = {
  'kube-apiserver': {
    'authorization-mode': 'Node,RBAC',
    'request-timeout': '120s',
    'audit-policy-file': '/etc/kubernetes/audit-policy.yaml',
    'audit-log-path': '/var/log/a.json',
    'audit-log-maxage': '30',
    'audit-log-maxbackup': '10',
    'audit-log-maxsize': '100',
    'tls-min-version': 'VersionTLS12',
    'tls-cipher-suites': 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
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
  'kube-scheduler': { profiling: 'False', 'bind-address': '::1', 'tls-min-version': 'VersionTLS12' },
  etcd: { 'listen-metrics-urls': 'http://127.0.0.1:2381' },
} as const;

const seed = (live: Parameters<typeof verdicts>[2], extra = '') =>
  verdicts(
    { version: 'v2.20.0', vars: ['hardening.yaml', 'extra.yaml'], cluster: 'tokyo-live' },
    { 'hardening.yaml': SEED_HARDENING, 'extra.yaml': extra },
    live,
  );

describe('intent and effect', () => {
  test('agree on a cluster where the playbook ran', async () => {
    const judged = await seed(liveCluster(HARDENED));
    expect(brief(judged['drift'])).toBe('PASS holds');
    expect(brief(judged['audit'])).toBe('PASS holds');
  });

  test('set, but never applied: the control fails on the effect, and drift names it', async () => {
    const { 'encryption-provider-config': _gone, ...flags } = HARDENED['kube-apiserver'];
    const judged = await seed(liveCluster({ ...HARDENED, 'kube-apiserver': flags }));
    expect(brief(judged['secret-encryption'])).toBe('FAIL disabled');
    expect(judged['secret-encryption']?.message).toContain('kube-apiserver-cp1: no --encryption-provider-config');
    expect(brief(judged['drift'])).toBe('FAIL drift');
    expect(judged['drift']?.message).toBe('tokyo: kubespray-secret-encryption');
  });

  test('a repeated flag counts as its last value, and Ansible prints False', async () => {
    const live = liveCluster(HARDENED);
    if (live.state !== 'collected') throw new Error('collected');
    const pods = live.value.staticPods.map((pod) =>
      pod.component === 'kube-scheduler'
        ? { ...pod, flags: [...pod.flags, { name: 'profiling', value: 'true' }] }
        : pod,
    );
    const judged = await seed({ ...live, value: { ...live.value, staticPods: pods } });
    expect(brief(judged['scheduler-profiling'])).toBe('FAIL enabled');
    expect(brief(judged['profiling'])).toBe('PASS holds');
  });

  test('one of several API servers decides', async () => {
    const live = liveCluster(HARDENED);
    if (live.state !== 'collected') throw new Error('collected');
    const second = {
      component: 'kube-apiserver',
      name: 'kube-apiserver-cp2',
      flags: [{ name: 'authorization-mode', value: 'AlwaysAllow' }],
    };
    const judged = await seed({ ...live, value: { ...live.value, staticPods: [...live.value.staticPods, second] } });
    expect(brief(judged['authorization-modes'])).toBe('FAIL always-allow');
    expect(judged['authorization-modes']?.message).toContain('kube-apiserver-cp2');
  });

  test('an unreadable cluster blinds would-be passes, and a failing intent stands', async () => {
    const judged = await seed(unavailable('unreachable', 'no route to the API', 'cluster:read'));
    expect(brief(judged['audit'])).toBe('UNKNOWN unreachable');
    expect(brief(judged['kubelet-authorization'])).toBe('FAIL always-allow');
    expect(brief(judged['drift'])).toBe('UNKNOWN unreachable');
  });

  test('etcd as a host service is not visible', async () => {
    const { etcd: _hidden, ...rest } = HARDENED;
    const judged = await seed(liveCluster(rest));
    expect(brief(judged['etcd-metrics'])).toBe('UNKNOWN host-only');
  });
});

describe('the Prometheus exception', () => {
  const OPEN = 'kube_controller_manager_bind_address: 0.0.0.0\nkube_scheduler_bind_address: 0.0.0.0';
  const open = {
    ...HARDENED,
    'kube-controller-manager': { ...HARDENED['kube-controller-manager'], 'bind-address': '0.0.0.0' },
    'kube-scheduler': { ...HARDENED['kube-scheduler'], 'bind-address': '0.0.0.0' },
  };

  test.each([
    [
      'a host policy over every port stands in',
      [{ kind: 'CiliumClusterwideNetworkPolicy', name: 'hosts', ports: [10257, 10259, 2381, 10250] }],
      'PASS compensated',
    ],
    [
      'a host policy that forgets the scheduler does not',
      [{ kind: 'CiliumClusterwideNetworkPolicy', name: 'hosts', ports: [10257, 2381, 10250] }],
      'FAIL exposed',
    ],
    ['no host policy', [], 'FAIL exposed'],
  ] as const)('%s → %s', async (_case, policies, expected) => {
    const judged = await seed(
      liveCluster(
        open,
        policies.map((policy) => ({ ...policy, ports: [...policy.ports] })),
      ),
      OPEN,
    );
    expect(brief(judged['metrics-exposure'])).toBe(expected);
  });

  test('a secure address equal to the pod network is accepted, a wider one is not', async () => {
    const pods = await seed(liveCluster(HARDENED), 'kubelet_secure_addresses: "192.168.10.110 10.233.64.0/18"');
    expect(brief(pods['metrics-exposure'])).toBe('PASS holds');
    const wide = await seed(liveCluster(HARDENED), 'kubelet_secure_addresses: "192.168.10.110 10.0.0.0/8"');
    expect(brief(wide['metrics-exposure'])).toBe('FAIL kubelet-open');
  });
});
