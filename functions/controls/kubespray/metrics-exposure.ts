import type { KubesprayEvidence } from '#domain/evidence/kubespray.ts';
import { covers } from '#domain/net/cidr.ts';
import { hostPorts } from '#domain/reachability/host-exposure.ts';
import { storedDocument } from '#domain/reachability/stored-policy.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import bindAddresses from './bind-addresses.ts';
import etcdMetrics from './etcd-metrics.ts';
import { asBoolean, asList } from './judgements.ts';
import { readVariable } from './read-variable.ts';
import { hostsOf, versionOf } from './variable-control.ts';

/** Controller manager, scheduler, etcd metrics, kubelet. */
const PORTS = [10257, 10259, 2381, 10250];

/**
 * Prometheus wants to scrape what hardening closes. Opening the listeners is accepted where a policy on the hosts themselves stands in;
 * a plain NetworkPolicy does not, because these pods use the host's network.
 */
export default defineControl({
  id: 'kubespray-metrics-exposure',
  subject: 'kubespray',
  title: 'Metrics listeners are on loopback, or a host policy stands in front of them',
  severity: 'HIGH',
  basis: 'Kubespray "Cluster Hardening" article, tips for Prometheus',
  reference: 'Kubespray hardening, Prometheus exceptions',
  remediation:
    'Bind controller manager, scheduler and etcd metrics to 127.0.0.1, or restrict ports 10257, 10259, 2381 and 10250 by a CiliumClusterwideNetworkPolicy with nodeSelector, or a Calico GlobalNetworkPolicy with HostEndpoints.',
  needs: ['inventory:read'],
  evaluate(evidence, context): Verdict {
    if (evidence.hosts.state === 'unavailable') return unknownBecause(evidence.hosts);
    const parts = [bindAddresses.evaluate(evidence, context), etcdMetrics.evaluate(evidence, context)];
    const proof = parts.flatMap((part) => part.proof);
    const wide = widerThanPods(evidence);
    if (wide !== undefined) return fail('kubelet-open', wide.line, [wide, ...proof]);
    const open = parts.find((part) => part.status === 'FAIL');
    if (open !== undefined) return compensated(evidence, open, proof);
    const undecided = parts.find((part) => part.status === 'UNKNOWN');
    if (undecided?.status === 'UNKNOWN') return unknown(undecided.reason, undecided.message, proof);
    return pass('every metrics listener is on loopback', proof);
  },
});

function compensated({ live }: KubesprayEvidence, open: Verdict, proof: readonly Proof[]): Verdict {
  const severity = open.reason === 'metrics-open' ? { severity: 'CRITICAL' as const } : {};
  if (live.state === 'not-configured') {
    return fail(
      'exposed',
      `${open.message}; no host policy could be looked for, no live cluster is configured`,
      proof,
      severity,
    );
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
    return fail('exposed', message, proof, severity);
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

/** A secure address wider than the pod network opens the kubelet to more than Prometheus. */
function widerThanPods(evidence: KubesprayEvidence): Proof | undefined {
  if (evidence.hosts.state === 'unavailable') return undefined;
  const version = versionOf(evidence);
  for (const host of hostsOf('k8s_cluster', evidence.hosts.value)) {
    if (host.variables.kubelet_secure_addresses.state !== 'literal') continue;
    const hardening = readVariable(host, 'kubelet_systemd_hardening', version);
    const pods = readVariable(host, 'kube_pods_subnet', version);
    const addresses = readVariable(host, 'kubelet_secure_addresses', version);
    if (hardening.state !== 'set' || asBoolean(hardening.value) !== true) continue;
    if (pods.state !== 'set' || typeof pods.value !== 'string' || addresses.state !== 'set') continue;
    const network = pods.value;
    const wide = asList(addresses.value)?.find(
      (entry) => entry.includes('/') && entry !== network && covers([entry], network),
    );
    if (wide !== undefined) {
      return {
        kind: 'fact',
        line: `${host.name}: kubelet_secure_addresses holds ${wide}, wider than the pod network ${network} (${addresses.where})`,
      };
    }
  }
  return undefined;
}
