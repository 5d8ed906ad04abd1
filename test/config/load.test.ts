import { describe, expect, test } from 'vitest';
import { lineOfKey } from '#config/lines.ts';
import { ConfigError, parseConfig } from '#config/load.ts';

function problems(text: string): readonly string[] {
  try {
    parseConfig(text, 'ringfence.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('ringfence.yaml', () => {
  test('an empty file is valid and has the defaults', () => {
    expect(parseConfig('', 'ringfence.yaml')).toMatchObject({
      profile: 'closed',
      controls: {},
      exceptions: [],
      alerts: { minimumSeverity: 'MEDIUM', firstScan: 'digest', slack: [] },
    });
  });

  test('an empty provider section scans with its defaults', () => {
    expect(parseConfig('aws: {}', 'ringfence.yaml').aws).toEqual({ regions: 'all' });
    const { ibm } = parseConfig('ibm: { accounts: [] }', 'ringfence.yaml');
    expect(ibm?.endpoints.iam).toBe('https://iam.cloud.ibm.com');
  });

  test('references stay references', () => {
    const reference = ['$', '{env:KEY}'].join('');
    expect(parseConfig(`ibm: { accounts: [{ id: a, apiKey: "${reference}" }] }`, 'f').ibm?.accounts[0]?.apiKey).toBe(
      reference,
    );
  });
});

describe('what is wrong is told with file, line and key', () => {
  test('and once, however many rules it breaks', () => {
    const yaml = 'aws: {}\nexceptions: [{ control: coverage, resource: x, owner: me, reason: r, expires: 2027-13-01 }]';
    expect(() => parseConfig(yaml, 'ringfence.yaml')).toThrow(
      /^ringfence\.yaml:2: exceptions\[0\]\.expires: expected a date such as 2027-03-31, found "2027-13-01"$/,
    );
  });

  test.each([
    ['an unknown key', 'profil: closed', 'ringfence.yaml:1: profil: unknown key, did you mean profile?'],
    [
      'an unknown key further down',
      'aws:\n  region: all',
      'ringfence.yaml:2: aws.region: unknown key, did you mean regions?',
    ],
    [
      'a cluster by name alone',
      'kubernetes:\n  clusters:\n    - name: a',
      'ringfence.yaml:3: kubernetes.clusters[0]: expected name with server (and token, ca), or name with context, found name',
    ],
    [
      'a cluster by two ways at once',
      'kubernetes:\n  clusters:\n    - { name: a, context: a, server: "https://10.0.0.1" }',
      'ringfence.yaml:3: kubernetes.clusters[0]: expected name with server (and token, ca), or name with context, found name, context, server',
    ],
    [
      'a release that YAML reads as a number',
      'kubespray:\n  inventories:\n    - { name: a, inventory: i, version: 2.31 }',
      'ringfence.yaml:3: kubespray.inventories[0].version: expected a release in quotes, such as "v2.31.0", found 2.31',
    ],
    [
      'an account id without quotes',
      'aws:\n  accounts:\n    - 1111',
      'ringfence.yaml:3: aws.accounts[0]: expected a 12-digit account id in quotes, found 1111',
    ],
    [
      'an account id with a leading zero and without quotes',
      'aws:\n  accounts: [012345678901]',
      'ringfence.yaml:2: aws.accounts[0]: expected a 12-digit account id in quotes, found 12345678901',
    ],
    [
      'a profile that does not exist',
      'profile: open',
      'ringfence.yaml:1: profile: expected closed or private, found "open"',
    ],
    [
      'http to a host that is not this machine',
      'azure:\n  tenants: [{ id: t }]\n  endpoint: http://example.com',
      'ringfence.yaml:3: azure.endpoint: expected an https:// address (http:// on loopback only), found "http://example.com"',
    ],
    [
      'a control that does not exist',
      'controls:\n  eks-endpoint-pubic: { enabled: false }',
      'ringfence.yaml:2: controls.eks-endpoint-pubic: no such control, did you mean eks-endpoint-public?',
    ],
    [
      'a control like no other',
      'controls:\n  lamp: { enabled: false }',
      'ringfence.yaml:2: controls.lamp: no such control (ringfence controls lists them)',
    ],
    [
      'a parameter that the control does not have',
      'controls:\n  eks-endpoint-public:\n    ranges: []',
      'ringfence.yaml:3: controls.eks-endpoint-public.ranges: unknown parameter of eks-endpoint-public',
    ],
    [
      'a parameter of another type',
      'controls:\n  eks-endpoint-public:\n    acceptRanges: 10.0.0.0/8',
      'ringfence.yaml:3: controls.eks-endpoint-public.acceptRanges: expected a list, found text',
    ],
    [
      'an exception for no control',
      'exceptions:\n  - { control: nope, resource: r, owner: o, reason: x, expires: 2027-01-01 }',
      'ringfence.yaml:2: exceptions[0].control: nope: no such control (ringfence controls lists them)',
    ],
    [
      'a word that centralEgress does not know',
      'aws:\n  centralEgress: firewall',
      'ringfence.yaml:2: aws.centralEgress: expected none, proxy, inspection, or a mapping from ids to them, found "firewall"',
    ],
    [
      'one of them under an id',
      'aws:\n  centralEgress:\n    vpc-1: firewall',
      'ringfence.yaml:3: aws.centralEgress.vpc-1: expected none, proxy, inspection, found "firewall"',
    ],
    [
      'an account id that YAML took for a number',
      'aws:\n  centralEgress:\n    012345678901: proxy',
      'ringfence.yaml:3: aws.centralEgress.12345678901: expected an account id (12 digits, in quotes), a VPC id, the ARN or the name of a cluster, or all, found "12345678901"',
    ],
    [
      'a declaration for an account that is not scanned',
      'aws:\n  accounts: ["111111111111"]\n  centralEgress:\n    "222222222222": proxy',
      'ringfence.yaml:4: aws.centralEgress.222222222222: matches nothing: account 222222222222 is not scanned (aws.accounts lists those that are)',
    ],
    [
      'and for a cluster of one',
      'aws:\n  accounts: ["111111111111"]\n  centralEgress:\n    arn:aws:eks:eu-west-1:222222222222:cluster/a: proxy',
      'ringfence.yaml:4: aws.centralEgress.arn:aws:eks:eu-west-1:222222222222:cluster/a: matches nothing: account 222222222222 is not scanned (aws.accounts lists those that are)',
    ],
    [
      'the same id in two spellings',
      'azure:\n  tenants: [{ id: t }]\n  centralEgress:\n    ABCDEF01-0000-4000-8000-000000000001: proxy\n    abcdef01-0000-4000-8000-000000000001: none',
      'ringfence.yaml:5: azure.centralEgress.abcdef01-0000-4000-8000-000000000001: is there already',
    ],
    [
      'a text parameter that is none of its words: it would count as any other',
      'controls:\n  eks-node-egress: { centralEgress: firewall }',
      'ringfence.yaml:2: controls.eks-node-egress.centralEgress: expected one of none, proxy, inspection, found "firewall"',
    ],
    [
      'a range that is none',
      'controls:\n  eks-endpoint-public:\n    acceptRanges: [10.0.0.0/8, 10.0.0.0/33]',
      'ringfence.yaml:3: controls.eks-endpoint-public.acceptRanges: expected ranges such as 10.0.0.0/8, found "10.0.0.0/33"',
    ],
    [
      'a range where an address is expected',
      'controls: { eks-vpc-dns: { resolvers: [10.0.0.0/8] } }',
      'ringfence.yaml:1: controls.eks-vpc-dns.resolvers: expected addresses such as 10.0.0.2, found "10.0.0.0/8"',
    ],
    [
      'a list of numbers where texts are expected',
      'controls: { eks-connected-networks: { ranges: [1] } }',
      'ringfence.yaml:1: controls.eks-connected-networks.ranges: expected a list of texts, found a number in it',
    ],
    [
      'a number below its bounds',
      'controls: { eks-pod-capacity: { podsPerNode: -1 } }',
      'ringfence.yaml:1: controls.eks-pod-capacity.podsPerNode: expected a whole number of at least 0, found -1',
    ],
    [
      'a number above its bounds',
      'controls: { aks-api-authorized-ranges: { widestPrefix: 33 } }',
      'ringfence.yaml:1: controls.aks-api-authorized-ranges.widestPrefix: expected a whole number from 1 to 32, found 33',
    ],
    [
      'a control without settings',
      'controls:\n  eks-pod-capacity:\n',
      'ringfence.yaml:2: controls.eks-pod-capacity: expected a mapping of keys, found nothing',
    ],
    ['a section without keys', 'aws:\n', 'ringfence.yaml:1: aws: expected a mapping of keys, found nothing'],
    [
      'a section of another kind',
      'aws: all',
      'ringfence.yaml:1: aws: expected a mapping of keys, found text of 3 characters',
    ],
    [
      'a key that is missing',
      'exceptions:\n  - { control: coverage, resource: r, reason: x, expires: 2027-01-01 }',
      'ringfence.yaml:2: exceptions[0].owner: is missing: expected text',
    ],
    [
      'a day that no calendar has',
      'exceptions:\n  - { control: coverage, resource: r, owner: o, reason: x, expires: 2027-02-30 }',
      'ringfence.yaml:2: exceptions[0].expires: expected a date such as 2027-03-31, found "2027-02-30"',
    ],
    [
      'a reference of an unknown kind: its text would be sent as the key',
      'ibm: { accounts: [{ id: a, apiKey: "$\u007benv_KEY}" }] }',
      'ringfence.yaml:1: ibm.accounts[0].apiKey: expected $\u007benv:NAME}, $\u007bsecret:arn}, $\u007bsecret:arn#key} or plain text, found text of 10 characters',
    ],
    [
      'an account twice',
      'aws: { accounts: ["111111111111", "111111111111"] }',
      'ringfence.yaml:1: aws.accounts[1]: 111111111111 is there already',
    ],
    [
      'an empty list of tenants',
      'azure: { tenants: [] }',
      'ringfence.yaml:1: azure.tenants: expected at least one tenant, found an empty list',
    ],
    ['a list at the top', '- a\n- b', 'ringfence.yaml:1: the file: expected a mapping of keys, found a list'],
    ['plain text', 'hello', 'ringfence.yaml:1: the file: expected a mapping of keys, found plain text'],
    [
      'a second document',
      'aws: {}\n---\nazure: {}',
      'ringfence.yaml:2: a second document begins here (---): expected one',
    ],
    [
      'a key that stands twice',
      'aws:\n  regions: all\n  regions: all',
      'ringfence.yaml:3: aws.regions: the key stands twice',
    ],
    [
      'a key that stands twice in a list',
      'ibm: { accounts: [{ id: a, apiKey: x, id: b }] }',
      'ringfence.yaml:1: ibm.accounts[0].id: the key stands twice',
    ],
    ['a tag that nobody knows', 'profile: !secret closed', 'ringfence.yaml:1: Unresolved tag: !secret'],
    ['tabs', 'aws:\n\tregions: all', 'ringfence.yaml:2: Tabs are not allowed as indentation'],
  ])('%s', (_case, text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });

  test('keys may be shared by anchor and merge', () => {
    const text =
      'controls:\n  eks-pod-capacity: &off { enabled: false }\n  eks-node-proxy: { <<: *off, severity: LOW }';
    expect(parseConfig(text, 'f').controls).toEqual({
      'eks-pod-capacity': { enabled: false },
      'eks-node-proxy': { enabled: false, severity: 'LOW' },
    });
  });

  test('a byte order mark and Windows line ends change nothing', () => {
    expect(problems('\uFEFFaws:\r\n  regoins: all\r\n')).toEqual([
      'ringfence.yaml:2: aws.regoins: unknown key, did you mean regions?',
    ]);
  });

  test('from top to bottom, whoever found them', () => {
    const found = problems('aws:\n  accounts: ["1"]\nnope: 1\nprofile: open');
    expect(found.map((problem) => problem.split(':')[1])).toEqual(['2', '3', '4']);
  });

  test('all faults at once, not only the first', () => {
    const found = problems('profil: closed\naws:\n  accounts: [1, 2]\nalerts:\n  minimumSeverity: high');
    expect(found).toHaveLength(4);
    expect(found.join('\n')).toMatch(/ringfence.yaml:5: alerts.minimumSeverity/);
  });

  test('faults of YAML itself: each once, from top to bottom', () => {
    const found = problems('aws: [\nfoo: : bar\n  x: 1\na: 1\na: 2\n');
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found).size).toBe(found.length);
    const lines = found.map((problem) => Number(problem.split(':')[1]));
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    for (const problem of found) expect(problem).toMatch(/^ringfence\.yaml:\d+: [^\n]+$/);
  });

  test('long values are not repeated: a secret may stand in the wrong place', () => {
    const secret = 'AKIAABCDEFGHIJKLMNOPQRSTUVWXYZ';
    const found = problems(`profile: ${secret}\naws: { accounts: ["${secret}"] }`);
    expect(found).toHaveLength(2);
    expect(found.join('\n')).not.toContain(secret);
  });
});

