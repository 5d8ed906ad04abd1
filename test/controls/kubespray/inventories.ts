import { readFileSync } from 'node:fs';
import { FileMissing, type FileSource } from '#collectors/kubespray/files.ts';
import { createKubesprayProvider } from '#collectors/kubespray/index.ts';
import type { KubesprayInventoryOptions } from '#collectors/kubespray/options.ts';
import { judge } from '#controls/judge.ts';
import { kubesprayControls } from '#controls/kubespray/index.ts';
import { type Collected, collected } from '#domain/collected.ts';
import type { Collection } from '#domain/collection.ts';
import type { LiveCluster } from '#domain/evidence/kubespray.ts';
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
  hostPolicies: LiveCluster['hostPolicies'] = [],
) {
  const staticPods = Object.entries(flags).map(([component, values]) => ({
    component,
    name: `${component}-cp1`,
    flags: Object.entries(values).map(([name, value]) => ({ name, value })),
  }));
  return collected<LiveCluster>({ staticPods, hostPolicies }, SOURCE);
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
      ...(live === undefined ? {} : { readLive: async () => live }),
    },
  );
  return provider.collect(
    { id: 'kubespray:tokyo', provider: 'kubespray', account: 'tokyo' },
    { signal: new AbortController().signal, now: () => new Date('2026-11-01T00:00:00Z') },
  );
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
