import { ABSENT, collected, given, unavailable } from '#domain/collected.ts';
import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { account, denied, evidence, onVpc, PRIVATE, PUBLIC, rule, subnet, worker } from './builders.ts';
import { CLASSIC_CASES } from './classic-cases.ts';
import { VPC_CASES } from './vpc-cases.ts';

/** Every rule of the cluster controls: what is different from a cluster that is closed in every respect, and what follows. */

type Case = readonly [control: string, name: string, subject: IksEvidence, expected: `${string} ${string}`];

const source = { api: 'x', at: '2026-11-01T00:00:00.000Z' };

function probe(
  connected: boolean,
  fresh: boolean,
  outside: 'connected' | 'silent',
  url?: string,
): IksEvidence['reachability'] {
  return {
    state: 'configured',
    inside: collected(
      {
        connected,
        at: '2026-11-01T00:00:00Z',
        fresh,
        address: url === undefined ? { told: 'no' } : { told: 'yes', url },
      },
      source,
    ),
    outside: collected(outside, source),
  };
}

const scope = (...attributes: readonly (readonly [name: string, value: string, operator?: string])[]) =>
  evidence({
    restrictions: collected(
      [
        rule({
          scopes: [attributes.map(([name, value, operator = 'stringEquals']) => ({ name, value, operator }))],
        }),
      ],
      source,
    ),
  });
const service = [
  ['accountId', 'acc'],
  ['serviceName', 'containers-kubernetes'],
] as const;
const RESTRICTION_CASES: readonly Case[] = [
  ['iks-context-restrictions', 'for all clusters of the account', scope(...service), 'PASS holds'],
  ['iks-context-restrictions', 'for this cluster', scope(...service, ['serviceInstance', 'c1']), 'PASS holds'],
  ['iks-context-restrictions', 'for another cluster', scope(...service, ['serviceInstance', 'c2']), 'FAIL missing'],
  ['iks-context-restrictions', 'for the region', scope(...service, ['region', 'jp-tok']), 'PASS holds'],
  ['iks-context-restrictions', 'for another region', scope(...service, ['region', 'eu-de']), 'FAIL missing'],
  ['iks-context-restrictions', 'for the resource group', scope(...service, ['resourceGroupId', 'rg-1']), 'PASS holds'],
  [
    'iks-context-restrictions',
    'for another resource group',
    scope(...service, ['resourceGroupId', 'rg-2']),
    'FAIL missing',
  ],
  ['iks-context-restrictions', 'for another service', scope(['serviceName', 'cloud-object-storage']), 'FAIL missing'],
  ['iks-context-restrictions', 'for what a tag says', scope(...service, ['tag env', 'prod']), 'UNKNOWN undecidable'],
  [
    'iks-context-restrictions',
    'for what a pattern says',
    scope(...service, ['serviceInstance', 'c*', 'stringMatch']),
    'UNKNOWN undecidable',
  ],
  [
    'iks-context-restrictions',
    'on the public endpoint of an OpenShift cluster that is too old for it',
    evidence(
      {},
      { type: given('openshift'), nestedPublicUrl: given('https://c1-e.jp-tok.containers.cloud.ibm.com:30000') },
    ),
    'FAIL not-enforced',
  ],
  [
    'iks-context-restrictions',
    'on the public endpoint of a newer OpenShift cluster',
    evidence(
      {},
      { type: given('openshift'), nestedPublicUrl: given('https://c101-e.jp-tok.containers.cloud.ibm.com:30000') },
    ),
    'PASS holds',
  ],
];

