import { describe, expect, test } from 'vitest';
import { ConfigError, lineOfKey, parseConfig } from '#config/load.ts';

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
  test.each([
    ['an unknown key', 'profil: closed', 'ringfence.yaml:1: profil: unknown key, did you mean profile?'],
    [
      'an unknown key further down',
      'aws:\n  region: all',
      'ringfence.yaml:2: aws.region: unknown key, did you mean regions?',
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
      'ringfence.yaml:2: controls.eks-endpoint-pubic: no such control (ringfence controls lists them)',
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
      'ringfence.yaml:2: exceptions[0].control: no such control: nope',
    ],
  ])('%s', (_case, text, expected) => {
    expect(problems(text)).toEqual([expected]);
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

  test('a key that stands twice', () => {
    expect(problems('profile: closed\nprofile: private')).toEqual([
      expect.stringMatching(/^ringfence\.yaml:2: .*unique/),
    ]);
  });

  test('long values are not repeated: a secret may stand in the wrong place', () => {
    const secret = 'AKIAABCDEFGHIJKLMNOPQRSTUVWXYZ';
    const found = problems(`profile: ${secret}\naws: { accounts: ["${secret}"] }`);
    expect(found).toHaveLength(2);
    expect(found.join('\n')).not.toContain(secret);
  });

  test('a file that is no mapping', () => {
    expect(problems('- a\n- b')).toHaveLength(1);
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
