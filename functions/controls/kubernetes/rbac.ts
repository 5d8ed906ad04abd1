import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { type Fix, fail, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { authorizationMode } from './shared/authorization-mode.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix, kubectl } from './shared/fix.ts';
import {
  administratorByPlatform,
  anonymousByPlatform,
  anonymousSubjects,
  everybodyByPlatform,
  isPlatformAccount,
  type PlatformBinding,
} from './shared/platform-bindings.ts';
import {
  type Binding,
  bindingName,
  escalations,
  isAdministrator,
  isEverybody,
  type Role,
  subjectName,
  tooMuchForAll,
  unlimitedGroups,
} from './shared/rbac-grants.ts';
import { shortList } from './shared/scope.ts';

/** Groups that hold cluster-admin in every cluster. */
const DEFAULT_ADMINS = ['Group:system:masters', 'Group:kubeadm:cluster-admins'];

/** One grant that is too wide, and the object that makes it. */
interface Defect {
  readonly line: string;
  readonly object: Pick<Binding, 'namespace' | 'name'> & { readonly kind: string };
}

/** Judged by what the rules grant: a name and a label can be given to anything. */
interface Judging {
  readonly evidence: KubernetesEvidence;
  readonly allowed: readonly string[];
  readonly roleOf: (binding: Binding) => Role | undefined;
}

type Found = { readonly defects: readonly Defect[]; readonly platform: readonly PlatformBinding[] };

function judgeBinding(binding: Binding, judging: Judging): Found {
  const anonymous = anonymousSubjects(binding);
  const byPlatform = anonymous.length > 0 ? anonymousByPlatform(binding, judging.evidence) : undefined;
  const administrator = administratorByPlatform(binding, judging.evidence);
  const forAll = everybodyByPlatform(binding, judging.evidence);
  return {
    platform: [byPlatform, administrator, forAll].filter((entry) => entry !== undefined),
    defects: [
      ...(byPlatform === undefined ? anonymous : []).map((name) => ({
        line: `${bindingName(binding)} grants ${binding.role.name} to ${name}`,
        object: binding,
      })),
      ...(administrator === undefined ? adminGrants(binding, judging) : []),
      ...(forAll === undefined ? broadGrants(binding, judging) : []),
      ...escalatingGrants(binding, judging),
    ],
  };
}

/** Who holds as much as cluster-admin: in the whole cluster, or in kube-system, which leads to it. */
function adminGrants(binding: Binding, judging: Judging): readonly Defect[] {
  const role = judging.roleOf(binding);
  const isAdmin = binding.role.name === 'cluster-admin' || (role !== undefined && isAdministrator(role));
  const reaches = binding.kind === 'ClusterRoleBinding' || binding.namespace === 'kube-system';
  if (!isAdmin || !reaches) return [];
  const where = binding.kind === 'ClusterRoleBinding' ? '' : ' of kube-system, which leads to the whole cluster';
  const as =
    binding.role.name === 'cluster-admin' ? 'cluster-admin' : `as much as cluster-admin (${binding.role.name})`;
  return unexpected(binding, judging).map((full) => ({
    line: `${bindingName(binding)} makes ${full} ${as}${where}`,
    object: binding,
  }));
}

/** Subjects that are neither administrators by default, nor the platform's own, nor declared. */
function unexpected({ subjects }: Binding, { evidence, allowed }: Judging): readonly string[] {
  return subjects
    .filter((subject) => !isPlatformAccount(subject, evidence))
    .map((subject) => ({ full: subjectName(subject), name: subject.name }))
    .filter(({ full, name }) => !DEFAULT_ADMINS.includes(full) && !allowed.includes(full) && !allowed.includes(name))
    .map(({ full }) => full);
}

/** What every user or every workload may do. A binding in one namespace counts too: everybody is everybody. */
function broadGrants(binding: Binding, { roleOf }: Judging): readonly Defect[] {
  const role = roleOf(binding);
  const much = role === undefined ? builtIn(binding) : isAdministrator(role) ? undefined : tooMuchForAll(role);
  if (much === undefined) return [];
  return binding.subjects.filter(isEverybody).map(({ name }) => ({
    line: `${bindingName(binding)} lets ${name} ${much} (${binding.role.name})`,
    object: binding,
  }));
}

/** A role that is in no list grants nothing, but the API server makes these again at its next start. Reference: Kubernetes, user-facing roles. */
function builtIn({ role }: Binding): string | undefined {
  return role.kind === 'ClusterRole' && ['admin', 'edit'].includes(role.name) ? 'change most objects' : undefined;
}

/** The control plane's own accounts need these verbs. */
function escalatingGrants(binding: Binding, judging: Judging): readonly Defect[] {
  const role = judging.roleOf(binding);
  if (role === undefined || isAdministrator(role) || binding.kind !== 'ClusterRoleBinding') return [];
  const [way] = escalations(role);
  if (way === undefined) return [];
  const others = binding.subjects.filter(
    (subject) => !isEverybody(subject) && !isControllerOf(binding, subject.kind, subject.namespace),
  );
  return unexpected({ ...binding, subjects: others }, judging).map((full) => ({
    line: `${bindingName(binding)} lets ${full} ${way} (${binding.role.name})`,
    object: binding,
  }));
}

/** A controller of the control plane: the role that is named after it, for its account in kube-system. */
function isControllerOf({ name, role }: Binding, kind: string, namespace: string): boolean {
  return (
    kind === 'ServiceAccount' &&
    namespace === 'kube-system' &&
    role.name === name &&
    name.startsWith('system:controller:')
  );
}

function wildcards(role: Role): readonly Defect[] {
  if (role.kind === 'ClusterRole' && role.name === 'cluster-admin') return [];
  const groups = unlimitedGroups(role);
  if (groups.length === 0) return [];
  const of = groups.includes('*') ? '' : ` of ${groups.map((group) => group || 'the core group').join(', ')}`;
  const { kind, namespace, name } = role;
  const line = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name} allows every verb on every resource${of}`;
  return [{ line, object: role }];
}

/** A role is bound, and to nobody but the administrators that are expected. */
function isHeldAsDeclared(role: Role, bindings: readonly Binding[], judging: Judging): boolean {
  const own = bindings.filter((binding) => judging.roleOf(binding) === role);
  return own.length > 0 && own.every((binding) => unexpected(binding, judging).length === 0);
}

/** Nobody knows from here who works with a grant: it is opened for an edit, and never deleted. */
function fixOf(defects: readonly Defect[]): Fix {
  return {
    checkFirst: [
      'Find out who works with these grants (audit log, owners of the accounts): take them away only when nobody does, or list the administrators under clusterAdminSubjects.',
    ],
    ...commandsFix(
      defects.map(({ object }) => kubectl(object.namespace, 'edit', object.kind.toLowerCase(), object.name)),
    ),
  };
}

export default defineKubernetesControl({
  id: 'kubernetes-rbac',
  title: 'RBAC is in force and not wide open',
  severity: 'HIGH',
  basis: 'Seed 002: use RBAC',
  reference: 'kubernetes 1 NET-8; Kubernetes, RBAC good practices',
  remediation: 'Narrow the bindings and roles named, or list expected administrators under clusterAdminSubjects.',
  needs: [
    'list pods',
    'list roles.rbac.authorization.k8s.io',
    'list clusterroles.rbac.authorization.k8s.io',
    'list rolebindings.rbac.authorization.k8s.io',
    'list clusterrolebindings.rbac.authorization.k8s.io',
  ],
  parameters: {
    clusterAdminSubjects: {
      describe:
        'Subjects that may hold as much as cluster-admin, or the means to: User:name, Group:name, ServiceAccount:namespace/name, or the bare name.',
      default: [],
    },
  },
  evaluate({ evidence, parameters }) {
    const { roles, roleBindings } = evidence;
    const force = authorizationMode(evidence);
    const bindings = roleBindings.state === 'collected' ? roleBindings.value : [];
    const all = roles.state === 'collected' ? roles.value : [];
    const byName = new Map(all.map((role) => [`${role.kind} ${role.namespace}/${role.name}`, role]));
    const roleOf = ({ role, namespace }: Binding) =>
      byName.get(`${role.kind} ${role.kind === 'Role' ? namespace : ''}/${role.name}`);
    const judging = { evidence, allowed: parameters.clusterAdminSubjects, roleOf };
    const found = bindings.map((binding) => judgeBinding(binding, judging));
    const defects = [
      ...found.flatMap((entry) => entry.defects),
      ...all.filter((role) => !isHeldAsDeclared(role, bindings, judging)).flatMap(wildcards),
    ];
    const platform = found.flatMap((entry) => entry.platform);
    const notes = [...platform.map(({ line }): Proof => ({ kind: 'fact', line })), ...scannerWarning(evidence)];
    const lines = defects.map(({ line }): Proof => ({ kind: 'fact', line }));
    if (force.status === 'FAIL') return { ...force, proof: [...force.proof, ...lines, ...notes] };
    if (defects.length > 0) {
      const message = shortList(
        defects.map(({ line }) => line),
        3,
      );
      return fail('too-wide', message, [...lines, ...force.proof, ...notes], { fix: fixOf(defects) });
    }
    if (roleBindings.state === 'unavailable') return unknownBecause(roleBindings, notes);
    if (roles.state === 'unavailable') return unknownBecause(roles, notes);
    if (force.status !== 'PASS') return force;
    const doubt = platform.find(({ made }) => made === 'perhaps');
    if (doubt !== undefined)
      return unknown('undecidable', `${doubt.line}; whether this one was is not known from here`, notes);
    return pass(`RBAC is in force; none of ${bindings.length} bindings and ${all.length} roles is too wide`, [
      ...force.proof,
      { kind: 'fact', line: `${bindings.length} bindings read`, source: roleBindings.source },
      { kind: 'fact', line: `${all.length} roles read`, source: roles.source },
      ...notes,
    ]);
  },
});

/** Not a defect of the cluster: the scanner works, but it was given more than it needs. */
function scannerWarning({ canReadSecrets }: KubernetesEvidence): readonly Proof[] {
  if (canReadSecrets.state === 'unavailable' || !canReadSecrets.value) return [];
  const line = 'warning: the identity that scans this cluster can read Secrets; it needs no such right';
  return [{ kind: 'fact', line, source: canReadSecrets.source }];
}
