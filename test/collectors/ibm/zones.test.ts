import { describe, expect, test } from 'vitest';
import { ok, play, type Route, record, verdictsOf, verdictsOn } from './world.ts';

/** Network zones of context-based restrictions, and VLAN spanning of classic accounts, in the service's own words. */

const refused = { status: 403, body: { code: 'A0010', description: 'no access' } };

describe('the network zone of a rule', () => {
  const rule = (...attributes: readonly { name: string; value: string }[]) => ({
    id: 'r1',
    contexts: [{ attributes }],
  });
  const zone = (addresses: unknown, excluded?: unknown) => ok({ id: 'z', addresses, excluded });
  const range = (value: string, type = 'subnet') => ({ type, value });
  const byZone = [rule({ name: 'networkZoneId', value: 'z' })];
  const verdict = async (rules: unknown, answer: ReturnType<Route>) =>
    (await verdictsOn({}, { '/v1/rules': () => ok({ rules }), '/v1/zones/z': () => answer }))[
      'iks-context-restrictions'
    ];

  test.each([
    ['one range', zone([range('10.0.0.0/8')]), 'PASS holds'],
    ['every address', zone([range('0.0.0.0/0')]), 'FAIL everybody'],
    [
      'every address, from the first to the last',
      zone([range('0.0.0.0-255.255.255.255', 'ipRange')]),
      'FAIL everybody',
    ],
    ['two halves', zone([range('0.0.0.0/1'), range('128.0.0.0/1')]), 'FAIL everybody'],
    ['every address but a few', zone([range('0.0.0.0/0')], [range('192.0.2.0/24')]), 'FAIL everybody'],
    ['one half', zone([range('0.0.0.0/1')]), 'PASS holds'],
    [
      'a network and a service',
      zone([
        { type: 'vpc', value: 'crn:v1:x' },
        { type: 'serviceRef', ref: {} },
      ]),
      'PASS holds',
    ],
    ['no addresses told', zone(undefined), 'UNKNOWN malformed-answer'],
    ['an address that is none', zone([range('everywhere')]), 'UNKNOWN malformed-answer'],
    ['another zone', ok({ id: 'y', addresses: [] }), 'UNKNOWN malformed-answer'],
    ['among others in a list', ok({ zones: [{ id: 'y' }, { id: 'z', addresses: [range('::/0')] }] }), 'FAIL everybody'],
    ['refused', refused, 'UNKNOWN denied'],
    ['not there', { status: 404, body: {} }, 'UNKNOWN not-scanned'],
  ] as const)('%s', async (_case, answer, expected) => {
    expect(await verdict(byZone, answer)).toBe(expected);
  });

  test.each([
    [
      'a context that names no zone is for everybody',
      [rule({ name: 'endpointType', value: 'private' })],
      'FAIL everybody',
    ],
    ['no context lets nobody in', [{ id: 'r1', contexts: [] }], 'PASS holds'],
  ] as const)('%s', async (_case, rules, expected) => {
    expect(await verdict(rules, zone([range('10.0.0.0/8')]))).toBe(expected);
  });
});

describe('VLAN spanning', () => {
  const worker = (id: string, location: string, privateVlan = '1') => ({
    id,
    location,
    privateVlan,
    publicIP: '-',
    publicVlan: '-',
  });
  const verdict = async (workers: readonly unknown[], answer: ReturnType<Route>, connected: ReturnType<Route>) => {
    const { collect, counts } = await play({
      '/global/v2/getCluster': () => ok(record()),
      '/global/v1/clusters/c1/workers': () => ok(workers),
      '/global/v1/subnets/vlan-spanning': () => answer,
      '/rest/v3.1/SoftLayer_Network/isConnectedToPrivateEndpointService.json': () => connected,
    });
    const verdicts = verdictsOf(await collect());
    return [verdicts['prod']?.['iks-vlan-spanning'], counts.get('/global/v1/subnets/vlan-spanning') ?? 0];
  };
  const notReady = { status: 500, body: { error: 'x', code: 'SoftLayer_Exception_NotReady' } };
  const two = [worker('w1', 'tok02'), worker('w2', 'tok04')];
  test.each([
    [
      'one zone and VLAN: not asked',
      [worker('w1', 'tok02')],
      ok({ enabled: false }),
      notReady,
      'NOT_APPLICABLE single-vlan',
      0,
    ],
    ['two zones, off', two, ok({ enabled: false }), notReady, 'FAIL not-connected', 1],
    [
      'two VLANs, off',
      [worker('w1', 'tok02'), worker('w2', 'tok02', '2')],
      ok({ enabled: false }),
      notReady,
      'FAIL not-connected',
      1,
    ],
    ['two zones, on', two, ok({ enabled: true }), notReady, 'PASS holds', 1],
    ['two zones with VRF', two, ok({ enabled: false }), ok(true), 'PASS holds', 1],
    ['in words', two, ok({ enabled: 'true' }), notReady, 'UNKNOWN malformed-answer', 1],
    ['refused', two, refused, notReady, 'UNKNOWN denied', 1],
    ['a list', two, ok([]), notReady, 'UNKNOWN malformed-answer', 1],
  ] as const)('%s', async (_case, workers, answer, connected, expected, calls) => {
    expect(await verdict(workers, answer, connected)).toEqual([expected, calls]);
  });
});
