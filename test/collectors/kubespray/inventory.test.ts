import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createKubesprayProvider } from '#collectors/kubespray/index.ts';
import type { KubesprayEvidence, KubesprayHost } from '#domain/evidence/kubespray.ts';
import { HOSTS, scan } from '#test/controls/kubespray/inventories.ts';

async function hosts(files: Readonly<Record<string, string>>, inventory = {}): Promise<readonly KubesprayHost[]> {
  const { subjects, gaps } = await scan(inventory, files);
  const evidence = subjects[0]?.evidence as KubesprayEvidence;
  if (evidence.hosts.state !== 'collected') throw new Error(gaps[0]?.message ?? 'unavailable');
  return evidence.hosts.value;
}

async function audit(files: Readonly<Record<string, string>>, inventory = {}, host = 'cp1') {
  const value = (await hosts(files, inventory)).find(({ name }) => name === host)?.variables.kubernetes_audit;
  return value?.state === 'literal' ? `${value.json} ${value.file}:${value.line}` : value?.state;
}

describe('precedence', () => {
  const all = { 'inv/group_vars/all/all.yml': 'kubernetes_audit: 1' };

  test('group_vars/all is the lowest file', async () =>
    expect(await audit(all)).toBe('1 inv/group_vars/all/all.yml:1'));

  test('a child group beats its parent, whatever the names', async () => {
    const files = {
      ...all,
      'inv/group_vars/k8s_cluster/k8s-cluster.yml': '---\n\nkubernetes_audit: 2',
      'inv/group_vars/kube_control_plane.yml': 'kubernetes_audit: 3',
    };
    expect(await audit(files)).toBe('3 inv/group_vars/kube_control_plane.yml:1');
    expect(await audit(files, {}, 'worker1')).toBe('2 inv/group_vars/k8s_cluster/k8s-cluster.yml:3');
  });

  test('a host file beats groups, on that host only', async () => {
    const files = { ...all, 'inv/host_vars/cp1.yml': 'kubernetes_audit: 4' };
    expect(await audit(files)).toBe('4 inv/host_vars/cp1.yml:1');
    expect(await audit(files, {}, 'worker1')).toBe('1 inv/group_vars/all/all.yml:1');
  });

  test('extra vars beat everything, and the last file wins', async () => {
    const files = {
      ...all,
      'inv/host_vars/cp1.yml': 'kubernetes_audit: 4',
      'a.yaml': 'kubernetes_audit: 5',
      'b.yaml': 'kubernetes_audit: 6',
    };
    expect(await audit(files, { vars: ['a.yaml', 'b.yaml'] })).toBe('6 b.yaml:1');
    expect(await audit(files, { vars: ['b.yaml', 'a.yaml'] })).toBe('5 a.yaml:1');
  });

  test('files of one group are read in the order of their names', async () => {
    expect(
      await audit({
        'inv/group_vars/all/b.yml': 'kubernetes_audit: 2',
        'inv/group_vars/all/a.yml': 'kubernetes_audit: 1',
      }),
    ).toBe('2 inv/group_vars/all/b.yml:1');
  });
});

describe('values', () => {
  test.each([
    ['yes is true in YAML 1.1', 'kubernetes_audit: yes', 'true v.yaml:1'],
    ['quoted yes is text', 'kubernetes_audit: "yes"', '"yes" v.yaml:1'],
    [
      'a reference to a literal is followed',
      'on_by_default: true\nkubernetes_audit: "{{ on_by_default }}"',
      'true v.yaml:2',
    ],
    ['a reference over two steps is followed', 'a: "{{ b }}"\nb: off\nkubernetes_audit: "{{ a }}"', 'false v.yaml:3'],
    ['a filter that only shapes is applied', 'x: "yes"\nkubernetes_audit: "{{ x | bool }}"', 'true v.yaml:2'],
    ['another filter stays a template', 'x: true\nkubernetes_audit: "{{ x | ternary(1, 2) }}"', 'template'],
    ['a circle stays a template', 'a: "{{ kubernetes_audit }}"\nkubernetes_audit: "{{ a }}"', 'template'],
    ['a reference to nothing stays a template', 'kubernetes_audit: "{{ nowhere }}"', 'template'],
    [
      'a reference to a vaulted value is vaulted',
      'a: !vault |\n  $ANSIBLE_VAULT;1.1\n  31\nkubernetes_audit: "{{ a }}"',
      'vaulted',
    ],
    ['an empty file sets nothing', '# nothing\n---\n', 'unset'],
  ])('%s', async (_case, text, expected) => {
    expect(await audit({ 'v.yaml': text }, { vars: ['v.yaml'] })).toBe(expected);
  });

  test('INI: a host line is typed, a :vars section is text', async () => {
    const ini =
      '[kube_control_plane]\ncp[01:02] kubernetes_audit=True # comment\n[kube_node]\nn1\n[all:vars]\nkubernetes_audit=true\n';
    const read = await hosts({ 'inv/hosts.ini': ini });
    expect(
      read.map(({ name, variables }) => [
        name,
        variables.kubernetes_audit.state === 'literal' && variables.kubernetes_audit.json,
      ]),
    ).toEqual([
      ['cp01', 'true'],
      ['cp02', 'true'],
      ['n1', '"true"'],
    ]);
  });

  test('YAML hosts with children and variables', async () => {
    const yaml =
      'all:\n  hosts:\n    cp1: {ip: 10.0.0.1}\n  children:\n    kube_control_plane:\n      hosts:\n        cp1:\n    k8s_cluster:\n      vars:\n        kubernetes_audit: on\n      children:\n        kube_control_plane:\n';
    const [host] = await hosts({ 'inv/hosts.yaml': yaml }, { inventory: 'inv/hosts.yaml' });
    expect(host?.groups).toEqual(['all', 'k8s_cluster', 'kube_control_plane']);
    expect(host?.variables.kubernetes_audit).toEqual({
      state: 'literal',
      json: 'true',
      file: 'inv/hosts.yaml',
      line: 10,
    });
  });
});

