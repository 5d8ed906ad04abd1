import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readManifests } from '#collectors/kubernetes/manifests.ts';
import { manifests, reachabilityOf } from './harness.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'manifests-'));
});
afterEach(() => rm(directory, { recursive: true }));

const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;

async function read() {
  const { documents, errors } = await readManifests(directory);
  return {
    pods: documents.map(({ file, content }) => `${file}: ${(content['metadata'] as { name: string }).name}`),
    errors: errors.map(({ file, message }) => `${file}: ${message}`),
  };
}

describe('files', () => {
  test('that a link leads to are read once, as in a mounted ConfigMap', async () => {
    await mkdir(join(directory, '..2026'));
    await writeFile(join(directory, '..2026/a.yaml'), pod('a'));
    await symlink('..2026', join(directory, '..data'));
    await symlink('..data/a.yaml', join(directory, 'a.yaml'));
    expect(await read()).toEqual({ pods: ['..2026/a.yaml: a'], errors: [] });
  });

  test('outside are read through a link to the file, and not through one to their folder', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'elsewhere-'));
    await writeFile(join(elsewhere, 'b.yaml'), pod('b'));
    await symlink(join(elsewhere, 'b.yaml'), join(directory, 'b.yaml'));
    await symlink(elsewhere, join(directory, 'folder'));
    expect(await read()).toEqual({
      pods: ['b.yaml: b'],
      errors: ['folder: a link to a folder is not followed'],
    });
    await rm(elsewhere, { recursive: true });
  });

  test('that are gone are named, and their neighbours are read', async () => {
    await symlink('nowhere.yaml', join(directory, 'a.yaml'));
    await symlink('nowhere', join(directory, 'README'));
    await symlink('loop.yaml', join(directory, 'loop.yaml'));
    await writeFile(join(directory, 'b.yaml'), pod('b'));
    const { pods, errors } = await read();
    expect(pods).toEqual(['b.yaml: b']);
    expect(errors).toEqual([expect.stringContaining('a.yaml: ENOENT'), expect.stringContaining('loop.yaml: ELOOP')]);
  });

  test('by the thousand do not exhaust what the process may open', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `p${index}`);
    await Promise.all(
      names.map((name) =>
        writeFile(join(directory, `${name}.json`), JSON.stringify({ kind: 'Pod', metadata: { name } })),
      ),
    );
    expect((await read()).pods.length).toBe(3000);
  });

  test('that are templates say so', async () => {
    await writeFile(join(directory, 'a.yaml'), 'kind: Pod\nmetadata:\n  {{- include "labels" . | nindent 2 }}\n');
    expect((await read()).errors).toEqual([expect.stringMatching(/^a\.yaml: .*line \d+.*rendered first/)]);
  });
});

test('what is nested without end does not hide its neighbours', async () => {
  const nested = '['.repeat(50_000) + ']'.repeat(50_000);
  await writeFile(
    join(directory, 'a.json'),
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":${nested}}`,
  );
  await writeFile(join(directory, 'b.yaml'), pod('b'));
  expect(await read()).toEqual({ pods: ['b.yaml: b'], errors: ['a.json: nested more than 500 levels deep'] });
});

describe('values', () => {
  test('are those that kubectl reads: dates and times are text, merges and byte order marks are understood', async () => {
    await writeFile(
      join(directory, 'a.yaml'),
      '\uFEFFkind: Pod\nx: &x {on: 1}\nmetadata: {<<: *x, name: 2024-05-01, time: 12:30, octal: 010, yes: yes}\n',
    );
    const { documents } = await readManifests(directory);
    expect(documents[0]?.content['metadata']).toEqual({ true: true, name: '2024-05-01', time: '12:30', octal: 8 });
  });
});

