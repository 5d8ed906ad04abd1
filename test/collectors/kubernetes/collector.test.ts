import { afterEach, describe, expect, test } from 'vitest';
import { createKubernetesProvider, type KubernetesDeps, permissions } from '#collectors/kubernetes/index.ts';
import type { KubernetesClusterOptions } from '#collectors/kubernetes/options.ts';
import { judge } from '#controls/judge.ts';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import type { Collection } from '#domain/collection.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { type ApiServer, type ApiServerOptions, smallCluster, startApiServer } from './api-server.ts';
import { TEST_TLS } from './tls.ts';

const servers: ApiServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const context = { signal: new AbortController().signal, now: () => new Date('2026-11-24T00:00:00Z') };
const waits: number[] = [];
const deps: Partial<KubernetesDeps> = {
  sleep: async (milliseconds) => {
    waits.push(milliseconds);
  },
};

async function serve(options: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  const server = await startApiServer({ objects: smallCluster(), ...options });
  servers.push(server);
  return server;
}

async function collectFrom(options: KubernetesClusterOptions, more: Partial<KubernetesDeps> = {}): Promise<Collection> {
  const provider = createKubernetesProvider({ clusters: [options] }, { ...deps, ...more });
  const { targets } = await provider.plan(context);
  const [planned] = targets;
  if (planned === undefined) throw new Error('no target');
  expect(planned.target).toEqual({
    id: `kubernetes:${options.name}`,
    provider: 'kubernetes',
    account: options.name,
    name: options.name,
  });
  return provider.collect(planned.target, context);
}

async function collect(options: Partial<ApiServerOptions> = {}) {
  const server = await serve(options);
  const collection = await collectFrom({ name: 'tokyo', server: server.url, token: 'secret' });
  return { collection, server, evidence: evidenceOf(collection) };
}

function evidenceOf({ subjects: [subject] }: Collection): KubernetesEvidence {
  if (subject?.kind !== 'kubernetes') throw new Error('no cluster');
  return subject.evidence as KubernetesEvidence;
}

function verdicts({ subjects: [subject] }: Collection): Readonly<Record<string, string>> {
  if (subject === undefined) return {};
  const judged = judge(subject, kubernetesControls, { profile: 'closed', controls: {} });
  return Object.fromEntries(
    judged.map(({ control, verdict }) => [
      control.id.replace('kubernetes-', ''),
      `${verdict.status} ${verdict.reason}`,
    ]),
  );
}

describe('a healthy cluster', () => {
  test('is read without a gap and judged', async () => {
    const { collection } = await collect();
    expect(collection.gaps).toEqual([]);
    expect(collection.inventoryComplete).toBe(true);
    expect(collection.subjects[0]?.resource).toMatchObject({
      uid: 'kubernetes:tokyo',
      type: 'kubernetes.cluster',
      provider: 'kubernetes',
    });
    expect(verdicts(collection)).toEqual({
      'audit-log': 'PASS holds',
      'cni-enforces': 'PASS holds',
      'default-deny-egress': 'PASS holds',
      'default-deny-ingress': 'PASS holds',
      'default-ports': 'FAIL default-port',
      'encryption-in-transit': 'NOT_APPLICABLE no-mesh',
      'external-ips': 'PASS holds',
      'host-network': 'PASS holds',
      'mesh-authorization': 'NOT_APPLICABLE no-mesh',
      'misapplied-policy': 'PASS holds',
      'pods-isolated': 'PASS holds',
      rbac: 'PASS holds',
      'services-internal': 'PASS holds',
      'unrestricted-policy': 'PASS holds',
    });
  });

  test('counts every request, and asks for pages and running pods only', async () => {
    const { collection, server } = await collect();
    expect(collection.apiCalls).toBe(server.requests.length);
    expect(server.requests).toContain(
      '/api/v1/pods?fieldSelector=status.phase!%3DSucceeded,status.phase!%3DFailed&limit=500',
    );
    expect(server.requests.filter((path) => path.includes('watch') || path.includes('secrets'))).toEqual([]);
  });

  test('keeps nothing of pods beyond what the evidence names', async () => {
    const { evidence } = await collect();
    expect(JSON.stringify(evidence)).not.toMatch(/hunter2|PASSWORD|--secret/);
    expect(evidence.staticPods).toMatchObject({ value: [{ component: 'kube-apiserver', name: 'kube-apiserver-n1' }] });
  });

  test('belongs to the cloud cluster whose uid is configured', async () => {
    const server = await serve();
    const cluster = 'arn:aws:eks:eu-west-1:111111111111:cluster/prod';
    const collection = await collectFrom({ name: 'prod', server: server.url, token: 'secret', cluster });
    expect(collection.subjects[0]?.resource.uid).toBe(cluster);
    expect(evidenceOf(collection).platform).toBe('eks');
  });
});

