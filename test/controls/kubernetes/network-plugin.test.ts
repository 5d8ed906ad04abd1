import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import { denied, pluginContainer, read, verdictOf } from './evidence.ts';

const daemons = (...names: string[]) => ({
  daemonSets: read(names.map((name) => ({ namespace: 'kube-system', name, ready: given(1), containers: [] }))),
});
const tenants = (name: string, ...own: string[]) => ({
  daemonSets: read([
    ...own.map((daemon) => ({ namespace: 'kube-system', name: daemon, ready: given(1), containers: [] })),
    { namespace: 'team-a', name, ready: given(1), containers: [] },
  ]),
});
const cilium = (data: Record<string, string>) => ({ ciliumConfig: read({ present: true, data }) });
const agent = (args: string[]) => ({
  daemonSets: read([
    {
      namespace: 'kube-system',
      name: 'aws-node',
      ready: given(1),
      containers: [pluginContainer('aws-eks-nodeagent', { args })],
    },
  ]),
});

/** One plugin whose containers say whether it enforces. */
function plugin(name: string, ...containers: ReturnType<typeof pluginContainer>[]) {
  return { daemonSets: read([{ namespace: 'kube-system', name, ready: given(3), containers }]) };
}

function besideCalico(name: string, container: ReturnType<typeof pluginContainer>) {
  const set = (of: string, containers: ReturnType<typeof pluginContainer>[]) => ({
    namespace: 'kube-system',
    name: of,
    ready: given(3),
    containers,
  });
  return { daemonSets: read([set(name, [container]), set('calico-node', [])]) };
}

const router = (...args: string[]) => plugin('kube-router', pluginContainer('kube-router', { args }));
const kindnet = (tag: string, ...args: string[]) =>
  plugin('kindnet', pluginContainer('kindnet-cni', { image: given(`registry.example/kindnetd:${tag}`), args }));
const weave = pluginContainer('weave');
const npc = pluginContainer('weave-npc');
const ovn = (...args: string[]) => ({
  ...plugin('kube-ovn-cni'),
  policyControllers: read([
    {
      namespace: 'kube-system',
      name: 'kube-ovn-controller',
      containers: [pluginContainer('kube-ovn-controller', { args })],
    },
  ]),
});

/** Plugins that enforce as long as nothing switches that off. */
const SWITCHES = [
  ['kube-router: on by default', router('--run-router=true'), 'PASS', 'holds', /kube-router/],
  ['kube-router without its firewall', router('--run-firewall=false'), 'FAIL', 'not-enforced', /run-firewall/],
  ['kube-router without its firewall, in Go’s other words', router('--run-firewall=F'), 'FAIL', 'not-enforced', /run-/],
  ['kube-router by a shell', router('-c', 'kube-router --run-firewall=false'), 'FAIL', 'not-enforced', /run-firewall/],
  ['kube-router: the last flag counts', router('--run-firewall=false', '--run-firewall'), 'PASS', 'holds', /router/],
  ['kube-router whose containers are missing', plugin('kube-router'), 'UNKNOWN', 'absent-field', /kube-router/],
  ['Weave Net with its controller', plugin('weave-net', weave, npc), 'PASS', 'holds', /Weave Net/],
  ['Weave Net without it', plugin('weave-net', weave), 'FAIL', 'not-enforced', /weave-npc/],
  [
    'Weave Net that does not wait for it',
    plugin('weave-net', pluginContainer('weave', { env: { EXPECT_NPC: '0' } }), npc),
    'FAIL',
    'not-enforced',
    /EXPECT_NPC=0/,
  ],
  ['Kube-OVN: on by default', ovn(), 'PASS', 'holds', /Kube-OVN/],
  ['Kube-OVN that ignores policies', ovn('--enable-np=false'), 'FAIL', 'not-enforced', /enable-np/],
  ['Kube-OVN without its controller', plugin('kube-ovn-cni'), 'UNKNOWN', 'not-found', /kube-ovn-controller/],
  ['Kube-OVN, Deployments denied', { ...ovn(), policyControllers: denied }, 'UNKNOWN', 'denied', /forbidden/],
  [
    'flannel with kube-network-policies in its pod',
    plugin('kube-flannel-ds', pluginContainer('kube-flannel'), pluginContainer('kube-network-policies')),
    'PASS',
    'holds',
    /kube-network-policies/,
  ],
  [
    'flannel with its image under another name',
    plugin(
      'kube-flannel',
      pluginContainer('policies', { image: given('registry.example/networking/kube-network-policies:v0.7.0') }),
    ),
    'PASS',
    'holds',
    /kube-network-policies/,
  ],
  [
    'kube-network-policies beside flannel',
    daemons('kube-flannel-ds', 'kube-network-policies'),
    'PASS',
    'holds',
    /kube-n/,
  ],
  ['Canal of RKE2', daemons('rke2-canal'), 'PASS', 'holds', /Canal/],
  ['kindnet 1.3.0', kindnet('v1.3.0'), 'PASS', 'holds', /kindnet/],
  ['kindnet 1.8.0 with policies off', kindnet('v1.8.0', '--network-policy=false'), 'FAIL', 'not-enforced', /kindnet/],
  ['kindnet 1.2.9', kindnet('v1.2.9'), 'FAIL', 'not-enforced', /1\.3\.0/],
  ['kindnet of kind, tagged with a date', kindnet('v20250512-df8de77b'), 'UNKNOWN', 'version-unknown', /kindnet/],
  [
    'a plugin without policies beside one that enforces',
    besideCalico('kube-router', pluginContainer('kube-router', { args: ['--run-firewall=false'] })),
    'PASS',
    'holds',
    /Calico/,
  ],
] as const;

