import { judge } from '#controls/judge.ts';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import { ABSENT, type Collected, collected, given, unavailable } from '#domain/collected.ts';
import type { Subject } from '#domain/collection.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { ControlSettings } from '#domain/settings.ts';
import type { Verdict } from '#domain/verdict.ts';

const at = '2026-11-24T00:00:00.000Z';

export function read<T>(value: T, api = 'list things'): Collected<T> {
  return collected(value, { api, at });
}

export const denied = unavailable('denied', 'forbidden', 'list things');

type Value<K extends keyof KubernetesEvidence> = Extract<KubernetesEvidence[K], { state: 'collected' }>['value'];
type Item<K extends keyof KubernetesEvidence> = Value<K> extends readonly (infer T)[] ? T : never;

export function pod(
  namespace: string,
  name: string,
  labels: Record<string, string>,
  more: Partial<Item<'pods'>> = {},
): Item<'pods'> {
  return {
    namespace,
    name: `${name}-5d9c-x`,
    labels: { ...labels, 'pod-template-hash': '5d9c' },
    owner: given({ kind: 'ReplicaSet', name: `${name}-5d9c` }),
    serviceAccount: 'default',
    phase: 'Running',
    hostNetwork: false,
    linkerdInboundPolicy: ABSENT,
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    ...more,
  };
}

export function policy(place: string, spec: unknown, kind = 'NetworkPolicy', apiVersion = 'networking.k8s.io/v1') {
  const [namespace = '', name = ''] = place.split('/');
  return { apiVersion, kind, namespace, name, spec: JSON.stringify({ spec }) };
}

export function service(name: string, type: string, more: Partial<Item<'services'>> = {}): Item<'services'> {
  return {
    namespace: 'shop',
    name,
    type: given(type),
    loadBalancerClass: ABSENT,
    annotations: {},
    externalIPs: [],
    sourceRanges: [],
    nodePorts: [],
    addresses: [],
    ...more,
  };
}

export function node(change: Partial<Item<'nodes'>> = {}): Item<'nodes'> {
  return {
    name: 'n1',
    addresses: ['10.0.0.5'],
    kubeletVersion: given('v1.34.1'),
    kubeletPort: given(20250),
    ofAks: false,
    ...change,
  };
}

export function rule(
  verbs: string[],
  resources: string[],
  apiGroups: string[] = [''],
  resourceNames: string[] = [],
): Item<'roles'>['rules'][number] {
  return { verbs, apiGroups, resources, resourceNames };
}

export function clusterRole(name: string, ...rules: Item<'roles'>['rules']): Item<'roles'> {
  return { kind: 'ClusterRole', namespace: '', name, rules };
}

/** A container of a network plugin. */
export function pluginContainer(
  name: string,
  change: Partial<Item<'daemonSets'>['containers'][number]> = {},
): Item<'daemonSets'>['containers'][number] {
  return { name, image: given(`registry.example/${name}:v1.2.3`), args: [], env: {}, ...change };
}

export function address(ip: string) {
  return { ip: given(ip), hostname: ABSENT };
}

export function hostname(name: string) {
  return { ip: ABSENT, hostname: given(name) };
}

export const nothing = read({ served: false, items: [] });

export const denyAll = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };

export const apiServer = {
  name: 'kube-apiserver-cp1',
  component: 'kube-apiserver',
  command: [
    'kube-apiserver',
    '--authorization-mode=Node,RBAC',
    '--secure-port=8443',
    '--audit-policy-file=/etc/kubernetes/audit.yaml',
    '--audit-log-path=/var/log/audit.log',
  ],
} as const;

/** A self-managed cluster that passes every control; a test states only what differs. */
export function kubernetesEvidence(change: Partial<KubernetesEvidence> = {}): KubernetesEvidence {
  return {
    name: 'tokyo',
    platform: 'self-managed',
    namespaces: read([
      { name: 'shop', labels: {} },
      { name: 'kube-system', labels: {} },
      { name: 'default', labels: {} },
    ]),
    pods: read([
      pod('shop', 'web', { app: 'web' }),
      pod('shop', 'db', { app: 'db' }),
      pod('kube-system', 'kube-proxy', { app: 'proxy' }, { hostNetwork: true }),
    ]),
    staticPods: read([{ ...apiServer, command: [...apiServer.command] }]),
    networkPolicies: read([policy('shop/deny-all', denyAll)]),
    ciliumPolicies: nothing,
    calicoPolicies: nothing,
    adminPolicies: nothing,
    daemonSets: read([{ namespace: 'kube-system', name: 'cilium', ready: given(1), containers: [] }]),
    policyControllers: read([]),
    ciliumConfig: read({ present: true, data: { 'enable-policy': 'default', 'enable-wireguard': 'true' } }),
    vpcCniConfig: read({ present: false, data: {} }),
    nodeClasses: nothing,
    nodes: read([node()]),
    openshift: read(false),
    services: read([service('web', 'ClusterIP')]),
    ingresses: read([]),
    gateways: nothing,
    peerAuthentications: nothing,
    istioMeshes: read([]),
    istioAuthorizations: nothing,
    felixConfigurations: nothing,
    linkerd: read(false),
    linkerdDefaultPolicy: read(ABSENT),
    linkerdServers: nothing,
    roles: read([
      {
        kind: 'ClusterRole',
        namespace: '',
        name: 'view',
        rules: [rule(['get'], ['pods'])],
      },
    ]),
    roleBindings: read([
      {
        kind: 'ClusterRoleBinding',
        namespace: '',
        name: 'cluster-admin',
        role: { kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'Group', name: 'system:masters', namespace: '' }],
      },
    ]),
    canReadSecrets: read(false),
    ...change,
  };
}

export function subjectOf(evidence: KubernetesEvidence): Subject<'kubernetes'> {
  return {
    kind: 'kubernetes',
    resource: {
      uid: 'kubernetes:tokyo',
      type: 'kubernetes.cluster',
      provider: 'kubernetes',
      account: 'tokyo',
      region: '',
      name: 'tokyo',
    },
    evidence,
  };
}

/** The verdict of one control, by the same way as in a scan. */
export function verdictOf(
  id: string,
  change: Partial<KubernetesEvidence> = {},
  settings: ControlSettings = {},
): Verdict {
  const judged = judge(subjectOf(kubernetesEvidence(change)), kubernetesControls, {
    profile: 'closed',
    controls: { [id]: settings },
  });
  const found = judged.find(({ control }) => control.id === id);
  if (found === undefined) throw new Error(`no control ${id}`);
  return found.verdict;
}
