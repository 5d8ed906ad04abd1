import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import { apiServer, denied, nothing, pod, read, verdictOf } from './evidence.ts';

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
});

const binding = (name: string, role: string, kind: string, subject: string, namespace = '') => ({
  roleBindings: read([
    {
      kind: 'ClusterRoleBinding' as const,
      namespace: '',
      name,
      role: { kind: 'ClusterRole', name: role },
      subjects: [{ kind, name: subject, namespace }],
    },
  ]),
});
const role = (name: string, verbs: string[], resources: string[]) => ({
  roles: read([{ kind: 'ClusterRole' as const, namespace: '', name, rules: [{ verbs, apiGroups: ['*'], resources }] }]),
});

describe('kubernetes-rbac', () => {
  test.each([
    ['the defaults', {}, 'PASS', 'holds'],
    ['AlwaysAllow', servers(['--authorization-mode=AlwaysAllow']), 'FAIL', 'rbac-off'],
    ['no authorization mode: AlwaysAllow is the default', servers([]), 'FAIL', 'rbac-off'],
    ['authorizers in a file', servers(['--authorization-config=/x']), 'UNKNOWN', 'host-only'],
    [
      'the last of repeated flags counts',
      servers(['--authorization-mode=AlwaysAllow', '--authorization-mode=Node,RBAC']),
      'PASS',
      'holds',
    ],
    ['a binding for anonymous', binding('open', 'view', 'User', 'system:anonymous'), 'FAIL', 'too-wide'],
    ['a binding for unauthenticated', binding('open', 'view', 'Group', 'system:unauthenticated'), 'FAIL', 'too-wide'],
    [
      'the default public-info-viewer',
      binding('system:public-info-viewer', 'system:public-info-viewer', 'Group', 'system:unauthenticated'),
      'PASS',
      'holds',
    ],
    [
      'the name of the default on another role',
      binding('system:public-info-viewer', 'edit', 'Group', 'system:unauthenticated'),
      'FAIL',
      'too-wide',
    ],
    ['an unexpected cluster-admin', binding('ops', 'cluster-admin', 'User', 'eve'), 'FAIL', 'too-wide'],
    ['system:masters as a user', binding('ops', 'cluster-admin', 'User', 'system:masters'), 'FAIL', 'too-wide'],
    ['a role for everything', role('god', ['*'], ['*']), 'FAIL', 'too-wide'],
    ['a role for every verb on one kind', role('pods', ['*'], ['pods']), 'PASS', 'holds'],
    ['a system role for everything', role('system:controller', ['*'], ['*']), 'PASS', 'holds'],
    ['bindings denied', { roleBindings: denied }, 'UNKNOWN', 'denied'],
    ['roles denied', { roles: denied }, 'UNKNOWN', 'denied'],
  ] as const)('%s → %s', (_case, change, status, reason) => {
    expect(verdictOf('kubernetes-rbac', change)).toMatchObject({ status, reason });
  });

  test.each([['eve'], ['User:eve']])('an expected administrator "%s" passes', (subject) => {
    expect(
      verdictOf('kubernetes-rbac', binding('ops', 'cluster-admin', 'User', 'eve'), { clusterAdminSubjects: [subject] })
        .status,
    ).toBe('PASS');
  });

  test('a service account of the same name in another namespace is not the expected one', () => {
    const change = binding('ops', 'cluster-admin', 'ServiceAccount', 'ci', 'evil');
    expect(verdictOf('kubernetes-rbac', change, { clusterAdminSubjects: ['ServiceAccount:tools/ci'] }).status).toBe(
      'FAIL',
    );
  });
});

const plain = { ciliumConfig: read({ present: false, data: {} }) };
const mesh = (...items: { namespace?: string; selective?: boolean; mode: string; portModes?: string[] }[]) => ({
  ...plain,
  pods: read([pod('shop', 'web', { 'security.istio.io/tlsMode': 'istio' })]),
  peerAuthentications: read({
    served: true,
    items: items.map(({ namespace = 'istio-system', selective = false, mode, portModes = [] }) => ({
      namespace,
      name: 'default',
      selective,
      mode: given(mode),
      portModes,
    })),
  }),
});

