import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import { denied, evidence, malformed, outcome, read, verdictOf, withCluster } from './builders.ts';

type Row = readonly [name: string, of: EksEvidence, expected: string];

function rows(id: string, cases: readonly Row[], settings = {}) {
  test.each(cases)(`${id}: %s`, (_name, of, expected) => {
    expect(outcome(id, of, { settings })).toBe(expected);
  });
}

const configured = (text: string) =>
  evidence({ vpcCni: { state: 'listed', configuration: read(given(text), 'eks:DescribeAddon') } });

describe('settings of the cluster itself', () => {
  rows('eks-audit-log', [
    ['both are on', withCluster({ enabledLogs: given(['api', 'audit', 'authenticator']) }), 'PASS holds'],
    ['everything is off', withCluster({ enabledLogs: given([]) }), 'FAIL log-off'],
    ['only one of the two is on', withCluster({ enabledLogs: given(['audit', 'api']) }), 'FAIL log-off'],
    ['logging was not sent', withCluster({ enabledLogs: ABSENT }), 'UNKNOWN absent-field'],
    ['logging is of another type', withCluster({ enabledLogs: malformed }), 'UNKNOWN malformed-answer'],
  ]);

  rows('eks-secrets-encryption', [
    [
      'a key for secrets',
      withCluster({ encryptedResources: given(['secrets']), version: given('1.16') }),
      'PASS holds',
    ],
    ['no key on 1.28', withCluster({ encryptedResources: ABSENT, version: given('1.28') }), 'PASS aws-owned-key'],
    ['no key on 1.27', withCluster({ encryptedResources: ABSENT, version: given('1.27') }), 'FAIL not-encrypted'],
    [
      'a key for something else on 1.27',
      withCluster({ encryptedResources: given(['configmaps']), version: given('1.27') }),
      'FAIL not-encrypted',
    ],
    [
      '1.9 is older than 1.28',
      withCluster({ encryptedResources: ABSENT, version: given('1.9') }),
      'FAIL not-encrypted',
    ],
    ['neither key nor version', withCluster({ encryptedResources: ABSENT, version: ABSENT }), 'UNKNOWN absent-field'],
    ['a key of another type', withCluster({ encryptedResources: malformed }), 'UNKNOWN malformed-answer'],
    [
      'a version that is none',
      withCluster({ encryptedResources: ABSENT, version: given('latest') }),
      'UNKNOWN unrecognised-value',
    ],
  ]);

  rows(
    'eks-secrets-encryption',
    [
      ['an own key, as asked', evidence(), 'PASS holds'],
      ['an AWS-owned key is not enough', withCluster({ encryptedResources: ABSENT }), 'FAIL aws-owned-key'],
    ],
    { customerKey: true },
  );

  rows('eks-access-mode', [
    ['entries alone', evidence(), 'PASS holds'],
    ['both', withCluster({ authenticationMode: given('API_AND_CONFIG_MAP') }), 'FAIL config-map'],
    ['the ConfigMap alone', withCluster({ authenticationMode: given('CONFIG_MAP') }), 'FAIL config-map'],
    ['not sent', withCluster({ authenticationMode: ABSENT }), 'UNKNOWN absent-field'],
    ['a new mode', withCluster({ authenticationMode: given('SOMETHING') }), 'UNKNOWN unrecognised-value'],
    ['another spelling', withCluster({ authenticationMode: given('api') }), 'UNKNOWN unrecognised-value'],
  ]);

  rows('eks-control-plane-egress', [
    ['through the VPC', evidence(), 'PASS holds'],
    ['through AWS', withCluster({ controlPlaneEgressMode: given('AWS_MANAGED') }), 'FAIL aws-managed'],
    ['not sent', withCluster({ controlPlaneEgressMode: ABSENT }), 'UNKNOWN absent-field'],
    ['of another type', withCluster({ controlPlaneEgressMode: malformed }), 'UNKNOWN malformed-answer'],
    ['a new mode', withCluster({ controlPlaneEgressMode: given('LATER') }), 'UNKNOWN unrecognised-value'],
  ]);

  test('profile private does not ask for the way of the control plane', () => {
    const of = withCluster({ controlPlaneEgressMode: given('AWS_MANAGED') });
    expect(outcome('eks-control-plane-egress', of, { profile: 'private' })).toBe('NOT_APPLICABLE internet-allowed');
  });

  rows('eks-cluster-role', [
    ['the policy and another one', evidence({ rolePolicies: read(['Own', 'AmazonEKSClusterPolicy']) }), 'PASS holds'],
    ['only the policy of 2020', evidence({ rolePolicies: read(['AmazonEKSServicePolicy']) }), 'FAIL missing'],
    ['no policy, or no role any more', evidence({ rolePolicies: read<string[]>([]) }), 'FAIL missing'],
    ['not allowed to look', evidence({ rolePolicies: denied('iam:ListAttachedRolePolicies') }), 'UNKNOWN denied'],
    ['the cluster names no role', withCluster({ roleArn: ABSENT }), 'UNKNOWN absent-field'],
  ]);
});