describe('lists', () => {
  const pods = Array.from({ length: 12 }, (_, index) => ({
    metadata: { name: `p${index}`, namespace: 'shop', labels: { app: `a${index}` } },
    spec: { containers: [{ name: 'main' }] },
    status: { phase: 'Running' },
  }));
  const many = { ...smallCluster(), '/api/v1/pods': pods };

  test('are followed to their last page', async () => {
    const { evidence } = await collect({ objects: many, pageSize: 5 });
    expect(evidence.pods).toMatchObject({ state: 'collected', value: { length: 12 } });
  });

  test('are read again once when they expire in the middle', async () => {
    const { evidence, collection } = await collect({
      objects: many,
      pageSize: 5,
      faults: { '/api/v1/pods': { status: 410, times: 1, onlyContinued: true } },
    });
    expect(evidence.pods).toMatchObject({ state: 'collected', value: { length: 12 } });
    expect(collection.gaps).toEqual([]);
  });

  test('are truncated, never partial, when they expire again', async () => {
    const { evidence, collection } = await collect({
      objects: many,
      pageSize: 5,
      faults: { '/api/v1/pods': { status: 410, onlyContinued: true } },
    });
    expect(evidence.pods).toMatchObject({ state: 'unavailable', reason: 'truncated' });
    expect(collection.gaps).toEqual([expect.objectContaining({ reason: 'truncated', api: 'list pods' })]);
    expect(verdicts(collection)).toMatchObject({ 'pods-isolated': 'UNKNOWN truncated', 'cni-enforces': 'PASS holds' });
  });

  test('do not go round for ever on a page token that comes back', async () => {
    const looping = { kind: 'PodList', metadata: { continue: 'again' }, items: [] };
    const { evidence } = await collect({ objects: { ...many, '/api/v1/pods': looping } });
    expect(evidence.pods).toMatchObject({ state: 'unavailable', reason: 'truncated' });
  });

  test.each([
    ['a page of HTML', { objects: { ...many, '/api/v1/pods': { no: 'list' } } }],
    [
      'an object without its name',
      { objects: { ...many, '/api/v1/pods': [{ metadata: {}, spec: { containers: [] } }] } },
    ],
    [
      'labels that are no text',
      {
        objects: { ...many, '/api/v1/pods': [{ metadata: { name: 'x', labels: { a: 1 } }, spec: { containers: [] } }] },
      },
    ],
  ])('with %s are malformed', async (_case, options) => {
    const { evidence, collection } = await collect(options);
    expect(evidence.pods).toMatchObject({ state: 'unavailable', reason: 'malformed-answer' });
    expect(verdicts(collection)).toMatchObject({
      'default-deny-ingress': 'UNKNOWN malformed-answer',
      'external-ips': 'PASS holds',
    });
  });
});

