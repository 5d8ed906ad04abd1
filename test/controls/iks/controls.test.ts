import { describe, expect, test } from 'vitest';
import { collected, given, unavailable } from '#domain/collected.ts';
import type { IbmAccountEvidence } from '#domain/evidence/ibm.ts';
import { account, brief, denied, evidence, onVpc, verdictOf } from './builders.ts';
import { CLUSTER_CASES } from './cases.ts';

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
      'no link, VPC clusters only, and a word that says nothing of VRF',
      {
        classicLink: noLink,
        privateEndpointService: noAnswer,
        clusterProviders: collected(['vpc-gen2'], source),
        attestation: unavailable('not-scanned', 'expired', 'attestation'),
      },
      'NOT_APPLICABLE vpc-only',
      'UNKNOWN not-scanned',
    ],
    [
      'no link, VPC clusters only, and attested',
      {
        classicLink: noLink,
        privateEndpointService: noAnswer,
        clusterProviders: collected(['vpc-gen2'], source),
        attestation: attested(true, true),
      },
      'NOT_APPLICABLE vpc-only',
      'PASS attested',
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

  test('a cluster that is closed by a word about its account says whose', () => {
    const { reason, message, proof } = verdictOf(
      'iks-closed',
      evidence({ account: account({ privateEndpointService: denied('classic'), attestation: attested(true, true) }) }),
    );
    expect([reason, message]).toEqual(['attested', expect.stringContaining('attested by ops on 2026-10-01')]);
    expect(proof.filter(({ kind }) => kind === 'attested').map(({ field }) => field)).toEqual([
      'account VRF',
      'account service endpoint',
    ]);
  });

  test('OpenShift on classic has a remedy of its own', () => {
    const verdict = verdictOf(
      'iks-public-endpoint',
      evidence({}, { type: given('openshift'), nestedPublic: given(true) }),
    );
    expect(verdict.status === 'FAIL' && verdict.remediation).toMatch(/Rebuild the cluster on VPC/);
  });

  test('OpenShift on VPC is told both ways', () => {
    const verdict = verdictOf(
      'iks-public-endpoint',
      onVpc('no', { type: given('openshift'), nestedPublic: given(true) }),
    );
    expect(verdict.status === 'FAIL' && verdict.remediation).toMatch(/Where the switch is refused.*rebuild/);
  });

  test('in profile private a public gateway is accepted', () => {
    expect(brief(verdictOf('iks-node-egress', onVpc('yes'), 'private'))).toBe('PASS holds');
  });
});
