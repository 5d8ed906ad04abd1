import { expect, test } from 'vitest';
import { FIREWALL, type Json, pool, rowOf, TABLE, type World } from '#test/collectors/azure/world.ts';
import { verdictsOf } from './verdicts.ts';

const DRIFTS: readonly (readonly [string, (world: World) => void, Readonly<Record<string, string>>])[] = [
  [
    'the outbound type is changed after creation',
    (world) => {
      (world.properties['networkProfile'] as Json)['outboundType'] = 'loadBalancer';
    },
    { 'aks-outbound-type': 'FAIL', 'aks-egress-route': 'NOT_APPLICABLE', 'aks-egress-firewall': 'NOT_APPLICABLE' },
  ],
  [
    'the route table is emptied',
    (world) => {
      rowOf(world, TABLE)['routes'] = [];
    },
    {
      'aks-outbound-type': 'FAIL',
      'aks-egress-route': 'FAIL',
      'aks-egress-firewall': 'NOT_APPLICABLE',
      'aks-egress-rules': 'NOT_APPLICABLE',
    },
  ],
  [
    'the firewall is deleted',
    (world) => {
      world.rows = world.rows.filter(({ id }) => id !== FIREWALL);
    },
    {
      'aks-outbound-type': 'FAIL',
      'aks-egress-route': 'FAIL',
      'aks-egress-firewall': 'FAIL',
      'aks-egress-rules': 'NOT_APPLICABLE',
    },
  ],
  [
    'a pool with public addresses is added',
    (world) => {
      (world.properties['agentPoolProfiles'] as Json[]).push(pool('edge', { enableNodePublicIP: true }));
    },
    { 'aks-node-public-ip': 'FAIL' },
  ],
];

test.each(DRIFTS)('%s: exactly these verdicts change', async (_title, change, expected) => {
  const before = await verdictsOf({});
  const after = await verdictsOf({ change });
  const changed = [...after]
    .filter(([id, { status }]) => before.get(id)?.status !== status)
    .map(([id, { status }]) => [id, status]);
  expect(Object.fromEntries(changed)).toEqual(expected);
});
