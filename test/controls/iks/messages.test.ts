import { describe, expect, test } from 'vitest';
import { collected, given } from '#domain/collected.ts';
import {
  account,
  collectedRoutes,
  evidence,
  group,
  onVpc,
  onVpcWith,
  PROTECTED,
  route,
  subnet,
  verdictOf,
} from './builders.ts';

const source = { api: 'x', at: '2026-11-01T00:00:00.000Z' };

describe('who reaches the private endpoint of a VPC cluster', () => {
  test.each([
    ['jp-tok', /answers from anywhere inside IBM Cloud: iks-context-restrictions/],
    ['in-che', /^the master is reached privately, and only so$/],
    ['ca-mon', /^the master is reached privately, and only so$/],
    ['in-mum', /^the master is reached privately, and only so$/],
  ])('%s', (region, expected) => {
    const { status, message } = verdictOf('iks-closed', onVpc('no', { region: given(region) }));
    expect([status, message]).toEqual(['PASS', expect.stringMatching(expected)]);
  });

  test('a classic cluster says nothing of it', () => {
    expect(verdictOf('iks-closed', evidence()).message).toBe('the master is reached privately, and only so');
  });
});

describe('what a conversion to VRF does stands before its commands', () => {
  const off = account({ privateEndpointService: collected('not-ready', source) });
  test.each([
    ['ibm-account-vrf', verdictOf('ibm-account-vrf', off)],
    ['iks-closed', verdictOf('iks-closed', evidence({ account: off }))],
  ])('%s', (_control, verdict) => {
    expect(verdict.status === 'FAIL' && verdict.fix?.checkFirst?.join(' ')).toMatch(
      /cannot be undone.*IPsec VPN.*VLAN spanning.*support case/,
    );
  });
});

test('a missing restriction shows the rules that were read', () => {
  const { status, proof } = verdictOf('iks-context-restrictions', evidence({ restrictions: collected([], source) }));
  expect([status, proof.find(({ field }) => field === 'rules')]).toMatchObject([
    'FAIL',
    { line: 'rules of the account for containers-kubernetes: none', source },
  ]);
});

describe('ways out of a VPC', () => {
  const toAppliance = onVpcWith({
    subnets: [subnet({ routes: collectedRoutes([route()]) })],
    groups: [group(['0.0.0.0/0'])],
  });

  test('a declaration decides where a route leads, and is named', () => {
    const verdict = verdictOf('iks-node-egress', toAppliance, 'closed', {
      controls: { 'iks-node-egress': { centralEgress: 'inspection' } },
    });
    expect([verdict.status, verdict.reason, verdict.proof[0]?.kind]).toEqual(['PASS', 'declared', 'declared']);
  });

  test('undeclared, the message names the key', () => {
    expect(verdictOf('iks-node-egress', toAppliance).message).toContain('ibm.centralEgress');
  });

  test('a protected gateway is reported with both facts', () => {
    const gateway = subnet({ gateway: { attached: 'yes', id: 'pgw-1' } });
    const { message } = verdictOf('iks-node-egress', onVpcWith({ subnets: [gateway], groups: [group(PROTECTED)] }));
    expect(message).toMatch(
      /has a public gateway \(pgw-1\); outbound traffic protection holds: security group kube-c1/,
    );
  });
});
