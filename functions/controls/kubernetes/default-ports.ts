import type { Collected } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { fail, type Proof, pass, unknownBecause } from '#domain/verdict.ts';
import { apiServers, flagOf, flagProof, type StaticPod } from './shared/control-plane.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { yamlFix } from './shared/fix.ts';

/** Ports on which the components listen when nothing is said, with the flag that says otherwise. */
const COMPONENTS = [
  { component: 'kube-apiserver', flag: 'secure-port', port: '6443' },
  { component: 'kube-controller-manager', flag: 'secure-port', port: '10257' },
  { component: 'kube-scheduler', flag: 'secure-port', port: '10259' },
  { component: 'etcd', flag: 'listen-client-urls', port: '2379' },
] as const;
const KUBELET = 10_250;
const NODE_PORTS = { first: 30_000, last: 32_767 };
/** Of the Kubernetes Dashboard: its own TLS listener, its plain one, its proxy's. */
const DASHBOARD = [8443, 9090, 8000];

interface Listener {
  readonly what: string;
  readonly isUsual: boolean;
  readonly proof: Proof;
}

export default defineKubernetesControl({
  id: 'kubernetes-default-ports',
  title: 'Control plane, kubelets, NodePorts and dashboards do not listen on default ports',
  severity: 'INFORMATIONAL',
  basis: 'Seed 002: avoid default ports',
  reference: 'kubernetes 1 NET-9',
  remediation:
    'Nothing has to be done: another port only makes a listener harder to find (Kubespray: kube_apiserver_port, kube_apiserver_node_port_range). The ports of kubelets and of etcd are known to every tool around them: a firewall in front of them does more than another number.',
  needs: ['list pods', 'list nodes', 'list services'],
  evaluate({ evidence }) {
    const servers = apiServers(evidence);
    if ('verdict' in servers) return servers.verdict;
    const listeners = [
      ...controlPlane(evidence.staticPods),
      ...kubelets(evidence.nodes),
      ...nodePorts(evidence.services),
      ...dashboards(evidence.pods),
    ];
    const proof = listeners.map((listener) => listener.proof);
    const usual = [...new Set(listeners.filter(({ isUsual }) => isUsual).map(({ what }) => what))];
    if (usual.length > 0) {
      const more = usual.length > SHOWN ? `, and ${usual.length - SHOWN} more` : '';
      return fail('default-port', `${usual.slice(0, SHOWN).join(', ')}${more}: default ports`, proof, {
        fix: yamlFix(
          '# Kubespray inventory, group_vars/all\nkube_apiserver_port: 8443\nkube_apiserver_node_port_range: 20000-22767',
        ),
      });
    }
    const unread = [evidence.nodes, evidence.services, evidence.pods].find((part) => part.state === 'unavailable');
    if (unread?.state === 'unavailable') return unknownBecause(unread, proof);
    return pass('no listener that was read is on its default port', proof);
  },
});

const SHOWN = 6;

function controlPlane(pods: Collected<readonly StaticPod[]>): readonly Listener[] {
  const all = pods.state === 'collected' ? pods.value : [];
  return all.flatMap((pod) => {
    const usual = COMPONENTS.find(({ component }) => component === pod.component);
    if (usual === undefined) return [];
    const { flag, port } = usual;
    const value = flagOf(pod.command, flag);
    // An address such as https://10.0.0.1:2379, or the number alone.
    const ports = value?.split(',').map((part) => /(\d+)\/?$/.exec(part)?.[1]) ?? [port];
    return [{ what: `${pod.name} ${port}`, isUsual: ports.includes(port), proof: flagProof(pods, pod, flag, value) }];
  });
}

function kubelets(nodes: KubernetesEvidence['nodes']): readonly Listener[] {
  if (nodes.state === 'unavailable') return [];
  return nodes.value.flatMap(({ name, kubeletPort }): Listener[] => {
    if (kubeletPort.state !== 'given') return [];
    const line = `node ${name}: kubelet port ${kubeletPort.value}`;
    const proof: Proof = {
      kind: 'fact',
      line,
      source: nodes.source,
      field: 'status.daemonEndpoints',
      value: kubeletPort.value,
    };
    return [{ what: `kubelets ${KUBELET}`, isUsual: kubeletPort.value === KUBELET, proof }];
  });
}

function nodePorts(services: KubernetesEvidence['services']): readonly Listener[] {
  if (services.state === 'unavailable') return [];
  return services.value.flatMap(({ namespace, name, nodePorts: ports }) =>
    ports.map((port): Listener => {
      const line = `Service ${namespace}/${name}: NodePort ${port}`;
      return {
        what: `Service ${namespace}/${name} ${port}`,
        isUsual: port >= NODE_PORTS.first && port <= NODE_PORTS.last,
        proof: { kind: 'fact', line, source: services.source, field: 'nodePort', value: port },
      };
    }),
  );
}

function dashboards(pods: KubernetesEvidence['pods']): readonly Listener[] {
  if (pods.state === 'unavailable') return [];
  const isDashboard = (labels: Readonly<Record<string, string>>) =>
    [labels['k8s-app'], labels['app.kubernetes.io/name'], labels['app.kubernetes.io/part-of']].some((name) =>
      name?.startsWith('kubernetes-dashboard'),
    );
  return pods.value
    .filter(({ labels }) => isDashboard(labels))
    .flatMap(({ namespace, name, ports }) =>
      ports.map(({ port }): Listener => {
        const line = `dashboard ${namespace}/${name}: port ${port}`;
        return {
          what: `dashboard ${namespace}/${name} ${port}`,
          isUsual: DASHBOARD.includes(port),
          proof: { kind: 'fact', line, source: pods.source, field: 'containerPort', value: port },
        };
      }),
    );
}
