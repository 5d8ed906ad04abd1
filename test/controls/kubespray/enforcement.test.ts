import { describe, expect, test } from 'vitest';
import type { KubesprayEvidence } from '#domain/evidence/kubespray.ts';
import type { Verdict } from '#domain/verdict.ts';
import { brief, HOSTS, liveCluster, scan, verdicts } from './inventories.ts';

const judge = async (control: string, yaml: string, version: string) =>
  (await verdicts({ version, vars: ['v.yaml'] }, { 'v.yaml': yaml }))[control];

const fragmentOf = (verdict: Verdict | undefined) =>
  verdict?.status === 'FAIL' ? verdict.fix?.fragments[0]?.code : undefined;

describe('kubespray-network-plugin: a plugin that is kept from enforcing', () => {
  const cilium = (line: string) => `kube_network_plugin: cilium\n${line}`;
  test.each([
    ['kube_network_plugin: kube-router', 'v2.31.0', 'PASS holds'],
    ['kube_network_plugin: kube-router\nkube_router_run_firewall: true', 'v2.31.0', 'PASS holds'],
    ['kube_network_plugin: kube-router\nkube_router_run_firewall: "no"', 'v2.22.0', 'FAIL not-enforcing'],
    ['kube_network_plugin: kube-router\nkube_router_run_firewall: perhaps', 'v2.31.0', 'UNKNOWN unrecognised-value'],
    ['kube_network_plugin: calico\nkube_router_run_firewall: false', 'v2.31.0', 'PASS holds'],
    ['kube_network_plugin: kube-ovn\nkube_ovn_enable_np: false', 'v2.31.0', 'FAIL not-enforcing'],
    ['kube_network_plugin: kube-ovn\nkube_ovn_enable_np: "{{ lookup(1) }}"', 'v2.31.0', 'UNKNOWN template-unresolved'],
    [cilium('cilium_policy_audit_mode: true'), 'v2.27.0', 'FAIL audit-only'],
    [cilium('cilium_policy_audit_mode: true'), 'v2.29.0', 'FAIL audit-only'],
    [cilium('cilium_policy_audit_mode: true'), 'v2.28.1', 'PASS holds'],
    [cilium('cilium_policy_audit_mode: true'), 'v2.26.0', 'PASS holds'],
    [cilium('cilium_policy_audit_mode: false'), 'v2.31.0', 'PASS holds'],
    [cilium('cilium_config_extra_vars: {enable-policy: never}'), 'v2.27.0', 'FAIL never'],
    [cilium('cilium_config_extra_vars: {enable-policy: never}'), 'v2.28.0', 'PASS holds'],
    [cilium('cilium_config_extra_vars: {enable-policy: never}'), 'v2.28.1', 'FAIL never'],
    [cilium('cilium_config_extra_vars: {enable-policy: always}'), 'v2.31.0', 'PASS holds'],
    [cilium('cilium_config_extra_vars: {policy-audit-mode: "true"}'), 'v2.31.0', 'FAIL audit-only'],
    [cilium('cilium_config_extra_vars: {enable-policy: never, x: "{{ lookup(1) }}"}'), 'v2.31.0', 'FAIL never'],
    [cilium('cilium_config_extra_vars: [enable-policy]'), 'v2.31.0', 'PASS holds'],
    [cilium('cilium_config_extra_vars: never'), 'v2.31.0', 'UNKNOWN unrecognised-value'],
    [cilium('cilium_extra_values: {policyEnforcementMode: never}'), 'v2.29.0', 'FAIL never'],
    [cilium('cilium_extra_values: {extraConfig: {enable-policy: never}}'), 'v2.31.0', 'FAIL never'],
    [cilium('cilium_extra_values: {policyAuditMode: true}'), 'v2.31.0', 'FAIL audit-only'],
    [cilium('cilium_extra_values: {policyEnforcementMode: never}'), 'v2.28.0', 'PASS holds'],
    ['kube_network_plugin: flannel', 'v2.31.0', 'FAIL not-enforcing'],
  ])('%s in %s', async (yaml, version, expected) => {
    expect(brief(await judge('network-plugin', yaml, version))).toBe(expected);
  });

  test('the repair is the switch, not another plugin', async () => {
    const verdict = await judge(
      'network-plugin',
      'kube_network_plugin: kube-ovn\nkube_ovn_enable_np: false',
      'v2.31.0',
    );
    expect(fragmentOf(verdict)).toBe('# in place of v.yaml:2 (cp1, worker1)\nkube_ovn_enable_np: true');
  });
});

