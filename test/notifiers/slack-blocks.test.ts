import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestOf, groupAlerts } from '#domain/alert.ts';
import type { Change } from '#domain/change.ts';
import { printable } from '#domain/printable.ts';
import { toSlack } from '#notifiers/slack-blocks.ts';
import { finding, TARGET } from '../app/builders.ts';

function change(id: string, kind: Change['kind'], message = 'the API answers the whole internet'): Change {
  const to = kind === 'closed' ? 'PASS' : 'FAIL';
  const at = '2026-11-01T00:00:00.000Z';
  const common = { at, runId: 'run-1', severity: 'HIGH', reason: 'public-open', announced: true } as const;
  return { id, kind, from: null, to, message, ...common };
}

test('a message reads from the grave to the closed, each with its control, proof and remedy', () => {
  const [alert] = groupAlerts(TARGET, 'run-1', [
    {
      finding: finding({ control: 'eks-vpc-dns', title: 'DNS works in the VPC' }),
      change: change('b', 'closed', 'shop is not there any more'),
    },
    { finding: finding(), change: change('a', 'opened') },
  ]);
  if (alert === undefined) throw new Error('announced changes make a message');
  const message = toSlack({ channel: 'c', id: alert.id, kind: 'alert', alert }, 'https://ringfence.example');
  expect(message.text).toBe('HIGH: shop: 1 failed, 1 fixed');
  expect(
    message.blocks.map((block) =>
      'text' in block ? block.text.text : 'elements' in block ? block.elements[0]?.text : '',
    ),
  ).toEqual([
    'shop: 1 failed, 1 fixed',
    'AWS · account 111111111111 · eu-central-1 · aws.eks.cluster',
    [
      ':large_orange_circle: *HIGH failed* · `eks-endpoint-public`',
      'the API answers the whole internet',
      '> endpointPublicAccess is true',
      '_Fix:_ Switch the public endpoint off.',
    ].join('\n'),
    ':white_check_mark: *fixed* · `eks-vpc-dns`\nDNS works in the VPC\nshop is not there any more',
    '<https://ringfence.example/v1/findings?cluster=arn%3Aaws%3Aeks%3Aeu-central-1%3A111111111111%3Acluster%2Fshop|findings> · run run-1',
  ]);
});

test.each([
  ['opened', 'HIGH: shop: coverage lost', '*HIGH lost* · `coverage`'],
  ['closed', 'shop: coverage regained', '*regained* · `coverage`'],
] as const)('coverage that %s is said in words of coverage: a network is not closed by it', (kind, text, entry) => {
  const [alert] = groupAlerts(TARGET, 'run-1', [
    { finding: finding({ control: 'coverage' }), change: change('a', kind) },
  ]);
  if (alert === undefined) throw new Error('announced changes make a message');
  const message = toSlack({ channel: 'c', id: alert.id, kind: 'alert', alert }, undefined);
  expect(message.text).toBe(text);
  expect(JSON.stringify(message.blocks)).toContain(entry);
});

test('what only looks like a link, a channel or a mention is not made one', () => {
  const [alert] = groupAlerts(TARGET, 'run-1', [
    {
      finding: finding({ cluster: '@channel', remediation: 'log in at https://evil.example' }),
      change: change('a', 'opened', '@here https://evil.example #general'),
    },
  ]);
  if (alert === undefined) throw new Error('announced changes make a message');
  const texts = [
    toSlack({ channel: 'c', id: alert.id, kind: 'alert', alert }, undefined),
    toSlack({ channel: 'c', id: 'd', kind: 'digest', digest: digestOf('run-1', [alert]) }, undefined),
  ].flatMap(({ blocks }) =>
    blocks.flatMap((block) => ('text' in block ? [block.text] : 'elements' in block ? block.elements : [])),
  );
  const formatted = texts.filter(({ type }) => type === 'mrkdwn');
  expect(formatted.length).toBeGreaterThan(4);
  // Slack: "verbatim" keeps it from turning addresses, names of channels and mentions in plain text into links.
  for (const text of formatted) expect(text).toMatchObject({ verbatim: true });
});

