/** Every right the collector uses, as `verb resource.group`; `deploy/kubernetes/clusterrole.yaml` grants exactly these. */
export const permissions = [
  'list namespaces',
  'list nodes',
  'list pods',
  'list services',
  'list daemonsets.apps',
  'list deployments.apps',
  'list networkpolicies.networking.k8s.io',
  'list ingresses.networking.k8s.io',
  'list gateways.gateway.networking.k8s.io',
  'list clusternetworkpolicies.policy.networking.k8s.io',
  'list adminnetworkpolicies.policy.networking.k8s.io',
  'list baselineadminnetworkpolicies.policy.networking.k8s.io',
  'list applicationnetworkpolicies.networking.k8s.aws',
  'list clusternetworkpolicies.networking.k8s.aws',
  'list networkpolicies.crd.antrea.io',
  'list clusternetworkpolicies.crd.antrea.io',
  'list ciliumnetworkpolicies.cilium.io',
  'list ciliumclusterwidenetworkpolicies.cilium.io',
  'list ciliumcidrgroups.cilium.io',
  'list networkpolicies.crd.projectcalico.org',
  'list globalnetworkpolicies.crd.projectcalico.org',
  'list tiers.crd.projectcalico.org',
  'list networksets.crd.projectcalico.org',
  'list globalnetworksets.crd.projectcalico.org',
  'list felixconfigurations.crd.projectcalico.org',
  'list hostendpoints.crd.projectcalico.org',
  'list networkpolicies.projectcalico.org',
  'list globalnetworkpolicies.projectcalico.org',
  'list tiers.projectcalico.org',
  'list networksets.projectcalico.org',
  'list globalnetworksets.projectcalico.org',
  'list felixconfigurations.projectcalico.org',
  'list hostendpoints.projectcalico.org',
  'list peerauthentications.security.istio.io',
  'list authorizationpolicies.security.istio.io',
  'list servers.policy.linkerd.io',
  'list roles.rbac.authorization.k8s.io',
  'list rolebindings.rbac.authorization.k8s.io',
  'list clusterroles.rbac.authorization.k8s.io',
  'list clusterrolebindings.rbac.authorization.k8s.io',
  'list nodeclasses.eks.amazonaws.com',
  'get configmaps/cilium-config',
  'get configmaps/amazon-vpc-cni',
  'get configmaps/istio',
  'get configmaps/linkerd-config',
] as const;

export type Permission = (typeof permissions)[number];

/**
 * Versions in which the kinds are understood, the newest first; everything not named here is read as v1. Of the older ones the fields that
 * are read are the same.
 */
const VERSIONS: Readonly<Record<string, readonly string[]>> = {
  'cilium.io': ['v2'],
  'ciliumcidrgroups.cilium.io': ['v2', 'v2alpha1'],
  'crd.antrea.io': ['v1beta1', 'v1alpha1'],
  'gateway.networking.k8s.io': ['v1', 'v1beta1', 'v1alpha2'],
  'networking.k8s.aws': ['v1alpha1'],
  'projectcalico.org': ['v3'],
  'policy.linkerd.io': ['v1beta3', 'v1beta2', 'v1beta1'],
  'security.istio.io': ['v1', 'v1beta1'],
  'adminnetworkpolicies.policy.networking.k8s.io': ['v1alpha1'],
  'baselineadminnetworkpolicies.policy.networking.k8s.io': ['v1alpha1'],
  'clusternetworkpolicies.policy.networking.k8s.io': ['v1alpha2'],
};

export function versionsOf(permission: Permission): readonly string[] {
  const [, resource = ''] = permission.split(' ');
  return VERSIONS[resource] ?? VERSIONS[groupOf(permission)] ?? ['v1'];
}

/** `list pods` → `/api/v1/pods`, `list daemonsets.apps` → `/apis/apps/v1/daemonsets`, `get configmaps/x` → kube-system's ConfigMap. */
export function pathOf(permission: Permission, version = versionsOf(permission)[0]): string {
  const [verb = '', resource = ''] = permission.split(' ');
  if (verb === 'get') return `/api/v1/namespaces/kube-system/${resource}`;
  const [plural = '', ...rest] = resource.split('.');
  const group = rest.join('.');
  if (group === '') return `/api/v1/${plural}`;
  return `/apis/${group}/${version}/${plural}`;
}

/** The API group of a permission; empty for the core group. */
export function groupOf(permission: Permission): string {
  const [, resource = ''] = permission.split(' ');
  return resource.includes('/') ? '' : resource.split('.').slice(1).join('.');
}

/** `list gateways.gateway.networking.k8s.io` → `gateways` */
export function pluralOf(permission: Permission): string {
  return permission.split(' ')[1]?.split('.')[0] ?? '';
}
