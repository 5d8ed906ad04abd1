import { describe, expect, test } from 'vitest';
import type { KubesprayEvidence, KubesprayVariable, VariableValue } from '#domain/evidence/kubespray.ts';
import { brief, HOSTS, scan, verdicts } from '#test/controls/kubespray/inventories.ts';

/** The hosts file of today's sample inventory: the group k8s_cluster is formed by the playbooks. */
const SAMPLE = `
[kube_control_plane]
node1 ansible_host=95.54.0.12  ip=10.3.0.1 etcd_member_name=etcd1

[etcd:children]
kube_control_plane

[kube_node]
node4 ansible_host=95.54.0.15  # ip=10.3.0.4
`;

type Files = Readonly<Record<string, string>>;

async function read(files: Files, inventory = {}): Promise<Map<string, Record<KubesprayVariable, VariableValue>>> {
  const { subjects, gaps } = await scan(inventory, files);
  const hosts = (subjects[0]?.evidence as KubesprayEvidence | undefined)?.hosts;
  if (hosts?.state !== 'collected') throw new Error(gaps[0]?.message ?? 'unavailable');
  return new Map(hosts.value.map(({ name, variables }) => [name, variables]));
}

const show = (value: VariableValue | undefined) =>
  value?.state === 'literal' ? `${value.json} ${value.file}:${value.line}` : value?.state;

async function shown(files: Files, variable: KubesprayVariable, host = 'node1', inventory = {}) {
  return show((await read({ 'inv/hosts.ini': SAMPLE, ...files }, inventory)).get(host)?.[variable]);
}

describe('groups that the playbooks form', () => {
  const open = { 'inv/group_vars/k8s_cluster/k8s-cluster.yml': 'kubelet_authorization_mode_webhook: false' };

  test('group_vars/k8s_cluster holds without the group in the hosts file', async () => {
    expect(await shown(open, 'kubelet_authorization_mode_webhook', 'node4')).toBe(
      'false inv/group_vars/k8s_cluster/k8s-cluster.yml:1',
    );
    const judged = await verdicts({ version: 'v2.31.0' }, { 'inv/hosts.ini': SAMPLE, ...open });
    expect(brief(judged['kubelet-authorization'])).toBe('FAIL always-allow');
  });

  test('the more special group still beats it', async () => {
    const files = { ...open, 'inv/group_vars/kube_control_plane.yml': 'kubelet_authorization_mode_webhook: true' };
    expect(await shown(files, 'kubelet_authorization_mode_webhook')).toBe(
      'true inv/group_vars/kube_control_plane.yml:1',
    );
    expect(await shown(files, 'kubelet_authorization_mode_webhook', 'node4')).toMatch(/^false /);
  });

  test('the old spelling of a group is a member of the new one', async () => {
    const files = {
      'inv/hosts.ini': '[kube-master]\nold1\n[kube-node]\nold2\n',
      'inv/group_vars/kube_control_plane.yml': 'kubernetes_audit: true',
      'inv/group_vars/k8s_cluster.yml': 'kube_profiling: true',
    };
    expect(await shown(files, 'kubernetes_audit', 'old1')).toBe('true inv/group_vars/kube_control_plane.yml:1');
    expect(await shown(files, 'kube_profiling', 'old2')).toBe('true inv/group_vars/k8s_cluster.yml:1');
  });

  test('a host of no group reads group_vars/ungrouped', async () => {
    const files = { 'inv/hosts.ini': `lonely\n${SAMPLE}`, 'inv/group_vars/ungrouped.yml': 'kube_profiling: true' };
    expect(await shown(files, 'kube_profiling', 'lonely')).toBe('true inv/group_vars/ungrouped.yml:1');
    expect(await shown(files, 'kube_profiling')).toBe('unset');
  });

  test('ansible_group_priority decides between groups of one depth', async () => {
    const files = {
      'inv/hosts.ini': '[a]\nnode1\n[b]\nnode1\n[kube_control_plane]\nnode1\n[a:vars]\nansible_group_priority=10\n',
      'inv/group_vars/a.yml': 'kube_profiling: 1',
      'inv/group_vars/b.yml': 'kube_profiling: 2',
    };
    expect(await shown(files, 'kube_profiling')).toBe('1 inv/group_vars/a.yml:1');
  });
});

describe('which files of group_vars are read', () => {
  test.each([
    [
      'a directory hides the file of the same name',
      { 'inv/group_vars/all.yml': 'kubernetes_audit: true', 'inv/group_vars/all/x.yml': 'kube_profiling: true' },
      'unset',
    ],
    [
      'of two files of one name the first ending counts',
      { 'inv/group_vars/all.yaml': 'kubernetes_audit: 2', 'inv/group_vars/all.yml': 'kubernetes_audit: 1' },
      '1 inv/group_vars/all.yml:1',
    ],
    [
      'hidden and backup files and directories are passed over',
      {
        'inv/group_vars/all/.git/x.yml': 'kubernetes_audit: 1',
        'inv/group_vars/all/old.d/x.yml': 'kubernetes_audit: 2',
        'inv/group_vars/all/x.yml~': 'kubernetes_audit: 3',
        'inv/group_vars/all/notes.txt': 'kubernetes_audit: 4',
        'inv/group_vars/all/README.md': '# all: [',
      },
      'unset',
    ],
    [
      'a directory comes before the file whose name begins like it',
      { 'inv/group_vars/all/a.yml': 'kubernetes_audit: 2', 'inv/group_vars/all/a/z.yml': 'kubernetes_audit: 1' },
      '2 inv/group_vars/all/a.yml:1',
    ],
  ])('%s', async (_case, files: Files, expected) => {
    expect(await shown(files, 'kubernetes_audit')).toBe(expected);
  });
});