test('names and messages of a provider stay text: no mention, no link, within the limits of Slack', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ maxLength: 60 }).map((text) => `<!channel>${text}`),
      fc.string({ maxLength: 5_000 }),
      fc.integer({ min: 1, max: 60 }),
      fc.boolean(),
      async (name, text, count, asDigest) => {
        const changed = Array.from({ length: count }, (_, index) => ({
          finding: finding({ control: `control-${index}`, cluster: name, remediation: `<!here> & ${text}` }),
          change: change(`id-${index}`, 'opened', `<@U1> ${text}`),
        }));
        const alerts = groupAlerts(TARGET, 'run-1', changed);
        const [alert] = alerts;
        if (alert === undefined) throw new Error('announced changes make a message');
        const message = asDigest
          ? toSlack({ channel: 'c', id: 'd', kind: 'digest', digest: digestOf('run-1', alerts) }, undefined)
          : toSlack({ channel: 'c', id: alert.id, kind: 'alert', alert }, undefined);
        expect(message.blocks.length).toBeLessThanOrEqual(50);
        expect(message.text).not.toContain('<!');
        for (const block of message.blocks) {
          if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
          if (block.type === 'section') {
            expect(block.text.text.length).toBeLessThanOrEqual(3_000);
            expect(block.text.text).not.toMatch(/<[!@#]/);
          }
          if (block.type === 'context') for (const { text: part } of block.elements) expect(part).not.toMatch(/<[!@#]/);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a text that is cut inside a character stays valid text, which Slack would refuse otherwise', () => {
  for (const [name, message] of [
    [`a${'\u{1f600}'.repeat(100)}`, `a${'\u{1f600}'.repeat(2_000)}`],
    ['\u{1f600}'.repeat(100), '\u{1f600}'.repeat(2_000)],
  ] as const) {
    const [alert] = groupAlerts(TARGET, 'run-1', [
      { finding: finding({ cluster: name }), change: change('a', 'opened', message) },
    ]);
    if (alert === undefined) throw new Error('announced changes make a message');
    const sent = [
      toSlack({ channel: 'c', id: alert.id, kind: 'alert', alert }, undefined),
      toSlack({ channel: 'c', id: 'd', kind: 'digest', digest: digestOf('run-1', [alert]) }, undefined),
    ];
    for (const { blocks } of sent)
      for (const block of blocks) if ('text' in block) expect(block.text.text.isWellFormed()).toBe(true);
  }
});

test('what was closed makes nothing sound worse than it is', () => {
  const [alert] = groupAlerts(TARGET, 'run-1', [
    { finding: finding({ control: 'eks-node-egress' }), change: { ...change('a', 'closed'), severity: 'CRITICAL' } },
    { finding: finding(), change: { ...change('b', 'opened'), severity: 'LOW' } },
  ]);
  if (alert === undefined) throw new Error('announced changes make a message');
  // Whoever heard of the grave one opening hears of its end.
  expect(alert.severity).toBe('CRITICAL');
  expect(toSlack({ channel: 'c', id: 'a', kind: 'alert', alert }, undefined).text).toBe('LOW: shop: 1 failed, 1 fixed');
  const digest = digestOf('run-1', [alert]);
  expect(digest.worst.map(({ severity, opened }) => [severity, opened])).toEqual([['LOW', 1]]);
});

test('no text of a provider breaks a line, turns the reading order, or grows beyond what Slack takes', () => {
  const hostile = `\u202e\u2028\r\n\u0007${'x'.repeat(10_000)}`;
  const made = finding({ remediation: hostile });
  const resource = {
    ...made.resource,
    name: hostile,
    region: hostile,
    account: hostile,
    uid: `arn:${'%'.repeat(5_000)}`,
  };
  const [alert] = groupAlerts(TARGET, 'run-1', [
    { finding: { ...made, resource }, change: change('a', 'opened', hostile) },
  ]);
  if (alert === undefined) throw new Error('announced changes make a message');
  for (const { text, blocks } of [
    toSlack({ channel: 'c', id: 'a', kind: 'alert', alert }, 'https://ringfence.example'),
    toSlack({ channel: 'c', id: 'd', kind: 'digest', digest: digestOf('run-1', [alert]) }, 'https://ringfence.example'),
  ]) {
    expect(text.length).toBeLessThanOrEqual(300);
    const texts = blocks.flatMap((block) =>
      'text' in block ? [block.text.text] : 'elements' in block ? block.elements.map((element) => element.text) : [],
    );
    for (const part of [text, ...texts]) {
      expect(part.length).toBeLessThanOrEqual(3_000);
      expect(printable(part.replaceAll('\n', ' '))).toBe(part.replaceAll('\n', ' '));
    }
  }
});

test.each([
  ['plain', 'x'],
  ['three bytes each', '漢'],
  ['four bytes each', '\u{1f600}'],
  ['six bytes each in JSON', '\u0007'],
])('a message of 100 findings whose texts are %s fits into a topic', (_case, character) => {
  const long = character.repeat(5_000);
  const [alert] = groupAlerts(
    TARGET,
    'run-1',
    Array.from({ length: 100 }, (_, index) => ({
      finding: finding({ control: `control-${index}`, remediation: long, proof: [{ kind: 'fact', line: long }] }),
      change: change(`id-${index}`, 'opened', long),
    })),
  );
  expect(alert?.entries).toHaveLength(100);
  const bytes = Buffer.byteLength(JSON.stringify({ channel: 'c', id: 'a', kind: 'alert', alert }));
  expect(bytes).toBeLessThan(240_000);
  expect(bytes).toBeGreaterThan(60_000);
  for (const { message } of alert?.entries ?? []) expect(message.isWellFormed()).toBe(true);
});
