import { describe, expect, test } from 'vitest';
import { collected, given, unavailable } from '#domain/collected.ts';
import type { IbmAccountEvidence, IksEvidence } from '#domain/evidence/ibm.ts';
import type { Verdict } from '#domain/verdict.ts';
import { account, denied, evidence, onVpc, PUBLIC, verdictOf, worker } from './builders.ts';
import { CLUSTER_CASES } from './cases.ts';

/** Whoever reads a FAIL can act on it: every kind comes with commands that name the ids involved. */

const source = { api: 'x', at: '2026-11-01T00:00:00.000Z' };
const ACCOUNTS: readonly IbmAccountEvidence[] = [
  account({ privateEndpointService: collected('false', source) }),
  account({ privateEndpointService: collected('not-ready', source) }),
  account({
    privateEndpointService: denied('classic'),
    attestation: collected(
      { vrf: given(false), serviceEndpoint: given(false), author: 'ops', date: '2026-10-01', expires: '2027-01-01' },
      source,
    ),
  }),
];
const OPENSHIFT = evidence({}, { type: given('openshift'), nestedPublic: given(true), nestedPublicUrl: given(PUBLIC) });

interface Failure {
  readonly control: string;
  readonly id: string;
  readonly verdict: Extract<Verdict, { status: 'FAIL' }>;
}

function failuresOf(control: string, id: string, subject: IksEvidence | IbmAccountEvidence): readonly Failure[] {
  const verdict = verdictOf(control, subject);
  return verdict.status === 'FAIL' ? [{ control, id, verdict }] : [];
}

const FAILURES = [
  ...ACCOUNTS.flatMap((subject) =>
    ['ibm-account-vrf', 'ibm-account-service-endpoint'].flatMap((control) => failuresOf(control, 'acc', subject)),
  ),
  ...CLUSTER_CASES.flatMap(([control, , subject]) => failuresOf(control, subject.id, subject)),
  ...failuresOf('iks-public-endpoint', 'c1', OPENSHIFT),
];

test('every kind of FAIL is among the samples', () => {
  expect([...new Set(FAILURES.map(({ control, verdict }) => `${control} ${verdict.reason}`))].sort()).toEqual([
    'ibm-account-service-endpoint not-ready',
    'ibm-account-service-endpoint off',
    'ibm-account-vrf not-ready',
    'ibm-account-vrf off',
    'iks-audit-log missing',
    'iks-closed not-closed',
    'iks-context-restrictions everybody',
    'iks-context-restrictions missing',
    'iks-context-restrictions not-enforced',
    'iks-ingress-private public-alb',
    'iks-ingress-private public-load-balancer',
    'iks-master-url public-host',
    'iks-node-egress floating-address',
    'iks-node-egress public-gateway',
    'iks-node-egress public-vlan',
    'iks-private-endpoint private-off',
    'iks-public-endpoint public-address',
    'iks-public-endpoint public-on',
    'iks-reachability reachable-outside',
    'iks-reachability unreachable-inside',
    'iks-vlan-spanning not-connected',
  ]);
});

test.each(FAILURES.map((failure) => [`${failure.control} ${failure.verdict.reason}`, failure] as const))(
  '%s comes with commands that name what they are for',
  (_name, { id, verdict }) => {
    const commands = verdict.fix?.commands ?? [];
    expect(commands).not.toHaveLength(0);
    for (const command of commands) expect(command).toMatch(/^ibmcloud [a-z]/);
    // The trap of iks-closed is the account's.
    const ids = verdict.reason === 'not-closed' ? `${id}|acc` : id;
    const named = new RegExp(`\\b(?:${ids})\\b`);
    expect(commands.some((command) => named.test(command))).toBe(true);
  },
);

describe('the commands', () => {
  const commandsOf = (control: string, subject: IksEvidence | IbmAccountEvidence) => {
    const verdict = verdictOf(control, subject);
    return verdict.status === 'FAIL' ? (verdict.fix?.commands ?? []) : [];
  };
  const open = { nestedPublic: given(true), nestedPublicUrl: given(PUBLIC) };

  test('classic workers are replaced after the public endpoint was switched off, each by name', () => {
    const workers = collected([worker('-', ''), { ...worker('-', ''), id: 'w2' }], source);
    expect(commandsOf('iks-public-endpoint', evidence({ workers }, open))).toEqual([
      'ibmcloud ks cluster master public-service-endpoint disable --cluster c1',
      'ibmcloud ks cluster master refresh --cluster c1',
      'ibmcloud ks worker replace --cluster c1 --worker w1',
      'ibmcloud ks worker replace --cluster c1 --worker w2',
    ]);
  });

  test('workers that could not be listed are left to the reader', () => {
    expect(commandsOf('iks-public-endpoint', evidence({ workers: denied('x') }, open)).at(-1)).toBe(
      'ibmcloud ks worker replace --cluster c1 --worker <each further worker>',
    );
  });

  test('VPC workers stay', () => {
    expect(commandsOf('iks-public-endpoint', onVpc('no', open)).join()).not.toContain('worker');
  });

  test('OpenShift on classic is built anew: no switch is offered', () => {
    const commands = commandsOf('iks-public-endpoint', OPENSHIFT);
    expect(commands.join('\n')).toMatch(
      /oc cluster create vpc-gen2 --name prod-vpc .*--disable-public-service-endpoint/,
    );
    expect(commands.join('\n')).not.toContain('public-service-endpoint disable');
  });

  test('the composite repairs the account first, and says everything once', () => {
    const subject = evidence({ account: account({ privateEndpointService: collected('not-ready', source) }) }, open);
    const commands = commandsOf('iks-closed', subject);
    expect(commands[0]).toMatch(
      /^ibmcloud target -c acc && ibmcloud sl ticket create --title 'Enable VRF for account acc'/,
    );
    expect(commands).toContain('ibmcloud target -c acc && ibmcloud account update --service-endpoint-enable true');
    expect(new Set(commands).size).toBe(commands.length);
  });

  test('an id that is not plain stays one word', () => {
    const subject = { ...evidence({}, open), id: "x; rm -rf '~'", workers: unavailable('denied', 'no', 'x') };
    for (const command of commandsOf('iks-public-endpoint', subject))
      expect(command).toContain(`--cluster 'x; rm -rf '\\''~'\\'''`);
  });
});