describe('kubernetes-encryption-in-transit', () => {
  test.each([
    ['Cilium with WireGuard', {}, 'PASS', 'holds'],
    ['Cilium with IPsec', { ciliumConfig: read({ present: true, data: { 'enable-ipsec': 'true' } }) }, 'PASS', 'holds'],
    [
      'Calico with WireGuard',
      {
        ...plain,
        felixConfigurations: read({ served: true, items: [{ name: 'default', wireguardEnabled: given(true) }] }),
      },
      'PASS',
      'holds',
    ],
    [
      'Calico without',
      { ...plain, felixConfigurations: read({ served: true, items: [{ name: 'default', wireguardEnabled: ABSENT }] }) },
      'NOT_APPLICABLE',
      'no-mesh',
    ],
    [
      'Istio STRICT mesh-wide',
      { ...mesh({ mode: 'STRICT' }), namespaces: read([{ name: 'shop', labels: {}, linkerdInboundPolicy: ABSENT }]) },
      'PASS',
      'holds',
    ],
    ['Istio without any object', mesh(), 'FAIL', 'plain-text-accepted'],
    ['Istio STRICT for some pods only', mesh({ mode: 'STRICT', selective: true }), 'FAIL', 'plain-text-accepted'],
    [
      'Istio softened in one namespace',
      mesh({ mode: 'STRICT' }, { namespace: 'shop', mode: 'PERMISSIVE' }),
      'FAIL',
      'plain-text-accepted',
    ],
    [
      'Istio softened for one port',
      mesh({ mode: 'STRICT' }, { namespace: 'shop', mode: 'STRICT', portModes: ['DISABLE'] }),
      'FAIL',
      'plain-text-accepted',
    ],
    [
      'Istio STRICT with a pod outside of the mesh',
      { ...mesh({ mode: 'STRICT' }), pods: read([pod('shop', 'web', {})]) },
      'FAIL',
      'plain-text-accepted',
    ],
    ['Linkerd that accepts everyone', { ...plain, linkerd: read(true) }, 'FAIL', 'plain-text-accepted'],
    [
      'Linkerd that accepts the authenticated',
      {
        ...plain,
        linkerd: read(true),
        namespaces: read([{ name: 'shop', labels: {}, linkerdInboundPolicy: given('all-authenticated') }]),
        pods: read([pod('shop', 'web', { 'linkerd.io/control-plane-ns': 'linkerd' })]),
      },
      'PASS',
      'holds',
    ],
    [
      'Linkerd that accepts the authenticated, and a pod that is not meshed',
      {
        ...plain,
        linkerd: read(true),
        namespaces: read([{ name: 'shop', labels: {}, linkerdInboundPolicy: given('all-authenticated') }]),
        pods: read([pod('shop', 'web', { 'linkerd.io/control-plane-ns': 'linkerd' }), pod('shop', 'db', {})]),
      },
      'FAIL',
      'plain-text-accepted',
    ],
    [
      'Calico with WireGuard that one node switches off',
      {
        ...plain,
        felixConfigurations: read({
          served: true,
          items: [
            { name: 'default', wireguardEnabled: given(true) },
            { name: 'node.n2', wireguardEnabled: given(false) },
          ],
        }),
      },
      'FAIL',
      'plain-text-accepted',
    ],
    [
      'Istio with a mode that nobody documented',
      mesh({ mode: 'STRICT' }, { namespace: 'shop', mode: 'LOOSE' }),
      'UNKNOWN',
      'unrecognised-value',
    ],
    ['no Istio, and pods denied', { ...plain, pods: denied }, 'NOT_APPLICABLE', 'no-mesh'],
    ['nothing', plain, 'NOT_APPLICABLE', 'no-mesh'],
    ['nothing, and Istio denied', { ...plain, peerAuthentications: denied }, 'UNKNOWN', 'denied'],
  ] as const)('%s → %s', (_case, change, status, reason) => {
    expect(verdictOf('kubernetes-encryption-in-transit', change)).toMatchObject({ status, reason });
  });

  test('nothing fails where a mesh is required', () => {
    expect(
      verdictOf('kubernetes-encryption-in-transit', { ...plain, felixConfigurations: nothing }, { meshRequired: true }),
    ).toMatchObject({ status: 'FAIL', reason: 'no-encryption' });
  });
});