describe('YAML as Ansible reads it', () => {
  test.each([
    ['a single letter is text', 'kube_owner: y', '"y" v.yaml:1'],
    ['Off is false', 'kube_owner: Off', 'false v.yaml:1'],
    ['a leading zero is octal', 'kube_owner: 0750', '488 v.yaml:1'],
    ['of a key written twice the last one counts', 'kube_owner: kube\nkube_owner: root', '"root" v.yaml:2'],
    ['!vault-encrypted is vaulted too', 'kube_owner: !vault-encrypted |\n  $ANSIBLE_VAULT;1.1', 'vaulted'],
    ['vaulted inside of a list', 'kube_owner:\n  - !vault |\n    $ANSIBLE_VAULT;1.1', 'vaulted'],
  ])('%s', async (_case, text, expected) => {
    expect(await shown({ 'v.yaml': text }, 'kube_owner', 'node1', { vars: ['v.yaml'] })).toBe(expected);
  });

  test('a second document is no variables file', async () => {
    const { gaps } = await scan({ vars: ['v.yaml'] }, { 'inv/hosts.ini': HOSTS, 'v.yaml': 'a: 1\n---\nb: 2\n' });
    expect(gaps).toEqual([
      expect.objectContaining({
        reason: 'malformed-answer',
        message: 'v.yaml:2: expected one document, found a second one',
      }),
    ]);
  });
});

describe('hosts files', () => {
  test('YAML: the line of a variable is the line of that host', async () => {
    const yaml = `all:
  hosts:
    node1:
      kube_owner_note: x
      kube_owner: root
    node2:
      kube_owner: kube
  vars:
    kube_owner: nobody
  children:
    kube_control_plane:
      hosts:
        node1:
        node2:
`;
    const hosts = await read({ 'inv/hosts.yaml': yaml }, { inventory: 'inv/hosts.yaml' });
    expect(show(hosts.get('node1')?.kube_owner)).toBe('"root" inv/hosts.yaml:5');
    expect(show(hosts.get('node2')?.kube_owner)).toBe('"kube" inv/hosts.yaml:7');
  });

  test.each([
    ['numbers', 'n[08:10]', ['n08', 'n09', 'n10']],
    ['a step', 'n[1:5:2]', ['n1', 'n3', 'n5']],
    ['letters', 'db-[a:c].x', ['db-a.x', 'db-b.x', 'db-c.x']],
    ['two ranges', 'r[1:2]n[1:2]', ['r1n1', 'r1n2', 'r2n1', 'r2n2']],
    ['a port', 'n1:2222', ['n1']],
  ])('INI: %s', async (_case, pattern, names) => {
    expect([...(await read({ 'inv/hosts.ini': `[kube_node]\n${pattern}\n` })).keys()]).toEqual(names);
  });

  test('a range that is none is refused with file and line', async () => {
    const { gaps } = await scan({}, { 'inv/hosts.ini': '[kube_node]\nn[9:1]\n' });
    expect(gaps[0]?.message).toBe('inv/hosts.ini:2: expected a range from low to high, found [9:1] in n[9:1]');
  });

  test('INI: Python literals are typed, on a host line and under :vars', async () => {
    const ini = `[kube_control_plane]
node1 authorization_modes="['Node', 'RBAC']" kube_profiling=False
[all:vars]
kube_apiserver_enable_admission_plugins=['AlwaysAdmit']
kubernetes_audit=true
kube_owner='root'
`;
    const variables = (await read({ 'inv/hosts.ini': ini })).get('node1');
    expect(show(variables?.authorization_modes)).toBe('["Node","RBAC"] inv/hosts.ini:2');
    expect(show(variables?.kube_profiling)).toBe('false inv/hosts.ini:2');
    expect(show(variables?.kube_apiserver_enable_admission_plugins)).toBe('["AlwaysAdmit"] inv/hosts.ini:4');
    expect(show(variables?.kubernetes_audit)).toBe('"true" inv/hosts.ini:5');
    expect(show(variables?.kube_owner)).toBe('"root" inv/hosts.ini:6');
  });

  test('a directory stands for the one hosts file in it', async () => {
    const files = {
      'dc/inventory.ini': SAMPLE,
      'dc/group_vars/all.yml': 'kube_owner: root',
      'dc/patches/x.yaml': 'a: 1',
    };
    const variables = (await read(files, { inventory: 'dc/' })).get('node1');
    expect(show(variables?.kube_owner)).toBe('"root" dc/group_vars/all.yml:1');
  });

  test('a directory with two hosts files is not guessed', async () => {
    const { gaps } = await scan({ inventory: 'dc' }, { 'dc/inventory.ini': SAMPLE, 'dc/hosts.yaml': 'all:' });
    expect(gaps[0]).toMatchObject({
      reason: 'malformed-answer',
      message:
        'dc: expected one hosts file in this directory (hosts.yaml, inventory.ini), found hosts.yaml, inventory.ini',
    });
  });
});
