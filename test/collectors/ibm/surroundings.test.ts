import { describe, expect, test } from 'vitest';
import { clusterOf, ok, play, type Route, record, verdictsOf, verdictsOn } from './world.ts';

/** What stands around a cluster, in the service's own words: workers, subnets, load balancers, the audit webhook, restrictions. */

const refused = { status: 403, body: { code: 'A0010', description: 'no access' } };
const WORKERS = '/global/v1/clusters/c1/workers';
const ALBS = '/global/v1/alb/clusters/c1';
const WEBHOOK = '/global/v1/clusters/c1/apiserverconfigs/auditwebhook';
const RULES = '/v1/rules';

async function verdict(control: string, path: string, answer: ReturnType<Route>): Promise<string | undefined> {
  return (await verdictsOn({}, { [path]: () => answer }))[control];
}

describe('classic workers', () => {
  const worker = { id: 'w1', privateIP: '10.0.0.4', privateVlan: '1', publicIP: '-', publicVlan: '-' };
  test.each([
    ['no public side', ok([worker]), 'PASS holds'],
    ['empty for none', ok([{ ...worker, publicIP: '', publicVlan: '' }]), 'PASS holds'],
    ['one of two with a public VLAN', ok([worker, { ...worker, id: 'w2', publicVlan: '22' }]), 'FAIL public-vlan'],
    ['one with a public address', ok([{ ...worker, publicIP: '169.60.1.2' }]), 'FAIL public-vlan'],
    ['none', ok([]), 'NOT_APPLICABLE no-workers'],
    ['one that does not report its VLAN', ok([{ id: 'w1', publicIP: '-' }]), 'UNKNOWN absent-field'],
    ['one whose address is null', ok([{ ...worker, publicIP: null }]), 'UNKNOWN absent-field'],
    ['one whose VLAN is a number', ok([{ ...worker, publicVlan: 22 }]), 'UNKNOWN malformed-answer'],
    ['an object instead of the list', ok({ workers: [] }), 'UNKNOWN malformed-answer'],
    ['refused', refused, 'UNKNOWN denied'],
    ['not found', { status: 404, body: { code: 'E0008', description: 'x' } }, 'UNKNOWN not-found'],
  ] as const)('%s', async (_case, answer, expected) => {
    expect(await verdict('iks-node-egress', WORKERS, answer)).toBe(expected);
  });
});

describe('application load balancers', () => {
  const alb = (changes: Readonly<Record<string, unknown>>) => ({
    albID: 'x',
    albType: 'private',
    enable: true,
    ...changes,
  });
  test.each([
    ['private only', ok({ alb: [alb({})] }), 'PASS holds'],
    ['none', ok({ alb: [] }), 'PASS holds'],
    ['public and enabled', ok({ alb: [alb({}), alb({ albType: 'public' })] }), 'FAIL public-alb'],
    ['public and disabled', ok({ alb: [alb({ albType: 'public', enable: false })] }), 'PASS holds'],
    ['by type, whatever the id says', ok({ alb: [alb({ albID: 'public-cr1-alb1' })] }), 'PASS holds'],
    [
      'an unknown type beside an open public one',
      ok({ alb: [alb({ albType: 'x' }), alb({ albType: 'public' })] }),
      'FAIL public-alb',
    ],
    ['an unknown type', ok({ alb: [alb({ albType: 'hybrid' })] }), 'UNKNOWN unrecognised-value'],
    ['no type', ok({ alb: [alb({ albType: undefined })] }), 'UNKNOWN absent-field'],
    [
      'public, enabled in quotes',
      ok({ alb: [alb({ albType: 'public', enable: 'false' })] }),
      'UNKNOWN malformed-answer',
    ],
    ['no list', ok({}), 'UNKNOWN malformed-answer'],
    ['refused', refused, 'UNKNOWN denied'],
  ] as const)('%s', async (_case, answer, expected) => {
    expect(await verdict('iks-ingress-private', ALBS, answer)).toBe(expected);
  });
});

test('load balancers of a classic cluster are asked for by the second path where the first is not there', async () => {
  const { collect, counts } = await play({
    '/global/v2/getCluster': () => ok(record()),
    [ALBS]: () => ({ status: 404, body: { code: 'E0008', description: 'x' } }),
    '/global/v2/alb/getClusterAlbs': () => ok({ alb: [{ albID: 'p', albType: 'public', enable: true }] }),
  });
  const collected = await collect();
  expect([verdictsOf(collected)['prod']?.['iks-ingress-private'], collected.gaps]).toEqual(['FAIL public-alb', []]);
  expect([counts.get(ALBS), counts.get('/global/v2/alb/getClusterAlbs')]).toEqual([1, 1]);
});

