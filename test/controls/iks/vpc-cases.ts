import { ABSENT, given, unavailable } from '#domain/collected.ts';
import type { IksEvidence } from '#domain/evidence/ibm.ts';
import {
  balancer,
  collectedRoutes,
  denied,
  evidence,
  group,
  onVpc,
  onVpcWith,
  PROTECTED,
  route,
  subnet,
} from './builders.ts';

type Case = readonly [control: string, name: string, subject: IksEvidence, expected: `${string} ${string}`];

const gateway = subnet({ gateway: { attached: 'yes', id: 'pgw-1' } });
const routed = (...changes: readonly Parameters<typeof route>[0][]) =>
  subnet({ routes: collectedRoutes(changes.map((change) => route(change))) });
const floating = { held: 'yes', address: '203.0.113.9' } as const;
const perhaps = (ranges: readonly string[]) =>
  group(ranges, { id: 'sg2', name: 'four-random-words', workers: 'perhaps' });
/** A way that nothing holds back, so that the route alone decides. */
const open = [group(['0.0.0.0/0'])];

const PROTECTION: readonly Case[] = [
  ['a gateway, and groups that let out to private and IBM’s own addresses only', [group(PROTECTED)], 'PASS holds'],
  ['single public addresses beside them', [group([...PROTECTED, '203.0.113.7', '198.51.100.4/32'])], 'PASS holds'],
  ['a group that lets out nothing', [group([])], 'PASS holds'],
  ['a range of public addresses beside them', [group([...PROTECTED, '198.51.100.0/24'])], 'FAIL public-gateway'],
  ['the world in two halves', [group(['0.0.0.0/1', '128.0.0.0/1'])], 'FAIL public-gateway'],
  ['a range that is wider than IBM’s own network', [group(['166.0.0.0/8'])], 'FAIL public-gateway'],
  [
    'a second group of the workers that lets out',
    [group(PROTECTED), group(['0.0.0.0/0'], { id: 'sg2', name: 'ours' })],
    'FAIL public-gateway',
  ],
  ['a second group that may be theirs', [group(PROTECTED), perhaps(['0.0.0.0/0'])], 'UNKNOWN undecidable'],
  ['a second group that may be theirs and lets nothing out', [group(PROTECTED), perhaps(PROTECTED)], 'PASS holds'],
  ['groups that may be theirs, and each lets out', [perhaps(['0.0.0.0/0'])], 'FAIL public-gateway'],
  [
    'groups that may be theirs, and one lets out',
    [perhaps(['0.0.0.0/0']), { ...perhaps(PROTECTED), id: 'sg3' }],
    'UNKNOWN undecidable',
  ],
  ['no group at all', [], 'FAIL public-gateway'],
  ['a group whose rules were not read', [group([], { outbound: denied('vpc:listSecurityGroups') })], 'UNKNOWN denied'],
  ['a rule for something that is not a range', [group(['everywhere'])], 'UNKNOWN unrecognised-value'],
].map(([name, groups, expected]) => [
  'iks-node-egress',
  `protection: ${name as string}`,
  onVpcWith({ subnets: [gateway], groups: groups as (typeof open)[number][] }),
  expected as Case[3],
]);

