import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifests } from '#collectors/kubernetes/manifests.ts';
import { readDocuments } from '#reachability/documents.ts';
import { reachability } from '#reachability/reachability.ts';
import { report } from '#reachability/report.ts';

export interface FolderRow {
  readonly folder: string;
  readonly files: number;
  readonly connections: number;
  /** Processor time for reading and evaluating the folder. */
  readonly cpuMs: number;
  /** How much more a file costs than in the folder of 250: 1 is linear growth. */
  readonly perFileToBaseline: number;
}

const lines = (...objects: readonly object[]) => objects.map((object) => JSON.stringify(object)).join('\n---\n');

/** A workload, its Service and its policy, as one file of an application; every tenth names addresses, every seventh a Service by Cilium. */
function application(index: number, perNamespace: number): string {
  const namespace = `ns-${Math.floor(index / perNamespace)}`;
  const name = `app-${index}`;
  const peer = `app-${index - (index % perNamespace)}`;
  const metadata = { name, namespace };
  return lines(
    {
      apiVersion: 'apps/v1',
      kind: index % 5 === 0 ? 'StatefulSet' : 'Deployment',
      metadata,
      spec: {
        template: {
          metadata: { labels: { app: name, team: `t${index % 20}` } },
          spec: { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 8080 }] }] },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 'http' }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: { matchLabels: { app: name } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ podSelector: { matchLabels: { app: peer } } }], ports: [{ port: 'http' }] }],
        egress: [
          { to: [{ podSelector: {} }] },
          ...(index % 10 === 0
            ? [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [`10.${index % 200}.0.0/16`] } }] }]
            : []),
        ],
      },
    },
  );
}

async function measure(
  folder: string,
  files: number,
  perNamespace: number,
): Promise<Omit<FolderRow, 'perFileToBaseline'>> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'));
  for (let index = 0; index < files; index += 1) {
    await writeFile(join(directory, `${index}.yaml`), application(index, perNamespace));
  }
  const cpu = process.cpuUsage();
  const { documents } = await readManifests(directory);
  const reading = readDocuments(documents);
  const { connections } = report(reachability(reading.input), reading);
  const { user, system } = process.cpuUsage(cpu);
  await rm(directory, { recursive: true });
  return { folder, files, connections: connections.length, cpuMs: Math.round((user + system) / 1000) };
}

/** Folders of manifests from a single application's to 1,000 files; the first run warms up and is not shown. */
export async function manifestsBench(): Promise<readonly FolderRow[]> {
  await measure('warm-up', 100, 20);
  const rows = [
    // Argo CD installs about as many objects as this.
    await measure('argo-cd-sized', 20, 20),
    await measure('baseline', 250, 20),
    await measure('500 files', 500, 20),
    await measure('1,000 files', 1_000, 20),
  ];
  const perFile = ({ cpuMs, files }: { readonly cpuMs: number; readonly files: number }) => cpuMs / files;
  const baseline = rows[1];
  return rows.map((row) => ({
    ...row,
    perFileToBaseline: baseline === undefined ? Number.NaN : Math.round((perFile(row) / perFile(baseline)) * 100) / 100,
  }));
}
