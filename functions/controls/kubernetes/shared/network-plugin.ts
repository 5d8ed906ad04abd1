import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix, Proof } from '#domain/verdict.ts';
import { commandsFix, kubectl, mergePatch, yamlFix } from './fix.ts';

/** Whether NetworkPolicies have any effect in the cluster. */
export type Enforcement = {
  readonly proof: readonly Proof[];
  readonly message: string;
} & (
  | { readonly state: 'enforced'; readonly plugin: string }
  | { readonly state: 'not-enforced'; readonly fix: Fix }
  | { readonly state: 'unknown'; readonly reason: UnknownReason }
);

type DaemonSet = Extract<KubernetesEvidence['daemonSets'], { state: 'collected' }>['value'][number];

/** DaemonSets of plugins that enforce NetworkPolicies as they are installed. */
const ENFORCING: ReadonlyMap<string, string> = new Map([
  ['calico-node', 'Calico'],
  ['kube-router', 'kube-router'],
  ['kube-ovn-cni', 'Kube-OVN'],
  ['azure-npm', 'Azure Network Policy Manager'],
  ['ovnkube-node', 'OVN-Kubernetes'],
  ['antrea-agent', 'Antrea'],
  ['weave-net', 'Weave Net'],
  ['canal', 'Canal'],
]);
const NOT_ENFORCING: ReadonlyMap<string, string> = new Map([
  ['kube-flannel-ds', 'flannel'],
  ['kube-flannel', 'flannel'],
  ['kube-macvlan', 'macvlan'],
]);

/**
 * Where the plugins' own manifests and operators put them. Whoever may create DaemonSets in a namespace of their own could call one
 * `calico-node`: it proves nothing there.
 */
const HOMES: ReadonlySet<string> = new Set([
  'kube-system',
  'calico-system',
  'cilium',
  'kube-flannel',
  'openshift-ovn-kubernetes',
  'ovn-kubernetes',
]);

/** The DaemonSets of the cluster's own namespaces, by name. */
function pluginsOf(daemonSets: readonly DaemonSet[]): ReadonlyMap<string, DaemonSet> {
  return new Map(daemonSets.filter(({ namespace }) => HOMES.has(namespace)).map((set) => [set.name, set]));
}

/** Whether Cilium runs; false too where the DaemonSets could not be read. */
export function runsCilium({ daemonSets }: KubernetesEvidence): boolean {
  return daemonSets.state === 'collected' && pluginsOf(daemonSets.value).has('cilium');
}

/**
 * Identifies the plugin by the DaemonSets that run. Calico beside another plugin is its policy-only mode and enforces.
 * Reference: the plugins' own manifests; Amazon EKS user guide, network policies; docs.cilium.io, policy enforcement modes.
 */
export function enforcementOf(evidence: KubernetesEvidence): Enforcement {
  const { daemonSets } = evidence;
  if (daemonSets.state === 'unavailable') {
    return { state: 'unknown', reason: daemonSets.reason, message: daemonSets.message, proof: [] };
  }
  const names = pluginsOf(daemonSets.value);
  const seen = (set: DaemonSet): Proof => ({
    kind: 'fact',
    line: `DaemonSet ${set.namespace}/${set.name} ${set.ready.state === 'given' ? `has ${set.ready.value} pods that are ready` : 'runs'}`,
    source: daemonSets.source,
    field: 'metadata.name',
    value: set.name,
  });
  const enforcing = [...names.values()].find(({ name }) => ENFORCING.has(name));
  const chosen = [enforcing, names.get('cilium'), names.get('aws-node')].find((set) => set !== undefined);
  if (chosen !== undefined && runsNowhere(chosen)) {
    const message = `DaemonSet ${chosen.namespace}/${chosen.name} has no pod that is ready`;
    return { state: 'unknown', reason: 'transitional-state', message, proof: [seen(chosen)] };
  }
  if (enforcing !== undefined) {
    const plugin = ENFORCING.get(enforcing.name) ?? enforcing.name;
    return { state: 'enforced', plugin, message: `${plugin} enforces NetworkPolicies`, proof: [seen(enforcing)] };
  }
  const cilium = names.get('cilium');
  if (cilium !== undefined) return ciliumEnforcement(evidence, seen(cilium));
  const awsNode = names.get('aws-node');
  if (awsNode !== undefined) return vpcCniEnforcement(awsNode, seen(awsNode), evidence.name);
  if (evidence.platform === 'eks') return autoModeEnforcement(evidence);
  const idle = [...names.values()].find(({ name }) => NOT_ENFORCING.has(name));
  if (idle !== undefined) {
    return {
      state: 'not-enforced',
      message: `${NOT_ENFORCING.get(idle.name)} alone enforces no NetworkPolicy`,
      proof: [seen(idle)],
      fix: yamlFix('# Kubespray inventory, group_vars/k8s_cluster/k8s-cluster.yml\nkube_network_plugin: calico'),
    };
  }
  return {
    state: 'unknown',
    reason: 'undecidable',
    message: `no known network plugin among the DaemonSets: ${daemonSets.value.map(placeOf).sort().join(', ') || 'there are none'}`,
    proof: [],
  };
}

/** A name that only counts elsewhere is told with its namespace. */
function placeOf({ namespace, name }: DaemonSet): string {
  return HOMES.has(namespace) ? name : `${namespace}/${name}`;
}

/** Installed, and running on no node: nothing enforces. */
function runsNowhere({ ready }: DaemonSet): boolean {
  return ready.state === 'given' && ready.value === 0;
}

