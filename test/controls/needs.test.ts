import { expect, test } from 'vitest';
import { catalogue } from '#app/catalogue.ts';
import { permissions as aws, scannerPermissions } from '#collectors/aws/permissions.ts';
import { permissions as azure } from '#collectors/azure/permissions.ts';
import { permissions as ibm } from '#collectors/ibm/permissions.ts';
import { permissions as kubernetes } from '#collectors/kubernetes/permissions.ts';
import { permissions as kubespray } from '#collectors/kubespray/index.ts';

const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  aws: [...aws, ...scannerPermissions],
  azure,
  ibm,
  kubernetes,
  kubespray,
};

test('what a control needs is among what its collector declares: otherwise the doctor could not name what is blinded', () => {
  const unknown = catalogue().flatMap(({ id, provider, needs }) =>
    needs.filter((need) => PERMISSIONS[provider]?.includes(need) === false).map((need) => `${id}: ${need}`),
  );
  expect(unknown).toEqual([]);
  expect(new Set(catalogue().map(({ provider }) => provider))).toEqual(new Set([...Object.keys(PERMISSIONS), 'any']));
});