describe('the line of a key', () => {
  const text = 'profile: closed\nibm:\n  accounts:\n    - id: a\n      apiKey: x\n    - id: b\n      apiKey: y\n';
  test.each([
    ['profile', 1],
    ['ibm.accounts[0].apiKey', 5],
    ['ibm.accounts[1].apiKey', 7],
    ['ibm.accounts[1].profileId', 6],
    ['azure.tenants', 1],
  ])('%s is on line %i', (key, line) => {
    expect(lineOfKey(text, key)).toBe(line);
  });
});

describe('a file that means harm, or holds a secret in the wrong place', () => {
  const SECRET = 'hunter2secret';
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]']
    .concat(
      Array.from({ length: 8 }, (_, index) => {
        const name = (at: number) => String.fromCharCode(97 + at);
        return `${name(index + 1)}: &${name(index + 1)} [${Array(9)
          .fill(`*${name(index)}`)
          .join(', ')}]`;
      }),
    )
    .join('\n');

  test('aliases that multiply are refused as a fault of the file', () => {
    expect(problems(bomb)).toEqual([expect.stringMatching(/^ringfence\.yaml:\d+: .*alias/i)]);
  });

  test.each([
    ['as an alias', `ibm:\n  accounts:\n    - { id: a, apiKey: *${SECRET} }`, 3],
    ['glued to its key', `ibm:\n  accounts:\n    - { id: a, apiKey:${SECRET} }`, 3],
    ['as a webhook without an address', `alerts:\n  slack:\n    - webhook: ${SECRET}`, 3],
    ['as a short address', `alerts:\n  slack:\n    - webhook: "http://${SECRET}"`, 3],
    ['as a credential', `azure:\n  tenants:\n    - { id: t, credential: ${SECRET} }`, 3],
    ['as a list of accounts', `ibm:\n  accounts: ${SECRET}`, 2],
  ])('%s it is not repeated', (_case, yaml, line) => {
    const told = problems(yaml);
    expect(told.length).toBeGreaterThan(0);
    expect(told.join('\n')).toContain(`ringfence.yaml:${line}: `);
    expect(told.join('\n')).not.toContain(SECRET);
  });

  test.each([
    ['an API key', 'ibm: { accounts: [{ id: a, apiKey: 8675309 }] }'],
    ['an external id', 'aws: { externalId: 8675309 }'],
  ])('%s of digits is not repeated', (_case, yaml) => {
    const told = problems(yaml).join('\n');
    expect(told).toContain('expected text, found a number');
    expect(told).not.toContain('8675309');
  });

  test('a key cannot steer the terminal', () => {
    expect(problems('"\\e[2Jfoo": 1').join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('names that stand for one thing', () => {
  test.each([
    [
      'clusters',
      'kubernetes: { clusters: [{ name: a, context: x }, { name: a, context: y }] }',
      'kubernetes.clusters[1].name',
    ],
    [
      'inventories',
      'kubespray: { inventories: [{ name: a, inventory: x }, { name: a, inventory: y }] }',
      'kubespray.inventories[1].name',
    ],
    ['accounts', 'ibm: { accounts: [{ id: a, apiKey: x }, { id: a, apiKey: y }] }', 'ibm.accounts[1].id'],
    ['tenants, in any case', 'azure: { tenants: [{ id: ab }, { id: AB }] }', 'azure.tenants[1].id'],
    [
      'channels',
      'alerts: { slack: [{ name: a, webhook: "https://x/1" }, { name: a, webhook: "https://x/2" }] }',
      'alerts.slack[1].name',
    ],
    [
      'a channel with the name that another gets by its place',
      'alerts: { slack: [{ webhook: "https://x/1" }, { name: slack-1, webhook: "https://x/2" }] }',
      'alerts.slack[1].name',
    ],
  ])('two %s of one name are refused: one would never be read or told', (_case, yaml, key) => {
    expect(problems(yaml)).toEqual([
      expect.stringMatching(`^ringfence.yaml:1: ${key.replaceAll(/[[\\].]/g, '\\$&')}: .* is there already`),
    ]);
  });
});