describe('kubespray-secret-encryption', () => {
  const on = (line: string) => `kube_encrypt_secret_data: true\n${line}`;
  test.each([
    [on(''), 'PASS holds'],
    [on('kube_encryption_resources: [configmaps]'), 'FAIL secrets-missing'],
    [on('kube_encryption_resources: [configmaps, secrets]'), 'PASS holds'],
    [on('kube_encryption_resources: ["*.*"]'), 'PASS holds'],
    [on('kube_encryption_resources: ["*.apps"]'), 'FAIL secrets-missing'],
    [on('kube_encryption_algorithm: identity'), 'FAIL identity'],
    [on('kube_encryption_algorithm: aescbc'), 'PASS holds'],
    [on('kube_encryption_resources: "{{ lookup(1) }}"'), 'UNKNOWN template-unresolved'],
    ['kube_encryption_algorithm: identity', 'FAIL disabled'],
  ])('%s', async (yaml, expected) => {
    expect(brief(await judge('secret-encryption', yaml, 'v2.31.0'))).toBe(expected);
  });
});

describe('kubespray-authorization-modes with a configuration file', () => {
  const FILE = 'kube_apiserver_use_authorization_config_file: true\nauthorization_modes: [AlwaysAllow]\n';
  test.each([
    ['v2.28.0', FILE, 'PASS holds'],
    ['v2.31.0', `${FILE}kube_apiserver_authorization_config_authorizers: [{type: RBAC, name: r}]`, 'FAIL mode-missing'],
    ['v2.27.0', FILE, 'FAIL always-allow'],
    ['v2.31.0', 'kube_apiserver_use_authorization_config_file: false', 'PASS holds'],
    ['v2.31.0', `kube_apiserver_use_authorization_config_file: "{{ lookup(1) }}"`, 'UNKNOWN template-unresolved'],
  ])('%s %s', async (version, yaml, expected) => {
    expect(brief(await judge('authorization-modes', yaml, version))).toBe(expected);
  });

  test('the repair names the list that counts', async () => {
    const yaml = `${FILE}kube_apiserver_authorization_config_authorizers: [{type: Webhook, name: w}]`;
    const verdict = await judge('authorization-modes', yaml, 'v2.31.0');
    expect(fragmentOf(verdict)).toContain('kube_apiserver_authorization_config_authorizers:\n  - { type: Node');
  });
});

describe('kubespray-metrics-exposure: kube-proxy', () => {
  const closed = 'kube_controller_manager_bind_address: 127.0.0.1\nkube_scheduler_bind_address: 127.0.0.1\n';
  test.each([
    ['', 'PASS holds'],
    ['kube_proxy_metrics_bind_address: "127.0.0.1:10249"', 'PASS holds'],
    ['kube_proxy_metrics_bind_address: "[::1]:10249"', 'PASS holds'],
    ['kube_proxy_metrics_bind_address: 0.0.0.0:10249', 'FAIL exposed'],
    ['kube_proxy_metrics_bind_address: "[::]:10249"', 'FAIL exposed'],
    ['kube_proxy_metrics_bind_address: ":10249"', 'FAIL exposed'],
    ['kube_proxy_metrics_bind_address: 192.0.2.11:10249', 'FAIL exposed'],
    ['kube_proxy_metrics_bind_address: "{{ ip }}:10249"', 'UNKNOWN template-unresolved'],
    ['kube_proxy_metrics_bind_address: 0.0.0.0:10249\nkube_proxy_remove: true', 'PASS holds'],
  ])('%s', async (yaml, expected) => {
    expect(brief(await judge('metrics-exposure', `${closed}${yaml}`, 'v2.31.0'))).toBe(expected);
  });

  test('one node that opens it is enough, and no policy of the control plane stands in for it', async () => {
    const files = { 'v.yaml': closed, 'inv/host_vars/worker1.yml': 'kube_proxy_metrics_bind_address: 0.0.0.0' };
    const live = liveCluster({
      'kube-controller-manager': { 'bind-address': '127.0.0.1' },
      'kube-scheduler': { 'bind-address': '127.0.0.1' },
      etcd: {},
    });
    const judged = await verdicts({ version: 'v2.31.0', vars: ['v.yaml'], cluster: 'tokyo-live' }, files, live);
    expect(brief(judged['metrics-exposure'])).toBe('FAIL exposed');
    expect(judged['metrics-exposure']?.message).toContain('worker1: kube_proxy_metrics_bind_address: 0.0.0.0');
  });
});

