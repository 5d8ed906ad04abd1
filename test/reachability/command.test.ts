import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runReachability } from '../../bin/commands/reachability.ts';
import { deployment, manifests, namespace, reachabilityOf } from './harness.ts';

const networkPolicy = (place: string, spec: unknown) => {
  const [at, name] = place.split('/');
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: at }, spec };
};

describe('the report', () => {
  test('says for every workload who is let in and where it may go', async () => {
    const files = {
      'all.yaml': manifests([
        deployment('shop', 'web', { app: 'web' }),
        deployment('shop', 'db', { app: 'db' }),
        networkPolicy('shop/db', {
          podSelector: { matchLabels: { app: 'db' } },
          policyTypes: ['Ingress', 'Egress'],
          ingress: [
            { from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 5432 }] },
            {
              from: [
                {
                  namespaceSelector: { matchLabels: { team: 'ops' } },
                  podSelector: { matchLabels: { job: 'backup' } },
                },
              ],
            },
            {
              from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
              ports: [{ port: 9187 }],
            },
            { from: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 5432 }] },
          ],
          egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }],
        }),
      ]),
    };
    const { report } = await reachabilityOf(files, { podCidr: ['172.20.0.0/16'] });
    expect(report.exposure).toEqual([
      {
        workload: 'shop/db[Deployment]',
        ingress: {
          isolated: true,
          from: [
            { peer: '10.0.0.0/8', ports: ['TCP 5432'] },
            { peer: '[namespaces with team=ops]/[pods with job=backup]', ports: 'all' },
            { peer: 'monitoring/[all pods]', ports: ['TCP 9187'] },
            { peer: 'shop/web[Deployment]', ports: ['TCP 5432'] },
          ],
        },
        egress: { isolated: true, to: [{ peer: 'entire-cluster', ports: ['UDP 53'] }] },
      },
      {
        workload: 'shop/web[Deployment]',
        ingress: {
          isolated: false,
          from: [
            { peer: '0.0.0.0/0', ports: 'all' },
            { peer: 'entire-cluster', ports: 'all' },
          ],
        },
        egress: {
          isolated: false,
          to: [
            { peer: '0.0.0.0/0', ports: 'all' },
            { peer: 'entire-cluster', ports: 'all' },
          ],
        },
      },
    ]);
    expect(report.connections).toEqual([
      { src: '0.0.0.0/0', dst: 'shop/web[Deployment]', ports: 'all' },
      { src: '10.0.0.0/8', dst: 'shop/db[Deployment]', ports: ['TCP 5432'] },
      { src: 'shop/db[Deployment]', dst: 'shop/web[Deployment]', ports: ['UDP 53'] },
      { src: 'shop/web[Deployment]', dst: '0.0.0.0/0', ports: 'all' },
      { src: 'shop/web[Deployment]', dst: 'shop/db[Deployment]', ports: ['TCP 5432'] },
    ]);
  });

  test('says in the exposure whether the replicas of one workload may talk to each other', async () => {
    const closed = await reachabilityOf({
      'a.yaml': manifests([deployment('shop', 'db', { app: 'db' }), networkPolicy('shop/deny', {})]),
    });
    expect(closed.report.exposure[0]?.ingress).toEqual({ isolated: true, from: [] });
    const own = networkPolicy('shop/own', {
      podSelector: {},
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 7000 }] }],
    });
    const open = await reachabilityOf({ 'a.yaml': manifests([deployment('shop', 'db', { app: 'db' }), own]) });
    expect(open.report.exposure[0]?.ingress).toEqual({
      isolated: true,
      from: [{ peer: 'shop/db[Deployment]', ports: ['TCP 7000'] }],
    });
    expect(open.report.connections.some(({ src, dst }) => src === dst)).toBe(false);
  });

  test('groups pods by what owns them', async () => {
    const pod = (name: string, owner: unknown, labels: object = {}) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
      spec: { containers: [] },
    });
    const replicaSet = (name: string) => ({ kind: 'ReplicaSet', name, controller: true });
    const { report } = await reachabilityOf({
      'pods.yaml': manifests([
        pod('alone', undefined),
        pod('web-5d9c-a', replicaSet('web-5d9c'), { 'pod-template-hash': '5d9c' }),
        pod('web-77f8-b', replicaSet('web-77f8'), { 'pod-template-hash': '77f8' }),
        ...['web-5d9c', 'web-77f8'].map((name) => ({
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          metadata: { name, ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }] },
          spec: { template: {} },
        })),
        pod('api-1-a', replicaSet('api-1'), { 'pod-template-hash': '1' }),
        pod('db-0', { kind: 'StatefulSet', name: 'db', controller: true }, { 'apps.kubernetes.io/pod-index': '0' }),
        pod('db-1', { kind: 'StatefulSet', name: 'db', controller: true }, { 'apps.kubernetes.io/pod-index': '1' }),
        { ...pod('done', undefined), status: { phase: 'Succeeded' } },
        {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata: { name: 'nightly' },
          spec: { jobTemplate: { spec: { template: { metadata: {}, spec: {} } } } },
        },
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: { name: 'nightly-123', ownerReferences: [{ kind: 'CronJob', name: 'nightly', controller: true }] },
          spec: { template: { metadata: {}, spec: {} } },
        },
      ]),
    });
    expect(report.exposure.map(({ workload }) => workload)).toEqual([
      'default/alone[Pod]',
      'default/api-1[ReplicaSet]',
      'default/db[StatefulSet]',
      'default/nightly[CronJob]',
      'default/web[Deployment]',
    ]);
  });

  test('host-network pods are never isolated, and selectors do not match them', async () => {
    const agent = deployment('shop', 'agent', { app: 'agent' });
    const onHost = {
      ...agent,
      spec: { template: { ...agent.spec.template, spec: { hostNetwork: true, containers: [] } } },
    };
    const { report } = await reachabilityOf({
      'a.yaml': manifests([
        onHost,
        deployment('shop', 'db', { app: 'db' }),
        networkPolicy('shop/own', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }),
      ]),
    });
    expect(report.exposure.map(({ workload, ingress }) => [workload, ingress.isolated])).toEqual([
      ['shop/agent[Deployment]', false],
      ['shop/db[Deployment]', true],
    ]);
    expect(report.connections.filter(({ dst }) => dst === 'shop/db[Deployment]')).toEqual([]);
  });

  test('the same manifests give the same bytes, in whatever order they stand', async () => {
    const documents = [
      namespace('shop', {}),
      deployment('shop', 'web', { app: 'web' }),
      deployment('shop', 'db', { app: 'db' }),
      networkPolicy('shop/p', { podSelector: {}, ingress: [{ ports: [{ port: 1 }] }] }),
    ];
    const once = await reachabilityOf({ 'a.yaml': manifests(documents) });
    const again = await reachabilityOf({ 'a.yaml': manifests(documents.toReversed()) });
    expect(JSON.stringify(again.report)).toBe(JSON.stringify(once.report));
  });
});

