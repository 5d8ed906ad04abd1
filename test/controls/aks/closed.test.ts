import { expect, test } from 'vitest';
import { aksControls } from '#controls/aks/index.ts';
import { verdictsOf } from './verdicts.ts';

test('a closed cluster passes every control that applies to it', async () => {
  const verdicts = await verdictsOf({});
  const others = [...verdicts]
    .filter(([, { status }]) => status !== 'PASS')
    .map(([id, { status, reason, message }]) => `${id} ${status} ${reason} ${message}`);
  expect(others).toEqual([
    'aks-api-authorized-ranges NOT_APPLICABLE private-cluster authorized ranges cannot be set on a private cluster',
    'aks-network-isolated NOT_APPLICABLE other-outbound-type the outbound type is userDefinedRouting',
    'aks-private-endpoints NOT_APPLICABLE no-dependencies no dependency is declared and the cluster names none',
  ]);
  expect(verdicts.size).toBe(aksControls.length);
});

test('the proof of a PASS carries the whole way to the firewall', async () => {
  const verdicts = await verdictsOf({});
  expect(verdicts.get('aks-egress-route')?.proof[0]?.line).toMatch(
    /^nodes of system, nodes of work → \/subscriptions\/1.*\/subnets\/nodes → .*\/routetables\/rt-nodes → 0\.0\.0\.0\/0 \(default\) → VirtualAppliance 10\.0\.1\.4 → .*\/azurefirewalls\/fw$/,
  );
});
