import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import { ABSENT, given } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import {
  address,
  apiServer,
  denyAll,
  pluginContainer,
  pod,
  policy,
  read,
  rule,
  service,
  verdictOf,
} from './evidence.ts';

const open = [address('20.1.2.3')];
const balancer = (platform: KubernetesEvidence['platform']) => ({
  platform,
  services: read([service('web', 'LoadBalancer', { addresses: open })]),
});
const flags = (...command: string[]) => ({ staticPods: read([{ ...apiServer, command }]) });
/** One namespace in an Istio mesh without any AuthorizationPolicy. */
const ISTIO = {
  peerAuthentications: read({ served: true, items: [] }),
  istioMeshes: read([{ namespace: 'istio-system', rootNamespace: ABSENT }]),
  istioAuthorizations: read({ served: true, items: [] }),
  pods: read([pod('shop', 'web', { 'security.istio.io/tlsMode': 'istio' })]),
};
const plain = { ciliumConfig: read({ present: false, data: {} }) };
const daemon = (name: string) => ({
  daemonSets: read([{ namespace: 'kube-system', name, ready: given(1), containers: [] }]),
});
const binding = (namespace: string, subject: string) => ({
  roleBindings: read([
    {
      kind: namespace === '' ? ('ClusterRoleBinding' as const) : ('RoleBinding' as const),
      namespace,
      name: 'ops team',
      role: { kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'User', name: subject, namespace: '' }],
    },
  ]),
});

