import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { Proof } from '#domain/verdict.ts';
import { ciliumEnforcement } from './plugins/cilium.ts';
import type { DaemonSet, Enforcement } from './plugins/enforcement.ts';
import { macvlan, SWITCHABLE } from './plugins/switches.ts';
import { autoModeEnforcement, vpcCniEnforcement } from './plugins/vpc-cni.ts';

export type { Enforcement } from './plugins/enforcement.ts';
export { VPC_CNI } from './plugins/vpc-cni.ts';

/** DaemonSets of plugins that enforce NetworkPolicies as they are installed. */
const ENFORCING: ReadonlyMap<string, string> = new Map([
  ['calico-node', 'Calico'],
  ['azure-npm', 'Azure Network Policy Manager'],
  ['ovnkube-node', 'OVN-Kubernetes'],
  ['antrea-agent', 'Antrea'],
  ['canal', 'Canal'],
  ['rke2-canal', 'Canal'],
  ['kube-network-policies', 'kube-network-policies'],
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

/** Whether Cilium's mode `always` isolates every endpoint without any policy. */
export function isolatesAlways(evidence: KubernetesEvidence): boolean {
  const { ciliumConfig } = evidence;
  return (
    runsCilium(evidence) && ciliumConfig.state === 'collected' && ciliumConfig.value.data['enable-policy'] === 'always'
  );
}

/**
 * Identifies the plugins by the DaemonSets that run: one that enforces is enough, as Calico does beside another plugin in its policy-only mode.
 * Reference: the plugins' own manifests; Amazon EKS user guide, network policies.
 */
export function enforcementOf(evidence: KubernetesEvidence): Enforcement {
  const { daemonSets } = evidence;
  if (daemonSets.state === 'unavailable') {
    return { state: 'unknown', reason: daemonSets.reason, message: daemonSets.message, proof: [] };
  }
  const judged = [...pluginsOf(daemonSets.value).values()].flatMap((set) => judge(set, evidence) ?? []);
  for (const state of ['enforced', 'unknown', 'not-enforced']) {
    const found = judged.find((enforcement) => enforcement.state === state);
    if (found !== undefined) return found;
  }
  if (evidence.platform === 'eks') return autoModeEnforcement(evidence);
  return (
    strayCilium(evidence, daemonSets.value) ?? {
      state: 'unknown',
      reason: 'undecidable',
      message: `no known network plugin among the DaemonSets: ${daemonSets.value.map(placeOf).sort().join(', ') || 'there are none'}`,
      proof: [],
    }
  );
}

/** Undefined for what is not a network plugin. */
function judge(set: DaemonSet, evidence: KubernetesEvidence): Enforcement | undefined {
  const seen = seenProof(set, evidence);
  const enforcement = ofPlugin(set, seen, evidence);
  if (enforcement === undefined || enforcement.state === 'not-enforced' || !runsNowhere(set)) return enforcement;
  const message = `DaemonSet ${set.namespace}/${set.name} has no pod that is ready`;
  return { state: 'unknown', reason: 'transitional-state', message, proof: [seen] };
}

function ofPlugin(set: DaemonSet, seen: Proof, evidence: KubernetesEvidence): Enforcement | undefined {
  const plugin = ENFORCING.get(set.name);
  if (plugin !== undefined)
    return { state: 'enforced', plugin, message: `${plugin} enforces NetworkPolicies`, proof: [seen] };
  if (set.name === 'cilium') return ciliumEnforcement(evidence, seen, set.namespace);
  if (set.name === 'aws-node') return vpcCniEnforcement(set, seen, evidence.name);
  return set.name === 'kube-macvlan' ? macvlan(seen) : SWITCHABLE.get(set.name)?.(set, seen, evidence);
}

function seenProof({ namespace, name, ready }: DaemonSet, { daemonSets }: KubernetesEvidence): Proof {
  return {
    kind: 'fact',
    line: `DaemonSet ${namespace}/${name} ${ready.state === 'given' ? `has ${ready.value} pods that are ready` : 'runs'}`,
    ...(daemonSets.state === 'collected' ? { source: daemonSets.source } : {}),
    field: 'metadata.name',
    value: name,
  };
}

/** In a namespace that is nobody's in particular, its own settings count against it and never for it. */
function strayCilium(evidence: KubernetesEvidence, daemonSets: readonly DaemonSet[]): Enforcement | undefined {
  const set = daemonSets.find(({ name }) => name === 'cilium');
  if (set === undefined) return undefined;
  const found = ciliumEnforcement(evidence, seenProof(set, evidence), set.namespace);
  return found.state === 'not-enforced' ? found : undefined;
}

/** A name that only counts elsewhere is shown with its namespace. */
function placeOf({ namespace, name }: DaemonSet): string {
  return HOMES.has(namespace) ? name : `${namespace}/${name}`;
}

/** Installed, and running on no node: nothing enforces. */
function runsNowhere({ ready }: DaemonSet): boolean {
  return ready.state === 'given' && ready.value === 0;
}
