import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import { denied, denyAll, pluginContainer, pod, policy, read, verdictOf } from './evidence.ts';

const malformed = { state: 'malformed', raw: '7' } as const;
const policies = (...specs: [string, unknown][]) => ({
  networkPolicies: read(specs.map(([place, spec]) => policy(place, spec))),
});
const daemons = (...names: string[]) => ({
  daemonSets: read(names.map((name) => ({ namespace: 'kube-system', name, ready: given(1), containers: [] }))),
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

describe('kubernetes-default-deny-ingress and -egress', () => {
  const web = { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress', 'Egress'] };
  const db = { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress', 'Egress'] };
  const everything = { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] };
  const dns = {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }],
  };
  test.each([
    ['a default deny', policies(['shop/deny', denyAll]), 'PASS', /all 1 namespaces/],
    ['a universal policy with narrow rules', policies(['shop/narrow', dns]), 'PASS', /all 1/],
    ['a universal policy that allows everything', policies(['shop/open', everything]), 'FAIL', /allows everything/],
    [
      'every pod of today selected, no universal policy',
      policies(['shop/a', web], ['shop/b', db]),
      'FAIL',
      /new pods are open/,
    ],
    ['some pods selected', policies(['shop/a', web]), 'FAIL', /some pods/],
    ['no policy at all', policies(), 'FAIL', /no policy isolates/],
    ['a default deny of another namespace', policies(['default/deny', denyAll]), 'FAIL', /shop: no policy/],
    [
      'a default deny beside an allow-all (for another control to find)',
      policies(['shop/deny', denyAll], ['shop/open', everything]),
      'PASS',
      /all 1/,
    ],
  ] as const)('%s → %s', (_case, change, status, message) => {
    for (const direction of ['ingress', 'egress']) {
      expect(verdictOf(`kubernetes-default-deny-${direction}`, change)).toMatchObject({
        status,
        message: expect.stringMatching(message),
      });
    }
  });

  test('the directions are judged apart', () => {
    const change = policies(['shop/in', { podSelector: {}, policyTypes: ['Ingress'] }]);
    expect(verdictOf('kubernetes-default-deny-ingress', change).status).toBe('PASS');
    expect(verdictOf('kubernetes-default-deny-egress', change).status).toBe('FAIL');
  });

  test('policies that nothing enforces fail as not enforced', () => {
    expect(verdictOf('kubernetes-default-deny-ingress', daemons('kube-flannel-ds'))).toMatchObject({
      status: 'FAIL',
      reason: 'not-enforced',
    });
    expect(verdictOf('kubernetes-default-deny-ingress', daemons())).toMatchObject({
      status: 'UNKNOWN',
      reason: 'undecidable',
    });
  });

  test.each([
    'namespaces',
    'pods',
    'networkPolicies',
    'ciliumPolicies',
    'calicoPolicies',
    'adminPolicies',
    'daemonSets',
  ] as const)('without %s nothing is decided', (part) => {
    for (const id of [
      'kubernetes-default-deny-ingress',
      'kubernetes-pods-isolated',
      'kubernetes-unrestricted-policy',
    ]) {
      expect(verdictOf(id, { [part]: denied })).toMatchObject({ status: 'UNKNOWN', reason: 'denied' });
    }
  });

  test('a policy that no API server can have stored makes the answer malformed', () => {
    const broken = { networkPolicies: read([{ ...policy('shop/deny', {}), spec: 'no json' }]) };
    expect(verdictOf('kubernetes-default-deny-ingress', broken)).toMatchObject({
      status: 'UNKNOWN',
      reason: 'malformed-answer',
    });
  });

  test('exempt namespaces are listed, and nothing else to judge is not applicable', () => {
    const verdict = verdictOf('kubernetes-default-deny-ingress', policies(), {
      exemptNamespaces: ['shop', 'kube-system'],
    });
    expect(verdict).toMatchObject({ status: 'NOT_APPLICABLE' });
    expect(verdict.proof.map(({ line }) => line)).toContain('exempt by configuration: kube-system, shop');
  });

  test('a clusterwide Cilium policy for a namespace is a default deny of it', () => {
    const selector = { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'shop' } };
    const deny = policy(
      '/deny',
      { endpointSelector: selector, ingress: [{}] },
      'CiliumClusterwideNetworkPolicy',
      'cilium.io/v2',
    );
    const change = { ...policies(), ciliumPolicies: read({ served: true, items: [deny] }) };
    expect(verdictOf('kubernetes-default-deny-ingress', change)).toMatchObject({ status: 'PASS' });
    expect(verdictOf('kubernetes-default-deny-egress', change)).toMatchObject({ status: 'FAIL' });
  });

  test('Cilium in mode always denies by default without any policy', () => {
    const change = { ...policies(), ...cilium({ 'enable-policy': 'always' }) };
    expect(verdictOf('kubernetes-default-deny-ingress', change)).toMatchObject({ status: 'PASS' });
  });

  describe('a part that is not evaluated leaves a verdict in doubt only where it could change it', () => {
    const fqdn = { endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: 'example.com' }] }] };
    const served = (document: ReturnType<typeof policy>) => ({
      ciliumPolicies: read({ served: true, items: [document] }),
    });
    const toNames = served(policy('shop/out', fqdn, 'CiliumNetworkPolicy', 'cilium.io/v2'));

    test('beside a default deny it changes nothing', () => {
      expect(verdictOf('kubernetes-default-deny-egress', toNames)).toMatchObject({ status: 'PASS' });
      expect(verdictOf('kubernetes-pods-isolated', toNames)).toMatchObject({ status: 'PASS' });
    });

    test('as the only policy it decides, and is named', () => {
      expect(verdictOf('kubernetes-default-deny-egress', { ...policies(), ...toNames })).toMatchObject({
        status: 'UNKNOWN',
        reason: 'undecidable',
        message: expect.stringContaining('shop/out'),
      });
      expect(verdictOf('kubernetes-default-deny-ingress', { ...policies(), ...toNames })).toMatchObject({
        status: 'FAIL',
      });
      expect(verdictOf('kubernetes-unrestricted-policy', toNames)).toMatchObject({
        status: 'UNKNOWN',
        reason: 'undecidable',
      });
    });

    test('a kind that is not evaluated at all leaves everything in doubt', () => {
      const set = policy('/internet', { nets: ['0.0.0.0/0'] }, 'GlobalNetworkSet', 'crd.projectcalico.org/v1');
      const change = { calicoPolicies: read({ served: true, items: [set] }) };
      expect(verdictOf('kubernetes-default-deny-egress', change)).toMatchObject({
        status: 'UNKNOWN',
        reason: 'undecidable',
      });
    });
  });
});

