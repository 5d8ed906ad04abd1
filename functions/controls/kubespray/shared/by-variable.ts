import type { KubesprayEvidence, KubesprayHost, KubesprayVariable, LiveCluster } from '#domain/evidence/kubespray.ts';
import { FIRST_RELEASE } from '#domain/kubespray/defaults.ts';
import { isAtLeast, type KubesprayVersion, parseVersion } from '#domain/kubespray/version.ts';
import { fail, notApplicable, type Proof, pass, unknown, type Verdict } from '#domain/verdict.ts';
import { type Assessment, type HostGroup, type HostView, type LiveRule, RANK, undecided } from './assessment.ts';
import type { KubespraySubject } from './define-kubespray-control.ts';
import { variableFix } from './fix.ts';
import { type KubeletSetting, kubeletOverrides, staticPodOverrides } from './overrides.ts';
import { readVariable, type Setting } from './read-variable.ts';

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
    const version = versionOf(evidence);
    const reads = new Reads();
    const observations = [...intent(rule, hosts, version, reads), ...effect(rule, evidence)];
    const verdict = worst(rule, title, observations, evidence);
    if (verdict.status === 'UNKNOWN' && version !== undefined && !isAtLeast(version, FIRST_RELEASE)) {
      return unknown('version-unknown', tooOld(version), verdict.proof);
    }
    return withUnusedFiles(withDeclaration(verdict, reads, evidence), reads, evidence);
  };
}

/** The same words for every control: one cause is one line. */
function tooOld({ text }: KubesprayVersion): string {
  return `Kubespray ${text} is older than ${FIRST_RELEASE}, the first release whose defaults are known here`;
}

/** What the judging of one control read, over all hosts. */
class Reads {
  readonly variables = new Set<string>();
  isDeclared = false;

  note(variable: string, setting: Setting): Setting {
    this.variables.add(variable);
    if ('isDeclared' in setting) this.isDeclared = true;
    return setting;
  }

  noteOverride(variable: string, setting: Setting): Setting {
    this.variables.add(variable);
    return setting;
  }
}

/** A PASS that would be UNKNOWN without the declaration says so. */
function withDeclaration(verdict: Verdict, { isDeclared }: Reads, { inventory }: KubesprayEvidence): Verdict {
  if (verdict.status !== 'PASS' || !isDeclared) return verdict;
  const line = `declared: vaulted of the inventory ${inventory} names what its vaulted files hold, and none of the variables judged here is among them`;
  return pass(verdict.message, [...verdict.proof, { kind: 'fact', line, field: 'vaulted' }], 'declared');
}

/** Whoever wrote a file that no host gets believes that the variable is set. */
function withUnusedFiles(verdict: Verdict, { variables }: Reads, { unusedFiles }: KubesprayEvidence): Verdict {
  const files = unusedFiles.state === 'collected' ? unusedFiles.value : [];
  const notes = files.flatMap(({ file, because, variables: set }) =>
    set
      .filter(({ name }) => variables.has(name))
      .map(({ name, line }) => `${file}:${line} sets ${name}, but applies to no host: ${because}`),
  );
  if (notes.length === 0) return verdict;
  const proof = [...verdict.proof, ...notes.map((line): Proof => ({ kind: 'fact', line, field: 'unused' }))];
  const message = verdict.status === 'PASS' ? verdict.message : `${verdict.message}; ${notes.join('; ')}`;
  return { ...verdict, message, proof };
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
  reads: Reads,
): readonly Observation[] {
  return hosts.map((host) => {
    const read = (variable: KubesprayVariable) => reads.note(variable, readVariable(host, variable, version));
    const readOverride = (variable: KubesprayVariable) =>
      reads.noteOverride(variable, readVariable(host, variable, version));
    const view: HostView = { host, version, read, readOverride };
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
    const wrong = sorted.filter(
      ({ side, assessment: { state, set } }) => side === 'intent' && state === 'bad' && set === assessment.set,
    );
    return fail(assessment.reason, `${at}: ${assessment.note}`, proof, {
      ...(assessment.severity === undefined ? {} : { severity: assessment.severity }),
      fix: variableFix(
        assessment.set ?? rule.set,
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
