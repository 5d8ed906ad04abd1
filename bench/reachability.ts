import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { judge } from '#controls/judge.ts';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import { networkOf } from '#controls/kubernetes/shared/network.ts';
import { ABSENT, type Collected, collected, given } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { connectionsOf, exposureList } from '#reachability/report.ts';

export interface BenchRow {
  readonly pods: number;
  readonly namespaces: number;
  readonly policies: number;
  /** All Kubernetes controls over the cluster's evidence, schema included. */
  readonly judgedMs: number;
  /** The report by workload: every connection and every exposure. */
  readonly reportMs: number;
  /** Processor time of both, all threads: what one core needs, however busy the machine is. */
  readonly cpuMs: number;
  readonly workloads: number;
  readonly connections: number;
  /** Resident memory of the whole process. */
  readonly memoryMb: number;
}

function read<T>(value: T): Collected<T> {
  return collected(value, { api: 'list', at: '2026-11-24T00:00:00Z' });
}

const none = read({ served: false, items: [] });

/**
 * Twenty pods and four policies per namespace, of the sorts that clusters carry: a default deny with DNS, the namespace itself by a named
 * port, a way in that crosses namespaces (by team, by name, or for everyone's metrics), and a way to or from addresses outside.
 */
function policiesOf(index: number, namespaces: number): Readonly<Record<string, unknown>> {
  const next = `ns-${(index + 1) % namespaces}`;
  const ways = [
    { from: [{ namespaceSelector: { matchLabels: { team: `t${(index + 1) % 50}` } }, podSelector: frontOrBack }] },
    {
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': next } } }],
      ports: [{ port: 'http' }],
    },
    {
      from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'app-0' } } }],
      ports: [{ port: 9090, endPort: 9100 }],
    },
    {
      from: [{ namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['t0', 't1'] }] } }],
      ports: [{ port: 443 }],
    },
  ];
  const addresses = [
    {
      to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] } }],
      ports: [{ port: 443 }],
    },
    { to: [{ ipBlock: { cidr: `10.${index % 200}.0.0/16`, except: [`10.${index % 200}.${index % 50}.0/24`] } }] },
    { to: [{ ipBlock: { cidr: '169.254.169.254/32' } }, { namespaceSelector: { matchLabels: { team: 't7' } } }] },
  ];
  return {
    deny: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }],
    },
    own: {
      podSelector: {},
      ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 'http' }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    },
    across: {
      podSelector: { matchLabels: { tier: 'front' } },
      ingress: [ways[index % ways.length]],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { team: `t${(index + 49) % 50}` } } }] }],
    },
    outside: {
      podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['app-1', 'app-2'] }] },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ ipBlock: { cidr: `10.${index % 100}.0.0/16` } }], ports: [{ port: 'http' }] }],
      egress: [addresses[index % addresses.length]],
    },
  };
}

const frontOrBack = { matchExpressions: [{ key: 'tier', operator: 'Exists' }] };

function cluster(pods: number): KubernetesEvidence {
  const namespaces = Math.ceil(pods / 20);
  const names = Array.from({ length: namespaces }, (_, index) => `ns-${index}`);
  return {
    name: 'bench',
    platform: 'self-managed',
    namespaces: read(names.map((name, index) => ({ name, labels: { team: `t${index % 50}` } }))),
    pods: read(
      Array.from({ length: pods }, (_, index) => ({
        namespace: names[index % namespaces] ?? '',
        name: `pod-${index}`,
        labels: { app: `app-${Math.floor(index / namespaces) % 5}`, tier: index % 2 === 0 ? 'front' : 'back' },
        owner: given({ kind: 'StatefulSet', name: `app-${Math.floor(index / namespaces) % 5}` }),
        serviceAccount: 'default',
        phase: 'Running',
        hostNetwork: false,
        linkerdInboundPolicy: ABSENT,
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' as const }],
      })),
    ),
    staticPods: read([]),
    networkPolicies: read(
      names.flatMap((namespace, index) =>
        Object.entries(policiesOf(index, namespaces)).map(([name, spec]) => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          namespace,
          name,
          spec: JSON.stringify({ spec }),
        })),
      ),
    ),
    ciliumPolicies: none,
    calicoPolicies: none,
    adminPolicies: none,
    daemonSets: read([{ namespace: 'kube-system', name: 'calico-node', ready: given(1), containers: [] }]),
    policyControllers: read([]),
    ciliumConfig: read({ present: false, data: {} }),
    vpcCniConfig: read({ present: false, data: {} }),
    nodeClasses: none,
    nodes: read([]),
    openshift: read(false),
    services: read([]),
    ingresses: read([]),
    gateways: none,
    peerAuthentications: none,
    istioMeshes: read([]),
    istioAuthorizations: none,
    felixConfigurations: none,
    linkerd: read(false),
    linkerdDefaultPolicy: read(ABSENT),
    linkerdServers: none,
    roles: read([]),
    roleBindings: read([]),
    canReadSecrets: read(false),
  };
}

function measure(pods: number): BenchRow {
  const evidence = cluster(pods);
  const resource = {
    uid: 'kubernetes:bench',
    type: 'kubernetes.cluster',
    provider: 'kubernetes',
    account: 'bench',
    region: '',
    name: 'bench',
  } as const;
  const start = performance.now();
  const cpu = process.cpuUsage();
  judge({ kind: 'kubernetes', resource, evidence }, kubernetesControls, { profile: 'closed', controls: {} });
  const judged = performance.now();
  const reading = networkOf(evidence);
  if (reading.state === 'unread') throw new Error('the bench cluster is complete');
  let connections = 0;
  for (const _connection of connectionsOf(reading.network.reach)) connections += 1;
  const workloads = exposureList(reading.network.reach).length;
  const end = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const parts = evidence.networkPolicies;
  return {
    pods,
    namespaces: Math.ceil(pods / 20),
    policies: parts.state === 'collected' ? parts.value.length : 0,
    judgedMs: Math.round(judged - start),
    reportMs: Math.round(end - judged),
    cpuMs: Math.round((user + system) / 1000),
    workloads,
    connections,
    memoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/**
 * Growth from 1,000 to 10,000 pods in 500 namespaces with 2,000 policies; on one core this must stay under 5 s and 500 MB. Each size in a process
 * of its own, so that its peak is its own.
 */
export async function reachabilityBench(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const pods of [1_000, 2_000, 5_000, 10_000]) {
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), String(pods)]);
    rows.push(JSON.parse(stdout) as BenchRow);
  }
  return rows;
}

const [, script = '', pods] = process.argv;
if (pods !== undefined && import.meta.url === pathToFileURL(script).href)
  process.stdout.write(JSON.stringify(measure(Number(pods))));
