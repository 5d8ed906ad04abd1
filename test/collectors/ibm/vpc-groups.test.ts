import { describe, expect, test } from 'vitest';
import { BALANCERS, GROUPS, gateway, group, MEMBERSHIP, outbound, refused, subnet, vpc } from './vpc-world.ts';
import { ok } from './world.ts';

/** Security groups and load balancers of a VPC, in the service's own words. */

describe('security groups of the workers', () => {
  const withGateway = { '/v1/subnets/s1': ok(subnet(gateway)) };
  const all = group(outbound('0.0.0.0/0'), { id: 'sg2', name: 'four-random-words-here' });
  const own = group(outbound('10.0.0.0/8', '166.8.0.0/14'));
  const unlisted = { [MEMBERSHIP]: { status: 404, body: {} } };
  test.each([
    ['one that protects', [own], {}, 'PASS holds'],
    ['the network’s default group beside it, which the service does not name', [own, all], {}, 'PASS holds'],
    [
      'the same, which the service names',
      [own, all],
      {
        [MEMBERSHIP]: ok([
          { id: 'sg1', type: 'cluster' },
          { id: 'sg2', type: 'cluster' },
        ]),
      },
      'FAIL public-gateway',
    ],
    [
      'a group of one worker pool',
      [own, all],
      {
        [MEMBERSHIP]: ok([
          { id: 'sg1', type: 'cluster' },
          { id: 'sg2', type: 'custom', workerPoolID: 'p1' },
        ]),
      },
      'FAIL public-gateway',
    ],
    [
      'a group of the gateways in the same list',
      [own, all],
      {
        [MEMBERSHIP]: ok([
          { id: 'sg1', type: 'cluster' },
          { id: 'sg2', type: 'cluster-vpe-gateway' },
        ]),
      },
      'PASS holds',
    ],
    [
      'a group that the service names and the list does not hold',
      [own],
      {
        [MEMBERSHIP]: ok([
          { id: 'sg1', type: 'cluster' },
          { id: 'sg8', type: 'cluster' },
        ]),
      },
      'UNKNOWN not-found',
    ],
    ['the default group, where the service names none', [own, all], unlisted, 'UNKNOWN undecidable'],
    [
      'a group of another network, where the service names none',
      [own, { ...all, vpc: { id: 'v2' } }],
      unlisted,
      'PASS holds',
    ],
    [
      'a group with a worker among its targets',
      [own, { ...all, targets: [{ id: 'w1' }] }],
      unlisted,
      'FAIL public-gateway',
    ],
    [
      'a group of load balancers',
      [own, { ...all, targets: [{ id: 'x', resource_type: 'load_balancer' }] }],
      unlisted,
      'PASS holds',
    ],
    ['the group of another cluster', [own, { ...all, name: 'kube-d070abcdefghijklmnop' }], unlisted, 'PASS holds'],
    [
      'a rule for another group',
      [group([{ direction: 'outbound', protocol: 'all', remote: { id: 'sg9' } }])],
      {},
      'PASS holds',
    ],
    [
      'a single address, as such',
      [group([{ direction: 'outbound', protocol: 'tcp', remote: { address: '203.0.113.7' } }])],
      {},
      'PASS holds',
    ],
    [
      'a rule for nothing that is known',
      [group([{ direction: 'outbound', protocol: 'all', remote: {} }])],
      {},
      'UNKNOWN unrecognised-value',
    ],
    [
      'an inbound rule for everybody',
      [
        group([
          ...outbound('10.0.0.0/8'),
          { direction: 'inbound', protocol: 'all', remote: { cidr_block: '0.0.0.0/0' } },
        ]),
      ],
      {},
      'PASS holds',
    ],
    [
      'a rule without a direction',
      [group([{ protocol: 'all', remote: { cidr_block: '0.0.0.0/0' } }])],
      {},
      'UNKNOWN malformed-answer',
    ],
    ['no rules', [group(undefined)], {}, 'UNKNOWN malformed-answer'],
  ] as const)('%s', async (_case, groups, answers, expected) => {
    const { egress } = await vpc({ ...withGateway, [GROUPS]: ok({ security_groups: groups }), ...answers });
    expect(egress).toBe(expected);
  });

  test.each([
    ['refused', { [GROUPS]: refused }, 'UNKNOWN denied', 1],
    ['not there', { [GROUPS]: { status: 404, body: {} } }, 'UNKNOWN not-scanned', 0],
    ['the service’s list refused', { [MEMBERSHIP]: refused }, 'PASS holds', 1],
  ] as const)('%s', async (_case, answers, expected, gaps) => {
    const { egress, gaps: found } = await vpc({ ...withGateway, ...answers });
    expect([egress, found]).toEqual([expected, gaps]);
  });
});