export const CLUSTER_CASES: readonly Case[] = [
  ['iks-private-endpoint', 'on', evidence(), 'PASS holds'],
  ['iks-private-endpoint', 'off', evidence({}, { nestedPrivate: given(false) }), 'FAIL private-off'],
  [
    'iks-private-endpoint',
    'only the flat field',
    evidence({}, { nestedPrivate: ABSENT, flatPrivate: given(true) }),
    'PASS holds',
  ],
  [
    'iks-private-endpoint',
    'flat and nested disagree',
    evidence({}, { flatPrivate: given(false) }),
    'UNKNOWN conflicting-fields',
  ],
  ['iks-private-endpoint', 'neither', evidence({}, { nestedPrivate: ABSENT }), 'UNKNOWN absent-field'],
  [
    'iks-private-endpoint',
    'text instead of a flag',
    evidence({}, { nestedPrivate: { state: 'malformed', raw: '"true"' } }),
    'UNKNOWN malformed-answer',
  ],
  [
    'iks-private-endpoint',
    'on without an address',
    evidence({}, { nestedPrivateUrl: given('') }),
    'UNKNOWN conflicting-fields',
  ],
  [
    'iks-private-endpoint',
    'off on VPC contradicts the provider',
    onVpc('no', { nestedPrivate: given(false) }),
    'UNKNOWN conflicting-fields',
  ],
  ['iks-private-endpoint', 'denied', evidence({ cluster: denied('containers:getCluster') }), 'UNKNOWN denied'],
  ['iks-private-endpoint', 'deploying', evidence({}, { state: given('deploying') }), 'UNKNOWN transitional-state'],
  [
    'iks-private-endpoint',
    'deploy failed',
    evidence({}, { state: given('deploy_failed') }),
    'UNKNOWN transitional-state',
  ],
  [
    'iks-private-endpoint',
    'a state of tomorrow',
    evidence({}, { state: given('hibernating') }),
    'UNKNOWN unrecognised-value',
  ],
  ['iks-private-endpoint', 'Satellite', evidence({ list: 'satellite' }), 'NOT_APPLICABLE satellite'],
  ['iks-public-endpoint', 'off', evidence(), 'PASS holds'],
  [
    'iks-public-endpoint',
    'on',
    evidence({}, { nestedPublic: given(true), nestedPublicUrl: given(PUBLIC) }),
    'FAIL public-on',
  ],
  [
    'iks-public-endpoint',
    'off, and yet an address',
    evidence({}, { nestedPublicUrl: given(PUBLIC) }),
    'FAIL public-address',
  ],
  [
    'iks-public-endpoint',
    'on while deploying is told at once',
    evidence({}, { state: given('deploying'), nestedPublic: given(true) }),
    'FAIL public-on',
  ],
  [
    'iks-public-endpoint',
    'off while deploying is not believed yet',
    evidence({}, { state: given('deploying') }),
    'UNKNOWN transitional-state',
  ],
  ['iks-public-endpoint', 'absent', evidence({}, { nestedPublic: ABSENT }), 'UNKNOWN absent-field'],
  ['iks-public-endpoint', 'denied', evidence({ cluster: denied('containers:getCluster') }), 'UNKNOWN denied'],
  ['iks-public-endpoint', 'Satellite', evidence({ list: 'satellite' }), 'NOT_APPLICABLE satellite'],
  ['iks-master-url', 'private', evidence(), 'PASS holds'],
  ['iks-master-url', 'public', evidence({}, { masterUrl: given(PUBLIC) }), 'FAIL public-host'],
  ['iks-master-url', 'one of two is public', evidence({}, { serverUrl: given(PUBLIC) }), 'FAIL public-host'],
  ['iks-master-url', 'absent', evidence({}, { masterUrl: ABSENT }), 'UNKNOWN absent-field'],
  ['iks-closed', 'everything', evidence(), 'PASS holds'],
  [
    'iks-closed',
    'the trap: private endpoint, no VRF',
    evidence({ account: account({ privateEndpointService: collected('not-ready', source) }) }),
    'FAIL not-closed',
  ],
  [
    'iks-closed',
    'the account unreadable',
    evidence({ account: account({ privateEndpointService: denied('classic') }) }),
    'UNKNOWN denied',
  ],
  ['iks-closed', 'Satellite', evidence({ list: 'satellite' }), 'NOT_APPLICABLE satellite'],
  ['iks-node-egress', 'no public VLAN', evidence(), 'PASS holds'],
  [
    'iks-node-egress',
    'one worker with a public VLAN',
    evidence({ workers: collected([worker('-', ''), worker('', '2234')], source) }),
    'FAIL public-vlan',
  ],
  [
    'iks-node-egress',
    'one worker with an address',
    evidence({ workers: collected([worker('169.60.1.2', '')], source) }),
    'FAIL public-vlan',
  ],
  ['iks-node-egress', 'no workers', evidence({ workers: collected([], source) }), 'NOT_APPLICABLE no-workers'],
  ['iks-node-egress', 'denied', evidence({ workers: denied('containers:getWorkers') }), 'UNKNOWN denied'],
  ['iks-node-egress', 'VPC without a gateway', onVpc('no'), 'PASS holds'],
  ['iks-node-egress', 'VPC with a gateway', onVpc('yes'), 'FAIL public-gateway'],
  [
    'iks-node-egress',
    'VPC API not readable',
    { ...onVpc('no'), subnets: unavailable('not-scanned', 'x', 'vpc:getSubnet') },
    'UNKNOWN not-scanned',
  ],
  ['iks-ingress-private', 'private only', evidence(), 'PASS holds'],
  [
    'iks-ingress-private',
    'public and enabled',
    evidence({ loadBalancers: collected([{ id: 'public-1', type: given('public'), enabled: given(true) }], source) }),
    'FAIL public-alb',
  ],
  [
    'iks-ingress-private',
    'public and disabled',
    evidence({ loadBalancers: collected([{ id: 'public-1', type: given('public'), enabled: given(false) }], source) }),
    'PASS holds',
  ],
  [
    'iks-ingress-private',
    'a type of tomorrow',
    evidence({ loadBalancers: collected([{ id: 'x', type: given('hybrid'), enabled: given(true) }], source) }),
    'UNKNOWN unrecognised-value',
  ],
  [
    'iks-ingress-private',
    'public, enabled not told',
    evidence({ loadBalancers: collected([{ id: 'x', type: given('public'), enabled: ABSENT }], source) }),
    'UNKNOWN absent-field',
  ],
  ['iks-ingress-private', 'denied', evidence({ loadBalancers: denied('containers:getAlbs') }), 'UNKNOWN denied'],
  ['iks-context-restrictions', 'enforced', evidence(), 'PASS holds'],
  [
    'iks-context-restrictions',
    'another API type only',
    evidence({
      restrictions: collected([rule({ coversClusterApi: false })], source),
    }),
    'FAIL missing',
  ],
  [
    'iks-context-restrictions',
    'disabled',
    evidence({
      restrictions: collected([rule({ enforcement: 'disabled' })], source),
    }),
    'FAIL missing',
  ],
  ['iks-context-restrictions', 'denied', evidence({ restrictions: denied('cbr:listRules') }), 'UNKNOWN denied'],
  ['iks-network-policy', 'Calico', evidence(), 'PASS holds'],
  [
    'iks-network-policy',
    'something else',
    evidence({}, { networkPlugin: given('None') }),
    'UNKNOWN unrecognised-value',
  ],
  ['iks-network-policy', 'absent', evidence({}, { networkPlugin: ABSENT }), 'UNKNOWN absent-field'],
  ['iks-audit-log', 'set', evidence(), 'PASS holds'],
  ['iks-audit-log', 'not set', evidence({ auditWebhook: collected({ webhook: 'none' }, source) }), 'FAIL missing'],
  ['iks-audit-log', 'denied', evidence({ auditWebhook: denied('containers:getAuditWebhook') }), 'UNKNOWN denied'],
  ['iks-reachability', 'not configured', evidence(), 'NOT_APPLICABLE no-probe'],
  [
    'iks-reachability',
    'answers outside',
    evidence({ reachability: probe(true, true, 'connected') }),
    'FAIL reachable-outside',
  ],
  ['iks-reachability', 'inside only', evidence({ reachability: probe(true, true, 'silent') }), 'PASS holds'],
  [
    'iks-reachability',
    'a stale probe',
    evidence({ reachability: probe(true, false, 'silent') }),
    'UNKNOWN undecidable',
  ],
  [
    'iks-reachability',
    'not even inside',
    evidence({ reachability: probe(false, true, 'silent') }),
    'FAIL unreachable-inside',
  ],
  [
    'iks-reachability',
    'inside only, and the probe tells a private address',
    evidence({ reachability: probe(true, true, 'silent', PRIVATE) }),
    'PASS holds',
  ],
  [
    'iks-reachability',
    'the probe tried the public host',
    evidence({ reachability: probe(true, true, 'silent', PUBLIC) }),
    'UNKNOWN undecidable',
  ],
  [
    'iks-private-endpoint',
    'an address of no known form',
    evidence({}, { nestedPrivateUrl: given('https://10.1.2.3') }),
    'UNKNOWN unrecognised-value',
  ],
  [
    'iks-node-egress',
    'the address of one worker is not text, and another one has a public VLAN',
    evidence({
      workers: collected(
        [{ ...worker('-', ''), publicAddress: { state: 'malformed', raw: '7' } }, worker('', '2234')],
        source,
      ),
    }),
    'FAIL public-vlan',
  ],
  [
    'iks-node-egress',
    'the address of one worker is not text',
    evidence({ workers: collected([{ ...worker('-', ''), publicAddress: { state: 'malformed', raw: '7' } }], source) }),
    'UNKNOWN malformed-answer',
  ],
  [
    'iks-node-egress',
    'a worker that tells its address and not its VLAN',
    evidence({ workers: collected([{ ...worker('-', ''), publicVlan: ABSENT }], source) }),
    'UNKNOWN absent-field',
  ],
  [
    'iks-node-egress',
    'VPC, one worker without a subnet',
    { ...onVpc('no'), workers: collected([worker('-', '', { subnetIds: ['s1'] }), worker('-', '')], source) },
    'UNKNOWN absent-field',
  ],
  [
    'iks-node-egress',
    'VPC, one subnet unread and another one with a gateway',
    {
      ...onVpc('no'),
      subnets: collected(
        [
          subnet({ gateway: { attached: 'unread', reason: 'denied', message: 'HTTP 403' } }),
          subnet({ id: 's2', gateway: { attached: 'yes', id: 'pgw-2' } }),
        ],
        source,
      ),
    },
    'FAIL public-gateway',
  ],
  [
    'iks-node-egress',
    'VPC, one subnet unread',
    {
      ...onVpc('no'),
      subnets: collected([subnet({ gateway: { attached: 'unread', reason: 'not-scanned', message: 'x' } })], source),
    },
    'UNKNOWN not-scanned',
  ],
  [
    'iks-node-egress',
    'a provider of tomorrow',
    evidence({}, { provider: given('edge-gen1') }),
    'UNKNOWN unrecognised-value',
  ],
  [
    'iks-node-egress',
    'in the list of VPC clusters, and classic by its record',
    { ...onVpc('no'), cluster: evidence().cluster },
    'UNKNOWN conflicting-fields',
  ],
  ...RESTRICTION_CASES,
  ...VPC_CASES,
  ...CLASSIC_CASES,
];
