import { describe, expect, test } from 'vitest';
import { deployment, manifests, reachabilityOf } from './harness.ts';

const service = (name: string, spec: object, annotations: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop', annotations },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }], ...spec },
});
const web = deployment('shop', 'web', { app: 'web' }, [{ name: 'http', containerPort: 8080 }]);
const rowsOf = async (...documents: readonly unknown[]) =>
  (await reachabilityOf({ 'a.yaml': manifests([web, ...documents]) })).report.services;

describe('a Service in the picture', () => {
  test.each([
    ['of the cluster', {}, {}, 'cluster', /ClusterIP/],
    ['of every node', { type: 'NodePort' }, {}, 'nodes', /every node/],
    ['by external addresses', { externalIPs: ['192.0.2.4'] }, {}, 'nodes', /192\.0\.2\.4/],
    ['of another name', { type: 'ExternalName', externalName: 'db.example.com' }, {}, 'name', /db\.example\.com/],
    ['behind a load balancer', { type: 'LoadBalancer' }, {}, 'internet', /no annotation/],
    [
      'behind a load balancer with sources',
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['203.0.113.0/24'] },
      {},
      'internet',
      /from 203\.0\.113\.0\/24 only/,
    ],
    [
      'behind an internal one of Azure',
      { type: 'LoadBalancer' },
      { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' },
      'internal',
      /azure-load-balancer-internal: true/,
    ],
    [
      'behind one of Azure that is told not to be internal',
      { type: 'LoadBalancer' },
      { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'false' },
      'internet',
      /no annotation/,
    ],
    [
      'behind an internal one of IBM Cloud',
      { type: 'LoadBalancer' },
      { 'service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type': 'private' },
      'internal',
      /private/,
    ],
    [
      'with a scheme that the in-tree controller does not read',
      { type: 'LoadBalancer' },
      { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal' },
      'internet',
      /is not read/,
    ],
    [
      'with a scheme that its controller reads',
      { type: 'LoadBalancer', loadBalancerClass: 'service.k8s.aws/nlb' },
      { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' },
      'internet',
      /scheme: internet-facing/,
    ],
    [
      'of Auto Mode',
      { type: 'LoadBalancer', loadBalancerClass: 'eks.amazonaws.com/nlb' },
      {},
      'internal',
      /by default/,
    ],
    [
      'with the annotation of the in-tree controller',
      { type: 'LoadBalancer' },
      { 'service.beta.kubernetes.io/aws-load-balancer-internal': '0.0.0.0/0' },
      'internal',
      /aws-load-balancer-internal: 0\.0\.0\.0\/0/,
    ],
  ] as const)('%s', async (_case, spec, annotations, exposure, because) => {
    expect(await rowsOf(service('web', spec, annotations))).toEqual([
      {
        service: 'shop/web',
        type: 'type' in spec ? spec.type : 'ClusterIP',
        exposure,
        because: expect.stringMatching(because),
        to: [{ peer: 'shop/web[Deployment]', ports: ['TCP 8080'] }],
      },
    ]);
  });

  test('says on which ports the policies of its workloads let such a caller in', async () => {
    const policy = (ingress: unknown) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace: 'shop' },
      spec: { podSelector: {}, ingress },
    });
    const balancer = service('web', { type: 'LoadBalancer' });
    const inside = [{ from: [{ namespaceSelector: {} }] }];
    expect((await rowsOf(balancer, policy([])))[0]?.to).toEqual([{ peer: 'shop/web[Deployment]', ports: [] }]);
    expect((await rowsOf(balancer, policy(inside)))[0]?.to).toEqual([{ peer: 'shop/web[Deployment]', ports: [] }]);
    expect((await rowsOf(service('web', {}), policy(inside)))[0]?.to).toEqual([
      { peer: 'shop/web[Deployment]', ports: ['TCP 8080'] },
    ]);
  });

  test('leads nowhere where it selects nothing', async () => {
    const [none] = await rowsOf(service('web', { selector: { app: 'gone' } }));
    const [foreign] = await rowsOf(service('web', { selector: null }));
    expect([none?.to, foreign?.to]).toEqual([[], []]);
  });

  test('that the API server refuses is named and left out', async () => {
    const unquoted = service(
      'web',
      { type: 'LoadBalancer' },
      {
        'service.beta.kubernetes.io/azure-load-balancer-internal': true,
      },
    );
    const { report } = await reachabilityOf({ 'a.yaml': manifests([web, unquoted]) });
    expect(report.services).toEqual([]);
    expect(report.errors).toMatchObject([
      {
        resource: 'Service shop/web',
        field: 'metadata.annotations.service.beta.kubernetes.io/azure-load-balancer-internal',
        message: expect.stringContaining('must be a string, not true: put it in quotes'),
      },
    ]);
  });

  test('of another group is none', async () => {
    expect(await rowsOf({ ...service('web', {}), apiVersion: 'serving.knative.dev/v1' })).toEqual([]);
  });

  test('that asks for IPv6 makes every workload open to it', async () => {
    const { report } = await reachabilityOf({
      'a.yaml': manifests([web, service('web', { ipFamilyPolicy: 'RequireDualStack' })]),
    });
    expect(report.connections.map(({ src }) => src)).toEqual([
      '0.0.0.0/0',
      '::/0',
      'shop/web[Deployment]',
      'shop/web[Deployment]',
    ]);
  });
});

