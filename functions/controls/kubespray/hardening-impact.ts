import type { KubesprayHost, KubesprayVariable, LiveCluster } from '#domain/evidence/kubespray.ts';
import { isAtLeast, type KubesprayVersion } from '#domain/kubespray/version.ts';
import { covers } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { HARDENING, hostsOf, versionOf } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { asBoolean, asList } from './shared/judgements.ts';
import { readVariable, type Setting } from './shared/read-variable.ts';

type Workloads = Extract<LiveCluster['workloads'], { state: 'collected' }>['value'];
type Pod = Workloads['pods'][number];

/** A setting on every host of a group: the strictest one counts. */
interface Inventory {
  readonly values: (group: 'kube_control_plane' | 'k8s_cluster', variable: KubesprayVariable) => readonly Setting[];
  readonly isUnset: (variable: KubesprayVariable) => boolean;
  readonly version: KubesprayVersion | undefined;
}

/** What one part of the hardening would do to pods, or why that is not known. */
interface Impact {
  readonly lines: readonly string[];
  readonly open?: { readonly reason: UnknownReason; readonly message: string };
}

const NONE: Impact = { lines: [] };

/** What the hardening that the inventory asks for would refuse or cut off among the pods that run in the cluster now. */
export default defineKubesprayControl({
  id: 'kubespray-hardening-impact',
  title: "Nothing that runs in the cluster would be refused or cut off by the inventory's hardening",
  severity: 'INFORMATIONAL',
  basis: `${HARDENING.basis}: hardening breaks applications that rely on what it closes`,
  reference: 'Kubespray hardening, Pod Security Standards',
  remediation:
    'Before the playbook runs: change the pods named, give their namespace a label pod-security.kubernetes.io/enforce, or list it in kube_pod_security_exemptions_namespaces; let Prometheus scrape through addresses that stay open.',
  needs: ['inventory:read', 'cluster:read'],
  evaluate({ evidence, hosts }) {
    const { live } = evidence;
    if (live.state === 'not-configured') {
      return notApplicable('no-live-cluster', 'the inventory names no kubernetes target whose pods could be looked at');
    }
    if (live.cluster.state === 'unavailable') return unknownBecause(live.cluster);
    const { workloads } = live.cluster.value;
    if (workloads.state === 'unavailable') return unknownBecause(workloads);
    const inventory = inventoryOf(hosts, versionOf(evidence));
    const impacts = [podSecurity, seccomp, metrics].map((impact) => impact(inventory, workloads.value));
    const lines = impacts.flatMap((impact) => impact.lines);
    const open = impacts.flatMap((impact) => impact.open ?? []);
    const proof = [
      ...lines.map((line): Proof => ({ kind: 'derived', line, source: workloads.source })),
      ...open.map(({ message }): Proof => ({ kind: 'fact', line: `not known: ${message}` })),
      { kind: 'fact', line: `${workloads.value.pods.length} pods looked at`, source: workloads.source } as const,
    ];
    if (lines.length > 0) {
      const more = lines.length > SHOWN ? `; and ${lines.length - SHOWN} more` : '';
      return fail('would-break', `${evidence.inventory}: ${lines.slice(0, SHOWN).join('; ')}${more}`, proof, {
        fix: {
          checkFirst: ['What the pods named need: the hardening applies to them when they are started the next time.'],
          commands: [],
          fragments: [{ language: 'yaml', code: EXEMPTION }],
        },
      });
    }
    const [doubt] = open;
    if (doubt !== undefined) return unknown(doubt.reason, `${evidence.inventory}: ${doubt.message}`, proof);
    return pass(`none of ${workloads.value.pods.length} pods would be refused or cut off`, proof);
  },
});

const SHOWN = 3;
const EXEMPTION = `# a namespace that cannot be changed, beside those that are exempt already
kube_pod_security_exemptions_namespaces: [kube-system, <namespace>]`;

function inventoryOf(all: readonly KubesprayHost[], version: KubesprayVersion | undefined): Inventory {
  return {
    values: (group, variable) => hostsOf(group, all).map((host) => readVariable(host, variable, version)),
    isUnset: (variable) => all.every(({ variables }) => variables[variable].state === 'unset'),
    version,
  };
}

function undecidedIn(settings: readonly Setting[]): Impact['open'] | undefined {
  const found = settings.find((setting) => setting.state === 'undecided');
  return found?.state === 'undecided' ? { reason: found.reason, message: found.message } : undefined;
}

function isOn(settings: readonly Setting[]): boolean {
  return settings.some((setting) => setting.state === 'set' && asBoolean(setting.value) === true);
}

function nameOf({ namespace, name, owner }: Pod): string {
  return `${namespace}/${owner === '' ? name : owner}`;
}

/** One line per owner: replicas are alike. */
function byOwner(pods: readonly Pod[], line: (pod: Pod) => string): readonly string[] {
  return [...new Set(pods.map(line))].sort();
}

