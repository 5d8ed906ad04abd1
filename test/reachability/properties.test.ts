import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDocuments } from '#reachability/documents.ts';
import { uniteOutside } from '#reachability/outside.ts';
import { formatPorts, isNone, subtract } from '#reachability/ports.ts';
import { type Reachability, reachability } from '#reachability/reachability.ts';
import { report } from '#reachability/report.ts';
import { isObject } from '#reachability/shape.ts';
import { TOWN } from './harness.ts';

const selector = fc.constantFrom(
  {},
  { matchLabels: { app: 'web' } },
  { matchLabels: { tier: 'back' } },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] },
  { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
);
const namespaceSelector = fc.constantFrom(
  {},
  { matchLabels: { team: 'bank' } },
  { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
);
const peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector }),
  fc.record({ namespaceSelector, podSelector: selector }),
  fc.constantFrom(
    { ipBlock: { cidr: '10.0.0.0/8' } },
    { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } },
    { ipBlock: { cidr: '10.0.0.0/7', except: ['11.1.0.0/16'] } },
    { ipBlock: { cidr: '2001:db8::/32' } },
  ),
);
const port = fc.constantFrom(
  { port: 80 },
  { port: 8000, endPort: 9000 },
  { port: 'http' },
  { protocol: 'UDP' },
  { port: 53, protocol: 'UDP' },
);
const rule = (side: 'from' | 'to') =>
  fc.record(
    { [side]: fc.array(peer, { maxLength: 3 }), ports: fc.array(port, { maxLength: 2 }) },
    { requiredKeys: [] },
  );
const spec = fc.record({
  podSelector: selector,
  policyTypes: fc.constantFrom(['Ingress'], ['Egress'], ['Ingress', 'Egress']),
  ingress: fc.array(rule('from'), { maxLength: 3 }),
  egress: fc.array(rule('to'), { maxLength: 3 }),
});
type Spec = typeof spec extends fc.Arbitrary<infer T> ? T : never;
const policies = fc.array(fc.record({ namespace: fc.constantFrom('shop', 'bank'), spec }), { maxLength: 5 });
type Placed = { readonly namespace: string; readonly spec: Spec };

function evaluate(placed: readonly Placed[]): Reachability {
  const documents = placed.map(({ namespace, spec: one }, index) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `p${index}`, namespace },
    spec: one,
  }));
  const { input, errors } = readDocuments(
    [...TOWN, ...documents].filter(isObject).map((content) => ({ file: 'f.yaml', content })),
  );
  expect(errors).toEqual([]);
  return reachability(input);
}

const reportOf = (reach: Reachability) => report(reach, { services: [], notes: [], errors: [] });
const picture = (reach: Reachability) => JSON.stringify(reportOf(reach));
/** What reaches what, without the policies' names. */
const connections = (reach: Reachability) => JSON.stringify(reportOf(reach).connections);

describe('NetworkPolicies', () => {
  test('adding an allow rule to a policy never removes a path', () => {
    fc.assert(
      fc.property(
        policies,
        fc.record({ namespace: fc.constantFrom('shop', 'bank'), spec }),
        rule('from'),
        rule('to'),
        (others, one, from, to) => {
          const before = evaluate([...others, one]);
          const more = { ...one.spec, ingress: [...one.spec.ingress, from], egress: [...one.spec.egress, to] };
          const after = evaluate([...others, { ...one, spec: more }]);
          for (const src of before.classes) {
            for (const dst of before.classes) {
              const [wasFrom, wasTo] = [src, dst];
              const lost = subtract(
                before.between(wasFrom, wasTo),
                after.between(after.classes[src.id] ?? src, after.classes[dst.id] ?? dst),
              );
              expect(isNone(lost), `${formatPorts(lost)}`).toBe(true);
            }
            for (const direction of ['ingress', 'egress'] as const) {
              const open = (reach: Reachability) =>
                reach.profile(reach.classes[src.id] ?? src, direction).outside(['ipv4', 'ipv6']);
              expect(uniteOutside([open(before), open(after)])).toEqual(open(after));
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a policy that selects no pod changes nothing', () => {
    fc.assert(
      fc.property(policies, spec, (placed, idle) => {
        const nobody = { namespace: 'shop', spec: { ...idle, podSelector: { matchLabels: { app: 'nobody' } } } };
        expect(picture(evaluate([...placed, nobody as unknown as Placed]))).toBe(picture(evaluate(placed)));
        expect(picture(evaluate([...placed, { namespace: 'nowhere', spec: idle }]))).toBe(picture(evaluate(placed)));
      }),
      { numRuns: 150 },
    );
  });

  test('splitting a policy in two changes nothing', () => {
    fc.assert(
      fc.property(
        policies,
        fc.record({ namespace: fc.constantFrom('shop', 'bank'), spec }),
        fc.nat(3),
        (others, one, at) => {
          const parts = [
            {
              ...one,
              spec: { ...one.spec, ingress: one.spec.ingress.slice(0, at), egress: one.spec.egress.slice(at) },
            },
            {
              ...one,
              spec: { ...one.spec, ingress: one.spec.ingress.slice(at), egress: one.spec.egress.slice(0, at) },
            },
          ];
          expect(picture(evaluate([...others, ...parts]))).toBe(picture(evaluate([...others, one])));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('the order of policies changes nothing', () => {
    fc.assert(
      fc.property(policies, (placed) => {
        expect(connections(evaluate(placed.toReversed()))).toBe(connections(evaluate(placed)));
      }),
      { numRuns: 100 },
    );
  });

  test('the sparse matrix is the one that trying every pair gives', () => {
    fc.assert(
      fc.property(policies, (placed) => {
        const reach = evaluate(placed);
        const rows = new Set(reportOf(reach).connections.map(({ src, dst }) => `${src} ${dst}`));
        const id = (index: number) => {
          const [pod] = reach.classes[index]?.pods ?? [];
          return pod === undefined ? '' : `${pod.namespace}/${pod.workload.name}[${pod.workload.kind}]`;
        };
        for (const src of reach.classes) {
          for (const dst of reach.classes) {
            if (src.id !== dst.id)
              expect(rows.has(`${id(src.id)} ${id(dst.id)}`)).toBe(!isNone(reach.between(src, dst)));
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
