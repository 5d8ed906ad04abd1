import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { manifests, matrixOf, type NetworkOptions, normalized, reachabilityOf, TOWN } from './harness.ts';

interface Case {
  readonly name: string;
  /** `shop/name: spec` of NetworkPolicies. */
  readonly policies?: Readonly<Record<string, unknown>>;
  /** Whole documents of other kinds. */
  readonly documents?: readonly unknown[];
  readonly matrix: string;
  /** What the operator says about the network. */
  readonly options?: NetworkOptions;
  /** `field: part of the message` of what was assumed. */
  readonly warnings?: Readonly<Record<string, string>>;
  /** `field: part of the message`, in the order of the fields. */
  readonly errors?: Readonly<Record<string, string>>;
}

const folder = new URL('./cases/', import.meta.url);
const files = readdirSync(folder).map((file) => ({
  file,
  cases: parse(readFileSync(new URL(file, folder), 'utf8')) as readonly Case[],
}));

function networkPolicy([place, spec]: [string, unknown]) {
  const [namespace, name] = place.split('/');
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}

test('there are at least sixty hand-made matrices', () => {
  expect(files.flatMap(({ cases }) => cases).length).toBeGreaterThanOrEqual(60);
});

describe.each(files)('$file', ({ cases }) => {
  test.each(cases)('$name', async ({ policies = {}, documents = [], options, matrix, warnings, errors = {} }) => {
    const { code, report } = await reachabilityOf(
      {
        'town.yaml': manifests(TOWN),
        'policies.yaml': manifests([...Object.entries(policies).map(networkPolicy), ...documents]),
      },
      options,
    );
    expect(matrixOf(report)).toBe(normalized(matrix));
    expect(report.errors.map(({ field }) => field)).toEqual(Object.keys(errors));
    for (const [index, message] of Object.values(errors).entries()) {
      expect(report.errors[index]?.message).toContain(message);
      expect(report.errors[index]?.file).toBe('policies.yaml');
    }
    if (warnings !== undefined) {
      expect(report.warnings.map(({ field }) => field)).toEqual(Object.keys(warnings).map((field) => field.trim()));
      for (const [index, message] of Object.values(warnings).entries())
        expect(report.warnings[index]?.message).toContain(message);
    }
    expect(code).toBe(report.errors.length === 0 ? 0 : 3);
  });
});