const ROUTES: readonly Case[] = [
  ['a default route to an appliance', routed({}), 'UNKNOWN undecidable'],
  [
    'a default route in two halves',
    routed({ destination: given('0.0.0.0/1') }, { destination: given('128.0.0.0/1') }),
    'UNKNOWN undecidable',
  ],
  ['a default route to a VPN connection', routed({ hop: { kind: 'connection', id: 'vpn-1' } }), 'UNKNOWN undecidable'],
  ['a route to one public range', routed({ destination: given('198.51.100.0/24') }), 'UNKNOWN undecidable'],
  [
    'the appliance has a floating address',
    routed({ hop: { kind: 'address', address: '10.240.64.4', floating } }),
    'FAIL floating-address',
  ],
  [
    'whether the appliance has a floating address was not read',
    routed({
      hop: {
        kind: 'address',
        address: '10.240.64.4',
        floating: { held: 'unread', reason: 'denied', message: 'HTTP 403' },
      },
    }),
    'UNKNOWN undecidable',
  ],
  ['a route of another zone', routed({ zone: { told: 'yes', value: 'jp-tok-2' } }), 'PASS holds'],
  ['a route that does not report its zone', routed({ zone: { told: 'no' } }), 'UNKNOWN undecidable'],
  ['a route to a private range', routed({ destination: given('10.0.0.0/8') }), 'PASS holds'],
  ['a route to IBM’s own network', routed({ destination: given('166.8.0.0/14') }), 'PASS holds'],
  ['a default route that drops', routed({ action: given('drop'), hop: { kind: 'none' } }), 'PASS holds'],
  [
    'a default route that is hidden by one that drops, with a lower number',
    routed({}, { action: given('drop'), priority: given(1), hop: { kind: 'none' } }),
    'PASS holds',
  ],
  [
    'the same, without the numbers',
    routed({ priority: ABSENT }, { action: given('drop'), priority: ABSENT, hop: { kind: 'none' } }),
    'UNKNOWN undecidable',
  ],
  [
    'a default route that a dropped half leaves a half of',
    routed({}, { destination: given('0.0.0.0/1'), action: given('drop'), hop: { kind: 'none' } }),
    'UNKNOWN undecidable',
  ],
  ['an action of tomorrow', routed({ action: given('tunnel') }), 'UNKNOWN unrecognised-value'],
  ['no action', routed({ action: ABSENT }), 'UNKNOWN absent-field'],
  ['no destination', routed({ destination: ABSENT }), 'UNKNOWN absent-field'],
  ['a destination that is not a range', routed({ destination: given('internet') }), 'UNKNOWN unrecognised-value'],
  ['routes that were refused', subnet({ routes: denied('vpc:listRoutes') }), 'UNKNOWN denied'],
  [
    'a gateway behind a default route that drops',
    { ...routed({ action: given('drop'), hop: { kind: 'none' } }), gateway: gateway.gateway },
    'PASS holds',
  ],
  [
    'a gateway behind a default route that drops, and another number that is not reported',
    {
      ...routed(
        { action: given('delegate'), priority: given(3), hop: { kind: 'none' } },
        { action: given('drop'), priority: ABSENT, hop: { kind: 'none' } },
      ),
      gateway: gateway.gateway,
    },
    'UNKNOWN absent-field',
  ],
  [
    'a gateway beside a route whose destination is not reported',
    { ...routed({ destination: ABSENT, action: given('drop'), hop: { kind: 'none' } }), gateway: gateway.gateway },
    'UNKNOWN absent-field',
  ],
  [
    'a gateway behind a default route that delegates',
    { ...routed({ action: given('delegate'), hop: { kind: 'none' } }), gateway: gateway.gateway },
    'FAIL public-gateway',
  ],
  ['a gateway beside routes that were refused', { ...gateway, routes: denied('vpc:listRoutes') }, 'UNKNOWN denied'],
].map(([name, changed, expected]) => [
  'iks-node-egress',
  `routes: ${name as string}`,
  onVpcWith({ subnets: [changed as typeof gateway], groups: open }),
  expected as Case[3],
]);

const BALANCERS: readonly Case[] = [
  ['none', [], 'PASS holds'],
  ['public, by its name', [balancer()], 'FAIL public-load-balancer'],
  [
    'public, by its security group',
    [balancer({ name: 'shop', belongs: { by: 'security-group', group: 'kube-lbaas-c1' } })],
    'FAIL public-load-balancer',
  ],
  [
    'public, with a worker behind it',
    [balancer({ name: 'shop', belongs: { by: 'member', member: '10.240.0.4' } })],
    'FAIL public-load-balancer',
  ],
  ['private', [balancer({ isPublic: given(false) })], 'PASS holds'],
  ['one of two public', [balancer({ isPublic: given(false) }), balancer({ id: 'lb2' })], 'FAIL public-load-balancer'],
  ['not told whether public', [balancer({ isPublic: ABSENT })], 'UNKNOWN absent-field'],
  ['public in words', [balancer({ isPublic: { state: 'malformed', raw: '"true"' } })], 'UNKNOWN malformed-answer'],
  [
    'public, whose it is was not read',
    [balancer({ belongs: { by: 'unread', reason: 'denied', message: 'HTTP 403' } })],
    'UNKNOWN denied',
  ],
  [
    'whose it is was not read, beside a public one of the cluster',
    [balancer({ belongs: { by: 'unread', reason: 'denied', message: 'HTTP 403' } }), balancer({ id: 'lb2' })],
    'FAIL public-load-balancer',
  ],
].map(([name, balancers, expected]) => [
  'iks-ingress-private',
  `VPC balancer: ${name as string}`,
  onVpcWith({ balancers: balancers as ReturnType<typeof balancer>[] }),
  expected as Case[3],
]);

export const VPC_CASES: readonly Case[] = [
  ...PROTECTION,
  ...ROUTES,
  ...BALANCERS,
  [
    'iks-ingress-private',
    'VPC balancers refused',
    { ...onVpc('no'), vpcLoadBalancers: denied('vpc:listLoadBalancers') },
    'UNKNOWN denied',
  ],
  [
    'iks-ingress-private',
    'VPC balancers not asked',
    { ...onVpc('no'), vpcLoadBalancers: unavailable('not-scanned', 'x', 'vpc:listLoadBalancers') },
    'UNKNOWN not-scanned',
  ],
  [
    'iks-ingress-private',
    'in the list of VPC clusters, and classic by its record',
    { ...onVpc('no'), cluster: evidence().cluster },
    'UNKNOWN conflicting-fields',
  ],
  [
    'iks-node-egress',
    'security groups refused, with a gateway',
    { ...onVpc('yes'), securityGroups: denied('vpc:listSecurityGroups') },
    'UNKNOWN denied',
  ],
  [
    'iks-node-egress',
    'security groups refused, without a way out',
    { ...onVpc('no'), securityGroups: denied('vpc:listSecurityGroups') },
    'PASS holds',
  ],
];
