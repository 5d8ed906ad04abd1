import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksAccessEntry } from '#domain/evidence/eks-access.ts';
import {
  cluster,
  denied,
  endpointsWith,
  evidence,
  malformed,
  network,
  nodeGroup,
  outcome,
  read,
  verdictOf,
  vpc,
} from './builders.ts';

const ADMINS = 'eks-cluster-admins';
const HEALTH = 'eks-nodes-healthy';

const role = (name: string) => `arn:aws:iam::111111111111:role/${name}`;
const entry = (name: string, policy: string, scope = 'cluster'): EksAccessEntry => ({
  principal: role(name),
  policies: read([{ name: policy, scope: given(scope) }]),
});
const ADMIN = entry('admin', 'AmazonEKSClusterAdminPolicy');
const entries = (...list: EksAccessEntry[]) => evidence({ accessEntries: read(list) });
const mode = (authenticationMode: string, ...list: EksAccessEntry[]) =>
  evidence({ cluster: read(cluster({ authenticationMode: given(authenticationMode) })), accessEntries: read(list) });

describe(ADMINS, () => {
  test.each<[string, EksEvidence, readonly string[], string]>([
    ['nobody is declared', entries(ADMIN), [], 'NOT_APPLICABLE not-declared'],
    ['the administrator is declared', entries(ADMIN), [role('admin')], 'PASS holds'],
    ['the administrator is declared by a pattern', entries(ADMIN), ['arn:aws:iam::*:role/adm*'], 'PASS holds'],
    ['a pattern that ends too early', entries(ADMIN), ['arn:aws:iam::*:role/adm'], 'FAIL undeclared-administrator'],
    [
      'a dot in a pattern is a dot',
      entries(entry('a-b', 'AmazonEKSClusterAdminPolicy')),
      [role('a.b')],
      'FAIL undeclared-administrator',
    ],
    ['another principal is declared', entries(ADMIN), [role('other')], 'FAIL undeclared-administrator'],
    [
      'one of two is declared',
      entries(ADMIN, entry('second', 'AmazonEKSClusterAdminPolicy')),
      [role('admin')],
      'FAIL undeclared-administrator',
    ],
    [
      'administrator of the whole cluster by the other policy',
      entries(entry('ops', 'AmazonEKSAdminPolicy')),
      [role('x')],
      'FAIL undeclared-administrator',
    ],
    [
      'administrator of a namespace',
      entries(entry('team', 'AmazonEKSAdminPolicy', 'namespace')),
      [role('x')],
      'PASS holds',
    ],
    ['somebody who may view', entries(entry('viewer', 'AmazonEKSAdminViewPolicy')), [role('x')], 'PASS holds'],
    [
      'a node role without a policy',
      entries({ principal: role('node'), policies: read<never[]>([]) }),
      [role('x')],
      'PASS holds',
    ],
    ['nobody enters by an entry', entries(), [role('x')], 'PASS holds'],
    [
      'a scope that was not sent',
      entries({ principal: role('a'), policies: read([{ name: 'AmazonEKSAdminPolicy', scope: ABSENT }]) }),
      [role('x')],
      'UNKNOWN absent-field',
    ],
    [
      'the policies of one were denied',
      entries(ADMIN, { principal: role('b'), policies: denied() }),
      [role('admin')],
      'UNKNOWN denied',
    ],
    [
      'the policies of a declared one were denied',
      entries({ principal: role('admin'), policies: denied() }),
      [role('admin')],
      'PASS holds',
    ],
    ['the entries were denied', evidence({ accessEntries: denied() }), [role('x')], 'UNKNOWN denied'],
    ['aws-auth decides', mode('CONFIG_MAP'), [role('x')], 'UNKNOWN undecidable'],
    ['aws-auth decides too', mode('API_AND_CONFIG_MAP', ADMIN), [role('admin')], 'PASS holds'],
    ['a mode that nobody documented', mode('LDAP'), [role('x')], 'UNKNOWN unrecognised-value'],
    [
      'the mode was not sent',
      evidence({ cluster: read(cluster({ authenticationMode: ABSENT })) }),
      [role('x')],
      'UNKNOWN absent-field',
    ],
  ])('%s', (_case, of, allowed, expected) => {
    expect(outcome(ADMINS, of, { settings: { allowed } })).toBe(expected);
  });

  test('says which administrators there are, and what was not looked at', () => {
    expect(verdictOf(ADMINS, entries(ADMIN)).message).toBe(
      `nobody is declared; cluster administrators by access entries: ${role('admin')}`,
    );
    const both = verdictOf(ADMINS, mode('API_AND_CONFIG_MAP', ADMIN), { settings: { allowed: [role('admin')] } });
    expect(both.message).toBe('every cluster administrator is declared; the ConfigMap aws-auth was not read');
    expect(both.proof.map(({ line }) => line)).toEqual(
      expect.arrayContaining([
        'not looked at: the Kubernetes groups of access entries, and the ConfigMap aws-auth',
        'accessConfig.bootstrapClusterCreatorAdminPermissions = false',
      ]),
    );
    expect(verdictOf(ADMINS, mode('CONFIG_MAP')).message).toContain('aws-auth');
  });

  test('the fix looks at the principal and takes nothing away', () => {
    const verdict = verdictOf(ADMINS, entries(ADMIN), { settings: { allowed: [role('x')] } });
    expect(verdict.status === 'FAIL' && verdict.fix?.commands).toEqual([
      `aws eks list-associated-access-policies --region ap-northeast-1 --cluster-name shop --principal-arn ${role('admin')}`,
    ]);
  });
});

