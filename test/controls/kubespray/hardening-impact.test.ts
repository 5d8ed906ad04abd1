import { describe, expect, test } from 'vitest';
import { ABSENT, given, unavailable } from '#domain/collected.ts';
import type { Workloads } from '#domain/evidence/kubespray.ts';
import { podSecurityOf } from '#domain/kubernetes/pod-security.ts';
import { brief, liveCluster, verdicts } from './inventories.ts';

const SAFE = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ name: 'main', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
};

function pod(place: string, spec: object, scrapes = false): Workloads['pods'][number] {
  const [namespace = '', name = ''] = place.split('/');
  const { beyondBaseline, beyondRestricted, withoutSeccomp } = podSecurityOf(spec);
  return {
    namespace,
    name: `${name}-1`,
    owner: `DaemonSet ${name}`,
    beyondBaseline: [...beyondBaseline],
    beyondRestricted: [...beyondRestricted],
    withoutSeccomp: [...withoutSeccomp],
    scrapes,
  };
}

const OPEN = 'kube_controller_manager_bind_address: 0.0.0.0\nkube_scheduler_bind_address: 0.0.0.0\n';
const ENFORCED = `${OPEN}kube_pod_security_use_default: true\nkube_apiserver_admission_control_config_file: true\n`;

const impact = async (yaml: string, pods: Workloads['pods'], namespaces: Workloads['namespaces'] = []) =>
  (
    await verdicts(
      { version: 'v2.31.0', vars: ['v.yaml'], cluster: 'tokyo-live' },
      { 'v.yaml': yaml },
      liveCluster({}, {}, { pods, namespaces }),
    )
  )['hardening-impact'];

describe('kubespray-hardening-impact', () => {
  const host = pod('shop/agent', { ...SAFE, hostNetwork: true });
  const plain = pod('shop/web', { containers: [{ name: 'main' }] });
  const safe = pod('shop/safe', SAFE);

  test.each([
    ['nothing is hardened', OPEN, [host, plain], 'PASS holds'],
    ['pods that meet the standard', `${ENFORCED}kube_pod_security_default_enforce: restricted`, [safe], 'PASS holds'],
    ['a pod of the host network under baseline', ENFORCED, [host, safe], 'FAIL would-break'],
    ['the nearest miss: an ordinary pod under baseline', ENFORCED, [plain, safe], 'PASS holds'],
    [
      'an ordinary pod under restricted',
      `${ENFORCED}kube_pod_security_default_enforce: restricted`,
      [plain],
      'FAIL would-break',
    ],
    ['an exempt namespace', `${ENFORCED}kube_pod_security_exemptions_namespaces: [shop]`, [host], 'PASS holds'],
    ['without the configuration file', `${OPEN}kube_pod_security_use_default: true`, [host], 'PASS holds'],
    [
      'a level that is not known',
      `${ENFORCED}kube_pod_security_default_enforce: "{{ lookup(1) }}"`,
      [host],
      'UNKNOWN template-unresolved',
    ],
    ['the seccomp default', `${OPEN}kubelet_seccomp_default: true`, [plain], 'FAIL would-break'],
    ['the seccomp default and profiles', `${OPEN}kubelet_seccomp_default: true`, [safe], 'PASS holds'],
    ['closed metrics without a collector', 'kube_scheduler_bind_address: 127.0.0.1', [safe], 'PASS holds'],
    ['closed metrics', 'kube_scheduler_bind_address: 127.0.0.1', [{ ...safe, scrapes: true }], 'FAIL would-break'],
    [
      'kubelets that admit the pod network',
      `${OPEN}kubelet_systemd_hardening: true`,
      [{ ...safe, scrapes: true }],
      'PASS holds',
    ],
    [
      'kubelets that admit hosts alone',
      `${OPEN}kubelet_systemd_hardening: true\nkubelet_secure_addresses: 192.0.2.1`,
      [{ ...safe, scrapes: true }],
      'FAIL would-break',
    ],
  ])('%s', async (_case, yaml, pods, expected) => {
    expect(brief(await impact(yaml, pods))).toBe(expected);
  });

  test('lists every pod by what owns it, and what it lacks', async () => {
    const verdict = await impact(ENFORCED, [host, { ...host, name: 'agent-2' }]);
    expect(verdict?.proof[0]?.line).toBe(
      'shop/DaemonSet agent would be refused by the Pod Security Standard baseline: hostNetwork',
    );
    expect(verdict?.proof).toHaveLength(2);
    expect(verdict?.message).toContain('shop/DaemonSet agent would be refused');
  });

  test('a label of the namespace decides instead of the default', async () => {
    expect(brief(await impact(ENFORCED, [host], [{ name: 'shop', enforce: given('privileged') }]))).toBe('PASS holds');
    expect(brief(await impact(ENFORCED, [host], [{ name: 'shop', enforce: ABSENT }]))).toBe('FAIL would-break');
  });

  test('does not apply without the live cluster, and is not known where it cannot be read', async () => {
    expect(brief((await verdicts({ version: 'v2.31.0' }))['hardening-impact'])).toBe('NOT_APPLICABLE no-live-cluster');
    const unread = unavailable('denied', 'not allowed', 'list pods');
    const judged = await verdicts({ version: 'v2.31.0', cluster: 'tokyo-live' }, {}, unread);
    expect(brief(judged['hardening-impact'])).toBe('UNKNOWN denied');
  });
});

describe('Pod Security Standards', () => {
  const main = (context: object, more: object = {}) => ({
    ...SAFE,
    containers: [{ name: 'main', ...more, securityContext: { ...SAFE.containers[0]?.securityContext, ...context } }],
  });
  test.each([
    ['a safe pod', SAFE, [], []],
    ['privileged', main({ privileged: true }), ['main: privileged'], []],
    [
      'a capability beyond baseline',
      main({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }),
      ['main: capability NET_ADMIN'],
      [],
    ],
    [
      'a capability of baseline',
      main({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } }),
      [],
      ['main: capability CHOWN'],
    ],
    ['a low port', main({ capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }), [], []],
    ['a host port', main({}, { ports: [{ containerPort: 80, hostPort: 80 }] }), ['main: hostPort 80'], []],
    ['a host path', { ...SAFE, volumes: [{ name: 'v', hostPath: { path: '/' } }] }, ['hostPath /'], []],
    ['a network volume', { ...SAFE, volumes: [{ name: 'v', nfs: {} }] }, [], ['volume nfs']],
    [
      'an unsafe sysctl',
      { ...SAFE, securityContext: { ...SAFE.securityContext, sysctls: [{ name: 'kernel.msgmax' }] } },
      ['sysctl kernel.msgmax'],
      [],
    ],
    ['root', main({ runAsUser: 0 }), [], ['main: runAsUser is 0']],
    ['no seccomp', main({ seccompProfile: { type: 'Unconfined' } }), ['main: seccompProfile Unconfined'], []],
    ['a host process', main({ windowsOptions: { hostProcess: true } }), ['main: hostProcess'], []],
    ['a type of SELinux', main({ seLinuxOptions: { type: 'spc_t' } }), ['main: seLinuxOptions'], []],
  ])('%s', (_case, spec, baseline, restricted) => {
    const { beyondBaseline, beyondRestricted } = podSecurityOf(spec);
    expect(beyondBaseline).toEqual(baseline);
    expect(beyondRestricted).toEqual(restricted);
  });
});