describe('objects', () => {
  const judge = (...documents: readonly unknown[]) => reachabilityOf({ 'a.yaml': manifests(documents) });
  const errorsOf = async (...documents: readonly unknown[]) =>
    (await judge(...documents)).report.errors.map(
      ({ resource, field, message }) => `${resource}: ${field}: ${message}`,
    );
  const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p' }, spec: {} };

  test('called n are told that n is a boolean', async () => {
    const { report } = await reachabilityOf({ 'a.yaml': 'kind: Pod\napiVersion: v1\nmetadata: {name: n}\n' });
    expect(report.errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'metadata.name: must be a string, not false: put it in quotes (y, n, yes, no, on and off are booleans)',
    ]);
  });

  test('of a list of one kind need not say what they are', async () => {
    const { report, code } = await judge(
      { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'a', namespace: 'shop' } }] },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicyList',
        items: [{ metadata: { name: 'p', namespace: 'shop' }, spec: {} }],
      },
    );
    expect(code).toBe(0);
    expect(report.exposure.map(({ workload, ingress }) => [workload, ingress.isolated])).toEqual([
      ['shop/a[Pod]', true],
    ]);
  });

  test('with an empty namespace are in the one called default', async () => {
    const { report } = await judge({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: '' } }, policy);
    expect(report.exposure.map(({ workload, ingress }) => [workload, ingress.isolated])).toEqual([
      ['default/a[Pod]', true],
    ]);
  });

  test('that are no policies of any version are refused, not passed over', async () => {
    const { apiVersion: _, ...without } = policy;
    expect(await errorsOf(without)).toEqual(['NetworkPolicy default/p: apiVersion: must be given']);
    expect(await errorsOf({ ...policy, apiVersion: 'v1' })).toEqual([
      'NetworkPolicy default/p: apiVersion: no matches for kind "NetworkPolicy" in version "v1"',
    ]);
    expect(await errorsOf({ ...policy, kind: 'networkpolicy' })).toEqual([
      'networkpolicy default/p: apiVersion: no matches for kind "networkpolicy" in version "networking.k8s.io/v1"',
    ]);
  });

  test('of the same kind and name in two groups are two policies', async () => {
    const calico = { ...policy, apiVersion: 'projectcalico.org/v3', spec: { selector: 'all()', types: ['Egress'] } };
    const { report } = await judge({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, policy, calico);
    expect(report.errors).toEqual([]);
    expect(report.exposure.map(({ ingress, egress }) => [ingress.isolated, egress.isolated])).toEqual([[true, true]]);
  });

  test('of the kind Job give their pods the labels that the API server gives them', async () => {
    const { report } = await judge(
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'import' }, spec: { template: { spec: {} } } },
      { ...policy, spec: { podSelector: { matchLabels: { 'job-name': 'import' } } } },
    );
    expect(report.exposure.map(({ ingress }) => ingress.isolated)).toEqual([true]);
  });

  test('of the kind StatefulSet are seen pod by pod where a policy names one of its pods', async () => {
    const statefulSet = (name: string, replicas?: number) => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: { ...(replicas === undefined ? {} : { replicas }), template: { metadata: { labels: { app: name } } } },
    });
    const only = (name: string) => ({ podSelector: { matchLabels: { 'statefulset.kubernetes.io/pod-name': name } } });
    const judged = (name: string) =>
      judge(statefulSet('db', 2), statefulSet('web'), {
        ...policy,
        spec: { podSelector: { matchLabels: { app: 'web' } }, ingress: [{ from: [only(name)] }] },
      });
    const open = async (name: string) =>
      (await judged(name)).report.connections.filter(({ src, dst }) => /db/.test(src) && /web/.test(dst)).length;
    expect([await open('db-0'), await open('db-1'), await open('db-2')]).toEqual([1, 1, 0]);
    const { report } = await judge(statefulSet('db', 2), { ...policy, spec: only('db-1') });
    expect(report.exposure.map(({ workload, ingress }) => [workload, ingress.isolated])).toEqual([
      ['default/db[StatefulSet]', false],
    ]);
  });

  test('that are defined twice count as they were defined last', async () => {
    const pod = (labels: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels } });
    const { report } = await judge(pod({ app: 'old' }), pod({ app: 'new' }), {
      ...policy,
      spec: { podSelector: { matchLabels: { app: 'old' } } },
    });
    expect(report.errors).toMatchObject([{ resource: 'Pod default/a', field: 'metadata.name' }]);
    expect(report.exposure.map(({ workload, ingress }) => [workload, ingress.isolated])).toEqual([
      ['default/a[Pod]', false],
    ]);
  });

  test.each([
    [
      'a label that is not text',
      { metadata: { name: 'a', labels: { version: 1.5 } } },
      'metadata.labels.version: must be a string, not 1.5: put it in quotes',
    ],
    [
      'a label value',
      { metadata: { name: 'a', labels: { app: 'a b' } } },
      'metadata.labels.app: "a b" is not a valid label value',
    ],
    [
      'a label key',
      { metadata: { name: 'a', labels: { 'a b': '' } } },
      'metadata.labels: "a b" is not a valid label key',
    ],
    ['no name', { metadata: {} }, 'metadata.name: name or generateName is required'],
    ['a name', { metadata: { name: 'A_b' } }, 'metadata.name: "A_b" is not a valid name'],
    ['a namespace', { metadata: { name: 'a', namespace: 'a.b' } }, 'metadata.namespace: "a.b" is not a valid name'],
    [
      'an annotation',
      { metadata: { name: 'a', annotations: { 'A B': '' } } },
      'metadata.annotations: "A B" is not a valid annotation key',
    ],
    [
      'a port',
      { metadata: { name: 'a' }, spec: { containers: [{ ports: [{ containerPort: '80' }] }] } },
      'spec.containers[0].ports[0].containerPort: must be a port from 1 to 65535, not 80',
    ],
    [
      'a switch',
      { metadata: { name: 'a' }, spec: { hostNetwork: 'true' } },
      'spec.hostNetwork: must be true or false, not true',
    ],
  ])('that the API server refuses for %s are named and left out', async (_case, content, error) => {
    const { report, code } = await judge({ apiVersion: 'v1', kind: 'Pod', ...content });
    expect(report.errors.map(({ field, message }) => `${field}: ${message}`)).toEqual([error]);
    expect(report.exposure).toEqual([]);
    expect(code).toBe(3);
  });

  test('with faults in the template of their pods name the whole path', async () => {
    const job = { spec: { template: { metadata: { labels: { app: 'no spaces' } } } } };
    expect(
      await errorsOf({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c' }, spec: { jobTemplate: job } }),
    ).toEqual([
      'CronJob default/c: spec.jobTemplate.spec.template.metadata.labels.app: "no spaces" is not a valid label value',
    ]);
  });
});
