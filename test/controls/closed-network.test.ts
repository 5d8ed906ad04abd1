import { describe, expect, test } from 'vitest';
import { hasClosedNetwork, judgeClosedNetwork, type Part } from '#controls/closed-network.ts';
import type { Status } from '#domain/verdict.ts';

const CLOSED: Readonly<Record<string, Status>> = {
  'aks-api-private': 'PASS',
  'aks-outbound-type': 'PASS',
  'aks-egress-route': 'PASS',
  'aks-egress-carve-outs': 'PASS',
  'aks-node-public-ip': 'PASS',
  'aks-load-balancer-internal': 'PASS',
  'aks-managed-ingress': 'NOT_APPLICABLE',
};
const ISOLATED: Readonly<Record<string, Status>> = {
  'kubernetes-default-deny-ingress': 'PASS',
  'kubernetes-services-internal': 'PASS',
  'kubernetes-cni-enforces': 'PASS',
};

const parts = (statuses: Readonly<Record<string, Status>>): ReadonlyMap<string, Part> =>
  new Map(
    Object.entries(statuses).map(([id, status]) => [id, { status, reason: status === 'UNKNOWN' ? 'denied' : 'holds' }]),
  );
const judge = (differs: Readonly<Record<string, Status>> = {}, inside?: Readonly<Record<string, Status>>) =>
  judgeClosedNetwork('aks', parts({ ...CLOSED, ...differs }), inside && parts(inside));

describe('closed-network', () => {
  test('every dimension passes: closed', () => {
    expect(judge()).toMatchObject({ status: 'PASS', reason: 'holds', message: 'closed in 4 of 4 dimensions' });
  });

  test.each(['declared', 'attested'])(
    'a control that passes because it is %s is named: closed, but not by reading alone',
    (reason) => {
      const verdicts = new Map([...parts(CLOSED), ['aks-egress-route', { status: 'PASS', reason }] as const]);
      expect(judgeClosedNetwork('aks', verdicts, undefined)).toMatchObject({
        status: 'PASS',
        reason: 'declared',
        message: 'closed in 4 of 4 dimensions; not read, but declared or attested: aks-egress-route',
      });
    },
  );

  test('one failing control opens the cluster, and the message names dimension and control', () => {
    const verdict = judge({ 'aks-egress-route': 'FAIL' });
    expect(verdict).toMatchObject({ status: 'FAIL', reason: 'open' });
    expect(verdict.message).toBe('open by node egress (aks-egress-route)');
  });

  test('a failure outweighs what is unknown', () => {
    expect(judge({ 'aks-egress-route': 'FAIL', 'aks-api-private': 'UNKNOWN' }).status).toBe('FAIL');
  });

  test('one unknown control: not decided, never closed', () => {
    expect(judge({ 'aks-node-public-ip': 'UNKNOWN' })).toMatchObject({
      status: 'UNKNOWN',
      reason: 'denied',
      message: 'cannot be decided: inbound exposure (aks-node-public-ip denied)',
    });
  });

  test('a control that gave no verdict leaves its dimension undecided', () => {
    const verdicts = new Map([...parts(CLOSED)].filter(([id]) => id !== 'aks-load-balancer-internal'));
    const verdict = judgeClosedNetwork('aks', verdicts, undefined);
    expect(verdict).toMatchObject({
      status: 'UNKNOWN',
      reason: 'undecidable',
      message: 'cannot be decided: inbound exposure (aks-load-balancer-internal not judged)',
    });
  });

  test('nothing applies: not applicable, not closed', () => {
    const none = Object.fromEntries(Object.keys(CLOSED).map((id) => [id, 'NOT_APPLICABLE' as const]));
    expect(judge(none).status).toBe('NOT_APPLICABLE');
  });

  test('the view from inside counts only where there is one', () => {
    expect(judge({}, ISOLATED)).toMatchObject({ status: 'PASS', message: expect.stringContaining('5 of 5') });
    expect(judge({}, { ...ISOLATED, 'kubernetes-cni-enforces': 'FAIL' })).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining('in-cluster isolation (kubernetes-cni-enforces'),
    });
    expect(judge({}, {}).status).toBe('UNKNOWN');
  });

  test('proof lists every dimension with its controls, the deciding one first', () => {
    const { proof } = judge({ 'aks-node-public-ip': 'FAIL' });
    expect(proof).toHaveLength(4);
    expect(proof[0]?.line).toBe(
      'inbound exposure: FAIL (aks-node-public-ip FAIL, aks-load-balancer-internal PASS, aks-managed-ingress NOT_APPLICABLE)',
    );
  });

  test('an account has no closed network', () => {
    expect(hasClosedNetwork('ibm-account')).toBe(false);
    expect(hasClosedNetwork('eks')).toBe(true);
  });
});
