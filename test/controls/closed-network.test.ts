import { describe, expect, test } from 'vitest';
import { hasClosedNetwork, judgeClosedNetwork, type Part } from '#controls/closed-network.ts';
import { SCOPES } from '#controls/closed-network-scope.ts';
import type { Status } from '#domain/verdict.ts';

const CLOSED: Readonly<Record<string, Status>> = {
  'aks-api-private': 'PASS',
  'aks-private-endpoint-connections': 'PASS',
  'aks-outbound-type': 'PASS',
  'aks-egress-route': 'PASS',
  'aks-egress-rules': 'PASS',
  'aks-egress-carve-outs': 'PASS',
  'aks-static-egress-gateway': 'PASS',
  'aks-node-public-ip': 'PASS',
  'aks-load-balancer-internal': 'PASS',
  'aks-managed-ingress': 'NOT_APPLICABLE',
  'aks-private-link-service': 'PASS',
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
  judgeClosedNetwork('aks', parts({ ...CLOSED, ...differs }), inside && parts(inside)).verdict;

const IN =
  'API server, private endpoint connections, node addresses, load balancers, managed ingress, Private Link services';
const OUT = 'outbound type, routes, firewall rules, egress gateways';
const NOT_LOOKED_AT = SCOPES.aks?.limits.map(({ name }) => name).join(', ');

describe('closed-network', () => {
  test('every dimension passes: closed', () => {
    expect(judge()).toMatchObject({
      status: 'PASS',
      reason: 'holds',
      message: `no way in: ${IN}; no way out: ${OUT}; not looked at: ${NOT_LOOKED_AT}`,
    });
  });

  test('a PASS lists in its proof what no dimension looks at', () => {
    const lines = judge().proof.map(({ line }) => line);
    for (const { name, what } of SCOPES.aks?.limits ?? []) expect(lines).toContain(`not looked at: ${name}: ${what}`);
    expect(SCOPES.aks?.limits.length).toBeGreaterThan(3);
  });

  test('a dimension that does not apply is not said to be closed', () => {
    const none = {
      'aks-node-public-ip': 'NOT_APPLICABLE',
      'aks-load-balancer-internal': 'NOT_APPLICABLE',
      'aks-private-link-service': 'NOT_APPLICABLE',
    } as const;
    const { message } = judge(none);
    expect(message).toContain('no way in: API server, private endpoint connections; no way out');
    expect(message).toContain('; not applicable: inbound exposure;');
  });

  test.each(['declared', 'attested'])(
    'a control that passes because it is %s is named: closed, but not by reading alone',
    (reason) => {
      const verdicts = new Map([...parts(CLOSED), ['aks-egress-route', { status: 'PASS', reason }] as const]);
      expect(judgeClosedNetwork('aks', verdicts, undefined).verdict).toMatchObject({
        status: 'PASS',
        reason: 'declared',
        message: expect.stringMatching(/; based on declarations, not on API reads: aks-egress-route$/),
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
    const { verdict } = judgeClosedNetwork('aks', verdicts, undefined);
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
    expect(judge({}, ISOLATED)).toMatchObject({
      status: 'PASS',
      message: expect.stringContaining('; isolated inside: default deny, Services, network plugin;'),
    });
    expect(judge({}, ISOLATED).message).toContain(
      'Private Link services, Services, Ingresses and Gateways; no way out',
    );
    expect(judge({}, { ...ISOLATED, 'kubernetes-cni-enforces': 'FAIL' })).toMatchObject({
      status: 'FAIL',
      message: expect.stringContaining('in-cluster isolation (kubernetes-cni-enforces'),
    });
    expect(judge({}, {}).status).toBe('UNKNOWN');
  });

  test('a Service that was found exposed inside opens the cluster inbound too', () => {
    expect(judge({}, { ...ISOLATED, 'kubernetes-services-internal': 'FAIL' }).message).toBe(
      'open by inbound exposure (kubernetes-services-internal), in-cluster isolation (kubernetes-services-internal)',
    );
  });

  test('Services that were not read leave the inside undecided, not the inbound exposure', () => {
    expect(judge({}, { ...ISOLATED, 'kubernetes-services-internal': 'UNKNOWN' }).message).toBe(
      'cannot be decided: in-cluster isolation (kubernetes-services-internal denied)',
    );
  });

  test('proof lists every dimension with its controls, the deciding one first', () => {
    const { proof } = judge({ 'aks-node-public-ip': 'FAIL' });
    expect(proof).toHaveLength(4);
    expect(proof[0]?.line).toBe(
      'inbound exposure: FAIL (aks-node-public-ip FAIL, aks-load-balancer-internal PASS, aks-managed-ingress NOT_APPLICABLE, aks-private-link-service PASS)',
    );
  });

  test('an account has no closed network', () => {
    expect(hasClosedNetwork('ibm-account')).toBe(false);
    expect(hasClosedNetwork('eks')).toBe(true);
  });
});

describe('a closed-network whose causes are accepted', () => {
  const exception = (control: string, expires: string) => ({
    control,
    resource: 'retail',
    owner: control.startsWith('aks-egress') ? 'net' : 'web',
    reason: 'moves in spring',
    expires,
  });
  const failing = (differs: Readonly<Record<string, Part>>, inside?: ReadonlyMap<string, Part>) =>
    judgeClosedNetwork('aks', new Map([...parts(CLOSED), ...Object.entries(differs)]), inside);
  const accepted = (control: string, expires = '2027-03-31'): Part => ({
    status: 'FAIL',
    reason: 'x',
    exception: exception(control, expires),
  });

  test('is accepted through them, until the first of them ends', () => {
    const found = failing({
      'aks-egress-route': accepted('aks-egress-route', '2027-03-31'),
      'aks-managed-ingress': accepted('aks-managed-ingress', '2027-01-31'),
    });
    const reason = 'accepted through aks-egress-route, aks-managed-ingress, until 2027-01-31';
    expect(found.accepted).toEqual({ owner: 'net, web', reason, expires: '2027-01-31' });
    expect(found.verdict).toMatchObject({ status: 'FAIL', reason: 'open' });
    expect(found.verdict.message).toBe(
      `open by node egress (aks-egress-route), inbound exposure (aks-managed-ingress); ${reason}`,
    );
  });

  test.each([
    ['another control of the same dimension fails', { 'aks-outbound-type': { status: 'FAIL', reason: 'x' } }],
    ['a control of another dimension fails', { 'aks-api-private': { status: 'FAIL', reason: 'x' } }],
  ] as const)('is not accepted while %s', (_case, more) => {
    const found = failing({ 'aks-egress-route': accepted('aks-egress-route'), ...more });
    expect(found.accepted).toBeUndefined();
    expect(found.verdict.message).not.toContain('accepted');
  });

  test('counts what was accepted inside the cluster', () => {
    const inside = new Map([
      ...parts(ISOLATED),
      ['kubernetes-cni-enforces', accepted('kubernetes-cni-enforces')] as const,
    ]);
    expect(failing({}, inside).accepted?.reason).toBe('accepted through kubernetes-cni-enforces, until 2027-03-31');
  });

  test('an undecided dimension does not undo the acceptance', () => {
    const found = failing({
      'aks-egress-route': accepted('aks-egress-route'),
      'aks-api-private': { status: 'UNKNOWN', reason: 'denied' },
    });
    expect(found.accepted?.expires).toBe('2027-03-31');
  });
});
