import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ringfence } from '../../bin/run-ringfence.ts';
import { HOSTS, SEED_HARDENING } from '../../controls/kubespray/inventories.ts';
import { type ApiServer, type ApiServerOptions, smallCluster, startApiServer } from '../kubernetes/api-server.ts';

/** An inventory held against the cluster that it made: files on disk, an API server on loopback, the command as users start it. */

let directory: string;
let server: ApiServer | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ringfence-'));
  await writeFile(join(directory, 'hosts.ini'), HOSTS);
  await writeFile(join(directory, 'hardening.yaml'), SEED_HARDENING);
  await writeFile(join(directory, 'open.yaml'), 'kube_scheduler_bind_address: 0.0.0.0\n');
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

function staticPod(component: string, flags: readonly string[]) {
  return {
    metadata: {
      name: `${component}-cp1`,
      namespace: 'kube-system',
      labels: { component },
      annotations: { 'kubernetes.io/config.source': 'file' },
    },
    spec: { hostNetwork: true, containers: [{ name: component, command: [component, ...flags] }] },
    status: { phase: 'Running' },
  };
}

const OBJECTS = {
  ...smallCluster(),
  '/api/v1/nodes': [{ metadata: { name: 'cp1', labels: { 'node-role.kubernetes.io/control-plane': '' } }, status: {} }],
  '/api/v1/pods': [
    staticPod('kube-apiserver', [
      '--authorization-mode=Node,RBAC',
      '--profiling=false',
      '--tls-min-version=VersionTLS12',
    ]),
    staticPod('kube-controller-manager', ['--bind-address=127.0.0.1', '--profiling=false']),
    // Set in the inventory, and never rolled out.
    staticPod('kube-scheduler', ['--bind-address=0.0.0.0', '--profiling']),
    staticPod('etcd', ['--listen-metrics-urls=http://127.0.0.1:2381']),
  ],
};

const HOST_POLICY = {
  groups: ['cilium.io'],
  objects: {
    ...OBJECTS,
    '/api/v1/namespaces/kube-system/configmaps/cilium-config': { data: { 'enable-host-firewall': 'true' } },
    '/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies': [
      {
        metadata: { name: 'hosts' },
        spec: { nodeSelector: {}, ingress: [{ fromEndpoints: [{ matchLabels: { app: 'prometheus' } }] }] },
      },
    ],
    '/apis/cilium.io/v2/ciliumcidrgroups': [],
  },
};

async function scanned(options: ApiServerOptions, provider = ['--provider', 'kubespray']) {
  server = await startApiServer(options);
  const config = `kubernetes:
  clusters:
    - { name: other, server: https://unused.example, token: "\${env:NOT_SET}" }
    - { name: tokyo, server: "${server.url}", token: secret }
kubespray:
  inventories:
    - { name: tokyo-dc, version: v2.20.0, inventory: hosts.ini, vars: [hardening.yaml, open.yaml], cluster: tokyo }
`;
  await writeFile(join(directory, 'ringfence.yaml'), config);
  const args = ['scan', '--config', join(directory, 'ringfence.yaml'), ...provider, '--format', 'json'];
  const { code, stdout, stderr } = await ringfence(args);
  const { findings, targets } = JSON.parse(stdout || '{"findings":[],"targets":[]}') as {
    findings: { control: string; status: string; reason: string; message: string; proof: { line: string }[] }[];
    targets: { id: string; status: string }[];
  };
  const brief = (control: string) => {
    const found = findings.find((finding) => finding.control === `kubespray-${control}`);
    return `${found?.status} ${found?.reason}`;
  };
  const of = (control: string) => findings.find((finding) => finding.control === `kubespray-${control}`);
  return { code, stderr, targets, brief, of };
}

test('intent, effect and drift side by side; other clusters of the configuration are left alone', async () => {
  const { brief, of, targets } = await scanned({ objects: OBJECTS });
  expect(targets).toMatchObject([{ id: 'kubespray:tokyo-dc', status: 'complete', apiCalls: server?.requests.length }]);
  expect(brief('tls-min-version')).not.toContain('not-scanned');
  const profiling = of('scheduler-profiling');
  expect(profiling).toMatchObject({ status: 'FAIL', reason: 'enabled' });
  expect(profiling?.proof.map(({ line }) => line.split(':')[0]).sort()).toEqual(['effect', 'intent']);
  expect(brief('drift')).toBe('FAIL drift');
  expect(of('drift')?.message).toContain('kubespray-scheduler-profiling');
  expect(brief('metrics-exposure')).toBe('FAIL exposed');
});

test('a Cilium host policy in force stands in for the open listener', async () => {
  const { of } = await scanned(HOST_POLICY);
  expect(of('metrics-exposure')).toMatchObject({ status: 'PASS', reason: 'compensated' });
  expect(of('metrics-exposure')?.proof[0]?.line).toBe(
    'effect: cp1: CiliumClusterwideNetworkPolicy hosts restricts port 10257',
  );
});

test('policies that may not be listed: unknown, and coverage says why', async () => {
  const { code, brief, targets } = await scanned({
    ...HOST_POLICY,
    faults: { '/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies': { status: 403 } },
  });
  expect(brief('metrics-exposure')).toBe('UNKNOWN denied');
  expect(brief('scheduler-profiling')).toBe('FAIL enabled');
  expect(targets).toEqual([expect.objectContaining({ status: 'partial' })]);
  expect(code).toBe(3);
});

test('a refused token blinds the effect and not the intent', async () => {
  const { code, brief, targets } = await scanned({ objects: OBJECTS, token: 'another' });
  expect(brief('drift')).toBe('UNKNOWN credentials');
  expect(brief('profiling')).toBe('UNKNOWN credentials');
  expect(targets).toEqual([expect.objectContaining({ status: 'partial' })]);
  expect(code).toBe(3);
});

test('an inventory that names no configured cluster is a mistake with file, line and key', async () => {
  await writeFile(
    join(directory, 'ringfence.yaml'),
    'kubespray:\n  inventories:\n    - name: tokyo-dc\n      inventory: hosts.ini\n      cluster: osaka\n',
  );
  const { code, stderr } = await ringfence(['scan', '--config', join(directory, 'ringfence.yaml')]);
  expect(code).toBe(1);
  expect(stderr).toContain(
    'ringfence.yaml:5: kubespray.inventories[0].cluster: there is no cluster osaka under kubernetes.clusters',
  );
});