describe('refusals', () => {
  test('a server that repeats the token does not bring it into a message', async () => {
    const server = await serve({ token: 'refused', faults: { '/api/v1/services': { status: 403 } } });
    // The server's own words are "refused with 403".
    const { gaps } = await collectFrom({ name: 'tokyo', server: server.url, token: 'refused' });
    expect(gaps[0]).toMatchObject({ reason: 'denied', message: expect.stringContaining('((secret) with 403)') });
  });

  test('403 on one kind blinds the controls that need it, and no other', async () => {
    const { collection } = await collect({ faults: { '/api/v1/services': { status: 403 } } });
    expect(collection.gaps).toEqual([
      { reason: 'denied', message: expect.stringContaining('403'), api: 'list services', resource: 'kubernetes:tokyo' },
    ]);
    expect(verdicts(collection)).toMatchObject({
      'services-internal': 'UNKNOWN denied',
      'external-ips': 'UNKNOWN denied',
      'pods-isolated': 'PASS holds',
      rbac: 'PASS holds',
    });
  });

  test('a group that is served and refused is denied, not absent', async () => {
    const { evidence } = await collect({
      groups: ['cilium.io'],
      faults: { '/apis/cilium.io/v2/ciliumnetworkpolicies': { status: 403 } },
    });
    expect(evidence.ciliumPolicies).toMatchObject({ state: 'unavailable', reason: 'denied' });
  });

  test('a group that is not installed costs nothing, even where discovery is refused', async () => {
    const { evidence, collection } = await collect({ faults: { '/apis': { status: 403 } } });
    expect(evidence.ciliumPolicies).toMatchObject({ state: 'collected', value: { served: false, items: [] } });
    expect(evidence.linkerd).toMatchObject({ state: 'collected', value: false });
    expect(collection.gaps).toEqual([]);
  });

  const gateway = {
    metadata: { name: 'edge', namespace: 'shop' },
    spec: { gatewayClassName: 'x' },
    status: { addresses: [{ value: '8.8.8.8' }] },
  };

  test('a kind that is served in an older version is read in that one', async () => {
    const { collection, evidence } = await collect({
      groups: ['gateway.networking.k8s.io/v1beta1'],
      objects: { ...smallCluster(), '/apis/gateway.networking.k8s.io/v1beta1/gateways': [gateway] },
    });
    expect(evidence.gateways).toMatchObject({ value: { served: true, items: [{ name: 'edge' }] } });
    expect(verdicts(collection)).toMatchObject({ 'services-internal': 'FAIL exposed' });
  });

  test('without discovery every version that is understood is tried', async () => {
    const { evidence } = await collect({
      faults: { '/apis': { status: 404 } },
      objects: { ...smallCluster(), '/apis/gateway.networking.k8s.io/v1beta1/gateways': [gateway] },
    });
    expect(evidence.gateways).toMatchObject({ value: { served: true, items: [{ name: 'edge' }] } });
  });

  test('a kind that is served in a version not understood is unknown, not absent', async () => {
    const { collection, evidence } = await collect({
      groups: ['policy.networking.k8s.io/v1beta9'],
      objects: { ...smallCluster(), '/apis/policy.networking.k8s.io/v1beta9/clusternetworkpolicies': [] },
    });
    expect(evidence.adminPolicies).toMatchObject({ state: 'unavailable', reason: 'unrecognised-value' });
    expect(collection.gaps).toEqual([
      expect.objectContaining({
        reason: 'unrecognised-value',
        message: 'clusternetworkpolicies are served as policy.networking.k8s.io/v1beta9, which is not understood',
      }),
    ]);
    expect(verdicts(collection)).toMatchObject({
      'default-deny-ingress': 'UNKNOWN unrecognised-value',
      'cni-enforces': 'PASS holds',
    });
  });

  test("another maker's policies are named, and leave the verdicts on policies undecided", async () => {
    const item = { metadata: { name: 'open' }, spec: { tier: 'emergency', priority: 1 } };
    const { collection } = await collect({
      groups: ['crd.antrea.io/v1beta1'],
      objects: { ...smallCluster(), '/apis/crd.antrea.io/v1beta1/clusternetworkpolicies': [item] },
    });
    expect(verdicts(collection)).toMatchObject({
      'default-deny-ingress': 'UNKNOWN undecidable',
      'pods-isolated': 'UNKNOWN undecidable',
    });
  });

  test('a finished pod is left out, whether the server heeds the selector or not', async () => {
    const done = {
      metadata: { name: 'job', namespace: 'default' },
      spec: { containers: [{ name: 'main' }] },
      status: { phase: 'Succeeded' },
    };
    const objects = smallCluster();
    const { evidence } = await collect({
      objects: { ...objects, '/api/v1/pods': [...(objects['/api/v1/pods'] as unknown[]), done] },
    });
    expect(JSON.stringify(evidence.pods)).not.toContain('"job"');
  });

  test('what names no pod is judged without pods', async () => {
    const { collection } = await collect({ faults: { '/api/v1/pods': { status: 403 } } });
    expect(verdicts(collection)).toMatchObject({
      'misapplied-policy': 'PASS holds',
      'encryption-in-transit': 'NOT_APPLICABLE no-mesh',
      'host-network': 'UNKNOWN denied',
    });
  });

  test('a plugin without a pod that is ready enforces nothing that could be known', async () => {
    const objects = smallCluster();
    const [set] = objects['/apis/apps/v1/daemonsets'] as [object];
    const idle = { ...set, status: { desiredNumberScheduled: 3, numberReady: 0 } };
    const { collection } = await collect({ objects: { ...objects, '/apis/apps/v1/daemonsets': [idle] } });
    expect(verdicts(collection)).toMatchObject({ 'cni-enforces': 'UNKNOWN transitional-state' });
  });

  test('a server that hides its version is read all the same', async () => {
    const { collection } = await collect({ faults: { '/version': { status: 403 } } });
    expect(collection.gaps).toEqual([]);
    expect(verdicts(collection)).toMatchObject({ 'cni-enforces': 'PASS holds' });
  });

  test("Calico's policies are read from its own API where it runs, and Kubernetes' among them are left out", async () => {
    const selector = { selector: 'all()', types: ['Ingress', 'Egress'] };
    const items = [
      { metadata: { name: 'deny', namespace: 'shop' }, spec: selector },
      { metadata: { name: 'knp.default.deny-all', namespace: 'shop' }, spec: selector },
    ];
    const { evidence, server } = await collect({
      groups: ['projectcalico.org', 'crd.projectcalico.org'],
      objects: { ...smallCluster(), '/apis/projectcalico.org/v3/networkpolicies': items },
    });
    expect(evidence.calicoPolicies).toMatchObject({
      value: { served: true, items: [{ apiVersion: 'projectcalico.org/v3', name: 'deny' }] },
    });
    expect(server.requests.some((path) => path.startsWith('/apis/crd.projectcalico.org'))).toBe(false);
  });

  test('429 is waited for as Retry-After says', async () => {
    waits.length = 0;
    const { collection } = await collect({
      faults: { '/api/v1/services': { status: 429, headers: { 'retry-after': '7' }, times: 2 } },
    });
    expect(waits).toEqual([7000, 7000]);
    expect(collection.gaps).toEqual([]);
  });

  test('429 without end is throttled', async () => {
    const { collection } = await collect({ faults: { '/api/v1/services': { status: 429 } } });
    expect(collection.gaps).toEqual([expect.objectContaining({ reason: 'throttled', api: 'list services' })]);
  });

  test('a token that expires during the scan leaves what was read', async () => {
    const { collection } = await collect({ tokenLasts: 4 });
    expect(verdicts(collection)).toMatchObject({ 'host-network': 'PASS holds', rbac: 'UNKNOWN credentials' });
    expect(new Set(collection.gaps.map(({ reason }) => reason))).toEqual(new Set(['credentials']));
  });

  test('an identity that can read secrets is warned about in the proof, without a gap', async () => {
    const { collection, evidence } = await collect({ canReadSecrets: true });
    expect(evidence.canReadSecrets).toMatchObject({ value: true });
    expect(collection.gaps).toEqual([]);
    const [subject] = collection.subjects;
    const rbac =
      subject &&
      judge(subject, kubernetesControls, { profile: 'closed', controls: {} }).find(
        ({ control }) => control.id === 'kubernetes-rbac',
      );
    expect(rbac?.verdict.proof.map(({ line }) => line).join()).toContain('can read Secrets');
  });
});

