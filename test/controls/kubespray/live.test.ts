import { describe, expect, test } from 'vitest';
import { unavailable } from '#domain/collected.ts';
import type { HostFirewall } from '#domain/evidence/kubespray.ts';
import { HARDENED } from './hardened.ts';
import { brief, liveCluster, SEED_HARDENING, verdicts } from './inventories.ts';

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

  test('two good values are a drift all the same, told side by side', async () => {
    const flags = { ...HARDENED['kube-apiserver'], 'request-timeout': '1m0s' };
    const judged = await seed(liveCluster({ ...HARDENED, 'kube-apiserver': flags }));
    expect(brief(judged['request-timeout'])).toBe('PASS holds');
    expect(brief(judged['drift'])).toBe('FAIL drift');
    expect(judged['drift']?.proof[0]?.line).toBe(
      'kubespray-request-timeout: intent good (120s), effect good (60s): drift',
    );
    expect(judged['drift']).toMatchObject({
      fix: { commands: ['ansible-playbook -b -i inv/hosts.ini -e @hardening.yaml -e @extra.yaml upgrade-cluster.yml'] },
    });
  });

  test.each([
    ['2m0s', 'PASS holds'],
    ['2m', 'PASS holds'],
  ])('another spelling of one value is none: %s', async (timeout, expected) => {
    const flags = { ...HARDENED['kube-apiserver'], 'request-timeout': timeout };
    expect(brief((await seed(liveCluster({ ...HARDENED, 'kube-apiserver': flags })))['drift'])).toBe(expected);
  });

  test.each([
    ['authorization-modes', { 'authorization-mode': undefined }, 'FAIL always-allow'],
    ['authorization-modes', { 'authorization-mode': undefined, 'authorization-config': '/x' }, 'UNKNOWN host-only'],
    ['audit', { 'audit-log-path': undefined }, 'FAIL disabled'],
    ['audit', { 'audit-log-path': undefined, 'audit-webhook-config-file': '/x' }, 'PASS holds'],
    ['admission-plugins', { 'disable-admission-plugins': 'NodeRestriction' }, 'FAIL disabled'],
  ])('%s with the API server flags %j → %s', async (control, changed, expected) => {
    const flags = Object.fromEntries(
      Object.entries({ ...HARDENED['kube-apiserver'], ...changed }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>;
    expect(brief((await seed(liveCluster({ ...HARDENED, 'kube-apiserver': flags })))[control])).toBe(expected);
  });

  test('anonymous access that a file decides is not seen', async () => {
    const { 'anonymous-auth': _gone, ...flags } = HARDENED['kube-apiserver'];
    const live = liveCluster({ ...HARDENED, 'kube-apiserver': { ...flags, 'authentication-config': '/x' } });
    const judged = await seed(live, 'kube_api_anonymous_auth: false');
    expect(brief(judged['api-anonymous-auth'])).toBe('UNKNOWN host-only');
  });

  test('a pod whose command is a shell hides its flags', async () => {
    const live = liveCluster(HARDENED);
    if (live.state !== 'collected') throw new Error('collected');
    const staticPods = live.value.staticPods.map((pod) => ({ ...pod, isComplete: false, flags: [] }));
    const judged = await seed({ ...live, value: { ...live.value, staticPods } });
    for (const id of ['request-timeout', 'service-account-lookup', 'controller-feature-gates', 'etcd-metrics']) {
      expect(brief(judged[id]), id).toBe('UNKNOWN undecidable');
    }
  });

  test('etcd with a configuration file ignores its flags', async () => {
    const etcd = { 'listen-metrics-urls': 'http://127.0.0.1:2381', 'config-file': '/etc/etcd.yaml' };
    expect(brief((await seed(liveCluster({ ...HARDENED, etcd })))['etcd-metrics'])).toBe('UNKNOWN host-only');
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
      isComplete: true,
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
    expect(judged['drift']?.proof.map(({ line }) => line)).toContain(
      'kubespray-etcd-metrics: intent good, effect undecided: not comparable',
    );
  });
});