describe('load balancers of the region', () => {
  const CLUSTER = 'd070abcdefghijklmnop';
  const balancer = (changes: Readonly<Record<string, unknown>>) => ({
    id: 'lb1',
    name: 'shop',
    is_public: true,
    hostname: 'shop.lb.appdomain.cloud',
    public_ips: [{ address: '203.0.113.150' }],
    security_groups: [],
    subnets: [{ id: 's1' }],
    pools: [{ id: 'p1' }],
    ...changes,
  });
  const members = (...targets: readonly unknown[]) => ({
    '/v1/load_balancers/lb1/pools/p1/members': ok({ members: targets.map((target) => ({ target })) }),
  });
  const uid = '0f5b7c0e7d5c4f1c8d1f2a3b4c5d6e7f';
  test.each([
    ['by name', balancer({ name: `kube-c1-${uid}` }), {}, 'FAIL public-load-balancer'],
    ['by name, private', balancer({ name: `kube-c1-${uid}`, is_public: false }), {}, 'PASS holds'],
    [
      'by name, and not told whether public',
      balancer({ name: `kube-c1-${uid}`, is_public: undefined }),
      {},
      'UNKNOWN absent-field',
    ],
    [
      'by name, public in words',
      balancer({ name: `kube-c1-${uid}`, is_public: 'true' }),
      {},
      'UNKNOWN malformed-answer',
    ],
    [
      'by its security group',
      balancer({ security_groups: [{ name: 'kube-lbaas-c1' }] }),
      {},
      'FAIL public-load-balancer',
    ],
    ['by a worker behind it', balancer({}), members({ address: '10.0.0.4' }), 'FAIL public-load-balancer'],
    [
      'by a worker’s server behind it',
      balancer({}),
      members({ id: '0717-1', name: 'kube-c1-prod-default-00000162' }),
      'FAIL public-load-balancer',
    ],
    ['of somebody else', balancer({}), members({ address: '10.0.7.4' }), 'PASS holds'],
    ['of somebody else, without pools', balancer({ pools: [] }), {}, 'PASS holds'],
    ['of another cluster by name', balancer({ name: `kube-${CLUSTER}-${uid}`, pools: undefined }), {}, 'PASS holds'],
    [
      'of another cluster by group',
      balancer({ security_groups: [{ name: `kube-lbaas-${CLUSTER}` }] }),
      {},
      'PASS holds',
    ],
    ['private, of nobody knows whom', balancer({ is_public: false, pools: undefined }), {}, 'PASS holds'],
    [
      'the same address in another network',
      balancer({ subnets: [{ id: 's7' }] }),
      {
        ...members({ address: '10.0.0.4' }),
        '/v1/subnets/s7': ok(subnet({ id: 's7', vpc: { id: 'v2' } })),
      },
      'PASS holds',
    ],
    ['pools not told', balancer({ pools: undefined }), {}, 'UNKNOWN absent-field'],
    ['members refused', balancer({}), { '/v1/load_balancers/lb1/pools/p1/members': refused }, 'UNKNOWN denied'],
    ['members not there', balancer({}), {}, 'UNKNOWN not-scanned'],
    [
      'workers without addresses',
      balancer({}),
      {
        ...members({ address: '10.0.0.4' }),
        '/global/v2/vpc/getWorkers': ok([{ id: 'w1', networkInterfaces: [{ subnetID: 's1' }] }]),
      },
      'UNKNOWN absent-field',
    ],
  ] as const)('%s', async (_case, one, answers, expected) => {
    const { ingress } = await vpc({ [BALANCERS]: ok({ load_balancers: [one] }), ...answers });
    expect(ingress).toBe(expected);
  });

  test('on the second page', async () => {
    const { ingress } = await vpc({
      [BALANCERS]: (count) =>
        count === 1
          ? ok({ load_balancers: [balancer({ pools: [] })], next: { href: `${BALANCERS}?start=2` } })
          : ok({ load_balancers: [balancer({ id: 'lb2', name: `kube-c1-${uid}` })] }),
    });
    expect(ingress).toBe('FAIL public-load-balancer');
  });

  test.each([
    ['refused', refused, 'UNKNOWN denied', 1],
    ['not there', { status: 404, body: {} }, 'UNKNOWN not-scanned', 0],
    ['a list of something else', ok({ items: [] }), 'UNKNOWN not-scanned', 0],
  ] as const)('%s: nothing else is blind', async (_case, answer, expected, gaps) => {
    const found = await vpc({ [BALANCERS]: answer });
    expect([found.ingress, found.egress, found.gaps]).toEqual([expected, 'PASS holds', gaps]);
  });
});