describe('kubernetes-pods-isolated', () => {
  test('every pod selected in both directions passes', () => {
    expect(verdictOf('kubernetes-pods-isolated')).toMatchObject({
      status: 'PASS',
      message: 'all 2 pods are isolated in both directions',
    });
  });
  test('Cilium that isolates always needs no policy', () => {
    const change = {
      networkPolicies: read([]),
      ciliumConfig: read({ present: true, data: { 'enable-policy': 'always' } }),
    };
    expect(verdictOf('kubernetes-pods-isolated', change)).toMatchObject({ status: 'PASS' });
    expect(verdictOf('kubernetes-pods-isolated', { ...change, ciliumConfig: denied }).status).not.toBe('PASS');
  });
  test('one workload left out is named, with the direction', () => {
    const verdict = verdictOf(
      'kubernetes-pods-isolated',
      policies(['shop/a', { ...denyAll, podSelector: { matchLabels: { app: 'web' } } }]),
    );
    expect(verdict).toMatchObject({ status: 'FAIL', reason: 'not-selected' });
    expect(verdict.proof[0]?.line).toBe('shop/db[Deployment]: no policy isolates ingress and egress');
  });
  test('under the VPC CNI a pod without owner is selected and not enforced', () => {
    const change = {
      ...agent(['--enable-network-policy=true']),
      pods: read([pod('shop', 'alone', { app: 'x' }, { owner: ABSENT })]),
    };
    expect(verdictOf('kubernetes-pods-isolated', change)).toMatchObject({ status: 'FAIL', reason: 'not-enforced' });
  });
  describe('a pod whose owner cannot be read', () => {
    const unread = (labels: Record<string, string> = {}) => pod('shop', 'web', labels, { owner: malformed });
    const alone = pod('shop', 'alone', {}, { owner: ABSENT });
    const vpcCni = agent(['--enable-network-policy=true']);
    test.each([
      ['is undecided under the VPC CNI', vpcCni, [unread()], 'UNKNOWN', 'malformed-answer', /shop\/web-5d9c-x/],
      ['is isolated under Cilium, which asks for no owner', {}, [unread()], 'PASS', 'holds', /all 1 pods/],
      ['leaves a pod that nothing owns failed', vpcCni, [unread(), alone], 'FAIL', 'not-enforced', /shop\/alone/],
      [
        'fails on Fargate, where the owner does not matter',
        vpcCni,
        [unread({ 'eks.amazonaws.com/fargate-profile': 'jobs' })],
        'FAIL',
        'not-enforced',
        /Fargate/,
      ],
      [
        'fails where no policy selects it',
        { ...vpcCni, ...policies() },
        [unread()],
        'FAIL',
        'not-selected',
        /not isolated/,
      ],
    ] as const)('%s', (_case, change, pods, status, reason, message) => {
      expect(verdictOf('kubernetes-pods-isolated', { ...change, pods: read([...pods]) })).toMatchObject({
        status,
        reason,
        message: expect.stringMatching(message),
      });
    });
  });
});