function podSecurity(inventory: Inventory, { namespaces, pods }: Workloads): Impact {
  const [use, file, level, exempt] = (
    [
      'kube_pod_security_use_default',
      'kube_apiserver_admission_control_config_file',
      'kube_pod_security_default_enforce',
      'kube_pod_security_exemptions_namespaces',
    ] as const
  ).map((variable) => inventory.values('kube_control_plane', variable)) as [Setting[], Setting[], Setting[], Setting[]];
  const isOff = [use, file].some((settings) =>
    settings.every((one) => one.state === 'set' && asBoolean(one.value) !== true),
  );
  if (isOff) return NONE;
  const open = undecidedIn([...use, ...file, ...level, ...exempt]);
  if (open !== undefined) return { lines: [], open };
  const levels = level.flatMap((setting) => (setting.state === 'set' ? [setting.value] : []));
  const enforced = levels.includes('restricted') ? 'restricted' : levels.includes('baseline') ? 'baseline' : undefined;
  if (enforced === undefined) return NONE;
  // A namespace is exempt where every API server says so.
  const exempted = exempt.map((setting) => new Set(setting.state === 'set' ? (asList(setting.value) ?? []) : []));
  const labelled = new Set(namespaces.flatMap(({ name, enforce }) => (enforce.state === 'absent' ? [] : [name])));
  const judged = pods.filter(
    ({ namespace }) => !labelled.has(namespace) && !exempted.every((names) => names.has(namespace)),
  );
  const beyond = (pod: Pod) =>
    enforced === 'baseline' ? pod.beyondBaseline : [...pod.beyondBaseline, ...pod.beyondRestricted];
  const refused = judged.filter((pod) => beyond(pod).length > 0);
  return {
    lines: byOwner(
      refused,
      (pod) => `${nameOf(pod)} would be refused by the Pod Security Standard ${enforced}: ${shortened(beyond(pod))}`,
    ),
  };
}

function shortened(texts: readonly string[]): string {
  return `${texts.slice(0, 3).join(', ')}${texts.length > 3 ? `, and ${texts.length - 3} more` : ''}`;
}

function seccomp(inventory: Inventory, { pods }: Workloads): Impact {
  const settings = inventory.values('k8s_cluster', 'kubelet_seccomp_default');
  if (!isOn(settings)) {
    const open = undecidedIn(settings);
    return open === undefined ? NONE : { lines: [], open };
  }
  const changed = pods.filter(({ withoutSeccomp }) => withoutSeccomp.length > 0);
  return {
    lines: byOwner(
      changed,
      (pod) =>
        `${nameOf(pod)} would lose system calls to the default seccomp profile: ${shortened(pod.withoutSeccomp)}`,
    ),
  };
}

/** Listeners of the control plane's metrics, by the variable that binds them. */
const LISTENERS: readonly (readonly [variable: KubesprayVariable, what: string])[] = [
  ['kube_controller_manager_bind_address', 'controller manager'],
  ['kube_scheduler_bind_address', 'scheduler'],
];
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** Pods that scrape, on the pod network: what listens on loopback alone, or behind the kubelet's list of addresses, is closed to them. */
function metrics(inventory: Inventory, { pods }: Workloads): Impact {
  const scrapers = pods.filter(({ scrapes }) => scrapes);
  if (scrapers.length === 0) return NONE;
  const listeners = LISTENERS.map(([variable, what]) => ({
    what,
    settings: inventory.values('kube_control_plane', variable),
  }));
  const closed = listeners
    .filter(({ settings }) =>
      settings.some((setting) => setting.state === 'set' && LOOPBACK.includes(String(setting.value))),
    )
    .map(({ what }) => what);
  const kubelets = kubeletsClosed(inventory);
  const open = undecidedIn([...listeners.flatMap(({ settings }) => settings)]) ?? kubelets.open;
  const all = kubelets.isClosed ? [...closed, 'kubelets'] : closed;
  return {
    lines:
      all.length === 0
        ? []
        : byOwner(scrapers, (pod) => `${nameOf(pod)} would be cut off from the metrics of ${all.join(', ')}`),
    ...(open === undefined ? {} : { open }),
  };
}

function kubeletsClosed(inventory: Inventory): { readonly isClosed: boolean; readonly open?: Impact['open'] } {
  const hardening = inventory.values('k8s_cluster', 'kubelet_systemd_hardening');
  const unread = undecidedIn(hardening);
  if (!isOn(hardening)) return { isClosed: false, ...(unread === undefined ? {} : { open: unread }) };
  // Since v2.25 the list that the role computes holds the pod network, before only addresses of hosts.
  if (inventory.isUnset('kubelet_secure_addresses') && inventory.version !== undefined) {
    return { isClosed: !isAtLeast(inventory.version, 'v2.25.0') };
  }
  const lists = inventory.values('k8s_cluster', 'kubelet_secure_addresses');
  const networks = inventory.values('k8s_cluster', 'kube_pods_subnet');
  const [network] = networks.flatMap((setting) => (setting.state === 'set' ? [String(setting.value)] : []));
  if (network === undefined) return { isClosed: false, open: undecidedIn(networks) };
  const isClosed = lists.some((setting) => {
    const addresses = setting.state === 'set' ? asList(setting.value) : undefined;
    return addresses !== undefined && !addresses.includes('any') && !covers(addresses, network);
  });
  const open = isClosed ? undefined : undecidedIn(lists);
  return { isClosed, ...(open === undefined ? {} : { open }) };
}
