import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { flagOf, flagProof } from './shared/control-plane.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix, kubectl, yamlFix } from './shared/fix.ts';
import { shortList } from './shared/scope.ts';

type Binding = Extract<KubernetesEvidence['roleBindings'], { state: 'collected' }>['value'][number];
type Role = Extract<KubernetesEvidence['roles'], { state: 'collected' }>['value'][number];

/** Bindings for anonymous requests that Kubernetes and kubeadm make themselves: to the role of the same name. */
const DEFAULT_ANONYMOUS = [
  'ClusterRoleBinding system:public-info-viewer',
  'RoleBinding kube-public/kubeadm:bootstrap-signer-clusterinfo',
];
/** Groups that hold cluster-admin in every cluster. */
const DEFAULT_ADMINS = ['Group:system:masters', 'Group:kubeadm:cluster-admins'];

function bindingName({ kind, namespace, name }: Binding): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

function subjectName({ kind, namespace, name }: Binding['subjects'][number]): string {
  return kind === 'ServiceAccount' ? `ServiceAccount:${namespace}/${name}` : `${kind}:${name}`;
}

/** One grant that is too wide, and the command that takes it away or opens it for an edit. */
interface Defect {
  readonly line: string;
  readonly command: string;
}

function removal({ kind, namespace, name }: Binding): string {
  return kubectl(namespace, 'delete', kind.toLowerCase(), name);
}

function anonymousGrants(binding: Binding): readonly Defect[] {
  if (DEFAULT_ANONYMOUS.includes(bindingName(binding)) && binding.role.name === binding.name) return [];
  return binding.subjects
    .filter(({ name }) => name === 'system:anonymous' || name === 'system:unauthenticated')
    .map(({ name }) => ({
      line: `${bindingName(binding)} grants ${binding.role.name} to ${name}`,
      command: removal(binding),
    }));
}

function adminGrants(binding: Binding, allowed: readonly string[]): readonly Defect[] {
  if (binding.kind !== 'ClusterRoleBinding' || binding.role.name !== 'cluster-admin') return [];
  return binding.subjects
    .map((subject) => ({ full: subjectName(subject), name: subject.name }))
    .filter(({ full, name }) => !DEFAULT_ADMINS.includes(full) && !allowed.includes(full) && !allowed.includes(name))
    .map(({ full }) => ({ line: `${bindingName(binding)} makes ${full} cluster-admin`, command: removal(binding) }));
}

function wildcards({ kind, namespace, name, rules }: Role): readonly Defect[] {
  if (name === 'cluster-admin' || name.startsWith('system:')) return [];
  const groups = rules
    .filter(({ verbs, resources }) => verbs.includes('*') && resources.includes('*'))
    .flatMap(({ apiGroups }) => apiGroups);
  if (groups.length === 0) return [];
  const of = groups.includes('*') ? '' : ` of ${groups.map((group) => group || 'the core group').join(', ')}`;
  const line = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name} allows every verb on every resource${of}`;
  return [{ line, command: kubectl(namespace, 'edit', kind.toLowerCase(), name) }];
}

/** On managed platforms RBAC is part of the platform; elsewhere the API server's flag says whether it is in force. */
function authorization({ platform, staticPods }: KubernetesEvidence): Verdict {
  if (platform !== 'self-managed') {
    return pass(`RBAC is in force on ${platform}`, [
      { kind: 'derived', line: `${platform}: the provider runs the API server with RBAC` },
    ]);
  }
  if (staticPods.state === 'unavailable') return unknownBecause(staticPods);
  const servers = staticPods.value.filter(({ component }) => component === 'kube-apiserver');
  if (servers.length === 0)
    return unknown('host-only', 'no API server runs as a static pod: its authorization mode is on the hosts only');
  const structured = servers.find(({ command }) => flagOf(command, 'authorization-config') !== undefined);
  if (structured !== undefined) {
    return unknown(
      'host-only',
      `${structured.name} reads its authorizers from a file (--authorization-config) that the API does not show`,
      [flagProof(staticPods, structured, 'authorization-config', flagOf(structured.command, 'authorization-config'))],
    );
  }
  const proof = servers.map((pod) =>
    flagProof(staticPods, pod, 'authorization-mode', flagOf(pod.command, 'authorization-mode')),
  );
  const wrong = servers.find(({ command }) => {
    // Absent means AlwaysAllow, the flag's own default.
    const modes = (flagOf(command, 'authorization-mode') ?? 'AlwaysAllow').split(',');
    return !modes.includes('RBAC') || modes.includes('AlwaysAllow');
  });
  return wrong === undefined
    ? pass('every API server authorises by RBAC', proof)
    : fail(
        'rbac-off',
        `${wrong.name} authorises by ${flagOf(wrong.command, 'authorization-mode') ?? 'AlwaysAllow (default)'}`,
        proof,
        { severity: 'CRITICAL', fix: yamlFix(RBAC_ON) },
      );
}

const RBAC_ON = `# Kubespray inventory, group_vars/k8s_cluster
authorization_modes: [Node, RBAC]
# kubeadm, ClusterConfiguration
apiServer:
  extraArgs: [{ name: authorization-mode, value: "Node,RBAC" }]`;

export default defineKubernetesControl({
  id: 'kubernetes-rbac',
  title: 'RBAC is in force and not wide open',
  severity: 'HIGH',
  basis: 'Seed 002: use RBAC',
  reference: 'kubernetes 1 NET-8',
  remediation: 'Remove the bindings and roles named, or list expected administrators under clusterAdminSubjects.',
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
        'Subjects that may be cluster-admin: User:name, Group:name, ServiceAccount:namespace/name, or the bare name.',
      default: [],
    },
  },
  evaluate({ evidence, parameters }) {
    const { roles, roleBindings, canReadSecrets } = evidence;
    const allowed = parameters.clusterAdminSubjects;
    const force = authorization(evidence);
    const bindings = roleBindings.state === 'collected' ? roleBindings.value : [];
    const defects = [
      ...bindings.flatMap(anonymousGrants),
      ...bindings.flatMap((binding) => adminGrants(binding, allowed)),
      ...(roles.state === 'collected' ? roles.value.flatMap(wildcards) : []),
    ];
    // A warning, not a verdict: the scanner works, but it was given more than it needs.
    const warning: readonly Proof[] =
      canReadSecrets.state === 'collected' && canReadSecrets.value
        ? [
            {
              kind: 'fact',
              line: 'warning: the identity that scans this cluster can read Secrets; it needs no such right',
              source: canReadSecrets.source,
            },
          ]
        : [];
    const lines = defects.map(({ line }): Proof => ({ kind: 'fact', line }));
    if (force.status === 'FAIL') return { ...force, proof: [...force.proof, ...lines, ...warning] };
    if (defects.length > 0) {
      const message = shortList(
        defects.map(({ line }) => line),
        3,
      );
      return fail('too-wide', message, [...lines, ...force.proof, ...warning], {
        fix: commandsFix(defects.map(({ command }) => command)),
      });
    }
    if (roleBindings.state === 'unavailable') return unknownBecause(roleBindings, warning);
    if (roles.state === 'unavailable') return unknownBecause(roles, warning);
    if (force.status !== 'PASS') return force;
    return pass(`RBAC is in force; none of ${bindings.length} bindings and ${roles.value.length} roles is too wide`, [
      ...force.proof,
      { kind: 'fact', line: `${bindings.length} bindings read`, source: roleBindings.source },
      { kind: 'fact', line: `${roles.value.length} roles read`, source: roles.source },
      ...warning,
    ]);
  },
});
