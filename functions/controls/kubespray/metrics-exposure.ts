import type { KubesprayEvidence } from '#domain/evidence/kubespray.ts';
import { type Fix, fail, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { hostPorts } from '#reachability/host-exposure.ts';
import { storedDocument } from '#reachability/stored-policy.ts';
import bindAddresses from './bind-addresses.ts';
import etcdMetrics from './etcd-metrics.ts';
import { good } from './shared/assessment.ts';
import { byVariable } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { variableFix } from './shared/fix.ts';
import { asBoolean, settle } from './shared/judgements.ts';
import { mustBeLoopback } from './shared/loopback.ts';
import { judgeSecureAddresses } from './shared/secure-addresses.ts';

/** Controller manager, scheduler, etcd metrics, kubelet: what host policies of the control plane can stand in front of. */
const PORTS = [10257, 10259, 2381, 10250];
const PROXY_PORT = 10249;

/**
 * Prometheus wants to scrape what hardening closes. Opening the listeners is accepted where a policy on the hosts themselves stands in;
 * a plain NetworkPolicy does not, because these pods use the host's network.
 */
export default defineKubesprayControl({
  id: 'kubespray-metrics-exposure',
  title: 'Metrics listeners are on loopback, or a host policy stands in front of them',
  severity: 'HIGH',
  basis: 'Kubespray "Cluster Hardening" article, tips for Prometheus',
  reference: 'Kubespray hardening, Prometheus exceptions',
  remediation:
    'Bind controller manager, scheduler, etcd metrics and kube-proxy metrics to 127.0.0.1, or restrict ports 10257, 10259, 2381 and 10250 by a CiliumClusterwideNetworkPolicy with nodeSelector, or a Calico GlobalNetworkPolicy with HostEndpoints.',
  needs: ['inventory:read'],
  evaluate(subject): Verdict {
    const { evidence, hosts, verdictOf } = subject;
    const parts = [verdictOf(bindAddresses), verdictOf(etcdMetrics)];
    const kubelet = judgeSecureAddresses(evidence, hosts);
    const proxy = kubeProxy({ ...subject, title: 'kube-proxy serves its metrics on loopback only' });
    const proof = [...kubelet.notes, ...parts.flatMap((part) => part.proof), ...proxy.proof];
    if (kubelet.state === 'bad') {
      return fail('kubelet-open', kubelet.line, [{ kind: 'fact', line: kubelet.line }, ...proof], {
        fix: fix(evidence),
      });
    }
    const open = parts.find((part) => part.status === 'FAIL');
    if (proxy.status === 'FAIL') return proxyExposed(evidence, open, proxy, proof);
    if (open !== undefined) return compensated(evidence, open, proof);
    const undecided = [...parts, proxy].find((part) => part.status === 'UNKNOWN');
    if (undecided?.status === 'UNKNOWN') return unknown(undecided.reason, undecided.message, proof);
    if (kubelet.state === 'undecided') return unknown(kubelet.reason, kubelet.line, proof);
    return pass('every metrics listener is on loopback', proof);
  },
});

/** kube-proxy serves metrics without authentication on every node. */
const kubeProxy = byVariable({
  set: 'kube_proxy_metrics_bind_address: 127.0.0.1:10249',
  hosts: 'k8s_cluster',
  judge: (view) => {
    const removed = view.read('kube_proxy_remove');
    if (removed.state === 'set' && asBoolean(removed.value) === true) {
      return good(`kube_proxy_remove: true (${removed.where}): there is no kube-proxy`);
    }
    const name = 'kube_proxy_metrics_bind_address';
    return settle(name, view.read(name), (value, where) => mustBeLoopback(hostIn(value), where));
  },
});

/** `127.0.0.1:10249`, `[::1]:10249`, an address alone; a port alone is every address. */
function hostIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(value.trim()) ?? [];
  return bracketed ?? (plain === '' ? '0.0.0.0' : (plain ?? value));
}

