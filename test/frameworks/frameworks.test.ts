import { expect, test } from 'vitest';
import { catalogue } from '#app/catalogue.ts';
import { FRAMEWORKS, requirementsOf } from '#frameworks/index.ts';

const known = new Set(catalogue().map(({ id }) => id));
test.each(FRAMEWORKS)('$id names controls of the catalogue only', ({ requirements }) => {
  expect(
    Object.values(requirements)
      .flat()
      .filter((id) => !known.has(id)),
  ).toEqual([]);
});

test('a control has its number per version of the benchmark, not one number', () => {
  expect(requirementsOf('kubespray-tls-cipher-suites')).toEqual([
    { framework: 'CIS Kubernetes Benchmark', version: '2.0.1', requirement: '1.2.29' },
    { framework: 'CIS Kubernetes Benchmark', version: '2.0.1', requirement: '4.2.12' },
    { framework: 'CIS Kubernetes Benchmark', version: '1.12', requirement: '1.2.29' },
    { framework: 'CIS Kubernetes Benchmark', version: '1.12', requirement: '4.2.12' },
    { framework: 'CIS Kubernetes Benchmark', version: '1.24', requirement: '1.2.31' },
    { framework: 'CIS Kubernetes Benchmark', version: '1.24', requirement: '4.2.13' },
  ]);
  expect(requirementsOf('kubespray-kubelet-protect-kernel-defaults')).toEqual([
    { framework: 'CIS Kubernetes Benchmark', version: '1.24', requirement: '4.2.6' },
  ]);
  expect(requirementsOf('kubernetes-default-deny-ingress').map(({ framework }) => framework)).toContain(
    'CIS Amazon EKS Benchmark',
  );
});

test('every framework has an id of its own', () => {
  expect(new Set(FRAMEWORKS.map(({ id }) => id)).size).toBe(FRAMEWORKS.length);
});
