import { describe, expect, test } from 'vitest';
import { given } from '#domain/collected.ts';
import { apiServer, denied, node, pod, read, verdictOf } from './evidence.ts';

const servers = (...commands: string[][]) => ({
  staticPods: read(
    commands.map((command, index) => ({ ...apiServer, name: `kube-apiserver-cp${index + 1}`, command })),
  ),
});
const audited = ['--audit-policy-file=/a', '--audit-log-path=/b'];

describe('kubernetes-audit-log', () => {
  test.each([
    ['policy and file', servers(audited), 'PASS', 'holds'],
    ['policy and webhook', servers(['--audit-policy-file=/a', '--audit-webhook-config-file=/w']), 'PASS', 'holds'],
    ['a flag and its value apart', servers(['--audit-policy-file', '/a', '--audit-log-path', '-']), 'PASS', 'holds'],
    ['a policy without a destination', servers(['--audit-policy-file=/a']), 'FAIL', 'audit-off'],
    ['one of two API servers without', servers(audited, []), 'FAIL', 'audit-off'],
    ['no static pod', servers(), 'UNKNOWN', 'host-only'],
    ['pods denied', { staticPods: denied }, 'UNKNOWN', 'denied'],
    ['a managed control plane', { platform: 'eks' as const }, 'NOT_APPLICABLE', 'provider'],
  ] as const)('%s → %s', (_case, change, status, reason) => {
    expect(verdictOf('kubernetes-audit-log', change)).toMatchObject({ status, reason });
  });
});

describe('kubernetes-default-ports', () => {
  test.each([
    [['--secure-port=8443'], 'PASS'],
    [['--secure-port=6443'], 'FAIL'],
    [[], 'FAIL'],
  ] as const)('%j → %s', (command, status) => {
    expect(verdictOf('kubernetes-default-ports', servers([...command])).status).toBe(status);
  });

  const others = (component: 'kube-scheduler' | 'kube-controller-manager' | 'etcd', ...command: string[]) => ({
    staticPods: read([
      { name: 'api', component: 'kube-apiserver' as const, command: ['--secure-port=8443'] },
      { name: component, component, command },
    ]),
  });
  const dashboard = (port: number) => ({
    ...servers(['--secure-port=8443']),
    pods: read([
      {
        ...pod('kubernetes-dashboard', 'd', { 'k8s-app': 'kubernetes-dashboard' }),
        ports: [{ name: 'https', port, protocol: 'TCP' as const }],
      },
    ]),
  });
  const kubelet = (port: number) => ({
    ...servers(['--secure-port=8443']),
    nodes: read([node({ kubeletPort: given(port) })]),
  });
  test.each([
    ['the scheduler', others('kube-scheduler'), 'FAIL default-port'],
    ['a scheduler elsewhere', others('kube-scheduler', '--secure-port=20259'), 'PASS holds'],
    ['the controller manager', others('kube-controller-manager', '--secure-port=10257'), 'FAIL default-port'],
    ['etcd', others('etcd', '--listen-client-urls=https://127.0.0.1:2379,https://10.0.0.5:2379'), 'FAIL default-port'],
    ['etcd elsewhere', others('etcd', '--listen-client-urls=https://10.0.0.5:12379'), 'PASS holds'],
    ['kubelets', kubelet(10250), 'FAIL default-port'],
    ['kubelets elsewhere', kubelet(20250), 'PASS holds'],
    ['a dashboard', dashboard(8443), 'FAIL default-port'],
    ['a dashboard elsewhere', dashboard(9443), 'PASS holds'],
    ['nodes that cannot be read', { ...servers(['--secure-port=8443']), nodes: denied }, 'UNKNOWN denied'],
  ] as const)('%s', (_case, change, expected) => {
    const { status, reason } = verdictOf('kubernetes-default-ports', change);
    expect(`${status} ${reason}`).toBe(expected);
  });
});