describe('the Prometheus exception', () => {
  const OPEN = 'kube_controller_manager_bind_address: 0.0.0.0\nkube_scheduler_bind_address: 0.0.0.0';
  const open = {
    ...HARDENED,
    'kube-controller-manager': { ...HARDENED['kube-controller-manager'], 'bind-address': '0.0.0.0' },
    'kube-scheduler': { ...HARDENED['kube-scheduler'], 'bind-address': '0.0.0.0' },
  };

  const NODES = { matchLabels: { 'node-role.kubernetes.io/control-plane': '' } };
  const FROM_PODS = [{ fromEndpoints: [{ matchLabels: { app: 'prometheus' } }] }];
  const cilium = (spec: object) => ({
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumClusterwideNetworkPolicy',
    name: 'hosts',
    spec: JSON.stringify({ spec }),
  });
  const calico = (spec: object) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    name: 'hosts',
    spec: JSON.stringify({ spec }),
  });
  const endpoint = { name: 'cp1-auto', node: 'cp1', interfaceName: '*', labels: { role: 'control-plane' } };
  const allowing = (nets: readonly string[]) => ({
    selector: "role == 'control-plane'",
    ingress: [{ action: 'Allow', protocol: 'TCP', source: { nets } }],
  });

  test.each<[string, Partial<HostFirewall>, string]>([
    [
      'Cilium isolates the hosts',
      { policies: [cilium({ nodeSelector: NODES, ingress: FROM_PODS })] },
      'PASS compensated',
    ],
    [
      'the same without the host firewall',
      { ciliumHostFirewall: false, policies: [cilium({ nodeSelector: NODES, ingress: FROM_PODS })] },
      'FAIL exposed',
    ],
    [
      'Cilium lets the world reach the scheduler',
      {
        policies: [
          cilium({
            nodeSelector: NODES,
            ingress: [...FROM_PODS, { fromEntities: ['world'], toPorts: [{ ports: [{ port: '10259' }] }] }],
          }),
        ],
      },
      'FAIL exposed',
    ],
    [
      'Cilium isolates other nodes',
      { policies: [cilium({ nodeSelector: { matchLabels: { pool: 'edge' } }, ingress: FROM_PODS })] },
      'FAIL exposed',
    ],
    [
      'a policy for pods: these pods use the network of the host',
      { policies: [cilium({ endpointSelector: {}, ingress: FROM_PODS })] },
      'FAIL exposed',
    ],
    [
      'Calico with an endpoint of the host',
      { hostEndpoints: [endpoint], policies: [calico(allowing(['10.233.64.0/18']))] },
      'PASS compensated',
    ],
    ['Calico without one', { policies: [calico(allowing(['10.233.64.0/18']))] }, 'FAIL exposed'],
    [
      'Calico with an endpoint for one interface',
      { hostEndpoints: [{ ...endpoint, interfaceName: 'eth1' }], policies: [calico(allowing(['10.233.64.0/18']))] },
      'FAIL exposed',
    ],
    [
      'Calico that lets a public range in',
      { hostEndpoints: [endpoint], policies: [calico(allowing(['10.0.0.0/8', '198.51.100.0/24']))] },
      'FAIL exposed',
    ],
    [
      'Calico whose failsafe ports hold one of them',
      { hostEndpoints: [endpoint], failsafePorts: [22, 10250], policies: [calico(allowing(['10.233.64.0/18']))] },
      'FAIL exposed',
    ],
    ['no host policy', {}, 'FAIL exposed'],
    ['no control plane node is visible', { nodes: [] }, 'UNKNOWN host-only'],
  ])('%s → %s', async (_case, firewall, expected) => {
    const judged = await seed(liveCluster(open, firewall), OPEN);
    expect(brief(judged['metrics-exposure'])).toBe(expected);
  });

  test('the second control plane node without a policy decides, and is named', async () => {
    const nodes = [
      { name: 'cp1', labels: { role: 'a' } },
      { name: 'cp2', labels: { role: 'b' } },
    ];
    const policies = [cilium({ nodeSelector: { matchLabels: { role: 'a' } }, ingress: FROM_PODS })];
    const judged = await seed(liveCluster(open, { nodes, policies }), OPEN);
    expect(judged['metrics-exposure']?.message).toContain(
      'no host policy restricts ports 10257, 10259, 2381, 10250 on cp2',
    );
  });

  test('policies that cannot be listed blind it', async () => {
    const live = liveCluster(open);
    if (live.state !== 'collected') throw new Error('collected');
    const hostFirewall = unavailable('denied', 'nodes is forbidden', 'list nodes');
    const judged = await seed({ ...live, value: { ...live.value, hostFirewall } }, OPEN);
    expect(brief(judged['metrics-exposure'])).toBe('UNKNOWN denied');
  });

  test('a secure address equal to the pod network is accepted, a wider one is not', async () => {
    const pods = await seed(liveCluster(HARDENED), 'kubelet_secure_addresses: "192.168.10.110 10.233.64.0/18"');
    expect(brief(pods['metrics-exposure'])).toBe('PASS holds');
    const wide = await seed(liveCluster(HARDENED), 'kubelet_secure_addresses: "192.168.10.110 10.0.0.0/8"');
    expect(brief(wide['metrics-exposure'])).toBe('FAIL kubelet-open');
  });
});
