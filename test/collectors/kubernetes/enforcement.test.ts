import { afterEach, describe, expect, test } from 'vitest';
import { createKubernetesProvider } from '#collectors/kubernetes/index.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { type ApiServer, type ApiServerOptions, smallCluster, startApiServer } from './api-server.ts';

/** What decides whether policies and meshes are in force is read only where the plugin or the mesh is installed. */

const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function collect(objects: Readonly<Record<string, unknown>>, options: Partial<ApiServerOptions> = {}) {
  const groups = ['security.istio.io/v1', 'policy.linkerd.io/v1beta3'].filter((group) =>
    Object.keys(objects).some((path) => path.startsWith(`/apis/${group}/`)),
  );
  const server = await startApiServer({ objects: { ...smallCluster(), ...objects }, groups, ...options });
  servers.push(server);
  const context = { signal: AbortSignal.timeout(30_000), now: () => new Date('2026-11-24T00:00:00Z') };
  const provider = createKubernetesProvider(
    { clusters: [{ name: 'tokyo', server: server.url, token: 'secret' }] },
    { sleep: async () => undefined },
  );
  const collection = await provider.collect(
    { id: 'kubernetes:tokyo', provider: 'kubernetes', account: 'tokyo', name: 'tokyo' },
    context,
  );
  const evidence = collection.subjects[0]?.evidence as KubernetesEvidence;
  return { evidence, gaps: collection.gaps, requests: server.requests };
}

const daemonSet = (namespace: string, name: string, container: object = {}) => ({
  metadata: { name, namespace },
  spec: { template: { spec: { containers: [{ name: 'main', ...container }] } } },
});
const pod = (namespace: string, name: string, labels: object, annotations: object = {}) => ({
  metadata: { name, namespace, labels, annotations },
  spec: { containers: [{ name: 'main' }] },
  status: { phase: 'Running' },
});

describe('network plugins', () => {
  test('keep their arguments, images and switches, and nothing else of their environment', async () => {
    const container = {
      image: 'registry.example/weave:2.8',
      command: ['/weave'],
      args: ['--x'],
      env: [
        { name: 'EXPECT_NPC', value: '0' },
        { name: 'PASSWORD', value: 'hunter2' },
      ],
    };
    const { evidence } = await collect({
      '/apis/apps/v1/daemonsets': [
        daemonSet('kube-system', 'weave-net', container),
        daemonSet('shop', 'agent', container),
      ],
    });
    expect(evidence.daemonSets).toMatchObject({
      value: [
        {
          containers: [
            { args: ['/weave', '--x'], env: { EXPECT_NPC: '0' }, image: { value: 'registry.example/weave:2.8' } },
          ],
        },
        { name: 'agent', containers: [] },
      ],
    });
    expect(JSON.stringify(evidence)).not.toContain('hunter2');
  });

  test('Deployments are asked for only where Kube-OVN runs', async () => {
    const plain = await collect({});
    expect(plain.requests.filter((path) => path.includes('/deployments'))).toEqual([]);
    const ovn = await collect({
      '/apis/apps/v1/daemonsets': [daemonSet('kube-system', 'kube-ovn-cni')],
      '/apis/apps/v1/deployments': [
        daemonSet('kube-system', 'kube-ovn-controller', { args: ['--enable-np=false'] }),
        daemonSet('shop', 'web', { args: ['--secret=x'] }),
      ],
    });
    expect(ovn.evidence.policyControllers).toMatchObject({
      value: [{ name: 'kube-ovn-controller', containers: [{ args: ['--enable-np=false'] }] }],
    });
  });

  test('Cilium is read from the namespace of its DaemonSet', async () => {
    const { evidence } = await collect({
      '/apis/apps/v1/daemonsets': [daemonSet('cilium', 'cilium')],
      '/api/v1/namespaces/cilium/configmaps/cilium-config': { data: { 'policy-audit-mode': 'true', other: 'x' } },
    });
    expect(evidence.ciliumConfig).toMatchObject({ value: { present: true, data: { 'policy-audit-mode': 'true' } } });
  });
});

const ISTIO = '/apis/security.istio.io/v1/peerauthentications';
const namespace = (name: string) => ({ metadata: { name, labels: {} } });

