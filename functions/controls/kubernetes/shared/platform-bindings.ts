import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { type Binding, isAnonymous } from './rbac-grants.ts';

/** A binding that the platform made and keeps. It is reported, never failed, and never to be deleted. */
export interface PlatformBinding {
  readonly made: 'yes' | 'perhaps';
  readonly line: string;
}

/** Bindings of Kubernetes and kubeadm for anonymous requests: to the role of the same name. Reference: Kubernetes, RBAC, discovery roles. */
const DEFAULT_ANONYMOUS = ['system:public-info-viewer', 'kubeadm:bootstrap-signer-clusterinfo'];

/** OpenShift's own, with anonymous subjects in every version. */
const OPENSHIFT_ALWAYS = ['system:openshift:public-info-viewer', 'system:openshift:discovery'];
/**
 * With anonymous subjects in clusters made before 4.16 only; in newer ones somebody added them.
 * Reference: OpenShift 4.16 release notes, unauthenticated access.
 */
const OPENSHIFT_BEFORE_416: ReadonlyMap<string, string> = new Map([
  ['self-access-reviewers', 'self-access-reviewer'],
  ['system:oauth-token-deleters', 'system:oauth-token-deleter'],
  ['system:scope-impersonation', 'system:scope-impersonation'],
  ['system:webhooks', 'system:webhook'],
]);
/** OpenShift 4.16 is Kubernetes 1.29. */
const KUBERNETES_OF_416 = 29;

/** OpenShift lets every user do these, in every version. Reference: OpenShift, default cluster roles. */
const OPENSHIFT_FOR_ALL =
  /^(basic-users|self-access-reviewers|system:(build-strategy-\w+-binding|oauth-token-deleters|scope-impersonation|webhooks))$/;

/** Operators that a platform runs in the cluster, with rights of their own choice. */
const OPERATORS = ['tigera-operator/tigera-operator'];

/** Administrators of managed platforms: the binding, its role and its subjects, all three as the platform makes them. */
const ADMINISTRATORS: readonly {
  readonly platform: 'eks' | 'aks' | 'openshift';
  readonly binding: RegExp;
  readonly subjects: readonly string[];
  readonly why: string;
}[] = [
  {
    platform: 'eks',
    binding: /^eks:addon-cluster-admin$/,
    subjects: ['User:eks:addon-manager'],
    why: 'EKS manages add-ons with it',
  },
  {
    platform: 'aks',
    binding: /^aks-cluster-admin-binding(-aad)?$/,
    subjects: ['User:clusterAdmin', 'User:clusterUser'],
    why: 'AKS restores it; `aks-local-accounts` judges the accounts behind it',
  },
  {
    platform: 'openshift',
    binding: /^cluster-admins$/,
    subjects: ['Group:system:cluster-admins', 'User:system:admin'],
    why: 'OpenShift makes it in every cluster',
  },
];

/** Whether the platform made the binding for anonymous requests. */
export function anonymousByPlatform(binding: Binding, evidence: KubernetesEvidence): PlatformBinding | undefined {
  const { name, kind, role } = binding;
  const isDefault = DEFAULT_ANONYMOUS.includes(name) && role.name === name;
  if (isDefault && (kind === 'ClusterRoleBinding' || binding.namespace === 'kube-public'))
    return { made: 'yes', line: `${kind} ${name} is made by Kubernetes` };
  const on = isOn('openshift', evidence);
  if (kind !== 'ClusterRoleBinding' || on === 'no') return undefined;
  if (OPENSHIFT_ALWAYS.includes(name) && role.name === name)
    return { made: on, line: `${kind} ${name} is made by OpenShift` };
  if (OPENSHIFT_BEFORE_416.get(name) !== role.name) return undefined;
  const line = `${kind} ${name} is made by OpenShift in clusters that were created before 4.16`;
  return { made: isBefore416(evidence) ? on : 'perhaps', line };
}

/** Whether the platform made the binding of an administrator, with no subject that it does not have itself. */
export function administratorByPlatform(binding: Binding, evidence: KubernetesEvidence): PlatformBinding | undefined {
  if (binding.kind !== 'ClusterRoleBinding' || binding.role.name !== 'cluster-admin') return undefined;
  const found = ADMINISTRATORS.find(
    ({ platform, binding: pattern, subjects }) =>
      isOn(platform, evidence) !== 'no' &&
      pattern.test(binding.name) &&
      binding.subjects.every((subject) => isOfPlatform(subject, subjects, platform)),
  );
  if (found === undefined) return undefined;
  const line = `ClusterRoleBinding ${binding.name} makes administrators: ${found.why}`;
  return { made: isOn(found.platform, evidence) === 'yes' ? 'yes' : 'perhaps', line };
}

/** Whether the platform made the binding for all of its users. */
export function everybodyByPlatform(
  { kind, name }: Binding,
  evidence: KubernetesEvidence,
): PlatformBinding | undefined {
  const on = isOn('openshift', evidence);
  if (kind !== 'ClusterRoleBinding' || on === 'no' || !OPENSHIFT_FOR_ALL.test(name)) return undefined;
  return { made: on, line: `ClusterRoleBinding ${name} is made by OpenShift for all of its users` };
}

/** Accounts of the platform's own operators; namespaces that begin with `openshift-` are reserved for OpenShift's. */
export function isPlatformAccount(
  { kind, namespace, name }: Binding['subjects'][number],
  evidence: KubernetesEvidence,
): boolean {
  if (kind !== 'ServiceAccount') return false;
  if (isOn('openshift', evidence) === 'yes' && namespace.startsWith('openshift-')) return true;
  return (isOn('aks', evidence) === 'yes' || evidence.platform === 'iks') && OPERATORS.includes(`${namespace}/${name}`);
}

/** Of the Entra binding the subjects are the cluster's own administrator groups and users. */
function isOfPlatform(
  { kind, name }: Binding['subjects'][number],
  known: readonly string[],
  platform: string,
): boolean {
  return (
    known.includes(`${kind}:${name}`) ||
    (platform === 'aks' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name))
  );
}

/** `perhaps`: what would show it could not be read. */
function isOn(platform: 'eks' | 'aks' | 'openshift', evidence: KubernetesEvidence): 'yes' | 'perhaps' | 'no' {
  const { openshift, nodes } = evidence;
  if (platform === 'openshift') {
    if (openshift.state === 'unavailable') return 'perhaps';
    return openshift.value ? 'yes' : 'no';
  }
  if (evidence.platform === platform) return 'yes';
  if (platform === 'eks') return 'no';
  if (nodes.state === 'unavailable') return 'perhaps';
  return nodes.value.some(({ ofAks }) => ofAks) ? 'yes' : 'no';
}

/** By the oldest kubelet: a cluster that runs an earlier version was made with an earlier one. */
function isBefore416({ nodes }: KubernetesEvidence): boolean {
  if (nodes.state === 'unavailable') return false;
  return nodes.value.some(({ kubeletVersion }) => {
    const minor = kubeletVersion.state === 'given' ? /^v1\.(\d+)\./.exec(kubeletVersion.value)?.[1] : undefined;
    return minor !== undefined && Number(minor) < KUBERNETES_OF_416;
  });
}

/** Subjects of a binding that nobody authenticated. */
export function anonymousSubjects({ subjects }: Binding): readonly string[] {
  return subjects.filter(isAnonymous).map(({ name }) => name);
}
