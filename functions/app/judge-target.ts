import { CLOSED_NETWORK, hasClosedNetwork, judgeClosedNetwork, type Part } from '#controls/closed-network.ts';
import { COVERAGE, judgeCoverage } from '#controls/coverage.ts';
import { judge } from '#controls/judge.ts';
import type { Collection, Subject } from '#domain/collection.ts';
import type { Control } from '#domain/control.ts';
import type { Exception, Finding } from '#domain/finding.ts';
import type { Resource } from '#domain/resource.ts';
import type { Settings } from '#domain/settings.ts';
import type { PlannedTarget, Target } from '#domain/target.ts';
import type { Severity, Verdict } from '#domain/verdict.ts';
import { boundedFix, boundedProof, boundedText } from './bounded.ts';
import { factsDigest } from './facts.ts';
import { findingId } from './finding-id.ts';

export interface JudgeTarget {
  readonly planned: PlannedTarget;
  /** Undefined when nothing was collected, because planning had settled the target already. */
  readonly collection: Collection | undefined;
  readonly controls: readonly Control[];
  readonly settings: Settings;
  readonly exceptions: readonly Exception[];
  /** Last verdicts from inside a cluster, by control id; undefined where the cluster is no configured kubernetes target. */
  readonly inCluster: (clusterUid: string) => ReadonlyMap<string, Part> | undefined;
  /** ISO 8601, UTC. */
  readonly evaluatedAt: string;
}

/** What a finding takes from its control. */
type Statement = Pick<Control, 'id' | 'title' | 'severity' | 'remediation'>;

export interface JudgedTarget {
  readonly findings: readonly Finding[];
  /** Digest of what was read about the finding's resource; computed when it is first asked for. */
  readonly factsOf: (findingId: string) => string | undefined;
}

/** Every finding of one target's reading, coverage and composites included. */
export function judgeTarget(input: JudgeTarget): JudgedTarget {
  const findings: Finding[] = [];
  const subjects = new Map((input.collection?.subjects ?? []).map((subject) => [subject.resource.uid, subject]));
  for (const subject of input.collection?.subjects ?? []) findings.push(...judgeSubject(subject, input));
  if (input.settings.controls[COVERAGE.id]?.enabled !== false) {
    const verdict = judgeCoverage(input.planned, input.collection);
    findings.push(toFinding(COVERAGE, targetResource(input.planned.target), verdict, input));
  }
  const uids = new Map(findings.map(({ id, resource }) => [id, resource.uid]));
  const digests = new Map<string, string>();
  const factsOf = (findingId: string) => {
    const uid = uids.get(findingId);
    const subject = uid === undefined ? undefined : subjects.get(uid);
    if (uid === undefined || subject === undefined) return undefined;
    const digest = digests.get(uid) ?? factsDigest(subject);
    digests.set(uid, digest);
    return digest;
  };
  return { findings, factsOf };
}

function judgeSubject(subject: Subject, input: JudgeTarget): readonly Finding[] {
  const { kind, resource } = subject;
  const { controls, settings, inCluster } = input;
  const findings = judge(subject, controls, settings).map(({ control, verdict }) =>
    toFinding(control, resource, verdict, input),
  );
  if (!hasClosedNetwork(kind) || settings.controls[CLOSED_NETWORK.id]?.enabled === false) return findings;
  const parts = new Map(findings.map((finding) => [finding.control, finding]));
  const { verdict, accepted } = judgeClosedNetwork(kind, parts, inCluster(resource.uid));
  const exception = accepted && { control: CLOSED_NETWORK.id, resource: resource.uid, ...accepted };
  return [...findings, toFinding(CLOSED_NETWORK, resource, verdict, input, exception)];
}

/** The resource that a target's coverage is about. */
export function targetResource({ id, provider, account, region, name }: Target): Resource {
  return { uid: id, type: 'target', provider, account, region: region ?? '', name: name ?? id };
}

function toFinding(
  control: Statement,
  resource: Resource,
  verdict: Verdict,
  { settings, exceptions, planned, evaluatedAt }: JudgeTarget,
  implied?: Exception,
): Finding {
  const own = verdict.status === 'FAIL' ? exceptionFor(control.id, resource, exceptions, evaluatedAt) : undefined;
  const exception = own ?? implied;
  const failed = verdict.status === 'FAIL' ? verdict : undefined;
  return {
    id: findingId(resource.uid, control.id),
    control: control.id,
    title: control.title,
    status: verdict.status,
    severity: severityOf(control, verdict, settings),
    reason: verdict.reason,
    message: boundedText(verdict.message),
    resource,
    target: planned.target.id,
    proof: boundedProof(verdict.proof),
    ...(failed === undefined ? {} : { remediation: failed.remediation ?? control.remediation }),
    ...(failed?.fix === undefined ? {} : { fix: boundedFix(failed.fix) }),
    ...(exception === undefined ? {} : { exception }),
    evaluatedAt,
  };
}

/** The configured severity beats the verdict's, and the verdict's beats the control's. */
function severityOf(control: Statement, verdict: Verdict, settings: Settings): Severity {
  const configured = settings.controls[control.id]?.severity;
  return configured ?? (verdict.status === 'FAIL' ? verdict.severity : undefined) ?? control.severity;
}

/** The first exception that names the finding and has not expired. It holds until the end of its last day, UTC. */
function exceptionFor(
  control: string,
  resource: Resource,
  exceptions: readonly Exception[],
  at: string,
): Exception | undefined {
  return exceptions.find(
    (exception) =>
      exception.control === control &&
      (matches(exception.resource, resource.uid) || matches(exception.resource, resource.name)) &&
      at.slice(0, 10) <= exception.expires,
  );
}

function matches(pattern: string, text: string): boolean {
  if (pattern.endsWith('*')) return text.toLowerCase().startsWith(pattern.slice(0, -1).toLowerCase());
  return pattern.toLowerCase() === text.toLowerCase();
}
