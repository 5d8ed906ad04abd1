import { describe, expect, test } from 'vitest';
import { deployment, manifests, reachabilityOf } from './harness.ts';

const PODS = manifests([
  deployment('default', 'backend', { tier: 'backend' }),
  deployment('default', 'cache', { tier: 'backend' }),
  deployment('default', 'front', { tier: 'front' }),
]);

const judge = (policy: string) => reachabilityOf({ 'pods.yaml': PODS, 'policy.yaml': policy });

const HEAD =
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: deny-backend-egress\n  namespace: default\n';

/** The article's listing, with its indentation. */
const printed = (last: string) => `${HEAD}  spec:
    podSelector:
    matchLabels:
      tier: backend
      policyTypes:
      - Egress
      egress:
      - to:
         - podSelector:
        matchLabels:
        tier: ${last}
`;

const edges = ({ report }: Awaited<ReturnType<typeof judge>>) =>
  report.connections.map(({ src, dst }) => `${src} → ${dst}`.replaceAll('default/', '').replaceAll('[Deployment]', ''));

describe("the seed's sample policy deny-backend-egress", () => {
  test('as printed, with the caption of the web page, is not YAML, and both faults are named', async () => {
    const { report, code } = await judge(printed('backendCode language: JavaScript (javascript)'));
    expect(report.errors).toEqual([
      { file: 'policy.yaml', resource: '', field: '', message: expect.stringMatching(/^line 16: .*caption/) },
      {
        file: 'policy.yaml',
        resource: '',
        field: '',
        message: 'spec stands two spaces too deep, inside metadata (line 6): it belongs beside it',
      },
    ]);
    expect(code).toBe(3);
  });

  test('without the artefact has no spec: strict decoding refuses metadata.spec', async () => {
    const { report } = await judge(printed('backend'));
    expect(report.errors).toEqual([
      {
        file: 'policy.yaml',
        resource: 'NetworkPolicy default/deny-backend-egress',
        field: 'metadata.spec',
        message:
          'unknown field "metadata.spec": spec stands two spaces too deep, inside metadata (line 6): it belongs beside it',
      },
    ]);
    expect(report.exposure.every(({ ingress, egress }) => !ingress.isolated && !egress.isolated)).toBe(true);
  });

  test('stored leniently, it is a default deny of ingress with no effect on egress: the reverse of its title', async () => {
    const { report } = await judge(HEAD);
    expect(report.exposure.map(({ ingress, egress }) => [ingress.isolated, egress.isolated])).toEqual([
      [true, false],
      [true, false],
      [true, false],
    ]);
  });

  test('with only spec moved out, spec.matchLabels is unknown', async () => {
    const { report } = await judge(`${HEAD}spec:\n  podSelector:\n  matchLabels:\n    tier: backend\n`);
    expect(report.errors.map(({ field }) => field)).toEqual(['spec.matchLabels']);
  });

  test('with the peer left empty, a peer must be specified', async () => {
    const { report } = await judge(
      `${HEAD}spec:\n  podSelector:\n    matchLabels:\n      tier: backend\n  policyTypes: [Egress]\n  egress:\n  - to:\n    - podSelector:\n`,
    );
    expect(report.errors).toMatchObject([{ field: 'spec.egress[0].to[0]', message: 'must specify a peer' }]);
  });

  test('fully moved out, it allows what it says it denies: backend to backend', async () => {
    const result = await judge(
      `${HEAD}spec:\n  podSelector: {matchLabels: {tier: backend}}\n  policyTypes: [Egress]\n  egress:\n  - to:\n    - podSelector: {matchLabels: {tier: backend}}\n`,
    );
    expect(edges(result).filter((edge) => edge.startsWith('backend'))).toEqual(['backend → cache']);
  });

  test('as meant, no backend pod opens a connection', async () => {
    const result = await judge(
      `${HEAD}spec:\n  podSelector: {matchLabels: {tier: backend}}\n  policyTypes: [Egress]\n`,
    );
    expect(edges(result).filter((edge) => /^(backend|cache)/.test(edge))).toEqual([]);
    expect(edges(result)).toContain('front → backend');
  });
});
