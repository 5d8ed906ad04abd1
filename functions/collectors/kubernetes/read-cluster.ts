import * as v from 'valibot';
import { type Collected, collected, type Unavailable } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { Client } from './client.ts';
import {
  readFelixConfiguration,
  readNamespace,
  readNode,
  readNodeClass,
  readPeerAuthentication,
  readRole,
  readRoleBinding,
} from './parts/cluster.ts';
import { readGateway, readIngress, readService } from './parts/entrances.ts';
import { readIstioAuthorization, readIstioMeshes, readLinkerdDefaultPolicy, readLinkerdServer } from './parts/mesh.ts';
import { readDaemonSet, readPod, readPolicyController } from './parts/pods.ts';
import { readPolicy } from './parts/policies.ts';
import { Reader } from './reader.ts';

type Parts = Omit<KubernetesEvidence, 'name' | 'platform'>;

const Groups = v.object({
  groups: v.array(v.object({ name: v.string(), versions: v.nullish(v.array(v.object({ version: v.string() }))) })),
});
const Review = v.object({ status: v.object({ allowed: v.boolean() }) });
/** Calico's API server lists Kubernetes' own policies among its own; they are read at their source. */
const FOREIGN = /^(knp|kcnp|kanp|kbanp)\./;

const CALICO_KINDS = [
  ['networkpolicies', 'NetworkPolicy'],
  ['globalnetworkpolicies', 'GlobalNetworkPolicy'],
  ['tiers', 'Tier'],
  ['networksets', 'NetworkSet'],
  ['globalnetworksets', 'GlobalNetworkSet'],
] as const;

/** Calico's own API server where it runs, else the CRDs behind it: never both, they hold the same objects. */
export function calicoGroup(reader: Reader) {
  return reader.serves('projectcalico.org') === true
    ? ({ group: 'projectcalico.org', version: 'v3' } as const)
    : ({ group: 'crd.projectcalico.org', version: 'v1' } as const);
}

/** Policies of other makers, which can allow what a NetworkPolicy denies: that there are some has to be known. */
const FOREIGN_POLICIES = [
  {
    permission: 'list applicationnetworkpolicies.networking.k8s.aws',
    read: readPolicy('networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy'),
  },
  {
    permission: 'list clusternetworkpolicies.networking.k8s.aws',
    read: readPolicy('networking.k8s.aws/v1alpha1', 'ClusterNetworkPolicy'),
  },
  {
    permission: 'list networkpolicies.crd.antrea.io',
    read: readPolicy('crd.antrea.io/v1beta1', 'NetworkPolicy'),
  },
  {
    permission: 'list clusternetworkpolicies.crd.antrea.io',
    read: readPolicy('crd.antrea.io/v1beta1', 'ClusterNetworkPolicy'),
  },
] as const;

/** Reads every part of a cluster, one list at a time, as API Priority and Fairness asks for. */
export async function readCluster(client: Client, now: () => Date): Promise<Parts> {
  const reader = await readerFor(client, now);
  // Finished pods have no network any more. The selector saves the transport; that the server heeds it is not relied upon.
  const listed = await reader.list('list pods', readPod, {
    query: '?fieldSelector=status.phase!%3DSucceeded,status.phase!%3DFailed',
  });
  const pods = mapped(listed, (list) => list.filter(({ pod }) => !['Succeeded', 'Failed'].includes(pod.phase)));
  const calico = calicoGroup(reader);
  const namespaces = await reader.list('list namespaces', readNamespace);
  const running = mapped(pods, (list) => list.map(({ pod }) => pod));
  const daemonSets = await reader.list('list daemonsets.apps', readDaemonSet);
  const peerAuthentications = await reader.optional([
    { permission: 'list peerauthentications.security.istio.io', read: readPeerAuthentication },
  ]);
  const hasIstio = peerAuthentications.state === 'collected' && peerAuthentications.value.served;
  const linkerd = await reader.group('policy.linkerd.io');
  return {
    namespaces,
    pods: running,
    staticPods: mapped(pods, (list) => list.flatMap(({ staticPod }) => staticPod ?? [])),
    networkPolicies: mapped(
      await reader.list('list networkpolicies.networking.k8s.io', readPolicy('networking.k8s.io/v1', 'NetworkPolicy')),
      (list) => list.flat(),
    ),
    ciliumPolicies: await reader.optional([
      { permission: 'list ciliumnetworkpolicies.cilium.io', read: readPolicy('cilium.io/v2', 'CiliumNetworkPolicy') },
      {
        permission: 'list ciliumclusterwidenetworkpolicies.cilium.io',
        read: readPolicy('cilium.io/v2', 'CiliumClusterwideNetworkPolicy'),
      },
      { permission: 'list ciliumcidrgroups.cilium.io', read: readPolicy('cilium.io/v2', 'CiliumCIDRGroup') },
    ]),
    calicoPolicies: await reader.optional(
      CALICO_KINDS.map(([plural, kind]) => ({
        permission: `list ${plural}.${calico.group}` as const,
        read: (item: unknown) =>
          readPolicy(`${calico.group}/${calico.version}`, kind)(item).filter(({ name }) => !FOREIGN.test(name)),
      })),
    ),
    adminPolicies: await reader.optional([
      {
        permission: 'list adminnetworkpolicies.policy.networking.k8s.io',
        read: readPolicy('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'),
      },
      {
        permission: 'list baselineadminnetworkpolicies.policy.networking.k8s.io',
        read: readPolicy('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy'),
      },
      {
        permission: 'list clusternetworkpolicies.policy.networking.k8s.io',
        read: readPolicy('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'),
      },
      ...FOREIGN_POLICIES,
    ]),
    daemonSets,
    policyControllers: await policyControllers(reader, daemonSets),
    ciliumConfig: await reader.configMap('get configmaps/cilium-config', CILIUM_KEYS, ciliumPlace(daemonSets)),
    vpcCniConfig: await reader.configMap('get configmaps/amazon-vpc-cni', ['enable-network-policy-controller']),
    nodeClasses: await reader.optional([{ permission: 'list nodeclasses.eks.amazonaws.com', read: readNodeClass }]),
    nodes: await reader.list('list nodes', readNode),
    services: await reader.list('list services', readService),
    ingresses: await reader.list('list ingresses.networking.k8s.io', readIngress),
    gateways: await reader.optional([{ permission: 'list gateways.gateway.networking.k8s.io', read: readGateway }]),
    openshift: await reader.group('config.openshift.io'),
    peerAuthentications,
    istioMeshes: hasIstio ? await readIstioMeshes(reader, running, namespaces) : mapped(peerAuthentications, () => []),
    istioAuthorizations: await reader.optional([
      { permission: 'list authorizationpolicies.security.istio.io', read: readIstioAuthorization },
    ]),
    felixConfigurations: await reader.optional([
      { permission: `list felixconfigurations.${calico.group}`, read: readFelixConfiguration },
    ]),
    linkerd,
    linkerdDefaultPolicy: await readLinkerdDefaultPolicy(reader, linkerd, running),
    linkerdServers: await reader.optional([{ permission: 'list servers.policy.linkerd.io', read: readLinkerdServer }]),
    roles: joined(
      await reader.list('list clusterroles.rbac.authorization.k8s.io', readRole('ClusterRole')),
      await reader.list('list roles.rbac.authorization.k8s.io', readRole('Role')),
    ),
    roleBindings: joined(
      await reader.list('list clusterrolebindings.rbac.authorization.k8s.io', readRoleBinding('ClusterRoleBinding')),
      await reader.list('list rolebindings.rbac.authorization.k8s.io', readRoleBinding('RoleBinding')),
    ),
    canReadSecrets: await reader.part(SELF_CHECK, async () => {
      const review = { spec: { resourceAttributes: { verb: 'list', resource: 'secrets' } } };
      const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', ...review };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      return v.parse(Review, await client.post(path, body)).status.allowed;
    }),
  };
}