/** Whoever writes an inventory must not be able to keep the scanner busy for hours. */
describe('made to last', { timeout: 5_000 }, () => {
  test('layers of groups that all hold each other', async () => {
    const layers = Array.from({ length: 40 }, (_, layer) =>
      ['a', 'b'].map((side) => `[g${layer + 1}${side}:children]\ng${layer}a\ng${layer}b\n`).join(''),
    );
    const files = {
      'inv/hosts.ini': `[g0a]\ncp1\n[g0b]\ncp1\n${layers.join('')}`,
      'inv/group_vars/g40a.yml': 'kubernetes_audit: 1',
      'inv/group_vars/g0a.yml': 'kubernetes_audit: 2',
    };
    expect(await audit(files, { inventory: 'inv/hosts.ini' })).toBe('2 inv/group_vars/g0a.yml:1');
  });

  test('ranges that multiply', async () => {
    const files = { 'inv/hosts.ini': '[kube_node]\nn[1:9999]-[1:9999]-[1:9999]\n' };
    await expect(hosts(files, { inventory: 'inv/hosts.ini' })).rejects.toThrow(
      'inv/hosts.ini:2: expected at most 10000 hosts, found more in',
    );
  });

  test.each([
    ['quotes', `"'${"\\'".repeat(200_000)}"`],
    ['comment signs before a separator of lines', `"x${' #'.repeat(200_000)}\u2028"`],
  ])('%s', async (_case, value) => {
    const files = { 'inv/hosts.ini': `[kube_control_plane]\ncp1\n[all:vars]\na=${value}\nkubernetes_audit=1\n` };
    expect(await audit(files, { inventory: 'inv/hosts.ini' })).toBe('1 inv/hosts.ini:5');
  });
});

describe('broken input', () => {
  test.each([
    ['YAML', { 'inv/group_vars/all.yml': 'a: 1\nb: [1\nc: 2' }, /^inv\/group_vars\/all\.yml:3: /],
    [
      'a list where variables belong',
      { 'inv/group_vars/all.yml': '- a' },
      /^inv\/group_vars\/all\.yml:1: expected a mapping/,
    ],
    ['INI', { 'inv/hosts.ini': '[kube_node\nn1' }, /^inv\/hosts\.ini:1: expected \[group\]/],
  ])('%s is one clear error with file and line', async (_case, files, message) => {
    const { subjects, gaps } = await scan({}, files);
    expect(gaps).toEqual([
      expect.objectContaining({ reason: 'malformed-answer', message: expect.stringMatching(message) }),
    ]);
    expect((subjects[0]?.evidence as KubesprayEvidence | undefined)?.hosts.state).toBe('unavailable');
  });

  test('a missing hosts file is not-found', async () => {
    const { gaps } = await scan({ inventory: 'inv/none.ini' }, {});
    expect(gaps).toEqual([expect.objectContaining({ reason: 'not-found', message: 'inv/none.ini does not exist' })]);
  });
});

