import { describe, expect, test } from 'vitest';
import { given } from '#domain/collected.ts';
import { apiServer, clusterRole, denied, node, read, rule, verdictOf } from './evidence.ts';

const servers = (...commands: string[][]) => ({
  staticPods: read(
    commands.map((command, index) => ({ ...apiServer, name: `kube-apiserver-cp${index + 1}`, command })),
  ),
});
const binding = (name: string, role: string, kind: string, subject: string, namespace = '') => ({
  roleBindings: read([
    {
      kind: 'ClusterRoleBinding' as const,
      namespace: '',
      name,
      role: { kind: 'ClusterRole', name: role },
      subjects: [{ kind, name: subject, namespace }],
    },
  ]),
});
const role = (name: string, verbs: string[], resources: string[]) => ({
  roles: read([clusterRole(name, rule(verbs, resources, ['*']))]),
});

const RBAC = ['rbac.authorization.k8s.io'];
const EDIT = [rule(['get', 'list', 'create', 'update', 'delete'], ['pods', 'deployments'], ['', 'apps'])];
const REVIEWS = [rule(['create'], ['selfsubjectaccessreviews'], ['authorization.k8s.io'])];
const user = (name: string) => ({ kind: 'User', name, namespace: '' });
const group = (name: string) => ({ kind: 'Group', name, namespace: '' });
type Subject = ReturnType<typeof user>;

/** A role of these rules, bound in the whole cluster. */
function granted(name: string, rules: ReturnType<typeof rule>[], subject: Subject) {
  return {
    ...binding(name, name, subject.kind, subject.name, subject.namespace),
    roles: read([clusterRole(name, ...rules)]),
  };
}

function inNamespace(namespace: string, name: string, rules: ReturnType<typeof rule>[], subject: Subject) {
  return {
    roles: read([clusterRole(name, ...rules)]),
    roleBindings: read([
      { kind: 'RoleBinding' as const, namespace, name: 'b', role: { kind: 'ClusterRole', name }, subjects: [subject] },
    ]),
  };
}

const openshift = (version: string, name: string, role: string) => ({
  ...binding(name, role, 'Group', 'system:unauthenticated'),
  openshift: read(true),
  nodes: read([node({ kubeletVersion: given(version) })]),
});
const EKS = { platform: 'eks' as const };
const ADDONS = 'eks:addon-cluster-admin';

/** What platforms make themselves is reported and never failed; the same on another platform, or with somebody else in it, is somebody's. */
const PLATFORMS = [
  [
    'the add-on manager of EKS',
    { ...EKS, ...binding(ADDONS, 'cluster-admin', 'User', 'eks:addon-manager') },
    'PASS',
    'holds',
  ],
  [
    'its binding with another subject',
    { ...EKS, ...binding(ADDONS, 'cluster-admin', 'User', 'eve') },
    'FAIL',
    'too-wide',
  ],
  ['its binding elsewhere', binding(ADDONS, 'cluster-admin', 'User', 'eks:addon-manager'), 'FAIL', 'too-wide'],
  [
    'the administrators of AKS',
    { ...binding('aks-cluster-admin-binding', 'cluster-admin', 'User', 'clusterAdmin'), platform: 'aks' as const },
    'PASS',
    'holds',
  ],
  [
    'the administrators of AKS, known by its nodes',
    {
      ...binding('aks-cluster-admin-binding-aad', 'cluster-admin', 'Group', '00000000-0000-0000-0000-000000000001'),
      nodes: read([node({ ofAks: true })]),
    },
    'PASS',
    'holds',
  ],
  [
    'OpenShift before 4.16',
    openshift('v1.28.9+416ecaf', 'self-access-reviewers', 'self-access-reviewer'),
    'PASS',
    'holds',
  ],
  [
    'OpenShift 4.16, perhaps older',
    openshift('v1.29.5', 'system:webhooks', 'system:webhook'),
    'UNKNOWN',
    'undecidable',
  ],
  ['OpenShift’s name on another role', openshift('v1.28.9', 'system:webhooks', 'edit'), 'FAIL', 'too-wide'],
  [
    'OpenShift’s own operators',
    {
      ...binding('cvo', 'cluster-admin', 'ServiceAccount', 'default', 'openshift-cluster-version'),
      openshift: read(true),
    },
    'PASS',
    'holds',
  ],
  [
    'whether it is OpenShift is not known',
    { ...openshift('v1.28.9', 'system:webhooks', 'system:webhook'), openshift: denied },
    'UNKNOWN',
    'undecidable',
  ],
  [
    'an account that only calls its namespace so',
    binding('cvo', 'cluster-admin', 'ServiceAccount', 'default', 'openshift-cluster-version'),
    'FAIL',
    'too-wide',
  ],
] as const;