describe('eks-network-policy', () => {
  rows('eks-network-policy', [
    ['on as a text', configured('{"enableNetworkPolicy":"true"}'), 'PASS holds'],
    ['on as a boolean', configured('{"enableNetworkPolicy": true}'), 'PASS holds'],
    ['on in YAML', configured('env:\n  A: "1"\nenableNetworkPolicy: "true"\n'), 'PASS holds'],
    ['off', configured('{"enableNetworkPolicy":"false"}'), 'FAIL off'],
    ['another key only', configured('{"enableWindowsIpam":"true"}'), 'FAIL off'],
    ['a key that only ends so', configured('{"xenableNetworkPolicy":"true"}'), 'FAIL off'],
    ['commented out in YAML', configured('# enableNetworkPolicy: "true"\nenv: {}\n'), 'FAIL off'],
    ['neither on nor off', configured('{"enableNetworkPolicy":"maybe"}'), 'UNKNOWN unrecognised-value'],
    [
      'no configuration: the default is off',
      evidence({ vpcCni: { state: 'listed', configuration: read(ABSENT) } }),
      'FAIL off',
    ],
    [
      'a configuration of another type',
      evidence({ vpcCni: { state: 'listed', configuration: read(malformed) } }),
      'UNKNOWN malformed-answer',
    ],
    [
      'not allowed to describe the add-on',
      evidence({ vpcCni: { state: 'listed', configuration: denied('eks:DescribeAddon') } }),
      'UNKNOWN denied',
    ],
    [
      'not allowed to list add-ons',
      evidence({ addons: denied('eks:ListAddons'), vpcCni: { state: 'not-listed' } }),
      'UNKNOWN denied',
    ],
    [
      'the plugin is managed inside the cluster',
      evidence({ addons: read(['coredns']), vpcCni: { state: 'not-installed' } }),
      'UNKNOWN undecidable',
    ],
    ['Auto Mode', withCluster({ autoMode: given(true) }), 'UNKNOWN undecidable'],
    ['Auto Mode is off', withCluster({ autoMode: given(false) }), 'PASS holds'],
    ['Auto Mode of another type', withCluster({ autoMode: malformed }), 'UNKNOWN malformed-answer'],
  ]);
});

describe('fixes name what they mend', () => {
  test.each([
    ['eks-audit-log', withCluster({ enabledLogs: given(['audit']) }), '["authenticator"]'],
    [
      'eks-secrets-encryption',
      withCluster({ encryptedResources: ABSENT, version: given('1.20') }),
      '--cluster-name shop',
    ],
    ['eks-access-mode', withCluster({ authenticationMode: given('CONFIG_MAP') }), 'API_AND_CONFIG_MAP'],
    ['eks-control-plane-egress', withCluster({ controlPlaneEgressMode: given('AWS_MANAGED') }), 'CUSTOMER_ROUTED'],
    ['eks-cluster-role', evidence({ rolePolicies: read<string[]>([]) }), '--role-name cluster-role'],
    ['eks-network-policy', configured('{}'), '--cluster-name shop'],
  ])('%s', (id, of, expected) => {
    const verdict = verdictOf(id, of);
    expect(verdict.status === 'FAIL' ? verdict.fix?.commands.join('\n') : verdict.status).toContain(expected);
    expect(verdict.proof.length).toBeGreaterThan(0);
  });
});
