import { describe, expect, test } from 'vitest';
import {
  BALANCERS,
  FLOATING,
  GROUPS,
  gateway,
  group,
  MEMBERSHIP,
  on,
  outbound,
  ROUTES,
  refused,
  subnet,
  vpc,
} from './vpc-world.ts';
import { ok, record } from './world.ts';

/** The ways out of the worker subnets of a VPC, in the service's own words. */

describe('worker subnets', () => {
  const open = { [GROUPS]: ok({ security_groups: [group(outbound('0.0.0.0/0'))] }) };
  test.each([
    ['no gateway', {}, 'PASS holds', 0],
    ['null for no gateway', { '/v1/subnets/s1': ok(subnet({ public_gateway: null })) }, 'PASS holds', 0],
    ['a gateway', { '/v1/subnets/s1': ok(subnet(gateway)), ...open }, 'FAIL public-gateway', 0],
    [
      'a gateway without an id',
      { '/v1/subnets/s1': ok(subnet({ public_gateway: {} })), ...open },
      'FAIL public-gateway',
      0,
    ],
    [
      'a gateway on one subnet, the other one refused',
      {
        '/global/v2/vpc/getWorkers': ok(on('s1', 's2')),
        '/v1/subnets/s1': refused,
        '/v1/subnets/s2': ok(subnet({ id: 's2', ...gateway })),
        ...open,
      },
      'FAIL public-gateway',
      1,
    ],
    [
      'one of two refused',
      { '/global/v2/vpc/getWorkers': ok(on('s1', 's2')), '/v1/subnets/s2': refused },
      'UNKNOWN denied',
      1,
    ],
    ['the VPC API is not there', { '/v1/subnets/s1': { status: 404, body: {} } }, 'UNKNOWN not-scanned', 0],
    ['the answer is about another subnet', { '/v1/subnets/s1': ok(subnet({ id: 's9' })) }, 'UNKNOWN not-scanned', 0],
    ['an HTML page', { '/v1/subnets/s1': { body: null, text: '<html>' } }, 'UNKNOWN not-scanned', 0],
    ['no routing table', { '/v1/subnets/s1': ok(subnet({ routing_table: undefined })) }, 'UNKNOWN absent-field', 0],
    ['no network', { '/v1/subnets/s1': ok(subnet({ vpc: undefined })) }, 'UNKNOWN absent-field', 0],
    [
      'a worker without interfaces',
      { '/global/v2/vpc/getWorkers': ok([...on('s1'), { id: 'w2' }]) },
      'UNKNOWN absent-field',
      0,
    ],
    [
      'an interface without a subnet',
      {
        '/global/v2/vpc/getWorkers': ok([
          { id: 'w1', networkInterfaces: [{ subnetID: 's1' }, { ipAddress: '10.0.0.4' }] },
        ]),
      },
      'UNKNOWN malformed-answer',
      1,
    ],
  ] as const)('%s', async (_case, answers, expected, gaps) => {
    const { egress, gaps: found } = await vpc(answers);
    expect([egress, found]).toEqual([expected, gaps]);
  });

  test('what is no way out costs no look at groups and floating addresses', async () => {
    const { counts } = await vpc();
    expect([counts.get(GROUPS), counts.get(MEMBERSHIP), counts.get(FLOATING)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('clusters that share a network share the reads', async () => {
    const { counts } = await vpc({
      '/global/v2/vpc/getClusters': ok(
        ['c1', 'c2'].map((id) => ({ id, name: id, state: 'normal', provider: 'vpc-gen2' })),
      ),
      '/global/v2/getCluster': (_count, url) =>
        ok(record({ id: url.searchParams.get('cluster'), provider: 'vpc-gen2', region: 'us-south' })),
    });
    expect([counts.get('/v1/subnets/s1'), counts.get(ROUTES), counts.get(BALANCERS)]).toEqual([1, 1, 1]);
  });
});

describe('routes of the worker subnets', () => {
  const deliver = {
    name: 'default',
    destination: '0.0.0.0/0',
    action: 'deliver',
    next_hop: { address: '10.0.9.4' },
    zone: { name: 'us-south-1' },
  };
  const open = { [GROUPS]: ok({ security_groups: [group(outbound('0.0.0.0/0'))] }) };
  const held = (target: unknown) => ok({ floating_ips: [{ id: 'f', address: '203.0.113.9', target }] });
  test.each([
    ['to an appliance', [deliver], {}, 'UNKNOWN undecidable'],
    [
      'to an appliance, and the workers may send nothing there',
      [deliver],
      { [GROUPS]: ok({ security_groups: [group(outbound('10.0.0.0/8'))] }) },
      'PASS holds',
    ],
    [
      'to an appliance with a floating address',
      [deliver],
      { [FLOATING]: held({ primary_ip: { address: '10.0.9.4' } }) },
      'FAIL floating-address',
    ],
    [
      'to an appliance beside a floating address of another',
      [deliver],
      { [FLOATING]: held({ primary_ip: { address: '10.0.9.5' } }) },
      'UNKNOWN undecidable',
    ],
    [
      'to an address that another network has a floating address for',
      [deliver],
      {
        [FLOATING]: held({ primary_ip: { address: '10.0.9.4', href: 'https://x/v1/subnets/s7/reserved_ips/r' } }),
        '/v1/subnets/s7': ok(subnet({ id: 's7', vpc: { id: 'v2' } })),
      },
      'UNKNOWN undecidable',
    ],
    [
      'to an address of this network, told by its subnet',
      [deliver],
      {
        [FLOATING]: held({ primary_ip: { address: '10.0.9.4' }, subnet: { id: 's1' } }),
      },
      'FAIL floating-address',
    ],
    ['floating addresses refused', [deliver], { [FLOATING]: refused }, 'UNKNOWN undecidable'],
    [
      'to a VPN connection',
      [{ ...deliver, next_hop: { id: 'vpn', resource_type: 'vpn_gateway_connection' } }],
      {},
      'UNKNOWN undecidable',
    ],
    ['of another zone', [{ ...deliver, zone: { name: 'us-south-2' } }], {}, 'PASS holds'],
    ['that drops', [{ ...deliver, action: 'drop', next_hop: { address: '0.0.0.0' } }], {}, 'PASS holds'],
    ['to a private range', [{ ...deliver, destination: '192.168.0.0/16' }], {}, 'PASS holds'],
  ] as const)('%s', async (_case, routes, answers, expected) => {
    const { egress } = await vpc({ [ROUTES]: ok({ routes }), ...open, ...answers });
    expect(egress).toBe(expected);
  });

  test('on the second page', async () => {
    const { egress, counts } = await vpc({
      ...open,
      [ROUTES]: (count) =>
        count === 1
          ? ok({
              routes: [],
              next: { href: `https://elsewhere.invalid${ROUTES}?start=2&version=2026-10-01&generation=2` },
            })
          : ok({ routes: [deliver] }),
    });
    expect([egress, counts.get(ROUTES)]).toEqual(['UNKNOWN undecidable', 2]);
  });

  test.each([
    ['refused', refused, 'UNKNOWN denied', 1],
    ['no list', ok({}), 'UNKNOWN not-scanned', 0],
    ['a broken entry', ok({ routes: ['default'] }), 'UNKNOWN not-scanned', 0],
    ['a table that is gone', { status: 404, body: {} }, 'UNKNOWN not-scanned', 0],
    [
      'the first page again and again',
      ok({ routes: [], next: { href: `${ROUTES}?start=1` } }),
      'UNKNOWN not-scanned',
      0,
    ],
  ] as const)('%s', async (_case, answer, expected, gaps) => {
    const { egress, gaps: found } = await vpc({ [ROUTES]: answer });
    expect([egress, found]).toEqual([expected, gaps]);
  });
});
