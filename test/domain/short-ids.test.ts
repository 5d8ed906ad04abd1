import { expect, test } from 'vitest';
import { shortIds } from '#domain/short-ids.ts';

test('an ARM id is told by its last type and name', () => {
  const id = '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/aks';
  expect(shortIds(`${id} → internet`)).toBe('subnets/aks → internet');
});

test('a text that is made of nothing but the beginnings of ids costs no time', { timeout: 5_000 }, () => {
  const text = '/subscriptions/'.repeat(100_000);
  expect(shortIds(text)).toBe(text);
});
