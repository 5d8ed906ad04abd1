import { describe, expect, test } from 'vitest';
import { deployment, manifests, namespace, reachabilityOf } from './harness.ts';

const networkPolicy = (name: string, spec: unknown) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec,
});

/** A pod of the StatefulSet `db`, with labels of its own. */
const replica = (name: string, labels: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels,
    ownerReferences: [{ kind: 'StatefulSet', name: 'db', controller: true }],
  },
  spec: { containers: [] },
});

/** Keeps the pods of these namespaces out of those. */
const denying = (subject: object, from: object) => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name: 'deny' },
  spec: { priority: 1, subject: { namespaces: subject }, ingress: [{ action: 'Deny', from: [{ namespaces: from }] }] },
});

const fromBlock = (role: string, cidr: string, port?: number) =>
  networkPolicy(role, {
    podSelector: { matchLabels: { role } },
    ingress: [{ from: [{ ipBlock: { cidr } }], ...(port === undefined ? {} : { ports: [{ port }] }) }],
  });

describe('a workload whose pods carry different labels', () => {
  const pods = [replica('db-0', { role: 'primary' }), replica('db-1', { role: 'replica' })];

  test('is open to blocks that do not overlap, each with the ports of every pod', async () => {
    const { report } = await reachabilityOf({
      'a.yaml': manifests([
        ...pods,
        fromBlock('primary', '10.0.0.0/8', 5432),
        fromBlock('replica', '10.0.0.0/9', 9187),
      ]),
    });
    expect(report.connections.filter(({ dst }) => dst === 'shop/db[StatefulSet]')).toEqual([
      { src: '10.0.0.0/9', dst: 'shop/db[StatefulSet]', ports: ['TCP 5432', 'TCP 9187'] },
      { src: '10.128.0.0/9', dst: 'shop/db[StatefulSet]', ports: ['TCP 5432'] },
    ]);
  });

  test('is open to the whole where two pods are open to the halves', async () => {
    const files = {
      'a.yaml': manifests([...pods, fromBlock('primary', '0.0.0.0/1'), fromBlock('replica', '128.0.0.0/1')]),
    };
    const { report } = await reachabilityOf(files, { ipblock: 'outside-only' });
    expect(report.exposure[0]?.ingress.from).toEqual([{ peer: '0.0.0.0/0', ports: 'all' }]);
    expect((await reachabilityOf(files)).report.exposure[0]?.ingress.from).toEqual([
      { peer: '0.0.0.0/0', ports: 'all' },
      { peer: 'entire-cluster', ports: 'all' },
    ]);
  });

  test('is open to all of IPv6 where a policy names a part of it and one pod has no policy', async () => {
    const { report } = await reachabilityOf({ 'a.yaml': manifests([...pods, fromBlock('primary', '2001:db8::/32')]) });
    expect(report.exposure[0]?.ingress).toEqual({
      isolated: false,
      from: [
        { peer: '0.0.0.0/0', ports: 'all' },
        { peer: '::/0', ports: 'all' },
        { peer: 'entire-cluster', ports: 'all' },
      ],
    });
  });

  test('names no peer that the entire cluster already contains', async () => {
    const fromWeb = networkPolicy('primary', {
      podSelector: { matchLabels: { role: 'primary' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
    });
    const { report } = await reachabilityOf({
      'a.yaml': manifests([...pods, deployment('shop', 'web', { app: 'web' }), fromWeb]),
    });
    expect(report.exposure[0]?.ingress.from).toEqual([
      { peer: '0.0.0.0/0', ports: 'all' },
      { peer: 'entire-cluster', ports: 'all' },
    ]);
  });
});

describe('peers of later times', () => {
  test('come in by the number of a named port', async () => {
    const { report } = await reachabilityOf({
      'a.yaml': manifests([
        deployment('shop', 'web', { app: 'web' }, [{ name: 'http', containerPort: 8080 }]),
        networkPolicy('p', {
          podSelector: {},
          ingress: [{ from: [{ podSelector: { matchLabels: { app: 'later' } } }], ports: [{ port: 'http' }] }],
        }),
      ]),
    });
    expect(report.exposure[0]?.ingress.from).toEqual([{ peer: 'shop/[pods with app=later]', ports: ['TCP 8080'] }]);
  });

  test('do not come in by an allow rule that an earlier tier denies', async () => {
    const allow = networkPolicy('p', {
      podSelector: {},
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'later' } } }] }],
    });
    const { report } = await reachabilityOf({
      'a.yaml': manifests([deployment('shop', 'web', { app: 'web' }), denying({}, {}), allow]),
    });
    expect(report.exposure[0]?.ingress).toEqual({ isolated: true, from: [] });
  });

  test('are all other pods, where a deny rule keeps one namespace out', async () => {
    const { report } = await reachabilityOf({
      'a.yaml': manifests([
        namespace('shop', { team: 'shop' }),
        namespace('bank', { team: 'bank' }),
        deployment('shop', 'web', { app: 'web' }),
        deployment('shop', 'db', { app: 'db' }),
        deployment('bank', 'ledger', { app: 'ledger' }),
        denying({ matchLabels: { team: 'shop' } }, { matchLabels: { team: 'bank' } }),
      ]),
    });
    expect(report.exposure.find(({ workload }) => workload === 'shop/db[Deployment]')?.ingress).toEqual({
      isolated: false,
      from: [
        { peer: '0.0.0.0/0', ports: 'all' },
        { peer: '[all other pods]', ports: 'all' },
        { peer: 'shop/db[Deployment]', ports: 'all' },
        { peer: 'shop/web[Deployment]', ports: 'all' },
      ],
    });
  });

  test('of the host network are open where a deny rule speaks of pods only', async () => {
    const agent = deployment('ops', 'agent', {});
    const onHost = {
      ...agent,
      spec: { template: { ...agent.spec.template, spec: { hostNetwork: true, containers: [] } } },
    };
    const { report } = await reachabilityOf({
      'a.yaml': manifests([onHost, deployment('shop', 'web', {}), denying({}, {})]),
    });
    expect(report.exposure.find(({ workload }) => workload === 'shop/web[Deployment]')?.ingress.from).toEqual([
      { peer: '0.0.0.0/0', ports: 'all' },
      { peer: 'ops/agent[Deployment]', ports: 'all' },
    ]);
  });
});
