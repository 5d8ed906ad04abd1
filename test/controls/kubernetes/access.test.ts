import { describe, expect, test } from 'vitest';
import { apiServer, denied, read, verdictOf } from './evidence.ts';

const servers = (...commands: string[][]) => ({
  staticPods: read(
    commands.map((command, index) => ({ ...apiServer, name: `kube-apiserver-cp${index + 1}`, command })),
  ),
});
const audited = ['--audit-policy-file=/a', '--audit-log-path=/b'];

describe('kubernetes-audit-log', () => {
  test.each([
    ['policy and file', servers(audited), 'PASS', 'holds'],
    ['policy and webhook', servers(['--audit-policy-file=/a', '--audit-webhook-config-file=/w']), 'PASS', 'holds'],
    ['a flag and its value apart', servers(['--audit-policy-file', '/a', '--audit-log-path', '-']), 'PASS', 'holds'],
    ['a policy without a destination', servers(['--audit-policy-file=/a']), 'FAIL', 'audit-off'],
    ['one of two API servers without', servers(audited, []), 'FAIL', 'audit-off'],
    ['no static pod', servers(), 'UNKNOWN', 'host-only'],
    ['pods denied', { staticPods: denied }, 'UNKNOWN', 'denied'],
    ['a managed control plane', { platform: 'eks' as const }, 'NOT_APPLICABLE', 'provider'],
  ] as const)('%s → %s', (_case, change, status, reason) => {
    expect(verdictOf('kubernetes-audit-log', change)).toMatchObject({ status, reason });
  });
});

describe('kubernetes-default-ports', () => {
  test.each([
    [['--secure-port=8443'], 'PASS'],
    [['--secure-port=6443'], 'FAIL'],
    [[], 'FAIL'],
  ] as const)('%j → %s', (command, status) => {
    expect(verdictOf('kubernetes-default-ports', servers([...command])).status).toBe(status);
  });
});
