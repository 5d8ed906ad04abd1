import { describe, expect, test } from 'vitest';
import { brief, verdicts } from './inventories.ts';

const patch = (type: string, body: string, target = 'kube-apiserver') =>
  `kubeadm_patches:\n  - target: ${target}\n    type: ${type}\n    patch: ${body}\n`;
const command = (...flags: readonly string[]) =>
  `{spec: {containers: [{name: kube-apiserver, command: [kube-apiserver, ${flags.map((flag) => `"${flag}"`).join(', ')}]}]}}`;
const FOLDER = 'source_dir: "{{ inventory_dir }}/patches", dest_dir: "{{ lookup(\'env\', \'X\') }}"';

describe('patches of static pods', () => {
  test.each([
    ['a folder that is switched off', `kubeadm_patches: {enabled: false, ${FOLDER}}`, 'PASS holds'],
    ['a folder that is switched off by text', `kubeadm_patches: {enabled: "no", ${FOLDER}}`, 'PASS holds'],
    [
      'a folder that is switched off by another variable',
      `patching: false\nkubeadm_patches: {enabled: "{{ patching }}", ${FOLDER}}`,
      'PASS holds',
    ],
    [
      'a folder that may be switched on',
      `kubeadm_patches: {enabled: "{{ lookup('env', 'P') }}", ${FOLDER}}`,
      'UNKNOWN undecidable',
    ],
    ['a folder that is switched on', `kubeadm_patches: {enabled: true, ${FOLDER}}`, 'UNKNOWN undecidable'],
    ['no list and no mapping', 'kubeadm_patches: 7', 'UNKNOWN undecidable'],
    [
      'an image',
      patch('strategic', '{spec: {containers: [{name: kube-apiserver, image: "{{ registry }}/x"}]}}'),
      'PASS holds',
    ],
    [
      'resources and metadata',
      patch('strategic', '{metadata: {labels: {a: b}}, spec: {containers: [{name: kube-apiserver, resources: {}}]}}'),
      'PASS holds',
    ],
    [
      'another component',
      patch('strategic', command('--authorization-mode=AlwaysAllow'), 'kube-scheduler'),
      'PASS holds',
    ],
    ['a whole command', patch('strategic', command('--authorization-mode=Node,RBAC')), 'PASS holds'],
    [
      'a whole command that opens',
      patch('strategic', command('--authorization-mode=AlwaysAllow')),
      'FAIL always-allow',
    ],
    ['a whole command without the flag', patch('strategic', command('--profiling=false')), 'FAIL always-allow'],
    ['a directive', patch('strategic', '{spec: {containers: [{$patch: replace}]}}'), 'UNKNOWN undecidable'],
    ['a command that is a template', patch('strategic', command('{{ flags }}')), 'UNKNOWN undecidable'],
    ['a text without a command', patch('strategic', '"spec: {priority: 1}"'), 'PASS holds'],
    ['a text with a command', patch('strategic', '"spec: {containers: [{command: [x]}]}"'), 'UNKNOWN undecidable'],
    [
      'an operation on the image',
      patch('json', '[{op: replace, path: /spec/containers/0/image, value: x}]'),
      'PASS holds',
    ],
    [
      'an operation that adds another flag',
      patch('json', '[{op: add, path: /spec/containers/0/command/-, value: --profiling=false}]'),
      'PASS holds',
    ],
    [
      'an operation that adds this flag',
      patch('json', '[{op: add, path: /spec/containers/0/command/-, value: --authorization-mode=AlwaysAllow}]'),
      'FAIL always-allow',
    ],
    [
      'an operation on a flag by its number',
      patch('json', '[{op: remove, path: /spec/containers/0/command/3}]'),
      'UNKNOWN undecidable',
    ],
    ['an operation on all containers', patch('json', '[{op: remove, path: /spec/containers}]'), 'UNKNOWN undecidable'],
    ['a merge elsewhere', patch('merge', '{spec: {priority: 1}}'), 'PASS holds'],
    [
      'a merge that replaces the containers',
      patch('merge', '{spec: {containers: [{name: kube-apiserver, image: x}]}}'),
      'UNKNOWN undecidable',
    ],
    [
      'the second of several',
      `${patch('strategic', '{metadata: {labels: {a: b}}}')}${patch('strategic', command('--authorization-mode=AlwaysAllow')).replace('kubeadm_patches:\n', '')}`,
      'FAIL always-allow',
    ],
    [
      'a flag added to a whole command',
      `${patch('strategic', command('--authorization-mode=Node,RBAC'))}${patch('json', '[{op: add, path: /spec/containers/0/command/-, value: --authorization-mode=AlwaysAllow}]').replace('kubeadm_patches:\n', '')}`,
      'FAIL always-allow',
    ],
  ])('%s', async (_case, yaml, expected) => {
    const judged = await verdicts({ version: 'v2.31.0', vars: ['v.yaml'] }, { 'v.yaml': yaml });
    expect(brief(judged['authorization-modes'])).toBe(expected);
  });

  test('a patch that decides is named, and the repair leads to it', async () => {
    const yaml = patch('strategic', command('--authorization-mode=AlwaysAllow'));
    const judged = (await verdicts({ version: 'v2.31.0', vars: ['v.yaml'] }, { 'v.yaml': yaml }))[
      'authorization-modes'
    ];
    expect(judged?.message).toContain('kubeadm_patches, v.yaml:1');
    expect(JSON.stringify(judged)).toContain('is set by kubeadm_patches: correct it there');
  });

  test('an extra argument beside a template decides as if it stood alone', async () => {
    const yaml = `kube_kubeadm_apiserver_extra_args: {profiling: "true", feature-gates: "{{ lookup('env', 'G') }}"}`;
    const judged = await verdicts({ version: 'v2.31.0', vars: ['v.yaml'] }, { 'v.yaml': yaml });
    expect(brief(judged['profiling'])).toBe('FAIL enabled');
    expect(brief(judged['request-timeout'])).toBe('PASS holds');
  });
});