describe('a cluster that cannot be reached', () => {
  const lost = (collection: Collection) => ({
    gaps: collection.gaps.map(({ reason }) => reason),
    verdicts: [...new Set(Object.values(verdicts(collection)))].filter(
      (verdict) => !verdict.startsWith('NOT_APPLICABLE'),
    ),
  });

  test('401 is credentials for everything', async () => {
    const server = await serve();
    const collection = await collectFrom({ name: 'tokyo', server: server.url, token: 'wrong' });
    expect(lost(collection)).toEqual({ gaps: ['credentials'], verdicts: ['UNKNOWN credentials'] });
    expect(collection.inventoryComplete).toBe(false);
  });

  test('a certificate of an unknown authority is tls', async () => {
    const server = await serve({ tls: TEST_TLS });
    const collection = await collectFrom({ name: 'tokyo', server: server.url, token: 'secret' });
    expect(lost(collection)).toEqual({ gaps: ['tls'], verdicts: ['UNKNOWN tls'] });
    expect(server.requests).toEqual([]);
  });

  test('the same certificate is accepted with its authority', async () => {
    const server = await serve({ tls: TEST_TLS });
    const collection = await collectFrom({ name: 'tokyo', server: server.url, token: 'secret', ca: TEST_TLS.cert });
    expect(collection.gaps).toEqual([]);
  });

  test('a closed port is unreachable', async () => {
    const server = await serve();
    await server.close();
    const collection = await collectFrom({ name: 'tokyo', server: server.url, token: 'secret' });
    expect(lost(collection)).toEqual({ gaps: ['unreachable'], verdicts: ['UNKNOWN unreachable'] });
    expect(collection.gaps[0]?.message).toBe(
      `${new URL(server.url).host}: no connection (ECONNREFUSED); a private endpoint: scan from a network that reaches it`,
    );
  });

  test('silence after the connection is a timeout, on a private address too, and costs its own part only', async () => {
    const server = await serve({ silent: ['/api/v1/services'] });
    const collection = await collectFrom(
      { name: 'tokyo', server: server.url, token: 'secret' },
      { requestTimeout: 300 },
    );
    expect(collection.gaps).toEqual([expect.objectContaining({ reason: 'timeout', api: 'list services' })]);
    expect(verdicts(collection)).toMatchObject({ 'services-internal': 'UNKNOWN timeout', rbac: 'PASS holds' });
  });

  test('a deadline that has passed is a timeout', async () => {
    const server = await serve();
    const provider = createKubernetesProvider(
      { clusters: [{ name: 'tokyo', server: server.url, token: 'secret' }] },
      deps,
    );
    const {
      targets: [planned],
    } = await provider.plan(context);
    if (planned === undefined) throw new Error('no target');
    const collection = await provider.collect(planned.target, { ...context, signal: AbortSignal.abort() });
    expect(lost(collection)).toEqual({ gaps: ['timeout'], verdicts: ['UNKNOWN timeout'] });
  });

  test('http beyond loopback is refused before anything is sent', async () => {
    const collection = await collectFrom({ name: 'tokyo', server: 'http://cluster.example', token: 'secret' });
    expect(lost(collection)).toEqual({ gaps: ['tls'], verdicts: ['UNKNOWN tls'] });
    expect(collection.apiCalls).toBe(0);
    expect(JSON.stringify(collection)).not.toContain('secret"');
  });
});

describe('doctor', () => {
  test('tries every permission', async () => {
    const server = await serve({ faults: { '/api/v1/nodes': { status: 403 } } });
    const provider = createKubernetesProvider(
      { clusters: [{ name: 'tokyo', server: server.url, token: 'secret' }] },
      deps,
    );
    const rows = await provider.doctor(context);
    expect(rows.map(({ permission }) => permission)).toEqual([...permissions]);
    expect(rows.filter(({ outcome }) => outcome !== 'allowed').map(({ permission }) => permission)).toEqual([
      'list nodes',
    ]);
  });

  test('a cluster that lets nobody in is one failure, and not forty things that were not tried', async () => {
    const server = await serve();
    const clusters = [{ name: 'tokyo', server: server.url, token: 'wrong' }];
    expect(await createKubernetesProvider({ clusters }, deps).doctor(context)).toEqual([
      {
        provider: 'kubernetes',
        account: 'tokyo',
        permission: 'get /version',
        outcome: 'failed',
        detail: expect.stringContaining('401 Unauthorized: the token or certificate is expired or not accepted'),
      },
    ]);
  });
});