test('links to files and folders of variables are followed, as Ansible does, and one in a circle ends', async () => {
  const root = await mkdtemp(join(tmpdir(), 'inventory-'));
  try {
    await mkdir(join(root, 'inv/group_vars/all'), { recursive: true });
    await mkdir(join(root, 'common'));
    await writeFile(join(root, 'inv/hosts.ini'), HOSTS);
    await writeFile(join(root, 'common/audit.yml'), 'kubernetes_audit: false\n');
    await writeFile(join(root, 'common/own.yml'), 'kubernetes_audit: true\n');
    await symlink(join(root, 'common/audit.yml'), join(root, 'inv/group_vars/all/linked.yml'));
    await symlink('.', join(root, 'inv/group_vars/all/circle'));
    await symlink(join(root, 'common'), join(root, 'inv/group_vars/kube_node'));
    const provider = createKubesprayProvider({
      inventories: [{ name: 'linked', inventory: join(root, 'inv/hosts.ini'), vars: [] }],
    });
    const context = { signal: new AbortController().signal, now: () => new Date('2026-11-01T00:00:00Z') };
    const [planned] = (await provider.plan(context)).targets;
    if (planned === undefined) throw new Error('no target');
    const { gaps, subjects } = await provider.collect(planned.target, context);
    expect(gaps).toEqual([]);
    const { hosts: read } = { ...subjects[0]?.evidence } as KubesprayEvidence;
    if (read.state === 'unavailable') throw new Error(read.message);
    const audits = read.value.map(({ name, variables }) => [name, variables.kubernetes_audit]);
    expect(Object.fromEntries(audits)).toMatchObject({
      cp1: { state: 'literal', json: 'false', file: expect.stringContaining('all/linked.yml') },
      worker1: { state: 'literal', json: 'true', file: expect.stringContaining('kube_node/own.yml') },
    });
  } finally {
    await rm(root, { recursive: true });
  }
});

test('two inventories on a disk: the broken one does not hide the other', async () => {
  const root = await mkdtemp(join(tmpdir(), 'inventory-'));
  try {
    await mkdir(join(root, 'good/group_vars/all'), { recursive: true });
    await writeFile(join(root, 'good/hosts.ini'), HOSTS);
    await writeFile(join(root, 'good/group_vars/all/all.yml'), 'kubernetes_audit: true\n');
    await writeFile(join(root, 'bad.yaml'), 'all: [');
    const provider = createKubesprayProvider({
      inventories: [
        { name: 'bad', inventory: join(root, 'bad.yaml'), vars: [] },
        { name: 'good', inventory: join(root, 'good/hosts.ini'), vars: [] },
      ],
    });
    const context = { signal: new AbortController().signal, now: () => new Date('2026-11-01T00:00:00Z') };
    const { targets } = await provider.plan(context);
    const collections = await Promise.all(targets.map(({ target }) => provider.collect(target, context)));
    expect(collections.map(({ gaps }) => gaps.map(({ reason }) => reason))).toEqual([['malformed-answer'], []]);
    expect((await provider.doctor(context)).map(({ outcome }) => outcome)).toEqual(['failed', 'allowed']);
  } finally {
    await rm(root, { recursive: true });
  }
});

describe('anchors, aliases and merges', () => {
  const vars = (text: string) => ({ 'inv/group_vars/all/all.yml': text });

  test('an alias is the value of its anchor', async () => {
    expect(await audit(vars('other: &on true\nkubernetes_audit: *on'))).toBe('true inv/group_vars/all/all.yml:2');
  });

  test('a merged mapping brings its variables, and a variable of its own beats it', async () => {
    const merged = 'common: &common { kubernetes_audit: 7 }\n<<: *common\n';
    expect(await audit(vars(merged))).toBe('7 inv/group_vars/all/all.yml:2');
    expect(await audit(vars(`${merged}kubernetes_audit: 8`))).toBe('8 inv/group_vars/all/all.yml:3');
  });

  test('an alias of a vaulted value is as unreadable', async () => {
    expect(await audit(vars('key: &key !vault |\n  abc\nkubernetes_audit: *key'))).toBe('vaulted');
  });

  test('a host file may use them as well', async () => {
    const tree = 'all:\n  vars: &vars\n    kubernetes_audit: 5\n  hosts:\n    cp1: *vars\n';
    expect(await audit({ 'inv/hosts.yaml': tree }, { inventory: 'inv/hosts.yaml' })).toBe('5 inv/hosts.yaml:3');
  });

  test.each([
    ['an alias without an anchor', 'kubernetes_audit: *nowhere', /all\.yml:1: /],
    [
      'aliases that multiply',
      ['a: &a [x, x, x, x, x, x, x, x, x]']
        .concat(
          ...Array.from({ length: 8 }, (_, at) => [
            `${'bcdefghi'[at]}: &${'bcdefghi'[at]} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(', ')}]`,
          ]),
        )
        .join('\n'),
      /all\.yml:1: /,
    ],
  ])('%s is a file that cannot be read', async (_case, text, message) => {
    const { subjects, gaps } = await scan({}, vars(text));
    expect(subjects[0]?.evidence).toMatchObject({ hosts: { state: 'unavailable' } });
    expect(gaps[0]).toMatchObject({ reason: 'malformed-answer', message: expect.stringMatching(message) });
  });
});