describe('the manifests', () => {
  test('are read from YAML and JSON in all folders, lists opened, other files passed over', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'manifests-'));
    await mkdir(join(directory, 'deep/er'), { recursive: true });
    await writeFile(
      join(directory, 'deep/er/list.json'),
      JSON.stringify({
        kind: 'List',
        apiVersion: 'v1',
        items: [deployment('shop', 'web', {}), { kind: 'DeploymentList', items: [deployment('shop', 'db', {})] }],
      }),
    );
    await writeFile(join(directory, 'values.yml'), 'replicas: 3\n---\n# nothing\n');
    await writeFile(join(directory, 'README.md'), '# kind: Pod');
    let text = '';
    const code = await runReachability({
      manifests: directory,
      format: 'json',
      stdout: (part) => (text += part),
      stderr: () => undefined,
    });
    await rm(directory, { recursive: true });
    expect(code).toBe(0);
    expect(JSON.parse(text).exposure.map(({ workload }: { workload: string }) => workload)).toEqual([
      'shop/db[Deployment]',
      'shop/web[Deployment]',
    ]);
  });

  test('a file that is no YAML is one error, and its neighbours are read', async () => {
    const { report, code, stderr } = await reachabilityOf({
      'bad.yaml': 'a: b: c\n---\nkind: Pod\nmetadata: {name: x}\n',
      'good.yaml': manifests([deployment('shop', 'web', {})]),
    });
    expect(report.errors).toEqual([
      { file: 'bad.yaml', resource: '', field: '', message: expect.stringContaining('line 1') },
    ]);
    expect(report.exposure.map(({ workload }) => workload)).toEqual(['default/x[Pod]', 'shop/web[Deployment]']);
    expect(code).toBe(3);
    expect(stderr).toContain('1 problem');
  });

  test('a policy defined twice counts as it was defined last', async () => {
    const { report } = await reachabilityOf({
      'a.yaml': manifests([deployment('shop', 'web', {}), networkPolicy('shop/p', {})]),
      'b.yaml': manifests([networkPolicy('shop/p', { podSelector: {}, ingress: [{}] })]),
    });
    expect(report.errors).toEqual([
      {
        file: 'a.yaml',
        resource: 'NetworkPolicy shop/p',
        field: 'metadata.name',
        message: expect.stringContaining('b.yaml'),
      },
    ]);
    expect(report.connections).toContainEqual({ src: '0.0.0.0/0', dst: 'shop/web[Deployment]', ports: 'all' });
  });

  test('a folder that is not there cannot be run on', async () => {
    const said: string[] = [];
    const code = await runReachability({
      manifests: '/nowhere/at/all',
      format: 'json',
      stdout: () => undefined,
      stderr: (text) => said.push(text),
    });
    expect(code).toBe(1);
    expect(said.join()).toContain('cannot read the manifests');
  });

  test('a table can be printed instead', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'manifests-'));
    await writeFile(
      join(directory, 'a.yaml'),
      manifests([
        deployment('shop', 'web', {}),
        networkPolicy('shop/deny', {}),
        networkPolicy('shop/bad', { podSelector: 1 }),
      ]),
    );
    let text = '';
    await runReachability({
      manifests: directory,
      format: 'table',
      stdout: (part) => (text += part),
      stderr: () => undefined,
    });
    await rm(directory, { recursive: true });
    expect(text).toMatch(/shop\/web\[Deployment\].*ingress.*yes.*nobody/);
    expect(text).toMatch(/a\.yaml.*NetworkPolicy shop\/bad.*spec\.podSelector/);
  });
});
