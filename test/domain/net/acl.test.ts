import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AclRule, type AclSide, connection, decide, type PortRange } from '#domain/net/acl.ts';
import { parseRange } from '#domain/net/cidr.ts';

const range = (text: string) => {
  const parsed = parseRange(text);
  if (parsed === undefined) throw new Error(`${text} is not a range`);
  return parsed;
};

const rule = (number: number, action: string, block: string, change: Partial<AclRule> = {}): AclRule => ({
  number,
  action,
  protocol: '-1',
  block,
  ports: undefined,
  ...change,
});

const outcomes = (rules: readonly AclRule[], block: string, ports: PortRange = { from: 443, to: 443 }) => [
  ...new Set(
    decide(rules, { protocol: 6, addresses: [range(block)], ports }).map(
      ({ outcome, rule: by }) => `${outcome} ${by?.number ?? '*'}`,
    ),
  ),
];

describe('which rule decides', () => {
  test.each<[string, readonly AclRule[], readonly string[]]>([
    ['no rule: the default denies', [], ['deny *']],
    [
      'the lowest number decides, whatever the order of the list',
      [rule(200, 'deny', '0.0.0.0/0'), rule(100, 'allow', '10.0.0.0/16')],
      ['allow 100'],
    ],
    ['a deny before an allow', [rule(90, 'deny', '10.0.0.0/8'), rule(100, 'allow', '0.0.0.0/0')], ['deny 90']],
    [
      'a rule for a part of the addresses leaves the rest to the next',
      [rule(90, 'deny', '10.0.1.0/25'), rule(100, 'allow', '0.0.0.0/0')],
      ['deny 90', 'allow 100'],
    ],
    [
      'UDP says nothing of TCP',
      [rule(100, 'allow', '0.0.0.0/0', { protocol: '17', ports: { from: 443, to: 443 } })],
      ['deny *'],
    ],
    [
      'another port says nothing of 443',
      [rule(100, 'allow', '0.0.0.0/0', { protocol: '6', ports: { from: 80, to: 442 } })],
      ['deny *'],
    ],
    [
      'every protocol means every port, whatever ports the rule names',
      [rule(100, 'allow', '0.0.0.0/0', { ports: { from: 80, to: 80 } })],
      ['allow 100'],
    ],
    ['an IPv6 rule says nothing of IPv4', [rule(100, 'allow', '::/0')], ['deny *']],
    ['TCP without ports cannot be read', [rule(100, 'allow', '0.0.0.0/0', { protocol: '6' })], ['unreadable 100']],
    ['an action that nobody documented', [rule(100, 'maybe', '0.0.0.0/0')], ['unreadable 100']],
    [
      'a block that cannot be read may be about anything',
      [rule(100, 'allow', 'all'), rule(110, 'allow', '0.0.0.0/0')],
      ['unreadable 100'],
    ],
    [
      'a protocol by name, and one that is not one',
      [
        rule(100, 'allow', '10.0.1.0/25', { protocol: 'tcp', ports: { from: 1, to: 500 } }),
        rule(110, 'deny', '0.0.0.0/0', { protocol: 'TLS' }),
      ],
      ['allow 100', 'unreadable 110'],
    ],
  ])('%s', (_name, rules, expected) => {
    expect(outcomes(rules, '10.0.1.0/24')).toEqual(expected);
  });

  test('a part of the ports is left to the next rule', () => {
    const rules = [
      rule(100, 'allow', '0.0.0.0/0', { protocol: '6', ports: { from: 1024, to: 40_000 } }),
      rule(110, 'deny', '0.0.0.0/0', { protocol: '6', ports: { from: 50_000, to: 50_000 } }),
    ];
    expect(outcomes(rules, '10.0.1.0/24', { from: 32_768, to: 60_999 })).toEqual(['allow 100', 'deny 110', 'deny *']);
  });
});

/** One packet against one list, as the documentation says it: by number, first match, else denied. */
function bruteForce(rules: readonly AclRule[], address: bigint, port: number): boolean {
  for (const { action, protocol, block, ports } of [...rules].sort((a, b) => a.number - b.number)) {
    const { first, last } = range(block);
    if (protocol !== '-1' && protocol !== '6') continue;
    if (protocol === '6' && ports !== undefined && (port < ports.from || port > ports.to)) continue;
    if (address >= first && address <= last) return action === 'allow';
  }
  return false;
}

