import { describe, expect, test } from 'vitest';
import { deployment, manifests, reachabilityOf } from './harness.ts';

const policy = (apiVersion: string, kind: string, name: string, spec: unknown) => ({
  apiVersion,
  kind,
  metadata: { name },
  spec,
});

/** The policy is named with its fault, and nothing of it is in force. */
async function refused(document: unknown): Promise<string[]> {
  const { report, code } = await reachabilityOf({
    'a.yaml': manifests([deployment('default', 'web', { app: 'web' }), document]),
  });
  expect(report.exposure.map(({ ingress, egress }) => [ingress.isolated, egress.isolated])).toEqual([[false, false]]);
  expect(report.connections.length).toBe(2);
  expect(code).toBe(3);
  return report.errors.map(({ field, message }) => `${field}: ${message}`);
}

describe('AdminNetworkPolicy', () => {
  const everyone = [{ namespaces: {} }];
  const rule = { action: 'Deny', from: everyone };
  const many = (count: number) => ({ ingress: Array.from({ length: count }, () => structuredClone(rule)) });
  const sound = { priority: 1, subject: { namespaces: {} }, ingress: [rule] };

  test.each([
    [
      'an action of the later version',
      { ingress: [{ ...rule, action: 'Accept' }] },
      'spec.ingress[0].action: "Accept" is not supported: Allow, Deny, Pass',
    ],
    ['a misspelt direction', { ingres: [] }, 'spec.ingres: unknown field "spec.ingres"'],
    ['no peer', { ingress: [{ action: 'Deny', from: [] }] }, 'spec.ingress[0].from: must hold at least one peer'],
    [
      'a peer that is none',
      { ingress: [{ ...rule, from: [{}] }] },
      'spec.ingress[0].from[0]: must specify exactly one of namespaces and pods',
    ],
    [
      'addresses on the way in',
      { ingress: [{ ...rule, from: [{ networks: ['10.0.0.0/8'] }] }] },
      'spec.ingress[0].from[0].networks: unknown field "spec.ingress[0].from[0].networks"',
    ],
    [
      'half of a pods peer',
      { subject: { pods: { podSelector: {} } } },
      'spec.subject.pods.namespaceSelector: must be given',
    ],
    [
      'an operator',
      { subject: { namespaces: { matchExpressions: [{ key: 'a', operator: 'Is' }] } } },
      'spec.subject.namespaces.matchExpressions[0].operator: "Is" is not a valid label selector operator',
    ],
    ['a priority', { priority: 1001 }, 'spec.priority: 1001 is not a priority: 0 to 1000'],
    ['no priority', { priority: null }, 'spec.priority: nothing is not a priority: 0 to 1000'],
    [
      'a port',
      { ingress: [{ ...rule, ports: [{ portNumber: { protocol: 'TCP', port: 0 } }] }] },
      'spec.ingress[0].ports[0].portNumber.port: 0 is not a port: 1 to 65535',
    ],
    [
      'a protocol',
      { ingress: [{ ...rule, ports: [{ portNumber: { protocol: 'tcp', port: 1 } }] }] },
      'spec.ingress[0].ports[0].portNumber.protocol: "tcp" is not supported: TCP, UDP or SCTP',
    ],
    [
      'a range',
      { ingress: [{ ...rule, ports: [{ portRange: { start: 9, end: 65536 } }] }] },
      'spec.ingress[0].ports[0].portRange.end: 65536 is not a port: 1 to 65535',
    ],
    [
      'no network',
      { egress: [{ action: 'Deny', to: [{ networks: [] }] }] },
      'spec.egress[0].to[0].networks: must hold at least one block',
    ],
    [
      'two ports in one',
      { ingress: [{ ...rule, ports: [{ namedPort: 'a', portNumber: { port: 1 } }] }] },
      'spec.ingress[0].ports[0]: must specify exactly one of portNumber, portRange and namedPort',
    ],
    [
      'a block',
      { egress: [{ action: 'Deny', to: [{ networks: ['10.0.0.1'] }] }] },
      'spec.egress[0].to[0].networks[0]: "10.0.0.1" is not a CIDR block',
    ],
    [
      'two kinds of peer',
      { egress: [{ action: 'Deny', to: [{ networks: ['::/0'], nodes: {} }] }] },
      'spec.egress[0].to[0]: must specify exactly one kind of peer',
    ],
    [
      'domain names that are denied',
      { egress: [{ action: 'Deny', to: [{ domainNames: ['a.b'] }] }] },
      'spec.egress[0].to[0].domainNames: may only be used by a rule that allows',
    ],
    ['too many rules', many(101), 'spec.ingress: may not hold more than 100 rules'],
  ])('%s', async (_case, patch, error) => {
    const spec = { ...sound, ...patch };
    expect(await refused(policy('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'a', spec))).toEqual([
      error,
    ]);
  });

  test('a baseline has one name and passes nothing on', async () => {
    const spec = { subject: { namespaces: {} }, ingress: [{ ...rule, action: 'Pass' }] };
    expect(await refused(policy('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', 'b', spec))).toEqual(
      ['metadata.name: must be "default"', 'spec.ingress[0].action: "Pass" is not supported: Allow, Deny'],
    );
  });

  test.each([
    [
      'an action of the former version',
      { ingress: [{ ...rule, action: 'Allow' }] },
      'spec.ingress[0].action: "Allow" is not supported: Accept, Deny, Pass',
    ],
    [
      'ports of the former version',
      { ingress: [{ ...rule, ports: [] }] },
      'spec.ingress[0].ports: unknown field "spec.ingress[0].ports"',
    ],
    ['a tier', { tier: 'admin' }, 'spec.tier: "admin" is not supported: Admin or Baseline'],
    [
      'an empty protocol',
      { ingress: [{ ...rule, protocols: [{}] }] },
      'spec.ingress[0].protocols[0]: must specify exactly one of tcp, udp, sctp and destinationNamedPort',
    ],
    [
      'a port',
      { ingress: [{ ...rule, protocols: [{ tcp: { destinationPort: { number: 65536 } } }] }] },
      'spec.ingress[0].protocols[0].tcp.destinationPort.number: 65536 is not a port: 1 to 65535',
    ],
    [
      'a range',
      { ingress: [{ ...rule, protocols: [{ udp: { destinationPort: { range: { start: 1 } } } }] }] },
      'spec.ingress[0].protocols[0].udp.destinationPort.range.end: must be given',
    ],
    [
      'a range of one port',
      { ingress: [{ ...rule, protocols: [{ udp: { destinationPort: { range: { start: 1, end: 1 } } } }] }] },
      'spec.ingress[0].protocols[0].udp.destinationPort.range: start must be less than end',
    ],
    [
      'a protocol without a port',
      { ingress: [{ ...rule, protocols: [{ tcp: {} }] }] },
      'spec.ingress[0].protocols[0].tcp.destinationPort: must be given',
    ],
    [
      'no protocol',
      { ingress: [{ ...rule, protocols: [] }] },
      'spec.ingress[0].protocols: must hold at least one protocol',
    ],
    [
      'no podSelector',
      { subject: { pods: { namespaceSelector: {} } } },
      'spec.subject.pods.podSelector: must be given',
    ],
    [
      'no destination',
      { ingress: [{ ...rule, protocols: [{ udp: { destinationPort: {} } }] }] },
      'spec.ingress[0].protocols[0].udp.destinationPort: must specify exactly one of number and range',
    ],
    ['too many rules', many(26), 'spec.ingress: may not hold more than 25 rules'],
  ])('of v1alpha2: %s', async (_case, patch, error) => {
    const spec = { tier: 'Admin', ...sound, ...patch };
    expect(await refused(policy('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', 'a', spec))).toEqual([
      error,
    ]);
  });

  test('a pods peer of v1alpha2 may lack the namespaces, and v1beta1 is the same', async () => {
    const spec = { tier: 'Admin', priority: 1, subject: { pods: { podSelector: {} } }, ingress: [rule] };
    for (const version of ['v1alpha2', 'v1beta1']) {
      const { report } = await reachabilityOf({
        'a.yaml': manifests([
          deployment('default', 'web', {}),
          policy(`policy.networking.k8s.io/${version}`, 'ClusterNetworkPolicy', 'a', spec),
        ]),
      });
      expect(report.errors).toEqual([]);
      expect(report.exposure[0]?.ingress.from).toEqual([{ peer: '0.0.0.0/0', ports: 'all' }]);
    }
  });

  test('an empty range of v1alpha1 is taken by the API, matches nothing, and is named', async () => {
    const spec = { ...sound, ingress: [{ ...rule, ports: [{ portRange: { start: 10, end: 1 } }] }] };
    expect(await refused(policy('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'a', spec))).toEqual([
      'spec.ingress[0].ports[0].portRange: ends at 1 before it starts at 10: empty',
    ]);
  });

  test('two of one priority are both in force, and that their order is open is said', async () => {
    const one = (name: string) => policy('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', name, sound);
    const { report, code } = await reachabilityOf({ 'a.yaml': manifests([one('a'), one('b')]) });
    expect(report.errors).toEqual([
      {
        file: 'a.yaml',
        resource: 'AdminNetworkPolicy b',
        field: 'spec.priority',
        message: 'is that of AdminNetworkPolicy a too: which of the two decides is not defined',
      },
    ]);
    expect(code).toBe(3);
  });
});

describe('NetworkPolicy', () => {
  const from = (part: object) => ({ ingress: [{ from: [part] }] });
  const port = (part: object) => ({ ingress: [{ ports: [part] }] });
  const block = 'spec.ingress[0].from[0].ipBlock.cidr';

  test.each([
    ['blanks in a block', from({ ipBlock: { cidr: ' 10.0.0.0/8' } }), `${block}: " 10.0.0.0/8" is not a CIDR block`],
    [
      'a zone in a block',
      from({ ipBlock: { cidr: 'fe80::1%eth0/64' } }),
      `${block}: "fe80::1%eth0/64" is not a CIDR block`,
    ],
    [
      'leading zeros in a block',
      from({ ipBlock: { cidr: '010.0.0.0/8' } }),
      `${block}: "010.0.0.0/8" is not a CIDR block`,
    ],
    [
      'a prefix that is too long',
      from({ ipBlock: { cidr: '10.0.0.0/33' } }),
      `${block}: "10.0.0.0/33" is not a CIDR block`,
    ],
    ['no block', from({ ipBlock: {} }), `${block}: must be given`],
    [
      'a port that is no integer',
      port({ port: 80.5 }),
      'spec.ingress[0].ports[0].port: must be an integer or a string, not 80.5',
    ],
    ['a port name', port({ port: 'a_b' }), 'spec.ingress[0].ports[0].port: "a_b" is not a port name'],
    [
      'a port name of sixteen letters',
      port({ port: 'abcdefghijklmnop' }),
      'spec.ingress[0].ports[0].port: "abcdefghijklmnop" is not a port name',
    ],
    [
      'an end beyond the last port',
      port({ port: 1, endPort: 65536 }),
      'spec.ingress[0].ports[0].endPort: 65536 is not a port: 1 to 65535',
    ],
    [
      'an end after a name',
      port({ port: 'http', endPort: 90 }),
      'spec.ingress[0].ports[0].endPort: needs a numeric port beside it',
    ],
    [
      'a label key',
      { podSelector: { matchLabels: { 'a b': 'c' } } },
      'spec.podSelector.matchLabels: "a b" is not a valid label key',
    ],
    [
      'a label value of a peer',
      from({ podSelector: { matchLabels: { app: '-x' } } }),
      'spec.ingress[0].from[0].podSelector.matchLabels.app: "-x" is not a valid label value',
    ],
    [
      'values with Exists',
      { podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } },
      'spec.podSelector.matchExpressions[0].values: must not be given with operator Exists',
    ],
    [
      'three types',
      { policyTypes: ['Ingress', 'Egress', 'Ingress'] },
      'spec.policyTypes: may not specify more than two policyTypes',
    ],
    ['rules that are no list', { ingress: {} }, 'spec.ingress: must be a list'],
    ['a rule that is not an object', { ingress: ['all'] }, 'spec.ingress[0]: must be an object'],
  ])('%s', async (_case, spec, error) => {
    expect(await refused(policy('networking.k8s.io/v1', 'NetworkPolicy', 'p', spec))).toEqual([error]);
  });
});

describe('CiliumNetworkPolicy', () => {
  const rule = (part: object) => ({ ingress: [part] });
  const port = (part: object) => rule({ toPorts: [{ ports: [part] }] });

  test.each([
    ['a misspelt direction', { ingres: [{}] }, 'spec.ingres: unknown field "spec.ingres"'],
    [
      'a misspelt peer',
      rule({ fromEndpoint: [{}] }),
      'spec.ingress[0].fromEndpoint: unknown field "spec.ingress[0].fromEndpoint"',
    ],
    [
      'a peer of the other direction',
      rule({ toEndpoints: [{}] }),
      'spec.ingress[0].toEndpoints: unknown field "spec.ingress[0].toEndpoints"',
    ],
    [
      'a port that is not text',
      port({ port: 80 }),
      'spec.ingress[0].toPorts[0].ports[0].port: must be a string, not 80: put it in quotes',
    ],
    [
      'a port',
      port({ port: '65536' }),
      'spec.ingress[0].toPorts[0].ports[0].port: "65536" is neither a port, 0 to 65535, nor the name of one',
    ],
    [
      'an end',
      port({ port: '80', endPort: 79 }),
      'spec.ingress[0].toPorts[0].ports[0].endPort: 79 is not a port from 80 to 65535',
    ],
    [
      'a protocol',
      port({ port: '80', protocol: 'HTTP' }),
      'spec.ingress[0].toPorts[0].ports[0].protocol: "HTTP" is not supported',
    ],
    ['a block', rule({ fromCIDR: ['10.0.0.0/33'] }), 'spec.ingress[0].fromCIDR[0]: "10.0.0.0/33" is not a CIDR block'],
    [
      'a hole',
      rule({ fromCIDRSet: [{ cidr: '10.0.0.0/8', except: ['ten'] }] }),
      'spec.ingress[0].fromCIDRSet[0].except[0]: "ten" is not a CIDR block',
    ],
    [
      'an operator',
      rule({ fromEndpoints: [{ matchExpressions: [{ key: 'k8s:app', operator: 'Is' }] }] }),
      'spec.ingress[0].fromEndpoints[0].matchExpressions[0].operator: "Is" is not a valid label selector operator',
    ],
    [
      'a default that is no switch',
      { enableDefaultDeny: { ingress: 'maybe' }, ...rule({}) },
      'spec.enableDefaultDeny.ingress: must be true or false, not maybe',
    ],
    ['rules that are no list', { ingress: {} }, 'spec.ingress: must be a list'],
  ])('%s', async (_case, part, error) => {
    const spec = { endpointSelector: {}, ...part };
    expect(await refused(policy('cilium.io/v2', 'CiliumNetworkPolicy', 'c', spec))).toEqual([error]);
  });

  test('labels may name their source', async () => {
    const spec = { endpointSelector: { matchLabels: { 'k8s:app': 'web', 'any:tier': 'b' } }, ...rule({}) };
    const { report } = await reachabilityOf({
      'a.yaml': manifests([
        deployment('default', 'web', { app: 'web', tier: 'b' }),
        policy('cilium.io/v2', 'CiliumNetworkPolicy', 'c', spec),
      ]),
    });
    expect(report.errors).toEqual([]);
    expect(report.exposure[0]?.ingress).toEqual({ isolated: true, from: [] });
  });
});

describe('Calico NetworkPolicy', () => {
  const rule = (part: object) => ({ ingress: [{ action: 'Allow', ...part }] });

  test.each([
    [
      'ports without a protocol',
      rule({ destination: { ports: [80] } }),
      'spec.ingress[0].protocol: "" has no ports: TCP, UDP or SCTP must be given',
    ],
    [
      'ports of ICMP',
      rule({ protocol: 'ICMP', destination: { ports: [80] } }),
      'spec.ingress[0].protocol: "ICMP" has no ports: TCP, UDP or SCTP must be given',
    ],
    ['a protocol', rule({ protocol: 'constructor' }), 'spec.ingress[0].protocol: "constructor" is not a protocol'],
    [
      'an action',
      rule({ action: 'constructor' }),
      'spec.ingress[0].action: "constructor" is not supported: Allow, Deny, Pass or Log',
    ],
    [
      'a range',
      rule({ protocol: 'TCP', destination: { ports: ['90:80'] } }),
      'spec.ingress[0].destination.ports[0]: "90:80" is neither a port, a range such as 80:90, nor the name of a port',
    ],
    [
      'a port',
      rule({ protocol: 'TCP', destination: { ports: [65536] } }),
      'spec.ingress[0].destination.ports[0]: "65536" is neither a port, a range such as 80:90, nor the name of a port',
    ],
    [
      'a net',
      rule({ source: { nets: ['10.0.0.0/x'] } }),
      'spec.ingress[0].source.nets[0]: "10.0.0.0/x" is not a CIDR block',
    ],
    [
      'a selector',
      rule({ source: { selector: 'app = "web"' } }),
      'spec.ingress[0].source.selector: "app = "web"" is not a selector',
    ],
    ['a subject', { selector: 'has(' }, 'spec.selector: "has(" is not a selector'],
    ['a type', { types: ['ingress'] }, 'spec.types[0]: "ingress" is not supported: Ingress or Egress'],
    ['an order', { order: 'first' }, 'spec.order: must be a number, not first'],
    ['a misspelt direction', { egres: [] }, 'spec.egres: unknown field "spec.egres"'],
    // Rules of a direction that the types leave out are checked as well.
    [
      'a rule of the other direction',
      { types: ['Ingress'], egress: [{ action: 'Deny', source: { nets: ['x'] } }] },
      'spec.egress[0].source.nets[0]: "x" is not a CIDR block',
    ],
  ])('%s', async (_case, part, error) => {
    const spec = { selector: 'all()', ...part };
    expect(await refused(policy('projectcalico.org/v3', 'NetworkPolicy', 'c', spec))).toEqual([error]);
  });
});