function ciliumEnforcement({ ciliumConfig }: KubernetesEvidence, seen: Proof): Enforcement {
  if (ciliumConfig.state === 'unavailable') {
    return { state: 'unknown', reason: ciliumConfig.reason, message: ciliumConfig.message, proof: [seen] };
  }
  if (!ciliumConfig.value.present) {
    return {
      state: 'unknown',
      reason: 'not-found',
      message: 'Cilium runs, but its ConfigMap kube-system/cilium-config does not exist',
      proof: [seen],
    };
  }
  const { data } = ciliumConfig.value;
  // Documented defaults: mode `default`, Kubernetes NetworkPolicies watched.
  const mode = data['enable-policy'] ?? 'default';
  const setting = (key: string, value: string): Proof => ({
    kind: 'fact',
    line: `cilium-config ${key}: ${value}`,
    source: ciliumConfig.source,
    field: `data.${key}`,
    value,
  });
  const proof = [setting('enable-policy', mode), seen];
  if (mode === 'never') {
    return {
      state: 'not-enforced',
      message: 'Cilium is told to enforce no policy (enable-policy: never)',
      proof,
      fix: ciliumFix('enable-policy', 'default'),
    };
  }
  if (mode !== 'default' && mode !== 'always') {
    return { state: 'unknown', reason: 'unrecognised-value', message: `Cilium's enable-policy is "${mode}"`, proof };
  }
  if (data['enable-k8s-networkpolicy'] === 'false') {
    return {
      state: 'not-enforced',
      message: 'Cilium ignores Kubernetes NetworkPolicies (enable-k8s-networkpolicy: false)',
      proof: [setting('enable-k8s-networkpolicy', 'false'), ...proof],
      fix: ciliumFix('enable-k8s-networkpolicy', 'true'),
    };
  }
  return {
    state: 'enforced',
    plugin: 'Cilium',
    message: `Cilium enforces NetworkPolicies (enable-policy: ${mode})`,
    proof,
  };
}

function ciliumFix(key: string, value: string): Fix {
  return commandsFix([
    kubectl('kube-system', 'patch', 'configmap', 'cilium-config', mergePatch({ data: { [key]: value } })),
    kubectl('kube-system', 'rollout restart', 'daemonset', 'cilium'),
  ]);
}

/** The VPC CNI enforces only where its node agent is told to; the agent's flag is absent or false by default. */
function vpcCniEnforcement({ containers }: DaemonSet, seen: Proof, cluster: string): Enforcement {
  const agent = containers.find(({ name }) => name === 'aws-eks-nodeagent');
  const flag = agent?.args.findLast((argument) => argument.startsWith('--enable-network-policy'));
  const proof: Proof = {
    kind: 'fact',
    line: `aws-node, container aws-eks-nodeagent: ${flag ?? 'no --enable-network-policy'}`,
    field: 'spec.template.spec.containers[aws-eks-nodeagent].args',
    value: flag ?? 'absent',
  };
  return flag === '--enable-network-policy=true' || flag === '--enable-network-policy'
    ? { state: 'enforced', plugin: VPC_CNI, message: 'the VPC CNI enforces NetworkPolicies', proof: [proof, seen] }
    : {
        state: 'not-enforced',
        message: 'the VPC CNI runs with network policy switched off',
        proof: [proof, seen],
        fix: commandsFix([
          `aws eks update-addon --addon-name vpc-cni --configuration-values '{"enableNetworkPolicy":"true"}' --cluster-name ${shellQuote(cluster)}`,
        ]),
      };
}

export const VPC_CNI = 'VPC CNI';

/** EKS Auto Mode runs the CNI outside the cluster: a ConfigMap switches the controller on, a NodeClass the nodes. */
function autoModeEnforcement({ vpcCniConfig, nodeClasses }: KubernetesEvidence): Enforcement {
  for (const part of [vpcCniConfig, nodeClasses]) {
    if (part.state === 'unavailable') {
      return { state: 'unknown', reason: part.reason, message: part.message, proof: [] };
    }
  }
  if (vpcCniConfig.state === 'unavailable' || nodeClasses.state === 'unavailable' || !nodeClasses.value.served) {
    return {
      state: 'unknown',
      reason: 'undecidable',
      message: 'no network plugin runs as a DaemonSet, and no EKS NodeClass exists',
      proof: [],
    };
  }
  const enabled = vpcCniConfig.value.data['enable-network-policy-controller'];
  const proof: Proof[] = [
    {
      kind: 'fact',
      line: `ConfigMap kube-system/amazon-vpc-cni enable-network-policy-controller: ${enabled ?? 'absent'}`,
      source: vpcCniConfig.source,
      field: 'data.enable-network-policy-controller',
      value: enabled ?? 'absent',
    },
    ...nodeClasses.value.items.map(
      ({ name, networkPolicy }): Proof => ({
        kind: 'fact',
        line: `NodeClass ${name} networkPolicy: ${networkPolicy.state === 'given' ? networkPolicy.value : networkPolicy.state}`,
        source: nodeClasses.source,
        field: 'spec.networkPolicy',
      }),
    ),
  ];
  if (enabled !== 'true') {
    return {
      state: 'not-enforced',
      message: 'EKS Auto Mode: the network policy controller is not switched on',
      proof,
      fix: yamlFix(
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: amazon-vpc-cni\n  namespace: kube-system\ndata:\n  enable-network-policy-controller: "true"',
      ),
    };
  }
  const modes = nodeClasses.value.items.map(({ networkPolicy }) => networkPolicy);
  const known = modes.every((mode) => mode.state === 'given' && ['DefaultAllow', 'DefaultDeny'].includes(mode.value));
  return modes.length > 0 && known
    ? { state: 'enforced', plugin: 'EKS Auto Mode', message: 'EKS Auto Mode enforces NetworkPolicies', proof }
    : {
        state: 'unknown',
        reason: 'absent-field',
        message: 'EKS Auto Mode: a NodeClass does not say how it enforces policies',
        proof,
      };
}