const ISSUE = {
  code: 'NodeCreationFailure',
  message: 'Instances failed to join the kubernetes cluster',
  resourceIds: ['i-1'],
};
const group = (change: Parameters<typeof nodeGroup>[0]) => evidence({ nodeGroups: read([read(nodeGroup(change))]) });

describe(HEALTH, () => {
  test.each<[string, EksEvidence, string]>([
    ['nothing is reported', evidence(), 'PASS holds'],
    ['no node group, and nothing is reported', evidence({ nodeGroups: read<never[]>([]) }), 'PASS holds'],
    ['a node group reports an issue', group({ health: given([ISSUE]) }), 'FAIL health-issue'],
    [
      'the cluster reports an issue',
      evidence({
        cluster: read(cluster({ health: given([{ code: 'SubnetNotFound', message: '', resourceIds: ['subnet-1'] }]) })),
      }),
      'FAIL health-issue',
    ],
    [
      'one of two node groups',
      evidence({ nodeGroups: read([read(nodeGroup()), read(nodeGroup({ name: 'b', health: given([ISSUE]) }))]) }),
      'FAIL health-issue',
    ],
    [
      'an issue, and a group that was not read',
      evidence({ nodeGroups: read([denied(), read(nodeGroup({ health: given([ISSUE]) }))]) }),
      'FAIL health-issue',
    ],
    ['a node group was not read', evidence({ nodeGroups: read([denied()]) }), 'UNKNOWN denied'],
    ['the node groups were not read', evidence({ nodeGroups: denied() }), 'UNKNOWN denied'],
    ['a node group does not say', group({ health: ABSENT }), 'UNKNOWN absent-field'],
    ['the cluster does not say', evidence({ cluster: read(cluster({ health: ABSENT })) }), 'UNKNOWN absent-field'],
    ['of another type', group({ health: malformed }), 'UNKNOWN malformed-answer'],
    [
      'a cluster on Outposts',
      evidence({ cluster: read(cluster({ kind: 'outposts' })) }),
      'NOT_APPLICABLE outposts-local-cluster',
    ],
  ])('%s', (_case, of, expected) => {
    expect(outcome(HEALTH, of)).toBe(expected);
  });

  test('in the words of EKS, and beside an endpoint that fails', () => {
    const words = 'node group workers: NodeCreationFailure: Instances failed to join the kubernetes cluster (i-1)';
    expect(verdictOf(HEALTH, group({ health: given([ISSUE]) })).message).toBe(words);
    const failing = {
      ...group({ health: given([ISSUE]) }),
      network: network({ vpcs: read([vpc({ endpoints: read(endpointsWith('ec2')) })]) }),
    };
    const verdict = verdictOf('eks-vpc-endpoints', failing);
    expect(verdict.reason).toBe('missing');
    expect(verdict.proof.at(-1)?.line).toBe(`EKS reports for ${words}`);
    expect(
      verdictOf('eks-vpc-endpoints', group({ health: given([ISSUE]) }))
        .proof.map(({ line }) => line)
        .join(),
    ).not.toContain('EKS reports');
  });
});