describe('service accounts of Calico policies', () => {
  const pod = (name: string, account?: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: { containers: [], ...(account === undefined ? {} : { serviceAccountName: account }) },
  });
  const account = (name: string, labels: object) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'shop', labels },
  });
  const policy = (spec: object) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'shop' },
    spec: { selector: "app == 'db'", types: ['Ingress'], ...spec },
  });
  const from = (source: object) => policy({ ingress: [{ action: 'Allow', source }] });
  const pods = [pod('db'), pod('ci', 'ci'), pod('ops', 'ops'), pod('plain')];
  const open = async (...documents: readonly unknown[]) => {
    const { report } = await reachabilityOf({ 'a.yaml': manifests([...pods, ...documents]) });
    return {
      sources: report.connections.filter(({ dst }) => dst === 'shop/db[Pod]').map(({ src }) => src),
      errors: report.errors.map(({ field, message }) => `${field}: ${message}`),
    };
  };
  const accounts = [account('ci', { trusted: 'sure' }), account('ops', {})];

  test('are matched by name', async () => {
    const { sources, errors } = await open(from({ serviceAccounts: { names: ['ci', 'default'] } }));
    expect(sources).toEqual(['shop/ci[Pod]', 'shop/plain[Pod]']);
    expect(errors).toEqual([]);
  });

  test('are matched by the labels of objects in the same folder', async () => {
    const { sources, errors } = await open(...accounts, from({ serviceAccounts: { selector: "trusted == 'sure'" } }));
    expect(sources).toEqual(['shop/ci[Pod]']);
    expect(errors).toEqual([]);
  });

  test('that were not read count as let through, and are named', async () => {
    const { sources, errors } = await open(
      account('ci', {}),
      from({ serviceAccounts: { selector: "trusted == 'sure'" } }),
    );
    expect(sources).toEqual(['shop/ops[Pod]']);
    expect(errors).toEqual([expect.stringContaining('those of shop/ops were not read')]);
  });

  test('select whom a policy isolates', async () => {
    const isolated = async (...documents: readonly unknown[]) =>
      (await reachabilityOf({ 'a.yaml': manifests([...pods, ...documents]) })).report.exposure
        .filter(({ ingress }) => ingress.isolated)
        .map(({ workload }) => workload);
    const byAccount = policy({ selector: '', serviceAccountSelector: "trusted == 'sure'" });
    expect(await isolated(...accounts, byAccount)).toEqual(['shop/ci[Pod]']);
    expect(await isolated(byAccount)).toEqual([]);
  });
});