/** Host policies are read for the control plane's nodes, while kube-proxy runs on all: none that was read stands in front of every one. */
function proxyExposed(
  evidence: KubesprayEvidence,
  open: Verdict | undefined,
  proxy: Verdict,
  proof: readonly Proof[],
): Verdict {
  const message = [open, proxy].flatMap((part) => (part === undefined ? [] : [part.message])).join('; ');
  const severity = open?.reason === 'metrics-open' ? { severity: 'CRITICAL' as const } : {};
  return fail('exposed', `${message}; port ${PROXY_PORT} is open on every node`, proof, {
    ...severity,
    fix: fix(evidence),
  });
}

function compensated(evidence: KubesprayEvidence, open: Verdict, proof: readonly Proof[]): Verdict {
  const { live } = evidence;
  const severity = open.reason === 'metrics-open' ? { severity: 'CRITICAL' as const } : {};
  if (live.state === 'not-configured') {
    const message = `${open.message}; no host policy could be looked for, no live cluster is configured`;
    return fail('exposed', message, proof, { ...severity, fix: fix(evidence) });
  }
  if (live.cluster.state === 'unavailable') return unknown(live.cluster.reason, live.cluster.message, proof);
  const { hostFirewall } = live.cluster.value;
  if (hostFirewall.state === 'unavailable') return unknown(hostFirewall.reason, hostFirewall.message, proof);
  const guarded = hostPorts(
    { ...hostFirewall.value, documents: hostFirewall.value.policies.map(storedDocument) },
    PORTS,
  );
  if (guarded.length === 0) return unknown('host-only', `${open.message}; no control plane node is visible`, proof);
  const bare = guarded.filter(({ guardedBy }) => guardedBy.length === 0);
  const [first] = bare;
  if (first !== undefined) {
    const ports = bare.filter(({ node }) => node === first.node).map(({ port }) => port);
    const message = `${open.message}; no host policy restricts ${portList(ports)} on ${first.node}`;
    return fail('exposed', message, proof, { ...severity, fix: fix(evidence) });
  }
  const stands = guarded.map(({ node, port, guardedBy }): Proof => {
    const line = `effect: ${node}: ${guardedBy.join(', ')} restricts port ${port}`;
    return { kind: 'derived', line, source: hostFirewall.source };
  });
  const policies = [...new Set(guarded.flatMap(({ guardedBy }) => guardedBy))].join(', ');
  return pass(`listeners are open, and ${policies} restricts them`, [...stands, ...proof], 'compensated');
}

function portList(ports: readonly number[]): string {
  return `${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`;
}

/** The variables that close the listeners, and a host policy for those that have to stay open. */
function fix(evidence: KubesprayEvidence): Fix {
  const { commands, fragments } = variableFix(CLOSED, [{ host: 'kube_control_plane, etcd', at: undefined }], evidence);
  return { commands, fragments: [...fragments, { language: 'yaml', code: HOST_POLICY }] };
}

const CLOSED = `kube_controller_manager_bind_address: 127.0.0.1
kube_proxy_metrics_bind_address: 127.0.0.1:10249
kube_scheduler_bind_address: 127.0.0.1
etcd_listen_metrics_urls: http://127.0.0.1:2381
kubelet_systemd_hardening: true`;

const HOST_POLICY = `# or, where Prometheus has to scrape them (Cilium with enable-host-firewall):
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata:
  name: control-plane-metrics
spec:
  nodeSelector:
    matchLabels: { node-role.kubernetes.io/control-plane: "" }
  ingress:
    - fromEntities: [host, remote-node]
    - fromEndpoints:
        - matchLabels: { k8s:io.kubernetes.pod.namespace: monitoring, app.kubernetes.io/name: prometheus }
      toPorts:
        - ports: [{ port: "10250" }, { port: "10257" }, { port: "10259" }, { port: "2381" }]
    - toPorts:
        - ports: [{ port: "6443" }]`;