describe('the audit webhook', () => {
  test.each([
    ['set', ok({ auditServer: 'https://audit.example', clientKey: 'KEY' }), 'PASS holds'],
    ['404 for none', { status: 404, body: { code: 'E1', description: 'not set' } }, 'FAIL missing'],
    ['an empty object for none', ok({}), 'FAIL missing'],
    ['an empty server for none', ok({ auditServer: '' }), 'FAIL missing'],
    ['a server that is not text', ok({ auditServer: {} }), 'UNKNOWN malformed-answer'],
    ['a list', ok([]), 'UNKNOWN malformed-answer'],
    ['refused', refused, 'UNKNOWN denied'],
  ] as const)('%s', async (_case, answer, expected) => {
    expect(await verdict('iks-audit-log', WEBHOOK, answer)).toBe(expected);
  });
});

describe('the network plugin', () => {
  test.each([
    ['Calico', 'PASS holds'],
    ['calico', 'PASS holds'],
    ['OVNKubernetes', 'PASS holds'],
    ['Flannel', 'UNKNOWN unrecognised-value'],
    [undefined, 'UNKNOWN absent-field'],
    [7, 'UNKNOWN malformed-answer'],
  ])('%s', async (networkPlugin, expected) => {
    expect((await verdictsOn({ networkPlugin }))['iks-network-policy']).toBe(expected);
  });
});

describe('context-based restrictions', () => {
  const CLUSTER = 'crn:v1:bluemix:public:containers-kubernetes::::api-type:cluster';
  const MANAGEMENT = 'crn:v1:bluemix:public:containers-kubernetes::::api-type:management';
  const attributes = (...extra: readonly { name: string; value: string }[]) => [
    {
      attributes: [
        { name: 'accountId', value: 'acc' },
        { name: 'serviceName', value: 'containers-kubernetes' },
        ...extra,
      ],
    },
  ];
  const rule = (changes: Readonly<Record<string, unknown>> = {}) => ({
    id: 'r1',
    enforcement_mode: 'enabled',
    operations: { api_types: [{ api_type_id: CLUSTER }] },
    contexts: [
      {
        attributes: [
          { name: 'networkZoneId', value: 'z' },
          { name: 'endpointType', value: 'private' },
        ],
      },
    ],
    resources: attributes(),
    ...changes,
  });
  test.each([
    ['enforced for the cluster API', [rule()], 'PASS holds'],
    ['without a mode: enabled', [rule({ enforcement_mode: undefined })], 'PASS holds'],
    ['without operations: every API', [rule({ operations: undefined })], 'PASS holds'],
    ['without resources: every cluster', [rule({ resources: undefined })], 'PASS holds'],
    ['for this cluster', [rule({ resources: attributes({ name: 'serviceInstance', value: 'c1' }) })], 'PASS holds'],
    [
      'for another cluster',
      [rule({ resources: attributes({ name: 'serviceInstance', value: 'c2' }) })],
      'FAIL missing',
    ],
    [
      'by tag',
      [rule({ resources: [{ attributes: [], tags: [{ name: 'env', value: 'prod' }] }] })],
      'UNKNOWN undecidable',
    ],
    [
      'for the management API only',
      [rule({ operations: { api_types: [{ api_type_id: MANAGEMENT }] } })],
      'FAIL missing',
    ],
    ['report only', [rule({ enforcement_mode: 'report' })], 'FAIL missing'],
    ['disabled', [rule({ enforcement_mode: 'disabled' })], 'FAIL missing'],
    ['none', [], 'FAIL missing'],
    ['a rule that is not an object', ['r1'], 'UNKNOWN malformed-answer'],
    ['a mode that is not text', [rule({ enforcement_mode: true })], 'UNKNOWN malformed-answer'],
  ] as const)('%s', async (_case, rules, expected) => {
    expect(await verdict('iks-context-restrictions', RULES, ok({ count: rules.length, rules }))).toBe(expected);
  });

  test.each([
    ['the service is not there', { status: 404, body: null, text: '<html>' }, 'UNKNOWN not-scanned', 0],
    ['refused', refused, 'UNKNOWN denied', 1],
    ['no list', ok({}), 'UNKNOWN malformed-answer', 1],
  ] as const)('%s: nothing else is blind', async (_case, answer, expected, gaps) => {
    const { collect } = await play({ '/global/v2/getCluster': () => ok(record()), [RULES]: () => answer });
    const collected = await collect();
    expect(verdictsOf(collected)['prod']).toMatchObject({
      'iks-context-restrictions': expected,
      'iks-closed': 'PASS holds',
    });
    expect([collected.gaps.length, clusterOf(collected)?.cluster.state]).toEqual([gaps, 'collected']);
  });
});