const SUBNETS = ['10.0.0.0/29', '10.0.0.8/29'] as const;
const SERVER = { from: 443, to: 444 };
const CLIENT = { from: 1000, to: 1007 };

const addressesOf = (block: string) => {
  const { first, last } = range(block);
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index));
};
const portsOf = ({ from, to }: PortRange) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

const blocks = fc.oneof(
  fc.constantFrom('0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '10.0.0.0/8', '10.0.0.0/28', ...SUBNETS),
  fc
    .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 29, max: 32 }))
    .map(([host, length]) => `10.0.0.${host}/${length}`),
);
const ports = fc.oneof(
  fc.constantFrom(
    { from: 0, to: 65_535 },
    { from: 443, to: 443 },
    { from: 1000, to: 1007 },
    { from: 1004, to: 65_535 },
  ),
  fc
    .tuple(fc.integer({ min: 440, max: 1010 }), fc.integer({ min: 0, max: 600 }))
    .map(([from, more]) => ({ from, to: from + more })),
);
const someRule = fc.record({
  action: fc.constantFrom('allow', 'allow', 'deny'),
  protocol: fc.constantFrom('-1', '6', '6', '17', '1'),
  block: blocks,
  ports,
});
const someRules = fc
  .tuple(fc.array(someRule, { maxLength: 8 }), fc.integer({ min: 1, max: 1000 }))
  // Distinct numbers in no particular order.
  .map(([list, step]) =>
    list.map((entry, index): AclRule => ({ ...entry, number: ((index * 7919 + step) % 32_766) + 1 })),
  );
const side = (block: string) =>
  fc
    .record({ inbound: someRules, outbound: someRules })
    .map((rules): AclSide => ({ id: block, blocks: [block], ...rules }));

describe('against a brute-force evaluator', () => {
  test('300 random pairs of ACLs: the same packets pass, by the same leg', () => {
    const seen = { open: 0, shut: 0, mixed: 0 };
    fc.assert(
      fc.property(side(SUBNETS[0]), side(SUBNETS[1]), (client, server) => {
        const hops = connection(client, server, { server: SERVER, client: CLIENT }) ?? [];
        const expected = [
          [client.outbound, server.blocks[0], SERVER],
          [server.inbound, client.blocks[0], SERVER],
          [server.outbound, client.blocks[0], CLIENT],
          [client.inbound, server.blocks[0], CLIENT],
        ] as const;
        expect(hops.map(({ acl, direction, leg }) => `${acl} ${direction} ${leg}`)).toEqual([
          `${client.id} outbound request`,
          `${server.id} inbound request`,
          `${server.id} outbound answer`,
          `${client.id} inbound answer`,
        ]);
        for (const [index, [rules, block = '', to]] of expected.entries()) {
          const parts = hops[index]?.parts ?? [];
          const packets = addressesOf(block).flatMap((address) => portsOf(to).map((port) => ({ address, port })));
          for (const { address, port } of packets) {
            const holding = parts.filter(
              (part) =>
                part.addresses.first <= address &&
                address <= part.addresses.last &&
                part.ports.from <= port &&
                port <= part.ports.to,
            );
            // Every packet is in one part, and in one only.
            expect(holding).toHaveLength(1);
            expect(holding[0]?.outcome === 'allow').toBe(bruteForce(rules, address, port));
          }
          const kinds = new Set(parts.map(({ outcome }) => outcome));
          seen[kinds.size > 1 ? 'mixed' : kinds.has('allow') ? 'open' : 'shut'] += 1;
        }
      }),
      { numRuns: 300 },
    );
    // The rules drawn are of every kind, or the comparison would say little.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(30);
  });
});

test('a subnet whose block cannot be read is not decided', () => {
  const open: AclSide = {
    id: 'acl-1',
    blocks: ['10.0.0.0/24'],
    inbound: [rule(100, 'allow', '0.0.0.0/0')],
    outbound: [rule(100, 'allow', '0.0.0.0/0')],
  };
  expect(connection({ ...open, blocks: ['ten'] }, open, { server: SERVER, client: CLIENT })).toBeUndefined();
});
