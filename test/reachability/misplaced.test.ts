import { describe, expect, test } from 'vitest';
import { reachabilityOf } from './harness.ts';

const lines = (...rows: readonly string[]) => `${rows.join('\n')}\n`;
const found = async (text: string) => {
  const { report, code } = await reachabilityOf({ 'a.yaml': text });
  const texts = (list: typeof report.errors) => list.map(({ field, message }) => `${field}: ${message}`);
  return { warnings: texts(report.warnings), errors: texts(report.errors), services: report.services, code };
};
const INTERNAL = 'service.beta.kubernetes.io/azure-load-balancer-internal: "true"';
const HEAD = ['apiVersion: v1', 'kind: Service', 'metadata:'];
const SPEC = ['spec:', '  type: LoadBalancer', '  ports:', '  - port: 80', '  selector:', '    app: internal-app'];

describe('annotations in the wrong place', () => {
  test('one space deeper than the name above them are not YAML, and their own line is named', async () => {
    const { errors } = await found(
      lines(...HEAD, '  name: internal-app', '   annotations:', `    ${INTERNAL}`, ...SPEC),
    );
    expect(errors).toEqual([
      ': not YAML: line 5: annotations stands one space too deep, below name (line 4), which has a value already',
    ]);
  });

  test('a comment or an empty line between the two does not hide it', async () => {
    const { errors } = await found(
      lines(
        ...HEAD,
        '  name: internal-app',
        '',
        '  # internal only',
        '     annotations:',
        `       ${INTERNAL}`,
        ...SPEC,
      ),
    );
    expect(errors).toEqual([expect.stringContaining('line 7: annotations stands three spaces too deep')]);
  });

  test.each([
    [
      'at the top level',
      [...HEAD, '  name: internal-app', 'annotations:', `  ${INTERNAL}`],
      'annotations: annotations is at the top level and has no effect there: it belongs under metadata (line 5)',
    ],
    [
      'under labels',
      [...HEAD, '  name: internal-app', '  labels:', '    app: a', '    annotations:', `      ${INTERNAL}`],
      'metadata.labels.annotations: annotations stands two spaces too deep, inside labels (line 7): it belongs beside it',
    ],
    [
      'as fields of metadata',
      [...HEAD, '  name: internal-app', '  annotations:', `  ${INTERNAL}`],
      'metadata.service.beta.kubernetes.io/azure-load-balancer-internal: service.beta.kubernetes.io/azure-load-balancer-internal stands inside metadata and has no effect there: it belongs under annotations or labels, two spaces deeper (line 6)',
    ],
  ])('%s are a warning, and the Service is shown without them', async (_case, head, warning) => {
    const { warnings, errors, services, code } = await found(lines(...head, ...SPEC));
    expect(warnings).toEqual([warning]);
    expect(errors).toEqual([]);
    expect(services).toMatchObject([{ service: 'default/internal-app', exposure: 'internet' }]);
    expect(code).toBe(0);
  });

  test('in spec are a warning too', async () => {
    const { warnings } = await found(
      lines(...HEAD, '  name: internal-app', ...SPEC, '  annotations:', `    ${INTERNAL}`),
    );
    expect(warnings).toEqual([
      'spec.annotations: annotations stands directly in spec: it belongs under metadata (line 11)',
    ]);
  });

  test('in their place are none', async () => {
    const { warnings, services } = await found(
      lines(...HEAD, '  name: internal-app', '  annotations:', `    ${INTERNAL}`, ...SPEC),
    );
    expect(warnings).toEqual([]);
    expect(services).toMatchObject([{ exposure: 'internal' }]);
  });
});

describe('fields of a policy in the wrong place', () => {
  const POLICY = ['apiVersion: networking.k8s.io/v1', 'kind: NetworkPolicy', 'metadata:', '    name: p'];

  test.each([
    [
      'a spec four spaces too deep',
      [...POLICY, '    spec:', '        podSelector: {}'],
      'metadata.spec: unknown field "metadata.spec": spec stands four spaces too deep, inside metadata (line 5): it belongs beside it',
    ],
    [
      'matchLabels beside podSelector',
      [...POLICY, 'spec:', '  podSelector:', '  matchLabels:', '    tier: backend'],
      'spec.matchLabels: unknown field "spec.matchLabels": matchLabels stands directly in spec: it belongs under podSelector, two spaces deeper (line 7)',
    ],
    [
      'policyTypes inside podSelector',
      [...POLICY, 'spec:', '  podSelector:', '    policyTypes: [Egress]'],
      'spec.podSelector.policyTypes: unknown field "spec.podSelector.policyTypes": policyTypes stands two spaces too deep (line 7): it belongs beside podSelector',
    ],
    [
      'egress among the labels',
      [...POLICY, 'spec:', '  podSelector:', '    matchLabels:', '      egress: []'],
      'spec.podSelector.matchLabels.egress: must be a string, not []: egress stands four spaces too deep (line 8): it belongs beside podSelector',
    ],
  ])('%s', async (_case, rows, error) => {
    expect((await found(lines(...rows))).errors).toEqual([error]);
  });

  test('other text that is not YAML keeps the message of its parser', async () => {
    expect((await found('a: b: c\n')).errors).toEqual([expect.stringContaining('line 1')]);
    expect((await found('kind: Pod\nmetadata:\n  name: x\n labels: {}\n')).errors).toEqual([
      expect.stringMatching(/line 4/),
    ]);
  });
});