describe('kubernetes-cni-enforces', () => {
  test('Cilium elsewhere that only audits fails, and proves nothing where it enforces', () => {
    const stray = { daemonSets: read([{ namespace: 'team-a', name: 'cilium', ready: given(3), containers: [] }]) };
    const audit = { ...stray, ciliumConfig: read({ present: true, data: { 'policy-audit-mode': 'true' } }) };
    expect(verdictOf('kubernetes-cni-enforces', audit)).toMatchObject({ status: 'FAIL', reason: 'audit-only' });
    expect(verdictOf('kubernetes-cni-enforces', stray)).toMatchObject({ status: 'UNKNOWN', reason: 'undecidable' });
  });

  test('the fix of Cilium names the namespace that its DaemonSet lives in', () => {
    const change = {
      daemonSets: read([{ namespace: 'cilium', name: 'cilium', ready: given(3), containers: [] }]),
      ciliumConfig: read({ present: true, data: { 'policy-audit-mode': 'true' } }),
    };
    const verdict = verdictOf('kubernetes-cni-enforces', change);
    expect(verdict.status === 'FAIL' ? verdict.fix?.commands[0] : '').toMatch(/^kubectl -n cilium patch configmap/);
  });

  test.each([
    ['Cilium in its default mode', {}, 'PASS', 'holds', /Cilium enforces/],
    ['Cilium that enforces never', cilium({ 'enable-policy': 'never' }), 'FAIL', 'never', /never/],
    ['Cilium that only audits', cilium({ 'policy-audit-mode': 'true' }), 'FAIL', 'audit-only', /policy-audit-mode/],
    ['Cilium whose audit mode is off', cilium({ 'policy-audit-mode': 'false' }), 'PASS', 'holds', /Cilium enforces/],
    [
      'Cilium that ignores NetworkPolicies',
      cilium({ 'enable-k8s-networkpolicy': 'false' }),
      'FAIL',
      'not-enforced',
      /ignores/,
    ],
    ['Cilium in a mode nobody knows', cilium({ 'enable-policy': 'often' }), 'UNKNOWN', 'unrecognised-value', /often/],
    ['Cilium whose ConfigMap is denied', { ciliumConfig: denied }, 'UNKNOWN', 'denied', /forbidden/],
    ['Calico', daemons('calico-node'), 'PASS', 'holds', /Calico/],
    ['Calico for policies beside flannel', daemons('kube-flannel-ds', 'calico-node'), 'PASS', 'holds', /Calico/],
    ['flannel alone', daemons('kube-flannel-ds'), 'FAIL', 'not-enforced', /flannel alone/],
    ...SWITCHES,
    ['nothing known', daemons('node-exporter'), 'UNKNOWN', 'undecidable', /node-exporter/],
    ["a tenant's DaemonSet of that name", tenants('calico-node'), 'UNKNOWN', 'undecidable', /team-a\/calico-node/],
    [
      "a tenant's calico-node beside flannel",
      tenants('calico-node', 'kube-flannel-ds'),
      'FAIL',
      'not-enforced',
      /flannel alone/,
    ],
    ["a tenant's Cilium", tenants('cilium'), 'UNKNOWN', 'undecidable', /team-a\/cilium/],
    ["a name of JavaScript's own", daemons('constructor'), 'UNKNOWN', 'undecidable', /constructor/],
    ['DaemonSets denied', { daemonSets: denied }, 'UNKNOWN', 'denied', /forbidden/],
    ['the VPC CNI with policies on', agent(['--enable-network-policy=true']), 'PASS', 'holds', /VPC CNI/],
    ['the VPC CNI with policies off', agent(['--enable-network-policy=false']), 'FAIL', 'not-enforced', /switched off/],
    ['the VPC CNI without the flag: off is the default', agent([]), 'FAIL', 'not-enforced', /switched off/],
  ] as const)('%s → %s', (_case, change, status, reason, message) => {
    expect(verdictOf('kubernetes-cni-enforces', change)).toMatchObject({
      status,
      reason,
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['ConfigMap and NodeClass on', 'true', given('DefaultDeny'), 'PASS', 'holds'],
    ['the ConfigMap off', 'false', given('DefaultDeny'), 'FAIL', 'not-enforced'],
    ['a NodeClass that does not say', 'true', ABSENT, 'UNKNOWN', 'absent-field'],
  ] as const)('EKS Auto Mode with %s → %s', (_case, enabled, networkPolicy, status, reason) => {
    const change = {
      platform: 'eks' as const,
      daemonSets: read([]),
      vpcCniConfig: read({ present: true, data: { 'enable-network-policy-controller': enabled } }),
      nodeClasses: read({ served: true, items: [{ name: 'default', networkPolicy }] }),
    };
    expect(verdictOf('kubernetes-cni-enforces', change)).toMatchObject({ status, reason });
  });
});
