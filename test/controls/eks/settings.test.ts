import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import { addon, denied, evidence, malformed, outcome, read, verdictOf, withCluster } from './builders.ts';

/** Controls that stand on the cluster's own description, its role and its add-ons. */

const cni = (configuration: string) =>
  evidence({ vpcCni: { state: 'listed', configuration: read(given(configuration)) } });

const version = (text: string) =>
  evidence({ addonDescriptions: [{ name: 'vpc-cni', description: read(addon({ version: given(text) })) }] });
const cniOff = { vpcCni: cni('{}').vpcCni };

describe('eks-audit-log', () => {
  test.each([
    ['both on', evidence(), 'PASS holds'],
    ['all on', withCluster({ enabledLogs: given(['api', 'audit', 'authenticator', 'scheduler']) }), 'PASS holds'],
    ['audit only', withCluster({ enabledLogs: given(['audit']) }), 'FAIL log-off'],
    ['others only', withCluster({ enabledLogs: given(['api', 'scheduler']) }), 'FAIL log-off'],
    ['logging absent', withCluster({ enabledLogs: ABSENT }), 'UNKNOWN absent-field'],
    ['logging malformed', withCluster({ enabledLogs: malformed }), 'UNKNOWN malformed-answer'],
  ])('%s', (_case, of, expected) => {
    expect(outcome('eks-audit-log', of)).toBe(expected);
  });

  test('names the log that is off, and keeps the others in the fix', () => {
    const verdict = verdictOf('eks-audit-log', withCluster({ enabledLogs: given(['api', 'audit']) }));
    expect(verdict.message).toBe('control plane log off: authenticator');
    expect(verdict.status === 'FAIL' && verdict.fix?.fragments[0]?.code).toContain('Type: api');
    expect(verdict.status === 'FAIL' && verdict.fix?.commands[0]).toContain('--name shop --logging');
  });
});

describe('eks-secrets-encryption', () => {
  const none = { encryptedResources: ABSENT } as const;
  test.each([
    ['a key', evidence(), 'PASS holds'],
    ['no key on 1.28', withCluster({ ...none, version: given('1.28') }), 'PASS aws-owned-key'],
    [
      'an empty list on 1.31',
      withCluster({ encryptedResources: given([]), version: given('1.31') }),
      'PASS aws-owned-key',
    ],
    ['no key on 1.27', withCluster({ ...none, version: given('1.27') }), 'FAIL not-encrypted'],
    ['no key on 1.9', withCluster({ ...none, version: given('1.9') }), 'FAIL not-encrypted'],
    ['no key, version absent', withCluster({ ...none, version: ABSENT }), 'UNKNOWN absent-field'],
    ['a key, version absent', withCluster({ version: ABSENT }), 'PASS holds'],
    [
      'no key on a version nobody knows',
      withCluster({ ...none, version: given('next') }),
      'UNKNOWN unrecognised-value',
    ],
    ['malformed', withCluster({ encryptedResources: malformed }), 'UNKNOWN malformed-answer'],
  ])('%s', (_case, of, expected) => {
    expect(outcome('eks-secrets-encryption', of)).toBe(expected);
  });

  test('customerKey asks for a key of your own', () => {
    const settings = { customerKey: true };
    expect(outcome('eks-secrets-encryption', withCluster(none), { settings })).toBe('FAIL aws-owned-key');
    expect(outcome('eks-secrets-encryption', evidence(), { settings })).toBe('PASS holds');
  });
});

describe('eks-access-mode', () => {
  test.each([
    ['API', 'PASS holds'],
    ['API_AND_CONFIG_MAP', 'FAIL config-map'],
    ['CONFIG_MAP', 'FAIL config-map'],
    ['LDAP', 'UNKNOWN unrecognised-value'],
  ])('%s', (mode, expected) => {
    expect(outcome('eks-access-mode', withCluster({ authenticationMode: given(mode) }))).toBe(expected);
  });

  test('absent', () => {
    expect(outcome('eks-access-mode', withCluster({ authenticationMode: ABSENT }))).toBe('UNKNOWN absent-field');
  });

  test('is changed one step at a time', () => {
    const verdict = verdictOf('eks-access-mode', withCluster({ authenticationMode: given('CONFIG_MAP') }));
    expect(verdict.status === 'FAIL' && verdict.fix?.commands[0]).toMatch(/authenticationMode=API_AND_CONFIG_MAP$/);
  });
});

describe('eks-control-plane-egress', () => {
  test.each([
    ['CUSTOMER_ROUTED', given('CUSTOMER_ROUTED'), 'PASS holds'],
    ['AWS_MANAGED', given('AWS_MANAGED'), 'FAIL aws-managed'],
    ['CUSTOMER_ISOLATED, of which nothing is written', given('CUSTOMER_ISOLATED'), 'UNKNOWN unrecognised-value'],
    ['absent', ABSENT, 'UNKNOWN absent-field'],
    ['malformed', malformed, 'UNKNOWN malformed-answer'],
  ])('%s', (_case, mode, expected) => {
    const of = withCluster({ controlPlaneEgressMode: mode });
    expect(outcome('eks-control-plane-egress', of)).toBe(expected);
    expect(outcome('eks-control-plane-egress', of, { profile: 'private' })).toBe('NOT_APPLICABLE internet-allowed');
  });
});

