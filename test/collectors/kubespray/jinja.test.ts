import { describe, expect, test } from 'vitest';
import type { KubesprayEvidence } from '#domain/evidence/kubespray.ts';
import { scan } from '#test/controls/kubespray/inventories.ts';

/** What one variable is on the control plane's host, by the release's defaults and these lines. */
async function resolved(expression: string, lines = '', version = 'v2.31.0'): Promise<unknown> {
  const files = { 'v.yaml': `${lines}\nkubelet_secure_addresses: ${expression}\n` };
  const { subjects } = await scan({ version, vars: ['v.yaml'] }, files);
  const [hosts] = subjects.map(({ evidence }) => (evidence as KubesprayEvidence).hosts);
  if (hosts?.state !== 'collected') throw new Error(hosts?.message ?? 'no subject');
  const value = hosts.value.find(({ name }) => name === 'cp1')?.variables.kubelet_secure_addresses;
  return value?.state === 'literal' ? JSON.parse(value.json) : value?.state;
}

describe('references', () => {
  test.each([
    ['to a variable of the inventory', '"{{ net }}"', 'net: 10.0.0.0/8', '10.0.0.0/8'],
    ['inside a text', '"a {{ net }} b"', 'net: 10.0.0.0/8', 'a 10.0.0.0/8 b'],
    ['to a role default', '"localhost {{ kube_pods_subnet }}"', '', 'localhost 10.233.64.0/18'],
    [
      'to a default that the inventory replaces',
      '"{{ kube_pods_subnet }}"',
      'kube_pods_subnet: 10.1.0.0/16',
      '10.1.0.0/16',
    ],
    ['to a default that refers on', '"{{ kube_cert_dir }}"', '', '/etc/kubernetes/ssl'],
    ['to a number', '"{{ kube_apiserver_port }}"', '', 6443],
    ['to the host', '"{{ inventory_hostname }} {{ ansible_host }}"', '', 'cp1 192.168.10.110'],
    ['to the directory', '"{{ inventory_dir }}/patches"', '', 'inv/patches'],
    ['to a part', '"{{ nets.pods }} {{ nets[\'nodes\'][0] }}"', 'nets: {pods: a, nodes: [b]}', 'a b'],
    ['with a default that is needed', '"{{ my_net | default(\'a\') }}"', '', 'a'],
    ['with a default that is not', '"{{ my_net | d(\'a\') }}"', 'my_net: b', 'b'],
    ['with a default for what is empty', '"{{ my_net | default(\'a\', true) }}"', 'my_net: ""', 'a'],
    ['with a default that is a variable', '"{{ my_net | default(kube_pods_subnet) }}"', '', '10.233.64.0/18'],
    ['lists that are joined', '"{{ [\'a\'] + more }}"', 'more: [b, c]', ['a', 'b', 'c']],
    ['lists of references', '["{{ a }}", b]', 'a: x', ['x', 'b']],
    ['texts that are joined', '"{{ a ~ \'/\' ~ 24 }}"', 'a: 10.0.0.0', '10.0.0.0/24'],
    ['texts by plus', '"{{ a + \'/24\' }}"', 'a: 10.0.0.0', '10.0.0.0/24'],
    ['a list as text', '"{{ more | join(\' \') }}"', 'more: [b, c]', 'b c'],
    ['both families of the pods', "\"{{ kube_pods_subnets | regex_replace(',', ' ') }}\"", '', '10.233.64.0/18'],
    ['brackets and filters', '"{{ (a + \'b\') | upper }}"', 'a: x', 'XB'],
    ['a boolean in a text', '"{{ a }}-x"', 'a: yes', 'True-x'],
  ])('%s', async (_case, expression, lines, expected) => {
    expect(await resolved(expression, lines)).toEqual(expected);
  });

  test.each([
    ['a lookup', "\"{{ lookup('env', 'A') }}\"", ''],
    ['a condition', '"{{ a if b else c }}"', 'a: 1\nb: true\nc: 2'],
    ['a statement', '"{% if a %}x{% endif %}"', 'a: true'],
    ['a method', '"{{ a.split(\',\') }}"', 'a: b,c'],
    ['a filter of a collection', '"{{ a | ansible.utils.ipaddr }}"', 'a: b'],
    ['hosts', '"{{ groups[\'etcd\'] | join }}"', ''],
    ['a fact', '"{{ ansible_default_ipv4 | default(\'a\') }}"', ''],
    ["a role's variable that is not listed", '"{{ calico_pool_name | default(\'a\') }}"', ''],
    ['a variable without a default', '"{{ my_net }}"', ''],
    ['a circle', '"{{ a }}"', 'a: "{{ b }}"\nb: "{{ a }}"'],
    ['a list in the middle of a text', '"x {{ a }}"', 'a: [b]'],
    ['a text that becomes a list', '"[{{ a }}]"', 'a: b'],
    ['a half expression', '"{{ a "', 'a: b'],
    ['texts that double without end', '"{{ a9 }}"', growth()],
    ['both families where IPv6 is on', '"{{ kube_pods_subnets }}"', 'ipv6_stack: true'],
  ])('%s stays a template', async (_case, expression, lines) => {
    expect(await resolved(expression, lines)).toBe('template');
  });

  test('to a default that depends on the release are followed where it is known', async () => {
    const bind = '"{{ kube_scheduler_bind_address }}"';
    expect(await resolved(bind, '', 'v2.27.0')).toBe('0.0.0.0');
    expect(await resolved(bind, '', 'v2.28.0')).toBe('::');
    expect(await resolved('"{{ kube_pods_subnets }}"', '', 'v2.27.0')).toBe('template');
  });

  test('of a group and of a host are those of the host that is judged', async () => {
    const files = {
      'inv/group_vars/all.yml': 'kube_profiling: "{{ wanted | default(false) }}"',
      'inv/host_vars/worker1.yml': 'wanted: true',
    };
    const { subjects } = await scan({ version: 'v2.31.0' }, files);
    const [hosts] = subjects.map(({ evidence }) => (evidence as KubesprayEvidence).hosts);
    const values = hosts?.state === 'collected' ? hosts.value.map(({ variables }) => variables.kube_profiling) : [];
    expect(values.map((value) => value.state === 'literal' && value.json)).toEqual(['false', 'true']);
  });
});

function growth(): string {
  const lines = Array.from({ length: 10 }, (_, index) =>
    index === 0 ? `a0: ${'x'.repeat(500)}` : `a${index}: "{{ a${index - 1} }}${'{{ a'}${index - 1} }}"`,
  );
  return lines.join('\n');
}
