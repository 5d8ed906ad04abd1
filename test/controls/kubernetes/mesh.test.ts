import { describe, expect, test } from 'vitest';
import { ABSENT, type Field, given } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { denied, nothing, pod, read, verdictOf } from './evidence.ts';

const plain = { ciliumConfig: read({ present: false, data: {} }) };
const mesh = (...items: { namespace?: string; selective?: boolean; mode: string; portModes?: string[] }[]) => ({
  ...plain,
  pods: read([pod('shop', 'web', { 'security.istio.io/tlsMode': 'istio' })]),
  istioMeshes: read([{ namespace: 'istio-system', rootNamespace: ABSENT }]),
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

const SIDECAR = { 'security.istio.io/tlsMode': 'istio' };

/** STRICT everywhere; one pod, in a namespace of the ambient mesh unless the pod's own label is all there is. */
function ambient(first: Record<string, string>, alone?: Record<string, string>) {
  const labels = alone === undefined ? { 'istio.io/dataplane-mode': 'ambient' } : {};
  return {
    ...mesh({ mode: 'STRICT' }),
    namespaces: read([{ name: 'shop', labels }]),
    pods: read([pod('shop', 'web', alone ?? first)]),
  };
}

function rooted(namespace: string, rootNamespace: Field<string>, strictIn: string) {
  return {
    ...mesh({ mode: 'STRICT', namespace: strictIn }),
    istioMeshes: read([{ namespace, rootNamespace }]),
    namespaces: read([{ name: 'shop', labels: {} }]),
  };
}

const MESHED = { app: 'web', 'linkerd.io/control-plane-ns': 'linkerd' };

function linkerd(own: Field<string>, fallback: Field<string> = ABSENT, ...servers: ReturnType<typeof server>[]) {
  return {
    ...plain,
    linkerd: read(true),
    linkerdDefaultPolicy: read(fallback),
    linkerdServers: read({ served: true, items: servers }),
    pods: read([pod('shop', 'web', MESHED, { linkerdInboundPolicy: own }), pod('linkerd', 'proxy-injector', {})]),
  };
}

function server(accessPolicy: string, podLabels: Record<string, string> = { app: 'web' }) {
  return {
    namespace: 'shop',
    name: 'http',
    port: '8080',
    accessPolicy: given(accessPolicy),
    podLabels,
    otherwiseSelective: false,
  };
}

const allow = (namespace: string, change: Partial<Authorization> = {}): Authorization => ({
  namespace,
  name: 'deny-by-default',
  selective: false,
  action: ABSENT,
  matchesEverything: false,
  rules: 0,
  ...change,
});
type Authorization = Extract<
  KubernetesEvidence['istioAuthorizations'],
  { state: 'collected' }
>['value']['items'][number];
const authorised = (...items: Authorization[]) => ({
  ...mesh({ mode: 'STRICT' }),
  istioAuthorizations: read({ served: true, items }),
});

describe('kubernetes-mesh-authorization', () => {
  test.each([
    ['no mesh', {}, 'NOT_APPLICABLE', 'no-mesh'],
    [
      'Istio installed, no pod in it',
      { ...authorised(), pods: read([pod('shop', 'web', {})]) },
      'NOT_APPLICABLE',
      'no-mesh',
    ],
    ['Istio without any policy', authorised(), 'FAIL', 'no-default-deny'],
    ['a policy without rules in the namespace', authorised(allow('shop')), 'PASS', 'holds'],
    ['a policy without rules in the root namespace', authorised(allow('istio-system')), 'PASS', 'holds'],
    [
      'a policy that denies everything',
      authorised(allow('shop', { action: given('DENY'), matchesEverything: true })),
      'PASS',
      'holds',
    ],
    ['rules that allow some', authorised(allow('shop', { rules: 2 })), 'PASS', 'holds'],
    ['a policy of another namespace', authorised(allow('bank')), 'FAIL', 'no-default-deny'],
    ['a policy for some workloads', authorised(allow('shop', { selective: true })), 'FAIL', 'no-default-deny'],
    [
      'a policy that allows everything beside it',
      authorised(allow('shop'), allow('shop', { matchesEverything: true })),
      'FAIL',
      'no-default-deny',
    ],
    ['a policy that only audits', authorised(allow('shop', { action: given('AUDIT') })), 'FAIL', 'no-default-deny'],
    [
      'an action nobody documented',
      authorised(allow('shop', { action: given('MAYBE') })),
      'UNKNOWN',
      'unrecognised-value',
    ],
    ['policies denied', { ...authorised(), istioAuthorizations: denied }, 'UNKNOWN', 'denied'],
    ['Linkerd, deny', linkerd(given('deny')), 'PASS', 'holds'],
    ['Linkerd, all-authenticated', linkerd(given('all-authenticated')), 'FAIL', 'no-default-deny'],
    ['Linkerd, deny by the installation', linkerd(ABSENT, given('deny')), 'PASS', 'holds'],
    [
      'Linkerd, a Server that admits',
      linkerd(given('deny'), ABSENT, server('all-authenticated')),
      'FAIL',
      'no-default-deny',
    ],
    ['Linkerd, no policy anywhere', linkerd(ABSENT), 'UNKNOWN', 'absent-field'],
    ['Linkerd, Servers denied', { ...linkerd(given('deny')), linkerdServers: denied }, 'UNKNOWN', 'denied'],
  ] as const)('%s → %s', (_case, change, status, reason) => {
    expect(verdictOf('kubernetes-mesh-authorization', change)).toMatchObject({ status, reason });
  });
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
      { ...mesh({ mode: 'STRICT' }), namespaces: read([{ name: 'shop', labels: {} }]) },
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
    [
      'Istio with a pod that left the ambient mesh',
      ambient({ 'istio.io/dataplane-mode': 'none' }),
      'FAIL',
      'plain-text-accepted',
    ],
    [
      'Istio with a pod that joined the ambient mesh alone',
      ambient({}, { 'istio.io/dataplane-mode': 'ambient' }),
      'PASS',
      'holds',
    ],
    [
      'Istio with a sidecar that says none',
      ambient({ 'istio.io/dataplane-mode': 'none', ...SIDECAR }),
      'PASS',
      'holds',
    ],
    [
      'Istio of AKS, STRICT in its root namespace',
      rooted('aks-istio-system', ABSENT, 'aks-istio-system'),
      'PASS',
      'holds',
    ],
    ['Istio with another root namespace', rooted('istio-system', given('mesh-config'), 'mesh-config'), 'PASS', 'holds'],
    [
      'STRICT where the root namespace is not',
      rooted('istio-system', given('mesh-config'), 'istio-system'),
      'FAIL',
      'plain-text-accepted',
    ],
    ['Istio whose configuration is denied', { ...mesh({ mode: 'STRICT' }), istioMeshes: denied }, 'UNKNOWN', 'denied'],
    ['Linkerd, all-authenticated on the pod', linkerd(given('all-authenticated')), 'PASS', 'holds'],
    ['Linkerd, deny on the pod', linkerd(given('deny')), 'PASS', 'holds'],
    ['Linkerd, audit on the pod', linkerd(given('audit')), 'FAIL', 'plain-text-accepted'],
    ['Linkerd, all-unauthenticated on the pod', linkerd(given('all-unauthenticated')), 'FAIL', 'plain-text-accepted'],
    [
      'Linkerd, cluster-authenticated by the installation',
      linkerd(ABSENT, given('cluster-authenticated')),
      'PASS',
      'holds',
    ],
    [
      'Linkerd, all-unauthenticated by the installation',
      linkerd(ABSENT, given('all-unauthenticated')),
      'FAIL',
      'plain-text-accepted',
    ],
    ['Linkerd, no policy anywhere', linkerd(ABSENT), 'UNKNOWN', 'absent-field'],
    ['Linkerd, a policy nobody documented', linkerd(given('some')), 'UNKNOWN', 'unrecognised-value'],
    [
      'Linkerd, a Server that opens a port',
      linkerd(given('deny'), ABSENT, server('all-unauthenticated')),
      'FAIL',
      'plain-text-accepted',
    ],
    [
      'Linkerd, a Server for other pods',
      linkerd(given('deny'), ABSENT, server('all-unauthenticated', { app: 'db' })),
      'PASS',
      'holds',
    ],
    ['Linkerd, its configuration denied', { ...linkerd(ABSENT), linkerdDefaultPolicy: denied }, 'UNKNOWN', 'denied'],
    [
      'Linkerd, and a pod that is not meshed',
      { ...linkerd(given('deny')), pods: read([pod('shop', 'db', {})]) },
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