describe('kubernetes-host-network', () => {
  const onHost = { pods: read([pod('shop', 'agent', {}, { hostNetwork: true })]) };
  test('kube-system is expected on the host network, shop is not', () => {
    expect(verdictOf('kubernetes-host-network')).toMatchObject({ status: 'PASS' });
    expect(verdictOf('kubernetes-host-network', onHost)).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining('shop/agent[Deployment]'),
    });
    expect(verdictOf('kubernetes-host-network', {}, { exemptNamespaces: [] })).toMatchObject({ status: 'FAIL' });
  });
  test('allowed workloads pass and are said to be allowed', () => {
    const verdict = verdictOf('kubernetes-host-network', onHost, { hostNetworkAllowed: ['shop/agent'] });
    expect(verdict.status).toBe('PASS');
    expect(verdict.proof.map(({ kind }) => kind)).toContain('declared');
  });
  test.each([
    ['may be an allowed workload', ['shop/agent'], 'UNKNOWN', 'malformed-answer', /shop\/agent-5d9c-x/],
    ['may match a pattern', ['shop/ag*'], 'UNKNOWN', 'malformed-answer', /shop\/agent-5d9c-x/],
    ['is in a namespace that is allowed as a whole', ['shop/*'], 'PASS', 'holds', /no unexpected pod/],
    ['has an allowed name', ['shop/agent-5d9c-x'], 'UNKNOWN', 'malformed-answer', /shop\/agent-5d9c-x/],
    ['is not expected where nothing is allowed', [], 'FAIL', 'host-network', /shop\/agent-5d9c-x/],
    ['is not expected where only another namespace is named', ['web/agent'], 'FAIL', 'host-network', /1 workloads/],
  ] as const)('a pod whose owner cannot be read %s', (_case, hostNetworkAllowed, status, reason, message) => {
    const pods = read([pod('shop', 'agent', {}, { hostNetwork: true, owner: malformed })]);
    expect(verdictOf('kubernetes-host-network', { pods }, { hostNetworkAllowed })).toMatchObject({
      status,
      reason,
      message: expect.stringMatching(message),
    });
  });
  test('a pod that nothing owns is not the workload whose name it begins with', () => {
    const pods = read([pod('shop', 'agent', {}, { hostNetwork: true, owner: ABSENT })]);
    expect(verdictOf('kubernetes-host-network', { pods }, { hostNetworkAllowed: ['shop/agent'] })).toMatchObject({
      status: 'FAIL',
      reason: 'host-network',
    });
  });
  test('a pod that is not allowed fails beside one whose owner cannot be read', () => {
    const pods = read([
      pod('shop', 'agent', {}, { hostNetwork: true, owner: malformed }),
      pod('shop', 'other', {}, { hostNetwork: true }),
    ]);
    const verdict = verdictOf('kubernetes-host-network', { pods }, { hostNetworkAllowed: ['shop/agent'] });
    expect(verdict).toMatchObject({ status: 'FAIL', message: expect.stringContaining('1 workloads') });
    expect(JSON.stringify(verdict)).not.toContain('agent-5d9c-x');
  });
  test('unread pods are unknown', () => {
    expect(verdictOf('kubernetes-host-network', { pods: denied })).toMatchObject({
      status: 'UNKNOWN',
      reason: 'denied',
    });
  });
});

