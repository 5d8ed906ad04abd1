import { describe, expect, test } from 'vitest';
import { ABSENT, given } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { SecurityGroup } from '#domain/evidence/eks-network.ts';
import {
  CLUSTER_GROUP,
  denied,
  evidence,
  group,
  instance,
  malformed,
  network,
  nodeGroup,
  outcome,
  read,
  rule,
  template,
  verdictOf,
} from './builders.ts';

const ID = 'eks-security-group-ingress';

const ssh = (id: string, ranges: string[]) => group(id, [rule({ fromPort: given(22), toPort: given(22), ranges })]);
const OPEN = ssh('sg-open', ['0.0.0.0/0']);
const SHUT = ssh('sg-open', ['10.0.0.0/8']);
const of = (groups: SecurityGroup[], change: Partial<EksEvidence>) =>
  evidence({ network: network({ securityGroups: read([CLUSTER_GROUP, ...groups]) }), ...change });
const nodes = (change: Parameters<typeof nodeGroup>[0]) => ({ nodeGroups: read([read(nodeGroup(change))]) });
const byTemplate = nodes({ launchTemplate: template({ securityGroupIds: ['sg-open'] }) });
const byAccess = nodes({ remoteAccess: given([]), remoteAccessGroupId: given('sg-open') });

test.each<[string, EksEvidence, string]>([
  ['a launch template’s group admits everybody', of([OPEN], byTemplate), 'FAIL public-range'],
  ['a launch template’s group admits private ranges', of([SHUT], byTemplate), 'PASS holds'],
  ['the group of remote access admits everybody', of([OPEN], byAccess), 'FAIL public-range'],
  ['the group of remote access was narrowed since', of([SHUT], byAccess), 'PASS holds'],
  [
    'a key without source groups, and no group is named',
    of([], nodes({ remoteAccess: given([]) })),
    'FAIL remote-access-open',
  ],
  [
    'a key with source groups, and no group is named',
    of([], nodes({ remoteAccess: given(['sg-bastion']) })),
    'PASS holds',
  ],
  ['no remote access', of([], nodes({})), 'PASS holds'],
  [
    'no remote access, and a group for it that does not exist',
    of([], nodes({ remoteAccessGroupId: given('sg-gone') })),
    'PASS holds',
  ],
  [
    'no remote access, and an open group for it that does',
    of([OPEN], nodes({ remoteAccessGroupId: given('sg-open') })),
    'FAIL public-range',
  ],
  ['remote access, and a group for it that does not exist', of([], byAccess), 'PASS holds'],
  [
    'an instance of a managed group carries an open group',
    of([OPEN], { instances: read([instance({ nodeGroup: given('workers'), groupIds: ['sg-cluster', 'sg-open'] })]) }),
    'FAIL public-range',
  ],
  [
    'the second interface of an instance carries one',
    of([OPEN], {
      instances: read([instance({ interfaces: [{ subnetId: 'subnet-1', index: given(1), groupIds: ['sg-open'] }] })]),
    }),
    'FAIL public-range',
  ],
  ['an open group that no node carries', of([OPEN], {}), 'PASS holds'],
  ['everybody by IPv6', of([ssh('sg-open', ['::/0'])], byTemplate), 'FAIL public-range'],
  ['everybody in halves', of([ssh('sg-open', ['0.0.0.0/1', '128.0.0.0/1'])], byTemplate), 'FAIL public-range'],
  ['a group that was not in the answer', of([], byTemplate), 'UNKNOWN not-found'],
  [
    'the template was not read',
    of([], nodes({ launchTemplate: { use: 'template', id: 'lt-1', version: '1', content: denied() } })),
    'UNKNOWN denied',
  ],
  ['a node group was not read', of([], { nodeGroups: read([denied()]) }), 'UNKNOWN denied'],
  ['the node groups were not read', of([], { nodeGroups: denied() }), 'UNKNOWN denied'],
  ['the instances were not read', of([], { instances: denied() }), 'UNKNOWN denied'],
  [
    'the instances were not read, and a template’s group is open',
    of([OPEN], { ...byTemplate, instances: denied() }),
    'FAIL public-range',
  ],
  ['remote access of another type', of([], nodes({ remoteAccess: malformed })), 'UNKNOWN malformed-answer'],
  [
    'the group of remote access of another type',
    of([], nodes({ remoteAccess: given([]), remoteAccessGroupId: malformed })),
    'UNKNOWN malformed-answer',
  ],
])('%s', (_case, facts, expected) => {
  expect(outcome(ID, facts)).toBe(expected);
});

describe('the finding', () => {
  test('says whose group it is, and its fix only looks', () => {
    const verdict = verdictOf(ID, of([OPEN], byAccess));
    expect(verdict.message).toBe('sg-open (remote access of node group workers) admits 0.0.0.0/0 on tcp 22');
    expect(verdict.status === 'FAIL' && verdict.fix?.checkFirst).toEqual([
      'Which interfaces carry sg-open, and who reaches them from 0.0.0.0/0? Revoke the rule once nothing needs it.',
    ]);
    expect(verdict.status === 'FAIL' && verdict.fix?.commands.every((command) => / describe-/.test(command))).toBe(
      true,
    );
  });

  test('a key without source groups says what EKS does with it', () => {
    expect(verdictOf(ID, of([], nodes({ remoteAccess: given([]), remoteAccessGroupId: ABSENT }))).message).toBe(
      'remote access of node group workers has a key and no source groups, which opens port 22 to 0.0.0.0/0',
    );
  });
});