describe('Istio', () => {
  test('costs nothing where it is not installed', async () => {
    const { evidence, requests } = await collect({});
    expect(evidence.istioMeshes).toMatchObject({ state: 'collected', value: [] });
    expect(requests.filter((path) => path.includes('configmaps/istio'))).toEqual([]);
  });

  test.each([
    ['istiod of the default revision', { app: 'istiod' }, 'istio', 'rootNamespace: config', { value: 'config' }],
    [
      'istiod of a revision',
      { app: 'istiod', 'istio.io/rev': 'r2' },
      'istio-r2',
      'rootNamespace: config',
      { value: 'config' },
    ],
    ['a configuration without a root namespace', { app: 'istiod' }, 'istio', 'trustDomain: x', { state: 'absent' }],
  ] as const)('the root namespace comes from %s', async (_case, labels, name, mesh, expected) => {
    const { evidence } = await collect({
      [ISTIO]: [],
      '/api/v1/pods': [pod('mesh', 'istiod-1', labels)],
      [`/api/v1/namespaces/mesh/configmaps/${name}`]: { data: { mesh } },
    });
    expect(evidence.istioMeshes).toMatchObject({ value: [{ namespace: 'mesh', rootNamespace: expected }] });
  });

  test('without its pods, the namespaces of its installers count; that of AKS is its own root', async () => {
    const { evidence, requests } = await collect({
      [ISTIO]: [],
      '/api/v1/namespaces': [namespace('aks-istio-system'), namespace('shop')],
    });
    expect(evidence.istioMeshes).toMatchObject({
      value: [{ namespace: 'aks-istio-system', rootNamespace: { state: 'absent' } }],
    });
    expect(requests.filter((path) => path.includes('configmaps/istio'))).toEqual([]);
  });

  test('a refused configuration is a gap, and its text is not trusted where it is not YAML', async () => {
    const objects = { [ISTIO]: [], '/api/v1/pods': [pod('mesh', 'istiod-1', { app: 'istiod' })] };
    const path = '/api/v1/namespaces/mesh/configmaps/istio';
    const refused = await collect(objects, { faults: { [path]: { status: 403 } } });
    expect(refused.evidence.istioMeshes).toMatchObject({ state: 'unavailable', reason: 'denied' });
    expect(refused.gaps).toContainEqual(expect.objectContaining({ api: 'get configmaps/istio', reason: 'denied' }));
    const broken = await collect({ ...objects, [path]: { data: { mesh: 'rootNamespace: [1' } } });
    expect(broken.evidence.istioMeshes).toMatchObject({ state: 'unavailable', reason: 'malformed-answer' });
  });

  test('AuthorizationPolicies keep what says whom they concern and whether they allow everything', async () => {
    const policy = (name: string, spec?: object) => ({
      metadata: { name, namespace: 'shop' },
      ...(spec ? { spec } : {}),
    });
    const { evidence } = await collect({
      [ISTIO]: [],
      '/apis/security.istio.io/v1/authorizationpolicies': [
        policy('none', {}),
        policy('open', { action: 'ALLOW', rules: [{}] }),
        policy('some', { selector: { matchLabels: { app: 'web' } }, rules: [{ from: [] }] }),
        policy('gateway', { targetRefs: [{ name: 'x' }] }),
      ],
    });
    expect(evidence.istioAuthorizations).toMatchObject({
      value: {
        served: true,
        items: [
          { name: 'none', selective: false, matchesEverything: false, action: { state: 'absent' } },
          { name: 'open', selective: false, matchesEverything: true, action: { value: 'ALLOW' } },
          { name: 'some', selective: true, matchesEverything: false, rules: 1 },
          { name: 'gateway', selective: true, rules: 0 },
        ],
      },
    });
  });
});

describe('Linkerd', () => {
  const meshed = pod(
    'shop',
    'web',
    { 'linkerd.io/control-plane-ns': 'mesh' },
    { 'config.linkerd.io/default-inbound-policy': 'deny' },
  );

  test('its default policy comes from the control plane that the pods name', async () => {
    const { evidence } = await collect({
      '/apis/policy.linkerd.io/v1beta3/servers': [
        { metadata: { name: 'http', namespace: 'shop' }, spec: { port: 8080, accessPolicy: 'audit', podSelector: {} } },
      ],
      '/api/v1/pods': [meshed],
      '/api/v1/namespaces/mesh/configmaps/linkerd-config': {
        data: { values: 'proxy:\n  defaultInboundPolicy: all-authenticated\n' },
      },
    });
    expect(evidence.linkerdDefaultPolicy).toMatchObject({ value: { state: 'given', value: 'all-authenticated' } });
    expect(evidence.pods).toMatchObject({ value: [{ linkerdInboundPolicy: { value: 'deny' } }] });
    expect(evidence.linkerdServers).toMatchObject({
      value: { items: [{ port: '8080', accessPolicy: { value: 'audit' }, podLabels: {}, otherwiseSelective: false }] },
    });
  });

  test('costs nothing where it is not installed', async () => {
    const { evidence, requests } = await collect({});
    expect(evidence.linkerdDefaultPolicy).toMatchObject({ value: { state: 'absent' } });
    expect(requests.filter((path) => path.includes('linkerd-config'))).toEqual([]);
  });
});
