import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { Fix, Proof } from '#domain/verdict.ts';
import { yamlFix } from '../fix.ts';
import { type DaemonSet, type Enforcement, flagValue, isFalse } from './enforcement.ts';

/** How a plugin that enforces only under a condition was found to be set. */
type Judge = (set: DaemonSet, seen: Proof, evidence: KubernetesEvidence) => Enforcement;

function on(plugin: string, seen: Proof, ...proof: readonly Proof[]): Enforcement {
  return { state: 'enforced', plugin, message: `${plugin} enforces NetworkPolicies`, proof: [...proof, seen] };
}

function off(message: string, fix: Fix, ...proof: readonly Proof[]): Enforcement {
  return { state: 'not-enforced', defect: 'not-enforced', message, proof, fix };
}

function setting(field: string, value: string): Proof {
  return { kind: 'fact', line: `${field}: ${value}`, field, value };
}

function withoutContainers(plugin: string, seen: Proof): Enforcement {
  const message = `the containers of ${plugin} were not in the answer`;
  return { state: 'unknown', reason: 'absent-field', message, proof: [seen] };
}

/** Its policy controller is on by default. Source: kube-router user guide, --run-firewall. */
const kubeRouter: Judge = ({ containers }, seen) => {
  if (containers.length === 0) return withoutContainers('kube-router', seen);
  const flag = flagValue(containers, '--run-firewall');
  if (!isFalse(flag)) return on('kube-router', seen);
  const fix = yamlFix(
    '# Kubespray inventory, group_vars/k8s_cluster/k8s-net-kube-router.yml\nkube_router_run_firewall: true',
  );
  const proof = setting('kube-router --run-firewall', flag ?? '');
  return off('kube-router runs without its policy controller (--run-firewall=false)', fix, proof, seen);
};

/** A container of its own enforces, and the main one waits for it unless EXPECT_NPC is 0. Source: Weave Net, network policy. */
const weaveNet: Judge = ({ containers }, seen) => {
  if (containers.length === 0) return withoutContainers('Weave Net', seen);
  const expects = containers.find(({ env }) => env['EXPECT_NPC'] === '0');
  const controller = containers.some(({ name }) => name === 'weave-npc');
  if (controller && expects === undefined) return on('Weave Net', seen);
  const fix = yamlFix(
    '# DaemonSet weave-net: the container weave-npc of the release in use, and in the container weave\nenv: [{ name: EXPECT_NPC, value: "1" }]',
  );
  return controller
    ? off('Weave Net runs without its policy controller (EXPECT_NPC=0)', fix, setting('EXPECT_NPC', '0'), seen)
    : off('Weave Net runs without its container weave-npc, which enforces policies', fix, seen);
};

/** On by default. Source: kube-ovn-controller, --enable-np. */
const kubeOvn: Judge = (_set, seen, { policyControllers }) => {
  if (policyControllers.state === 'unavailable') {
    const { reason, message } = policyControllers;
    return { state: 'unknown', reason, message, proof: [seen] };
  }
  const controller = policyControllers.value.find(({ name }) => name === 'kube-ovn-controller');
  if (controller === undefined) {
    const message = 'Kube-OVN runs, but there is no Deployment kube-ovn-controller';
    return { state: 'unknown', reason: 'not-found', message, proof: [seen] };
  }
  const flag = flagValue(controller.containers, '--enable-np');
  if (!isFalse(flag)) return on('Kube-OVN', seen);
  const fix = yamlFix('# Kubespray inventory, group_vars/k8s_cluster/k8s-net-kube-ovn.yml\nkube_ovn_enable_np: true');
  return off('Kube-OVN ignores NetworkPolicies (--enable-np=false)', fix, setting('--enable-np', flag ?? ''), seen);
};

/** Without the container kube-network-policies flannel enforces nothing. Source: flannel, Documentation/netpol.md, since v0.25.5. */
const flannel: Judge = ({ containers }, seen) =>
  containers.some(({ name, image }) =>
    `${name} ${image.state === 'given' ? image.value : ''}`.includes('kube-network-policies'),
  )
    ? on('kube-network-policies', seen)
    : off('flannel alone enforces no NetworkPolicy', yamlFix(CALICO_INSTEAD), seen);

const CALICO_INSTEAD = '# Kubespray inventory, group_vars/k8s_cluster/k8s-cluster.yml\nkube_network_plugin: calico';

/**
 * From 1.3.0 on by default. The images of kind are tagged with dates, which say nothing of the version that enforces.
 * Source: kindnet releases, --network-policy; kind 0.24 release notes.
 */
const kindnet: Judge = ({ containers }, seen) => {
  const image = containers.map((container) => container.image).find((field) => field.state === 'given');
  const [, major, minor] = /:v?(\d{1,3})\.(\d+)\.\d+/.exec(image?.state === 'given' ? image.value : '') ?? [];
  if (major === undefined || minor === undefined) {
    const message = 'the image of kindnet does not say its version, and older ones enforce no NetworkPolicy';
    return { state: 'unknown', reason: 'version-unknown', message, proof: [seen] };
  }
  const flag = flagValue(containers, '--network-policy');
  const enforces = (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 3)) && !isFalse(flag);
  return enforces
    ? on('kindnet', seen)
    : off('kindnet enforces NetworkPolicies from 1.3.0 on, with --network-policy', yamlFix(CALICO_INSTEAD), seen);
};

/** Plugins that enforce as long as nothing switches that off, by their DaemonSet. */
export const SWITCHABLE: ReadonlyMap<string, Judge> = new Map([
  ['kube-router', kubeRouter],
  ['weave-net', weaveNet],
  ['kube-ovn-cni', kubeOvn],
  ['kube-flannel-ds', flannel],
  ['kube-flannel', flannel],
  ['kindnet', kindnet],
  ['kindnetd', kindnet],
]);

/** Never enforces, whatever it is set to. */
export function macvlan(seen: Proof): Enforcement {
  return off('macvlan alone enforces no NetworkPolicy', yamlFix(CALICO_INSTEAD), seen);
}