describe('kubernetes-rbac', () => {
  test('declared administrators may hold any role that grants as much', () => {
    const change = granted('god', [rule(['*'], ['*'], ['*'])], user('eve'));
    const { message } = verdictOf('kubernetes-rbac', change);
    expect(message).toContain('makes User:eve as much as cluster-admin (god)');
    expect(verdictOf('kubernetes-rbac', change, { clusterAdminSubjects: ['User:eve'] }).message).not.toContain('eve');
  });

  test('what a platform made stands in the proof, and no fix ever deletes a binding', () => {
    const change = { ...EKS, ...binding(ADDONS, 'cluster-admin', 'User', 'eks:addon-manager') };
    expect(verdictOf('kubernetes-rbac', change).proof.map(({ line }) => line)).toContain(
      'ClusterRoleBinding eks:addon-cluster-admin makes administrators: EKS manages add-ons with it',
    );
    const failing = verdictOf('kubernetes-rbac', binding('ops', 'cluster-admin', 'User', 'eve'));
    const fix = failing.status === 'FAIL' ? failing.fix : undefined;
    expect(fix?.commands).toEqual(['kubectl edit clusterrolebinding ops']);
    expect(fix?.checkFirst?.[0]).toMatch(/who works with these grants/);
  });

  test.each([
    ['the defaults', {}, 'PASS', 'holds'],
    ['AlwaysAllow', servers(['--authorization-mode=AlwaysAllow']), 'FAIL', 'rbac-off'],
    ['no authorization mode: AlwaysAllow is the default', servers([]), 'FAIL', 'rbac-off'],
    ['authorizers in a file', servers(['--authorization-config=/x']), 'UNKNOWN', 'host-only'],
    [
      'the last of repeated flags counts',
      servers(['--authorization-mode=AlwaysAllow', '--authorization-mode=Node,RBAC']),
      'PASS',
      'holds',
    ],
    ['a binding for anonymous', binding('open', 'view', 'User', 'system:anonymous'), 'FAIL', 'too-wide'],
    ['a binding for unauthenticated', binding('open', 'view', 'Group', 'system:unauthenticated'), 'FAIL', 'too-wide'],
    [
      'the default public-info-viewer',
      binding('system:public-info-viewer', 'system:public-info-viewer', 'Group', 'system:unauthenticated'),
      'PASS',
      'holds',
    ],
    [
      'the name of the default on another role',
      binding('system:public-info-viewer', 'edit', 'Group', 'system:unauthenticated'),
      'FAIL',
      'too-wide',
    ],
    ['an unexpected cluster-admin', binding('ops', 'cluster-admin', 'User', 'eve'), 'FAIL', 'too-wide'],
    ['system:masters as a user', binding('ops', 'cluster-admin', 'User', 'system:masters'), 'FAIL', 'too-wide'],
    ['a role for everything', role('god', ['*'], ['*']), 'FAIL', 'too-wide'],
    ['a role for every verb on one kind', role('pods', ['*'], ['pods']), 'PASS', 'holds'],
    ['a role for everything that only sounds like the system’s', role('system:ops', ['*'], ['*']), 'FAIL', 'too-wide'],
    [
      'verbs that are spelled out',
      role('god', ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'], ['*']),
      'FAIL',
      'too-wide',
    ],
    [
      'one verb short of all',
      role('almost', ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'], ['*']),
      'PASS',
      'holds',
    ],
    [
      'everything on one named object',
      { roles: read([clusterRole('narrow', rule(['*'], ['*'], ['*'], ['config']))]) },
      'PASS',
      'holds',
    ],
    ['edit for every user', granted('edit', EDIT, group('system:authenticated')), 'FAIL', 'too-wide'],
    [
      'edit for every user, the role not in the list',
      binding('all', 'edit', 'Group', 'system:authenticated'),
      'FAIL',
      'too-wide',
    ],
    [
      'a role that does not exist, for every user',
      binding('all', 'gone', 'Group', 'system:authenticated'),
      'PASS',
      'holds',
    ],
    ['admin for every workload', granted('admin', EDIT, group('system:serviceaccounts')), 'FAIL', 'too-wide'],
    [
      'edit for the workloads of one namespace',
      granted('edit', EDIT, group('system:serviceaccounts:ci')),
      'PASS',
      'holds',
    ],
    [
      'edit for every user of one namespace',
      inNamespace('shop', 'edit', EDIT, group('system:authenticated')),
      'FAIL',
      'too-wide',
    ],
    [
      'secrets for every user',
      granted('peek', [rule(['get'], ['secrets'])], group('system:authenticated')),
      'FAIL',
      'too-wide',
    ],
    [
      'pods to read for every user',
      granted('view', [rule(['get', 'list'], ['pods'])], group('system:authenticated')),
      'PASS',
      'holds',
    ],
    [
      'reviews of one’s own rights for every user',
      granted('basic', REVIEWS, group('system:authenticated')),
      'PASS',
      'holds',
    ],
    ['escalate', granted('up', [rule(['escalate'], ['clusterroles'], RBAC)], user('eve')), 'FAIL', 'too-wide'],
    ['bind', granted('up', [rule(['bind'], ['roles'], RBAC)], user('eve')), 'FAIL', 'too-wide'],
    ['impersonate groups', granted('up', [rule(['impersonate'], ['groups'])], user('eve')), 'FAIL', 'too-wide'],
    [
      'impersonate one service account',
      granted('up', [rule(['impersonate'], ['serviceaccounts'])], user('eve')),
      'PASS',
      'holds',
    ],
    [
      'escalate for a controller of the control plane',
      granted('system:controller:clusterrole-aggregation-controller', [rule(['escalate'], ['clusterroles'], RBAC)], {
        kind: 'ServiceAccount',
        name: 'clusterrole-aggregation-controller',
        namespace: 'kube-system',
      }),
      'PASS',
      'holds',
    ],
    ['cluster-admin in kube-system', inNamespace('kube-system', 'cluster-admin', [], user('eve')), 'FAIL', 'too-wide'],
    ['cluster-admin in one namespace', inNamespace('shop', 'cluster-admin', [], user('eve')), 'PASS', 'holds'],
    ...PLATFORMS,
    ['bindings denied', { roleBindings: denied }, 'UNKNOWN', 'denied'],
    ['roles denied', { roles: denied }, 'UNKNOWN', 'denied'],
  ] as const)('%s → %s', (_case, change, status, reason) => {
    expect(verdictOf('kubernetes-rbac', change)).toMatchObject({ status, reason });
  });

  test.each([['eve'], ['User:eve']])('an expected administrator "%s" passes', (subject) => {
    expect(
      verdictOf('kubernetes-rbac', binding('ops', 'cluster-admin', 'User', 'eve'), { clusterAdminSubjects: [subject] })
        .status,
    ).toBe('PASS');
  });

  test('a service account of the same name in another namespace is not the expected one', () => {
    const change = binding('ops', 'cluster-admin', 'ServiceAccount', 'ci', 'evil');
    expect(verdictOf('kubernetes-rbac', change, { clusterAdminSubjects: ['ServiceAccount:tools/ci'] }).status).toBe(
      'FAIL',
    );
  });
});