const CILIUM_KEYS = [
  'enable-policy',
  'enable-k8s-networkpolicy',
  'policy-audit-mode',
  'enable-wireguard',
  'enable-ipsec',
] as const;

type DaemonSets = Parts['daemonSets'];

/** Cilium's ConfigMap lies beside its DaemonSet, which need not be in kube-system. */
function ciliumPlace(daemonSets: DaemonSets) {
  const sets = daemonSets.state === 'collected' ? daemonSets.value.filter(({ name }) => name === 'cilium') : [];
  const [first] = sets;
  return first === undefined || sets.some(({ namespace }) => namespace === 'kube-system')
    ? undefined
    : { namespace: first.namespace, name: 'cilium-config' };
}

/** Kube-OVN enforces policies in a Deployment; no other plugin costs this call. */
async function policyControllers(reader: Reader, daemonSets: DaemonSets): Promise<Parts['policyControllers']> {
  if (daemonSets.state === 'unavailable') return daemonSets;
  if (!daemonSets.value.some(({ name }) => name === 'kube-ovn-cni')) return collected([], daemonSets.source);
  return mapped(await reader.list('list deployments.apps', readPolicyController), (list) => list.flat());
}

/** Allowed to every authenticated user; when it is not, only a warning is missing. */
const SELF_CHECK = 'create selfsubjectaccessreviews.authorization.k8s.io';

/** A reader that knows which API groups the server has, where the server tells. */
export async function readerFor(client: Client, now: () => Date): Promise<Reader> {
  const groups = await new Reader(client, now, undefined).part('get /apis', async () =>
    v
      .parse(Groups, await client.get('/apis'))
      .groups.map(({ name, versions }) => [name, (versions ?? []).map(({ version }) => version)] as const),
  );
  return new Reader(client, now, groups.state === 'collected' ? new Map(groups.value) : undefined);
}

function mapped<T, U>(part: Collected<T>, map: (value: T) => U): Collected<U> {
  return part.state === 'collected' ? collected(map(part.value), part.source) : part;
}

function joined<T>(a: Collected<T[]>, b: Collected<T[]>): Collected<T[]> {
  if (a.state === 'unavailable') return a;
  return b.state === 'unavailable' ? b : collected([...a.value, ...b.value], a.source);
}

/** Evidence of a cluster that does not answer at all: every part carries the one reason. */
export function nothingRead(part: Unavailable): Parts {
  return {
    namespaces: part,
    pods: part,
    staticPods: part,
    networkPolicies: part,
    ciliumPolicies: part,
    calicoPolicies: part,
    adminPolicies: part,
    daemonSets: part,
    policyControllers: part,
    ciliumConfig: part,
    vpcCniConfig: part,
    nodeClasses: part,
    nodes: part,
    openshift: part,
    services: part,
    ingresses: part,
    gateways: part,
    peerAuthentications: part,
    istioMeshes: part,
    istioAuthorizations: part,
    felixConfigurations: part,
    linkerd: part,
    linkerdDefaultPolicy: part,
    linkerdServers: part,
    roles: part,
    roleBindings: part,
    canReadSecrets: part,
  };
}
