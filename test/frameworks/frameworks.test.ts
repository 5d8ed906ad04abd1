import { expect, test } from 'vitest';
import { CONTROLS } from '#controls/index.ts';
import { FRAMEWORKS, requirementsOf } from '#frameworks/index.ts';

const known = new Set(CONTROLS.map(({ id }) => id));
test.each(FRAMEWORKS)('$id names in-cluster controls of the catalogue only', ({ requirements }) => {
  const named = Object.values(requirements).flat();
  expect(named.filter((id) => /^kube(rnetes|spray)-/.test(id) && !known.has(id))).toEqual([]);
});

test('a control has its number per version of the benchmark, not one number', () => {
  expect(requirementsOf('kubespray-tls-cipher-suites')).toEqual([
    { framework: 'cis-kubernetes-2.0.1', requirement: '1.2.29' },
    { framework: 'cis-kubernetes-2.0.1', requirement: '4.2.12' },
    { framework: 'cis-kubernetes-1.12', requirement: '1.2.29' },
    { framework: 'cis-kubernetes-1.12', requirement: '4.2.12' },
    { framework: 'cis-kubernetes-1.24', requirement: '1.2.31' },
    { framework: 'cis-kubernetes-1.24', requirement: '4.2.13' },
  ]);
  expect(requirementsOf('kubespray-kubelet-protect-kernel-defaults')).toEqual([
    { framework: 'cis-kubernetes-1.24', requirement: '4.2.6' },
  ]);
  expect(requirementsOf('kubernetes-default-deny-ingress').map(({ framework }) => framework)).toContain(
    'cis-eks-1.8.0',
  );
});

test('every framework has an id of its own', () => {
  expect(new Set(FRAMEWORKS.map(({ id }) => id)).size).toBe(FRAMEWORKS.length);
});
