import type { KubesprayEvidence, KubesprayHost, LiveCluster } from '#domain/evidence/kubespray.ts';
import { fail, notApplicable, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { type Assessment, type HostGroup, type HostView, type LiveRule, RANK, undecided } from './assessment.ts';
import type { KubespraySubject } from './define-kubespray-control.ts';
import { variableFix } from './fix.ts';
import { type KubeletSetting, kubeletOverrides, staticPodOverrides } from './overrides.ts';
import { readVariable } from './read-variable.ts';
import { type KubesprayVersion, parseVersion } from './version.ts';

/** How one hardening variable is judged, in the inventory and, where a static pod shows it, in the live cluster. */
export interface VariableRule {
  /** The lines that repair it, as they stand in a variables file. */
  readonly set: string;
  readonly hosts: HostGroup;
  readonly judge: (view: HostView) => Assessment;
  readonly live?: LiveRule;
  /** What the variable becomes on the kubelet, which extra configuration and flags can override. */
  readonly kubelet?: KubeletSetting;
}

/** Where every statement about a variable comes from, and what it needs. */
export const HARDENING = {
  basis: 'Kubespray "Cluster Hardening" article (docs/operations/hardening.md)',
  reference: 'Kubespray hardening variables',
  needs: ['inventory:read'],
} as const;

interface Observation {
  readonly side: 'intent' | 'effect';
  readonly where: string;
  readonly assessment: Assessment;
}

/**
 * The verdict over one hardening variable: the inventory's intent on every host of a group, and the live cluster's effect where a static pod
 * shows it. The worst observation decides.
 */
export function byVariable(rule: VariableRule): (subject: KubespraySubject) => Verdict {
  return ({ evidence, hosts: all, title }) => {
    if (evidence.version.state === 'malformed') {
      return unknown('malformed-answer', `the inventory's version is ${evidence.version.raw}`);
    }
    const hosts = hostsOf(rule.hosts, all);
    if (hosts.length === 0) return unknown('absent-field', `the inventory has no host in ${rule.hosts}`);
    const observations = [...intent(rule, hosts, versionOf(evidence)), ...effect(rule, evidence)];
    return worst(rule, title, observations, evidence);
  };
}

export function versionOf(evidence: KubesprayEvidence): KubesprayVersion | undefined {
  return evidence.version.state === 'given' ? parseVersion(evidence.version.value) : undefined;
}

/** `k8s_cluster` means every host of the control plane and every node. */
export function hostsOf(group: HostGroup, hosts: readonly KubesprayHost[]): readonly KubesprayHost[] {
  const groups = group === 'k8s_cluster' ? ['kube_control_plane', 'kube_node'] : [group];
  return hosts.filter((host) => groups.some((name) => host.groups.includes(name)));
}

function intent(
  rule: VariableRule,
  hosts: readonly KubesprayHost[],
  version: KubesprayVersion | undefined,
): readonly Observation[] {
  return hosts.map((host) => {
    const view: HostView = { host, version, read: (variable) => readVariable(host, variable, version) };
    const applied = staticPodOverrides(view, rule.live, rule.judge(view));
    return {
      side: 'intent',
      where: host.name,
      assessment: rule.kubelet === undefined ? applied : kubeletOverrides(view, rule.kubelet, applied),
    };
  });
}

function effect(rule: VariableRule, evidence: KubesprayEvidence): readonly Observation[] {
  if (rule.live === undefined || evidence.live.state !== 'configured') return [];
  const cluster = evidence.live.cluster;
  // An unreadable cluster leaves the intent to decide a FAIL, but a PASS needs the effect that was asked for.
  if (cluster.state === 'unavailable') {
    return [{ side: 'effect', where: 'live cluster', assessment: undecided(cluster.reason, cluster.message) }];
  }
  return liveObservations(rule.live, cluster.value);
}

function liveObservations(live: LiveRule, cluster: LiveCluster): readonly Observation[] {
  return live.components.flatMap((component): readonly Observation[] => {
    const pods = cluster.staticPods.filter((pod) => pod.component === component);
    if (pods.length === 0) {
      const assessment = undecided('host-only', `no static pod of ${component} is visible`);
      return [{ side: 'effect', where: component, assessment }];
    }
    return pods.map((pod) => ({ side: 'effect', where: pod.name, assessment: judgePod(live, pod) }));
  });
}

function judgePod(live: LiveRule, { component, flags, isComplete }: LiveCluster['staticPods'][number]): Assessment {
  if (!isComplete) return undecided('undecidable', `its command does not start ${component} itself`);
  // A repeated flag: the last one wins, as the components' own parser has it.
  const flag = (name: string) => flags.findLast((given) => given.name === name)?.value;
  return live.judge(flag(live.flag), flag);
}

function worst(
  rule: VariableRule,
  title: string,
  observations: readonly Observation[],
  evidence: KubesprayEvidence,
): Verdict {
  const sorted = [...observations].sort((a, b) => RANK[a.assessment.state] - RANK[b.assessment.state]);
  const proof = sorted.map(proofOf);
  const deciding = sorted[0];
  if (deciding === undefined) return unknown('absent-field', 'nothing was observed', proof);
  const { assessment, where } = deciding;
  const at = `${evidence.inventory}, ${where}`;
  if (assessment.state === 'bad') {
    const wrong = sorted.filter(({ side, assessment: { state } }) => side === 'intent' && state === 'bad');
    return fail(assessment.reason, `${at}: ${assessment.note}`, proof, {
      ...(assessment.severity === undefined ? {} : { severity: assessment.severity }),
      fix: variableFix(
        rule.set,
        wrong.map((observation) => ({ host: observation.where, at: observation.assessment.where })),
        evidence,
      ),
    });
  }
  if (assessment.state === 'undecided') return unknown(assessment.reason, `${at}: ${assessment.note}`, proof);
  if (assessment.state === 'void') return notApplicable('not-in-this-version', assessment.note, proof);
  return pass(`${title} (${observations.length} observations, e.g. ${assessment.note})`, proof);
}

/** `good`, or `good (120)` where a value was measured. */
function proofOf({ side, where, assessment }: Observation): Proof {
  const { state, note, measured } = assessment;
  const value = measured === undefined ? state : `${state} (${measured})`;
  return { kind: 'fact', line: `${side}: ${where}: ${note}`, field: side, value };
}