describe('eks-cluster-role (S1)', () => {
  test.each([
    ['the policy', evidence(), 'PASS holds'],
    ['the service policy of old alone', evidence({ rolePolicies: read(['AmazonEKSServicePolicy']) }), 'FAIL missing'],
    ['nothing, or the role is gone', evidence({ rolePolicies: read([]) }), 'FAIL missing'],
    ['denied', evidence({ rolePolicies: denied('iam:ListAttachedRolePolicies') }), 'UNKNOWN denied'],
    ['no role named', withCluster({ roleArn: ABSENT }), 'UNKNOWN absent-field'],
  ])('%s', (_case, of, expected) => {
    expect(outcome('eks-cluster-role', of)).toBe(expected);
  });

  test('an own policy stands for it by declaration', () => {
    const settings = { equivalentPolicies: ['OurEks'] };
    expect(outcome('eks-cluster-role', evidence({ rolePolicies: read(['OurEks']) }), { settings })).toBe(
      'PASS declared',
    );
  });

  test('the fix takes the partition of the cluster', () => {
    const verdict = verdictOf('eks-cluster-role', { ...evidence({ rolePolicies: read([]) }), partition: 'aws-cn' });
    expect(verdict.status === 'FAIL' && verdict.fix?.commands).toEqual([
      'aws iam attach-role-policy --role-name cluster-role --policy-arn arn:aws-cn:iam::aws:policy/AmazonEKSClusterPolicy',
    ]);
  });
});

describe('eks-network-policy', () => {
  test.each([
    ['JSON, as a string', evidence(), 'PASS holds'],
    ['JSON, as a flag', cni('{ "enableNetworkPolicy": true }'), 'PASS holds'],
    ['YAML', cni('env:\n  A: b\nenableNetworkPolicy: "true"\n'), 'PASS holds'],
    ['off', cni('{"enableNetworkPolicy":"false"}'), 'FAIL off'],
    ['another key', cni('{"env":{"ENABLE_PREFIX_DELEGATION":"true"}}'), 'FAIL off'],
    ['a key that only ends alike', cni('{"xenableNetworkPolicy":"true"}'), 'FAIL off'],
    ['neither on nor off', cni('{"enableNetworkPolicy":"maybe"}'), 'UNKNOWN unrecognised-value'],
    [
      'no configuration, which means off',
      evidence({ vpcCni: { state: 'listed', configuration: read(ABSENT) } }),
      'FAIL off',
    ],
    [
      'a configuration of another type',
      evidence({ vpcCni: { state: 'listed', configuration: read(malformed) } }),
      'UNKNOWN malformed-answer',
    ],
    ['the add-on was denied', evidence({ vpcCni: { state: 'listed', configuration: denied() } }), 'UNKNOWN denied'],
    ['the list was denied', evidence({ addons: denied(), vpcCni: { state: 'not-listed' } }), 'UNKNOWN denied'],
    [
      'no managed add-on',
      evidence({ addons: read(['coredns']), vpcCni: { state: 'not-installed' } }),
      'UNKNOWN undecidable',
    ],
    ['version 1.13, which does not know the setting', version('v1.13.4-eksbuild.1'), 'FAIL version-too-old'],
    ['version 1.9: numbers, not text', version('v1.9.3-eksbuild.7'), 'FAIL version-too-old'],
    ['version 1.14, the first one', version('v1.14.0-eksbuild.3'), 'PASS holds'],
    ['version 2', version('v2.0.0'), 'PASS holds'],
    ['version 1.13, and the setting is off', { ...version('v1.13.4-eksbuild.1'), ...cniOff }, 'FAIL off'],
    ['a version that is not one', version('latest'), 'UNKNOWN unrecognised-value'],
    [
      'the version was not sent',
      evidence({ addonDescriptions: [{ name: 'vpc-cni', description: read(addon({ version: ABSENT })) }] }),
      'UNKNOWN absent-field',
    ],
    [
      'the description was denied',
      evidence({ addonDescriptions: [{ name: 'vpc-cni', description: denied() }] }),
      'UNKNOWN denied',
    ],
    ['Auto Mode', withCluster({ autoMode: given(true) }), 'UNKNOWN undecidable'],
    ['Auto Mode malformed', withCluster({ autoMode: malformed }), 'UNKNOWN malformed-answer'],
  ])('%s', (_case, of, expected) => {
    expect(outcome('eks-network-policy', of)).toBe(expected);
  });
});
