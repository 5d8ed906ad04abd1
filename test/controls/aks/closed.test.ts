import { expect, test } from 'vitest';
import { aksControls } from '#controls/aks/index.ts';
import { FIREWALL, NODES, TABLE } from '#test/collectors/azure/world.ts';
import { verdictsOf } from './verdicts.ts';

test('a closed cluster passes every control that applies to it', async () => {
  const verdicts = await verdictsOf({});
  const others = [...verdicts]
    .filter(([, { status }]) => status !== 'PASS')
    .map(([id, { status, reason, message }]) => `${id} ${status} ${reason} ${message}`);
  expect(others).toEqual([
    'aks-api-authorized-ranges NOT_APPLICABLE private-cluster authorized ranges cannot be set on a private cluster',
    'aks-api-subnet-delegation NOT_APPLICABLE no-vnet-integration the API server has no VNet integration',
    'aks-network-isolated NOT_APPLICABLE other-outbound-type the outbound type is userDefinedRouting',
    'aks-private-endpoints NOT_APPLICABLE no-dependencies no dependency is declared and the cluster names none',
  ]);
  expect(verdicts.size).toBe(aksControls.length);
});

test('the proof of a PASS carries the whole way to the firewall', async () => {
  const verdicts = await verdictsOf({});
  expect(verdicts.get('aks-egress-route')?.proof[0]).toMatchObject({
    kind: 'path',
    line: 'nodes of system, nodes of work → subnet nodes → route table rt-nodes → 0.0.0.0/0 (default) → VirtualAppliance 10.0.1.4 → firewall fw',
    hops: [
      'nodes of system, nodes of work',
      NODES.toLowerCase(),
      TABLE.toLowerCase(),
      '0.0.0.0/0 (default)',
      'VirtualAppliance 10.0.1.4',
      FIREWALL.toLowerCase(),
    ],
  });
});
