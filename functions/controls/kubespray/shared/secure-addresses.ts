import type { KubesprayEvidence, KubesprayHost } from '#domain/evidence/kubespray.ts';
import type { KubesprayVersion } from '#domain/kubespray/version.ts';
import { covers } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Proof } from '#domain/verdict.ts';
import { hostsOf, versionOf } from './by-variable.ts';
import { asBoolean, asList } from './judgements.ts';
import { readVariable, type Setting } from './read-variable.ts';

/** Whether the addresses that may reach a kubelet are more than the pods that scrape it. */
export type SecureAddresses = { readonly notes: readonly Proof[] } & (
  | { readonly state: 'good' }
  | { readonly state: 'bad'; readonly line: string }
  | { readonly state: 'undecided'; readonly line: string; readonly reason: UnknownReason }
);

type Judged =
  | { readonly state: 'good' | 'noted' | 'bad'; readonly line: string }
  | { readonly state: 'undecided'; readonly line: string; readonly reason: UnknownReason };

/** Every host is looked at, and the worst decides. Lists that a release computes hold the cluster's own addresses only. */
export function judgeSecureAddresses(evidence: KubesprayEvidence, all: readonly KubesprayHost[]): SecureAddresses {
  const version = versionOf(evidence);
  const judged = hostsOf('k8s_cluster', all).map((host) => judgeHost(host, version));
  const notes = judged
    .filter(({ state }) => state === 'noted')
    .map(({ line }): Proof => ({ kind: 'fact', line, field: 'kubelet_secure_addresses' }));
  const bad = judged.find(({ state }) => state === 'bad');
  if (bad !== undefined) return { state: 'bad', line: bad.line, notes };
  const doubt = judged.find((host) => host.state === 'undecided');
  return doubt?.state === 'undecided' ? { ...doubt, notes } : { state: 'good', notes };
}

function judgeHost(host: KubesprayHost, version: KubesprayVersion | undefined): Judged {
  const { name, variables } = host;
  if (variables.kubelet_secure_addresses.state === 'unset') return { state: 'good', line: '' };
  const addresses = readVariable(host, 'kubelet_secure_addresses', version);
  const hardening = readVariable(host, 'kubelet_systemd_hardening', version);
  const pods = readVariable(host, 'kube_pods_subnet', version);
  // Without the hardened unit the list has no effect, which is kubespray-kubelet-secure-addresses's to say.
  if (hardening.state === 'set' && asBoolean(hardening.value) === false) return { state: 'good', line: '' };
  const unread = [addresses, pods].find((setting) => setting.state === 'undecided');
  if (unread?.state === 'undecided') {
    return { state: 'undecided', reason: unread.reason, line: `${name}: ${unread.message}` };
  }
  return compare(name, addresses, pods);
}

function compare(host: string, addresses: Setting, pods: Setting): Judged {
  const list = addresses.state === 'set' ? asList(addresses.value) : undefined;
  if (addresses.state !== 'set' || list === undefined || pods.state !== 'set' || typeof pods.value !== 'string') {
    const line = `${host}: kubelet_secure_addresses or kube_pods_subnet is not text`;
    return { state: 'undecided', reason: 'unrecognised-value', line };
  }
  const network = pods.value;
  const isWider = (entry: string) => entry.includes('/') && entry !== network && covers([entry], network);
  const wide = list.find((entry) => entry === 'any' || isWider(entry));
  const said = `${host}: kubelet_secure_addresses holds`;
  if (wide !== undefined) {
    return { state: 'bad', line: `${said} ${wide}, wider than the pod network ${network} (${addresses.where})` };
  }
  return list.includes(network)
    ? {
        state: 'noted',
        line: `${said} the pod network ${network}: every pod reaches the kubelets (${addresses.where})`,
      }
    : { state: 'good', line: '' };
}
