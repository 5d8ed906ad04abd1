import { describe, expect, test } from 'vitest';
import { brief, SEED_HARDENING, verdicts } from './inventories.ts';

const PASS = 'PASS holds';
const NOT_THERE = 'NOT_APPLICABLE not-in-this-version';

/** The seed's hardening file, applied with `-e @hardening.yaml`: what each release makes of it. */
const TABLE: Readonly<Record<string, readonly [v219: string, v220: string, v225: string, master: string]>> = {
  'authorization-modes': [PASS, PASS, PASS, PASS],
  'request-timeout': [PASS, PASS, PASS, PASS],
  'service-account-lookup': [PASS, PASS, PASS, PASS],
  audit: [PASS, PASS, PASS, PASS],
  'audit-log-path': [PASS, PASS, PASS, PASS],
  'audit-log-max-age': [PASS, PASS, PASS, PASS],
  'audit-log-max-backups': [PASS, PASS, PASS, PASS],
  'audit-log-max-size': [PASS, PASS, PASS, PASS],
  'tls-min-version': [PASS, PASS, PASS, PASS],
  'tls-cipher-suites': [PASS, PASS, PASS, PASS],
  'secret-encryption': [PASS, PASS, PASS, PASS],
  'encryption-resources': [PASS, PASS, PASS, PASS],
  'encryption-algorithm': [PASS, PASS, PASS, PASS],
  'admission-plugins': [PASS, PASS, PASS, PASS],
  'admission-config-file': [PASS, PASS, PASS, PASS],
  'event-rate-limits': [PASS, PASS, PASS, PASS],
  profiling: [PASS, PASS, PASS, PASS],
  'scheduler-profiling': [PASS, PASS, PASS, PASS],
  'bind-addresses': [PASS, PASS, PASS, PASS],
  'terminated-pod-gc': [PASS, PASS, PASS, PASS],
  'controller-feature-gates': [PASS, PASS, PASS, PASS],
  'etcd-deployment': [PASS, PASS, PASS, PASS],
  'etcd-metrics': [PASS, PASS, PASS, PASS],
  'kubelet-authorization': [PASS, 'FAIL always-allow', PASS, PASS],
  'kubelet-authentication': [PASS, PASS, PASS, PASS],
  'kubelet-anonymous': [PASS, PASS, PASS, PASS],
  'kubelet-read-only-port': [PASS, PASS, PASS, PASS],
  'kubelet-rotate-server-certificates': [PASS, PASS, PASS, PASS],
  'kubelet-protect-kernel-defaults': [PASS, PASS, PASS, PASS],
  'kubelet-event-record-qps': [PASS, PASS, PASS, PASS],
  'kubelet-rotate-certificates': [PASS, PASS, PASS, PASS],
  'kubelet-streaming-idle-timeout': [PASS, PASS, PASS, PASS],
  'kubelet-iptables-util-chains': [PASS, PASS, PASS, PASS],
  'kubelet-feature-gates': [PASS, PASS, 'FAIL removed-gate', 'FAIL removed-gate'],
  'kubelet-seccomp-default': [PASS, PASS, PASS, PASS],
  'kubelet-systemd-hardening': [PASS, PASS, PASS, PASS],
  'kubelet-secure-addresses': [PASS, PASS, PASS, PASS],
  'file-owners': [PASS, PASS, PASS, PASS],
  'pod-security': [PASS, PASS, PASS, PASS],
  'anonymous-access': [NOT_THERE, NOT_THERE, 'FAIL anonymous', 'FAIL anonymous'],
  'api-anonymous-auth': ['FAIL anonymous', 'FAIL anonymous', 'FAIL anonymous', 'FAIL anonymous'],
  'network-plugin': [PASS, PASS, PASS, PASS],
  'metrics-exposure': [PASS, PASS, PASS, PASS],
  drift: [
    'NOT_APPLICABLE no-live-cluster',
    'NOT_APPLICABLE no-live-cluster',
    'NOT_APPLICABLE no-live-cluster',
    'NOT_APPLICABLE no-live-cluster',
  ],
  'hardening-impact': [
    'NOT_APPLICABLE no-live-cluster',
    'NOT_APPLICABLE no-live-cluster',
    'NOT_APPLICABLE no-live-cluster',
    'NOT_APPLICABLE no-live-cluster',
  ],
};

describe.each([
  ['v2.19.0', 0],
  ['v2.20.0', 1],
  ['v2.25.0', 2],
  ['master', 3],
] as const)("the seed's hardening file on %s", (version, column) => {
  test('gives the verdicts of the table', async () => {
    const judged = await verdicts({ version, vars: ['hardening.yaml'] }, { 'hardening.yaml': SEED_HARDENING });
    const expected = Object.fromEntries(Object.entries(TABLE).map(([id, row]) => [id, row[column]]));
    expect(Object.fromEntries(Object.entries(judged).map(([id, verdict]) => [id, brief(verdict)]))).toEqual(expected);
  });
});

test('the kubelet hole of v2.20 is named with the variable that the seed leaves out', async () => {
  const judged = await verdicts({ version: 'v2.20.0', vars: ['hardening.yaml'] }, { 'hardening.yaml': SEED_HARDENING });
  expect(judged['kubelet-authorization']?.message).toContain(
    'kubelet_authorization_mode_webhook: false (not set, role default of v2.20.0)',
  );
});

test('late patch releases of 2.19 are not guessed', async () => {
  const judged = await verdicts({ version: 'v2.19.1', vars: ['hardening.yaml'] }, { 'hardening.yaml': SEED_HARDENING });
  expect(brief(judged['kubelet-authorization'])).toBe('UNKNOWN version-unknown');
});

test('the proof names file and line', async () => {
  const judged = await verdicts({ version: 'v2.20.0', vars: ['hardening.yaml'] }, { 'hardening.yaml': SEED_HARDENING });
  const line = SEED_HARDENING.split('\n').findIndex((text) => text.startsWith('kube_encrypt_secret_data:')) + 1;
  expect(judged['secret-encryption']?.proof[0]?.line).toContain(`(hardening.yaml:${line})`);
});

test("the seed's Prometheus tips open the listeners, and no host policy stands in", async () => {
  const tips =
    'kube_controller_manager_bind_address: 0.0.0.0\nkube_scheduler_bind_address: 0.0.0.0\netcd_extra_vars:\n  listen-metrics-urls: http://0.0.0.0:2381\n';
  const judged = await verdicts(
    { version: 'v2.20.0', vars: ['hardening.yaml', 'tips.yaml'] },
    { 'hardening.yaml': SEED_HARDENING, 'tips.yaml': tips },
  );
  expect(brief(judged['metrics-exposure'])).toBe('FAIL exposed');
  expect(brief(judged['etcd-metrics'])).toBe('FAIL metrics-open');
  expect(brief(judged['bind-addresses'])).toBe('FAIL not-loopback');
});
