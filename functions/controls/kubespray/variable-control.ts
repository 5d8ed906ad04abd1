import type { Control } from '#domain/control.ts';
import type { KubesprayEvidence, KubesprayHost, KubesprayVariable, LiveCluster } from '#domain/evidence/kubespray.ts';
import type { UnknownReason } from '#domain/reason.ts';
import {
  fail,
  notApplicable,
  type Proof,
  pass,
  type Severity,
  unknown,
  unknownBecause,
  type Verdict,
} from '#domain/verdict.ts';
import { defineControl } from '../define-control.ts';
import { readVariable, type Setting } from './read-variable.ts';
import { type KubesprayVersion, parseVersion } from './version.ts';

/** What one host's settings, or one static pod's flags, say about the statement. */
export type Finding =
  | { readonly state: 'good'; readonly note: string }
  | { readonly state: 'bad'; readonly reason: string; readonly note: string; readonly severity?: Severity }
  | { readonly state: 'undecided'; readonly reason: UnknownReason; readonly note: string }
  | { readonly state: 'void'; readonly note: string };

export const good = (note: string): Finding => ({ state: 'good', note });
export const bad = (reason: string, note: string, severity?: Severity): Finding =>
  severity === undefined ? { state: 'bad', reason, note } : { state: 'bad', reason, note, severity };
export const undecided = (reason: UnknownReason, note: string): Finding => ({ state: 'undecided', reason, note });

export interface HostView {
  readonly host: KubesprayHost;
  readonly version: KubesprayVersion | undefined;
  readonly read: (variable: KubesprayVariable) => Setting;
}

export type HostGroup = 'kube_control_plane' | 'kube_node' | 'etcd' | 'k8s_cluster';
export type Component = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'etcd';

export interface LiveRule {
  readonly components: readonly Component[];
  readonly flag: string;
  /** `value` is undefined when the flag is not on the command line. */
  readonly judge: (value: string | undefined, component: string) => Finding;
}

export interface VariableControl {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly remediation: string;
  readonly hosts: HostGroup;
  readonly judge: (view: HostView) => Finding;
  readonly live?: LiveRule;
}

const RANK = { bad: 0, undecided: 1, good: 2, void: 3 } as const;

interface Observation {
  readonly side: 'intent' | 'effect';
  readonly where: string;
  readonly finding: Finding;
}

/**
 * A control over one hardening variable: the inventory's intent on every host of a group, and the live cluster's effect where a static
 * pod shows it. The worst observation decides.
 */
export function variableControl(rule: VariableControl): Control<'kubespray'> {
  return defineControl({
    id: rule.id,
    subject: 'kubespray',
    title: rule.title,
    severity: rule.severity,
    basis: 'Kubespray "Cluster Hardening" article (docs/operations/hardening.md)',
    reference: 'Kubespray hardening variables',
    remediation: rule.remediation,
    needs: ['inventory:read'],
    evaluate: (evidence) => evaluate(rule, evidence),
  });
}

function evaluate(rule: VariableControl, evidence: KubesprayEvidence): Verdict {
  if (evidence.hosts.state === 'unavailable') return unknownBecause(evidence.hosts);
  if (evidence.version.state === 'malformed') {
    return unknown('malformed-answer', `the inventory's version is ${evidence.version.raw}`);
  }
  const hosts = hostsOf(rule.hosts, evidence.hosts.value);
  if (hosts.length === 0) return unknown('absent-field', `the inventory has no host in ${rule.hosts}`);
  const observations = [...intent(rule, hosts, versionOf(evidence)), ...effect(rule, evidence)];
  return worst(rule, observations, evidence);
}

export function versionOf(evidence: KubesprayEvidence): KubesprayVersion | undefined {
  return evidence.version.state === 'given' ? parseVersion(evidence.version.value) : undefined;
}

/** `k8s_cluster` means every host of the control plane and every node. */
export function hostsOf(group: HostGroup, hosts: readonly KubesprayHost[]): readonly KubesprayHost[] {
  const groups =
    group === 'k8s_cluster' ? ['kube_control_plane', 'kube-master', 'kube_node', 'kube-node'] : aliases(group);
  return hosts.filter((host) => groups.some((name) => host.groups.includes(name)));
}

/** Inventories from before v2.16 spell the groups with a hyphen. */
function aliases(group: HostGroup): readonly string[] {
  if (group === 'kube_control_plane') return [group, 'kube-master'];
  return group === 'kube_node' ? [group, 'kube-node'] : [group];
}

function intent(
  rule: VariableControl,
  hosts: readonly KubesprayHost[],
  version: KubesprayVersion | undefined,
): readonly Observation[] {
  return hosts.map((host) => ({
    side: 'intent',
    where: host.name,
    finding: rule.judge({ host, version, read: (variable) => readVariable(host, variable, version) }),
  }));
}

function effect(rule: VariableControl, evidence: KubesprayEvidence): readonly Observation[] {
  if (rule.live === undefined || evidence.live.state !== 'configured') return [];
  const cluster = evidence.live.cluster;
  // An unreadable cluster leaves the intent to decide a FAIL, but a PASS needs the effect that was asked for.
  if (cluster.state === 'unavailable') {
    return [{ side: 'effect', where: 'live cluster', finding: undecided(cluster.reason, cluster.message) }];
  }
  return liveObservations(rule.live, cluster.value);
}

function liveObservations(live: LiveRule, cluster: LiveCluster): readonly Observation[] {
  return live.components.flatMap((component): readonly Observation[] => {
    const pods = cluster.staticPods.filter((pod) => pod.component === component);
    if (pods.length === 0) {
      return [
        {
          side: 'effect',
          where: component,
          finding: undecided('host-only', `no static pod of ${component} is visible`),
        },
      ];
    }
    return pods.map((pod) => ({
      side: 'effect',
      where: pod.name,
      // A repeated flag: the last one wins, as the components' own parser has it.
      finding: live.judge(pod.flags.findLast(({ name }) => name === live.flag)?.value, component),
    }));
  });
}

function worst(rule: VariableControl, observations: readonly Observation[], evidence: KubesprayEvidence): Verdict {
  const sorted = [...observations].sort((a, b) => RANK[a.finding.state] - RANK[b.finding.state]);
  const proof = sorted.map(proofOf);
  const deciding = sorted[0];
  if (deciding === undefined) return unknown('absent-field', 'nothing was observed', proof);
  const { finding, where } = deciding;
  const at = `${evidence.inventory}, ${where}`;
  if (finding.state === 'bad') {
    return fail(
      finding.reason,
      `${at}: ${finding.note}`,
      proof,
      finding.severity === undefined ? {} : { severity: finding.severity },
    );
  }
  if (finding.state === 'undecided') return unknown(finding.reason, `${at}: ${finding.note}`, proof);
  if (finding.state === 'void') return notApplicable('not-in-this-version', finding.note, proof);
  return pass(`${rule.title} (${observations.length} observations, e.g. ${finding.note})`, proof);
}

function proofOf({ side, where, finding }: Observation): Proof {
  return { kind: 'fact', line: `${side}: ${where}: ${finding.note}`, field: side, value: finding.state };
}