/** [control, what differs from a cluster that passes, what the fix has to name] */
const CASES: readonly (readonly [string, Partial<KubernetesEvidence>, RegExp])[] = [
  ['audit-log', flags('kube-apiserver'), /^kubernetes_audit: true$/m],
  ['cni-enforces', daemon('kube-flannel-ds'), /^kube_network_plugin: calico$/m],
  ['cni-enforces', daemon('aws-node'), /aws eks update-addon .*enableNetworkPolicy.* --cluster-name tokyo$/m],
  [
    'cni-enforces',
    { ciliumConfig: read({ present: true, data: { 'enable-policy': 'never' } }) },
    /kubectl -n kube-system patch configmap cilium-config .*"enable-policy":"default"/,
  ],
  [
    'default-deny-ingress',
    { networkPolicies: read([]) },
    /namespace: "shop"\nspec:\n {2}podSelector: \{\}\n {2}policyTypes: \[Ingress\]$/m,
  ],
  [
    'default-deny-egress',
    { networkPolicies: read([]) },
    /namespace: "shop"[\s\S]*policyTypes: \[Egress\][\s\S]*port: 53/,
  ],
  [
    'default-deny-ingress',
    { networkPolicies: read([policy('shop/all', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] })]) },
    /kubectl -n shop edit networkpolicy all/,
  ],
  ['default-deny-ingress', daemon('kube-flannel-ds'), /^kube_network_plugin: calico$/m],
  ['default-ports', flags('kube-apiserver'), /^kube_apiserver_port: 8443$/m],
  [
    'encryption-in-transit',
    {
      ...plain,
      linkerd: read(true),
      linkerdDefaultPolicy: read(given('all-unauthenticated')),
      pods: read([pod('shop', 'web', { 'linkerd.io/control-plane-ns': 'linkerd' })]),
    },
    /kubectl annotate namespace shop config\.linkerd\.io/,
  ],
  [
    'encryption-in-transit',
    {
      ...plain,
      istioMeshes: read([{ namespace: 'istio-system', rootNamespace: ABSENT }]),
      peerAuthentications: read({
        served: true,
        items: [{ namespace: 'shop', name: 'lax', selective: false, mode: given('PERMISSIVE'), portModes: [] }],
      }),
    },
    /name: "lax", namespace: "shop"[\s\S]*mode: STRICT/,
  ],
  [
    'external-ips',
    { services: read([service('web', 'ClusterIP', { externalIPs: ['198.51.100.7'] })]) },
    /kubectl -n shop edit service web/,
  ],
  [
    'host-network',
    {
      pods: read([pod('shop', 'agent', {}, { hostNetwork: true, owner: given({ kind: 'DaemonSet', name: 'agent' }) })]),
    },
    /kubectl -n shop patch daemonset agent .*"hostNetwork":false[\s\S]*hostNetworkAllowed: \["shop\/agent\[DaemonSet\]"\]/,
  ],
  [
    'misapplied-policy',
    { networkPolicies: read([policy('shop/deny-backend-egress', { podSelector: {}, policyTypes: ['Ingress'] })]) },
    /kubectl -n shop edit networkpolicy deny-backend-egress[\s\S]*spec: # beside metadata/,
  ],
  ['pods-isolated', { networkPolicies: read([]) }, /namespace: "shop"[\s\S]*policyTypes: \[Ingress, Egress\]/],
  [
    'pods-isolated',
    {
      daemonSets: read([
        {
          namespace: 'kube-system',
          name: 'aws-node',
          ready: given(1),
          containers: [pluginContainer('aws-eks-nodeagent', { args: ['--enable-network-policy=true'] })],
        },
      ]),
      pods: read([pod('shop', 'web', { 'eks.amazonaws.com/fargate-profile': 'fp' })]),
      networkPolicies: read([policy('shop/deny', denyAll)]),
    },
    /compute-type: ec2/,
  ],
  ['rbac', binding('', 'eve'), /kubectl edit clusterrolebinding 'ops team'/],
  ['rbac', flags('kube-apiserver'), /^authorization_modes: \[Node, RBAC\]$/m],
  [
    'rbac',
    {
      roles: read([
        {
          kind: 'Role' as const,
          namespace: 'shop',
          name: 'all',
          rules: [rule(['*'], ['*'])],
        },
      ]),
    },
    /kubectl -n shop edit role all/,
  ],
  [
    'services-internal',
    balancer('aks'),
    /kubectl -n shop annotate service web service\.beta\.kubernetes\.io\/azure-load-balancer-internal=true/,
  ],
  ['services-internal', balancer('eks'), /aws-load-balancer-internal=true/],
  ['mesh-authorization', ISTIO, /namespace: "shop"[\s\S]*spec: \{\}/],
  ['services-internal', balancer('iks'), /ibm-load-balancer-cloud-provider-ip-type=private/],
  ['services-internal', balancer('self-managed'), /kubectl -n shop patch service web .*"type":"ClusterIP"/],
  [
    'services-internal',
    {
      platform: 'eks' as const,
      ingresses: read([
        {
          namespace: 'shop',
          name: 'front',
          className: ABSENT,
          annotations: { 'alb.ingress.kubernetes.io/scheme': 'internet-facing' },
          addresses: [],
        },
      ]),
    },
    /kubectl -n shop annotate ingress front alb\.ingress\.kubernetes\.io\/scheme=internal/,
  ],
  [
    'unrestricted-policy',
    { networkPolicies: read([policy('shop/all', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] })]) },
    /kubectl -n shop edit networkpolicy all/,
  ],
];

test.each(CASES)('%s with %j: the fix names what has to change', (id, change, expected) => {
  const verdict = verdictOf(`kubernetes-${id}`, change);
  expect(verdict.status).toBe('FAIL');
  const fix = verdict.status === 'FAIL' ? verdict.fix : undefined;
  const fragments = fix?.fragments.map(({ code }) => code) ?? [];
  expect([...(fix?.commands ?? []), ...fragments].join('\n')).toMatch(expected);
  for (const code of fragments) expect(parseAllDocuments(code).flatMap(({ errors }) => errors)).toEqual([]);
});

test('every control of this platform has a fix that is tested', () => {
  const tested = new Set(CASES.map(([id]) => `kubernetes-${id}`));
  expect(kubernetesControls.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([]);
});

test('a name is a word of the command and not more', () => {
  const verdict = verdictOf('kubernetes-rbac', binding('', 'eve'));
  expect(verdict.status === 'FAIL' ? verdict.fix?.commands : []).toEqual([
    "kubectl edit clusterrolebinding 'ops team'",
  ]);
});
