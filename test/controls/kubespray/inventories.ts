import { readFileSync } from 'node:fs';
import { FileMissing, type FileSource } from '#collectors/kubespray/files.ts';
import { createKubesprayProvider } from '#collectors/kubespray/index.ts';
import type { KubesprayInventoryOptions } from '#collectors/kubespray/options.ts';
import { judge } from '#controls/judge.ts';
import { kubesprayControls } from '#controls/kubespray/index.ts';
import { type Collected, collected } from '#domain/collected.ts';
import type { Collection } from '#domain/collection.ts';
import type { HostFirewall, KubesprayEvidence, LiveCluster, Workloads } from '#domain/evidence/kubespray.ts';
import type { Verdict } from '#domain/verdict.ts';

/** The hardening file as the seed article prints it. */
export const SEED_HARDENING = readFileSync(new URL('fixtures/seed/hardening.yaml', import.meta.url), 'utf8');

/** One control plane host and one node, in Kubespray's own sample layout. */
export const HOSTS = `
[kube_control_plane]
cp1 ansible_host=192.168.10.110

[etcd:children]
kube_control_plane

[kube_node]
worker1

[k8s_cluster:children]
kube_control_plane
kube_node
`;

export type Files = Readonly<Record<string, string>>;

export function memoryFiles(files: Files): FileSource {
  return {
    read: async (path) => {
      const text = files[path];
      if (text === undefined) throw new FileMissing(`${path} does not exist`);
      return text;
    },
    list: async (directory) =>
      Object.keys(files)
        .filter((path) => path.startsWith(`${directory}/`))
        .sort(),
  };
}

export const SOURCE = { api: 'cluster:read', at: '2026-11-01T00:00:00.000Z' };

export function liveCluster(
  flags: Readonly<Record<string, Readonly<Record<string, string>>>>,
  firewall: Partial<HostFirewall> = {},
  workloads: Partial<Workloads> = {},
) {
  const staticPods = Object.entries(flags).map(([component, values]) => ({
    component,
    name: `${component}-cp1`,
    isComplete: true,
    flags: Object.entries(values).map(([name, value]) => ({ name, value })),
  }));
  const hostFirewall = collected<HostFirewall>(
    {
      nodes: [{ name: 'cp1', labels: { 'node-role.kubernetes.io/control-plane': '' } }],
      ciliumHostFirewall: true,
      hostEndpoints: [],
      failsafePorts: [],
      policies: [],
      ...firewall,
    },
    SOURCE,
  );
  const found = collected<Workloads>({ namespaces: [], pods: [], ...workloads }, SOURCE);
  return collected<LiveCluster>({ staticPods, hostFirewall, workloads: found }, SOURCE);
}

/** The seed's hardening, with the listeners opened for Prometheus and a host policy in front of them. */
export const SEED_INVENTORY = { vars: ['hardening.yaml', 'open.yaml'], cluster: 'tokyo-live' } as const;
export const SEED_FILES: Files = {
  'hardening.yaml': SEED_HARDENING,
  'open.yaml': 'kube_controller_manager_bind_address: 0.0.0.0\nkube_scheduler_bind_address: 0.0.0.0\n',
};

export function guardedCluster() {
  const spec = { nodeSelector: {}, ingress: [{ fromEndpoints: [{ matchLabels: { app: 'prometheus' } }] }] };
  return liveCluster(
    {
      'kube-apiserver': { 'authorization-mode': 'Node,RBAC', profiling: 'False' },
      'kube-controller-manager': { 'bind-address': '0.0.0.0' },
      'kube-scheduler': { 'bind-address': '0.0.0.0' },
      etcd: { 'listen-metrics-urls': 'http://127.0.0.1:2381' },
    },
    {
      policies: [
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumClusterwideNetworkPolicy',
          name: 'hosts',
          spec: JSON.stringify({ spec }),
        },
      ],
    },
  );
}

export async function scan(
  inventory: Partial<KubesprayInventoryOptions>,
  files: Files,
  live?: Collected<LiveCluster>,
): Promise<Collection> {
  const options = { name: 'tokyo', inventory: 'inv/hosts.ini', vars: [], ...inventory };
  const provider = createKubesprayProvider(
    { inventories: [options] },
    {
      files: memoryFiles({ 'inv/hosts.ini': HOSTS, ...files }),
      ...(live === undefined ? {} : { readLive: async () => ({ cluster: live, apiCalls: 1 }) }),
    },
  );
  return provider.collect(
    { id: 'kubespray:tokyo', provider: 'kubespray', account: 'tokyo' },
    { signal: new AbortController().signal, now: () => new Date('2026-11-01T00:00:00Z') },
  );
}

/** Evidence of an inventory without any variable, with other parts. @public used by the tests that `npm run new-control` writes. */
export async function inventoryEvidence(change: Partial<KubesprayEvidence>): Promise<KubesprayEvidence> {
  const [subject] = (await scan({ version: 'v2.31.0' }, {})).subjects;
  if (subject === undefined) throw new Error('the inventory gave no subject');
  return { ...(subject.evidence as KubesprayEvidence), ...change };
}

/** Every verdict of one inventory by control id. */
export async function verdicts(
  inventory: Partial<KubesprayInventoryOptions>,
  files: Files = {},
  live?: Collected<LiveCluster>,
): Promise<Readonly<Record<string, Verdict>>> {
  const { subjects } = await scan(inventory, files, live);
  const [subject] = subjects;
  if (subject === undefined) throw new Error('the inventory gave no subject');
  const judged = judge(subject, kubesprayControls, { profile: 'closed', controls: {} });
  return Object.fromEntries(judged.map(({ control, verdict }) => [control.id.replace('kubespray-', ''), verdict]));
}

export function brief(verdict: Verdict | undefined): string {
  return verdict === undefined ? 'none' : `${verdict.status} ${verdict.reason}`;
}