describe('kubernetes-unrestricted-policy', () => {
  const ingress = (...rules: unknown[]) => ({ podSelector: {}, policyTypes: ['Ingress'], ingress: rules });
  const block = (cidr: string, except: string[] = []) => ({ from: [{ ipBlock: { cidr, except } }] });
  const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
  test.each([
    ['no rule', ingress(), 'PASS', 'holds', undefined],
    ['an empty rule', ingress({}), 'FAIL', 'unrestricted', undefined],
    ['an empty list of peers', ingress({ from: [] }), 'FAIL', 'unrestricted', undefined],
    ['0.0.0.0/0', ingress(block('0.0.0.0/0')), 'FAIL', 'unrestricted', undefined],
    ['::/0', ingress(block('::/0')), 'FAIL', 'unrestricted', undefined],
    ['two halves', ingress(block('0.0.0.0/1'), block('128.0.0.0/1')), 'FAIL', 'unrestricted', undefined],
    ['one half', ingress(block('0.0.0.0/1')), 'PASS', 'holds', undefined],
    [
      'the internet without private ranges',
      ingress(block('0.0.0.0/0', privateRanges)),
      'FAIL',
      'unrestricted',
      undefined,
    ],
    [
      'the internet without one address',
      ingress(block('0.0.0.0/0', ['8.8.8.8/32'])),
      'FAIL',
      'unrestricted',
      undefined,
    ],
    ['0.0.0.0/0 on one port', ingress({ ...block('0.0.0.0/0'), ports: [{ port: 443 }] }), 'PASS', 'holds', undefined],
    [
      '0.0.0.0/0 on every TCP port',
      ingress({ ...block('0.0.0.0/0'), ports: [{ port: 1, endPort: 65535 }] }),
      'FAIL',
      'unrestricted',
      undefined,
    ],
    ['every namespace', ingress({ from: [{ namespaceSelector: {} }] }), 'FAIL', 'cluster-wide', 'MEDIUM'],
    ['the own namespace', ingress({ from: [{ podSelector: {} }] }), 'PASS', 'holds', undefined],
  ] as const)('%s → %s', (_case, spec, status, reason, severity) => {
    const verdict = verdictOf('kubernetes-unrestricted-policy', policies(['shop/p', spec]));
    expect(verdict).toMatchObject({ status, reason });
    expect(verdict.status === 'FAIL' ? verdict.severity : undefined).toBe(severity);
  });
  test('halves in two policies for the same pods are found together', () => {
    const change = policies(['shop/a', ingress(block('0.0.0.0/1'))], ['shop/b', ingress(block('128.0.0.0/1'))]);
    expect(verdictOf('kubernetes-unrestricted-policy', change)).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining('together'),
    });
  });
  test('without a policy there is nothing to judge', () => {
    expect(verdictOf('kubernetes-unrestricted-policy', policies())).toMatchObject({ status: 'NOT_APPLICABLE' });
  });
});

describe('kubernetes-misapplied-policy', () => {
  test.each([
    ['deny-all that denies', ['shop/deny-all', denyAll], 'PASS'],
    [
      'an egress policy that acts on ingress',
      ['shop/deny-backend-egress', { podSelector: {}, policyTypes: ['Ingress'] }],
      'FAIL',
    ],
    [
      'an ingress policy that acts on egress',
      ['shop/ingress-only', { podSelector: {}, policyTypes: ['Egress'] }],
      'FAIL',
    ],
    [
      'a deny that allows everything',
      ['shop/deny', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] }],
      'FAIL',
    ],
    [
      'deny and allow in one name',
      ['shop/deny-all-allow-web', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] }],
      'PASS',
    ],
    ['an egress policy that acts on egress', ['shop/web-egress', { podSelector: {}, policyTypes: ['Egress'] }], 'PASS'],
  ] as const)('%s → %s', (_case, [place, spec], status) => {
    expect(verdictOf('kubernetes-misapplied-policy', policies([place, spec])).status).toBe(status);
  });
});

test('a Calico policy that passes everything on is no default deny', () => {
  const passing = policy(
    'shop/pass',
    { selector: 'all()', ingress: [{ action: 'Pass' }] },
    'NetworkPolicy',
    'projectcalico.org/v3',
  );
  const change = { ...policies(), calicoPolicies: read({ served: true, items: [passing] }) };
  expect(verdictOf('kubernetes-default-deny-ingress', change)).toMatchObject({ status: 'FAIL' });
});