describe('files that no host gets', () => {
  const judged = (files: Readonly<Record<string, string>>, hosts = HOSTS) =>
    verdicts({ version: 'v2.31.0' }, { 'inv/hosts.ini': hosts, ...files });

  test.each([
    ['of no group', 'inv/group_vars/hardening.yml', 'no group is called hardening'],
    [
      'of a group in another spelling',
      'inv/group_vars/k8s-cluster/a.yml',
      'no group is called k8s-cluster, k8s_cluster is',
    ],
    ['of no host', 'inv/host_vars/cp2.yml', 'no host is called cp2'],
    ['of a group without a host', 'inv/group_vars/calico_rr.yml', 'the group calico_rr has no host'],
  ])('%s are named where they would have decided', async (_case, file, because) => {
    const hosts = `${HOSTS}\n[calico_rr]\n`;
    const verdict = (await judged({ [file]: '---\nkubernetes_audit: true' }, hosts))['audit'];
    expect(brief(verdict)).toBe('FAIL disabled');
    expect(verdict?.message).toContain(`${file}:2 sets kubernetes_audit, but applies to no host: ${because}`);
  });

  test('beside a folder of the same name are named too', async () => {
    const verdict = (
      await judged({ 'inv/group_vars/all.yml': 'kubernetes_audit: true', 'inv/group_vars/all/a.yml': 'x: 1' })
    )['audit'];
    expect(verdict?.message).toContain('inv/group_vars/all.yml:1 sets kubernetes_audit, but applies to no host');
  });

  test('do not speak where another control judges, and stand in the proof of a PASS', async () => {
    const all = await judged({ 'inv/group_vars/hardening.yml': 'kube_profiling: true' });
    expect(all['audit']?.message).not.toContain('hardening.yml');
    expect(brief(all['profiling'])).toBe('PASS holds');
    expect(all['profiling']?.proof.map(({ line }) => line).join()).toContain('hardening.yml:1 sets kube_profiling');
  });
});

describe('vaulted files', () => {
  const files = { 'inv/group_vars/all/vault.yml': '$ANSIBLE_VAULT;1.1;AES256\n3132\n' };

  test('may set anything, and one line says which key would decide', async () => {
    const judged = await verdicts({ version: 'v2.31.0' }, files);
    const messages = new Set(
      Object.entries(judged)
        .filter(([control, { status }]) => status === 'UNKNOWN' && control !== 'api-anonymous-auth')
        .map(([, { message }]) => message.replace(/^tokyo, \w+: /, '')),
    );
    expect([...messages]).toEqual([
      'inv/group_vars/all/vault.yml is vaulted as a whole and may set any variable: vaulted of the inventory declares which names it holds',
    ]);
  });

  test('that are declared to hold other names leave the rest to be decided, and say so', async () => {
    const judged = await verdicts({ version: 'v2.31.0', vaulted: ['db_password'] }, files);
    expect(brief(judged['profiling'])).toBe('PASS declared');
    expect(brief(judged['audit'])).toBe('FAIL disabled');
    expect(Object.values(judged).some(({ reason }) => reason === 'vaulted')).toBe(false);
  });

  test('that are declared to hold a variable keep it undecided', async () => {
    const judged = await verdicts({ version: 'v2.31.0', vaulted: ['kube_profiling'] }, files);
    expect(brief(judged['profiling'])).toBe('UNKNOWN vaulted');
    expect(brief(judged['audit'])).toBe('FAIL disabled');
  });

  test('do not matter to what extra vars set above them', async () => {
    const judged = await verdicts(
      { version: 'v2.31.0', vars: ['v.yaml'], vaulted: [] },
      { ...files, 'v.yaml': 'kube_profiling: false' },
    );
    expect(brief(judged['profiling'])).toBe('PASS holds');
  });
});

describe('releases older than those whose defaults are known', () => {
  test('are one cause for all controls that cannot decide', async () => {
    const judged = await verdicts(
      { version: 'v2.18.1', vars: ['v.yaml'] },
      { 'v.yaml': 'authorization_modes: [AlwaysAllow]' },
    );
    const unknown = Object.values(judged).filter(({ status }) => status === 'UNKNOWN');
    expect(unknown.length).toBeGreaterThan(10);
    expect([...new Set(unknown.map(({ message }) => message))]).toEqual([
      'Kubespray v2.18.1 is older than v2.19.0, the first release whose defaults are known here',
    ]);
    expect(brief(judged['authorization-modes'])).toBe('FAIL always-allow');
  });

  test('v2.19.0 is not', async () => {
    expect(brief((await verdicts({ version: 'v2.19.0' }))['profiling'])).toBe('PASS holds');
  });
});

test('an entry of vars that is a folder is one line that names it', async () => {
  const { subjects, gaps } = await scan(
    { vars: ['extra'] },
    { 'extra/a.yml': 'kubernetes_audit: true', 'extra/b.yaml': 'x: 1', 'extra/README.md': '' },
  );
  expect(gaps.map(({ message }) => message)).toEqual([
    'vars: extra is a folder: name the files themselves, in their order (a.yml, b.yaml)',
  ]);
  expect(subjects.map(({ evidence }) => (evidence as KubesprayEvidence).hosts.state)).toEqual(['unavailable']);
  const missing = await scan({ vars: ['gone.yaml'] }, {});
  expect(missing.gaps.map(({ message }) => message)).toEqual(['vars: gone.yaml does not exist']);
});
