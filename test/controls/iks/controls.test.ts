import { describe, expect, test } from 'vitest';
import { ABSENT, collected, given, unavailable } from '#domain/collected.ts';
import type { IbmAccountEvidence, IksEvidence } from '#domain/evidence/ibm.ts';
import { account, brief, denied, evidence, onVpc, PUBLIC, verdictOf, worker } from './builders.ts';

const source = { api: 'x', at: '2026-11-01T00:00:00.000Z' };
const noLink = collected({ link: 'none' as const }, source);
const noAnswer = unavailable(
  'not-found',
  'no classic infrastructure account is linked',
  'classic:isConnectedToPrivateEndpointService',
);
const attested = (vrf: boolean, serviceEndpoint: boolean) =>
  collected(
    {
      vrf: given(vrf),
      serviceEndpoint: given(serviceEndpoint),
      author: 'ops',
      date: '2026-10-01',
      expires: '2027-01-01',
    },
    source,
  );

describe('account flags, from the three outcomes of one call', () => {
  test.each([
    ['connected', { privateEndpointService: collected('true', source) }, 'PASS holds', 'PASS holds'],
    ['not connected, and could be', { privateEndpointService: collected('false', source) }, 'PASS holds', 'FAIL off'],
    ['not ready', { privateEndpointService: collected('not-ready', source) }, 'FAIL not-ready', 'FAIL not-ready'],
    ['refused', { privateEndpointService: denied('classic') }, 'UNKNOWN denied', 'UNKNOWN denied'],
    [
      'the link itself unreadable',
      { classicLink: denied('account:read'), privateEndpointService: denied('classic') },
      'UNKNOWN denied',
      'UNKNOWN denied',
    ],
    [
      'no link, VPC clusters only',
      { classicLink: noLink, privateEndpointService: noAnswer, clusterProviders: collected(['vpc-gen2'], source) },
      'NOT_APPLICABLE vpc-only',
      'UNKNOWN not-found',
    ],
    [
      'no link, a classic cluster all the same',
      { classicLink: noLink, privateEndpointService: noAnswer },
      'UNKNOWN not-found',
      'UNKNOWN not-found',
    ],
    [
      'no link, no clusters',
      { classicLink: noLink, privateEndpointService: noAnswer, clusterProviders: collected([], source) },
      'UNKNOWN not-found',
      'UNKNOWN not-found',
    ],
    [
      'no link, a cluster list refused',
      { classicLink: noLink, privateEndpointService: noAnswer, clusterProviders: denied('containers:getClusters') },
      'UNKNOWN denied',
      'UNKNOWN not-found',
    ],
    [
      'refused, and attested',
      { privateEndpointService: denied('classic'), attestation: attested(true, false) },
      'PASS attested',
      'FAIL off',
    ],
    [
      'read and attested otherwise: the read decides',
      { privateEndpointService: collected('not-ready', source), attestation: attested(true, true) },
      'FAIL not-ready',
      'FAIL not-ready',
    ],
    [
      'not ready for the first time since it was on: not even an attestation decides',
      { privateEndpointService: collected('not-ready-once', source), attestation: attested(true, true) },
      'UNKNOWN transitional-state',
      'UNKNOWN transitional-state',
    ],
    [
      'refused, the attestation expired',
      { privateEndpointService: denied('classic'), attestation: unavailable('not-scanned', 'expired', 'attestation') },
      'UNKNOWN not-scanned',
      'UNKNOWN not-scanned',
    ],
  ] as const)('%s', (_case, changes, vrf, endpoint) => {
    const facts = account(changes as Partial<IbmAccountEvidence>);
    expect([
      brief(verdictOf('ibm-account-vrf', facts)),
      brief(verdictOf('ibm-account-service-endpoint', facts)),
    ]).toEqual([vrf, endpoint]);
  });

  test('the raw answer is the proof, marked as derived', () => {
    const { proof } = verdictOf('ibm-account-vrf', account({ privateEndpointService: collected('not-ready', source) }));
    expect(proof[0]).toMatchObject({ kind: 'derived', line: expect.stringContaining('SoftLayer_Exception_NotReady') });
  });
});

const CLUSTER_CASES: readonly (readonly [control: string, name: string, subject: IksEvidence, expected: string])[] = [
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
      restrictions: collected(
        [{ id: 'r', enforcement: 'enabled', coversClusterApi: false, endpointTypes: [] }],
        source,
      ),
    }),
    'FAIL missing',
  ],
  [
    'iks-context-restrictions',
    'disabled',
    evidence({
      restrictions: collected(
        [{ id: 'r', enforcement: 'disabled', coversClusterApi: true, endpointTypes: [] }],
        source,
      ),
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
];

function probe(connected: boolean, fresh: boolean, outside: 'connected' | 'silent'): IksEvidence['reachability'] {
  return {
    state: 'configured',
    inside: collected({ connected, at: '2026-11-01T00:00:00Z', fresh }, source),
    outside: collected(outside, source),
  };
}

test.each(CLUSTER_CASES)('%s: %s', (control, _name, subject, expected) => {
  expect(brief(verdictOf(control, subject))).toBe(expected);
});

describe('what the trap says', () => {
  test('both facts stand in the proof', () => {
    const { proof, message } = verdictOf(
      'iks-closed',
      evidence({ account: account({ privateEndpointService: collected('not-ready', source) }) }),
    );
    expect(message).toMatch(/^the cluster looks closed, and is not/);
    expect(proof.map(({ field, value }) => `${field} ${value}`)).toEqual(
      expect.arrayContaining(['account VRF FAIL', 'private endpoint PASS']),
    );
  });

  test('OpenShift on classic has a remedy of its own', () => {
    const verdict = verdictOf(
      'iks-public-endpoint',
      evidence({}, { type: given('openshift'), nestedPublic: given(true) }),
    );
    expect(verdict.status === 'FAIL' && verdict.remediation).toMatch(/Rebuild the cluster on VPC/);
  });

  test('in profile private a public gateway is accepted', () => {
    expect(brief(verdictOf('iks-node-egress', onVpc('yes'), 'private'))).toBe('PASS holds');
  });
});
