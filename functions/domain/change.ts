import { COMPOSITE, COVERAGE, type Finding } from './finding.ts';
import { RULES_VERSION, type Rules, stateTheSame } from './rules.ts';
import type { ScanStamp } from './run.ts';
import { compareSeverity, type Severity, type Status } from './verdict.ts';

export type DecidedStatus = Exclude<Status, 'UNKNOWN'>;

/**
 * opened: now FAIL. closed: no longer FAIL. escalated: still FAIL, and graver. expired: the exception of an open FAIL ran out.
 * accepted: an exception was made for an open FAIL. altered: any other change of the decided status (history only).
 */
export type ChangeKind = 'opened' | 'closed' | 'escalated' | 'expired' | 'accepted' | 'altered';

/** The kinds as people read them. Findings fail and are fixed; open and closed speak of clusters. */
export const CHANGE_WORDS: Readonly<Record<ChangeKind, string>> = {
  opened: 'failed',
  closed: 'fixed',
  escalated: 'got worse',
  expired: 'exception expired',
  accepted: 'accepted',
  altered: 'changed',
};

/** A change of the decided state of one finding. `from` is null for a finding that was never decided before. */
export interface Change {
  readonly id: string;
  readonly kind: ChangeKind;
  readonly from: DecidedStatus | null;
  readonly to: DecidedStatus;
  readonly at: string;
  readonly runId: string;
  /** Of the FAIL that opened or closed. */
  readonly severity: Severity;
  readonly reason: string;
  readonly message: string;
  /** False for changes that are kept in history only. */
  readonly announced: boolean;
  /** Another version of the rules made the change, not the cluster: announced in one digest per channel, never alone. */
  readonly cause?: 'rules-changed';
}

export interface LastDecided {
  readonly status: DecidedStatus;
  readonly severity: Severity;
  readonly accepted: boolean;
  readonly at: string;
  readonly runId: string;
  /** When the status became what it is. */
  readonly since?: string;
  /** Version of the rules that decided; absent in what version 0.1.0 stored. */
  readonly rules?: string;
  /** Digest of the facts that the control read when the finding was last written. */
  readonly facts?: string;
}

/** A finding as the store keeps it. `revision` counts its writes. */
export interface StoredFinding {
  readonly finding: Finding;
  readonly revision: number;
  readonly firstSeen: string;
  readonly runId: string;
  readonly lastDecided?: LastDecided;
  /** The latest change, until the next one. */
  readonly change?: Change;
  /** When nobody made the finding any more: its resource had vanished, or its control was switched off. */
  readonly goneAt?: string;
}

export type NextFinding = Omit<StoredFinding, 'revision'>;

/** The reason of a finding whose resource is not there any more, and of one whose resource is there while its control is not. */
const RESOURCE_GONE = 'resource-gone';
const NOT_JUDGED = 'not-judged';

/** Shown severity of a finding that nobody makes any more stays; status becomes NOT_APPLICABLE, which closes it. `there`: its resource was found. */
export function vanished(stored: StoredFinding, at: string, there: boolean): Finding {
  const { exception: _none, fix: _fix, ...finding } = stored.finding;
  return {
    ...finding,
    status: 'NOT_APPLICABLE',
    reason: there ? NOT_JUDGED : RESOURCE_GONE,
    message: there
      ? `${finding.control} does not judge ${finding.resource.name} any more: the control is switched off, or left this version`
      : `${finding.resource.name} is not there any more`,
    proof: [
      {
        kind: 'derived',
        line: there
          ? `${finding.resource.uid} was read without this control`
          : `not in the complete list of ${finding.target}`,
      },
    ],
    evaluatedAt: at,
  };
}

/** What else is known of the resource when one of its findings is assessed. */
export interface Surroundings {
  /** Other findings of the resource were stored before. */
  readonly knownResource: boolean;
  /** What this scan changes in the resource's other findings; the composite's own change has their cause. */
  readonly changes: readonly Change[];
}

const SAME_RULES: Rules = { version: RULES_VERSION, firstScan: false, factsOf: () => undefined };
const ALONE: Surroundings = { knownResource: false, changes: [] };

/**
 * What the store should hold after this verdict, and whether it is a change of state.
 *
 * UNKNOWN never closes and never replaces what was last decided. A verdict that says the same as the stored one gives back `undefined`: nothing
 * is to be written.
 */
export function assess(
  stored: StoredFinding | undefined,
  finding: Finding,
  stamp: ScanStamp,
  rules: Rules = SAME_RULES,
  surroundings: Surroundings = ALONE,
): NextFinding | undefined {
  const change = changeOf(stored, finding, stamp, rules, surroundings);
  const gone = finding.status === 'NOT_APPLICABLE' && [RESOURCE_GONE, NOT_JUDGED].includes(finding.reason);
  if (stored !== undefined && change === undefined && sameContent(stored.finding, finding)) return undefined;
  const lastDecided = decided(finding, stamp, stored?.lastDecided, rules) ?? stillDecided(stored?.lastDecided, rules);
  const lastChange = change ?? stored?.change;
  return {
    finding,
    firstSeen: stored?.firstSeen ?? stamp.evaluatedAt,
    runId: stamp.runId,
    ...(lastDecided === undefined ? {} : { lastDecided }),
    ...(lastChange === undefined ? {} : { change: lastChange }),
    ...(gone ? { goneAt: stored?.goneAt ?? stamp.evaluatedAt } : {}),
  };
}

function decided(
  finding: Finding,
  stamp: ScanStamp,
  before: LastDecided | undefined,
  rules: Rules,
): LastDecided | undefined {
  if (finding.status === 'UNKNOWN') return undefined;
  const facts = rules.factsOf(finding.id);
  return {
    status: finding.status,
    severity: finding.severity,
    accepted: finding.exception !== undefined,
    at: stamp.evaluatedAt,
    runId: stamp.runId,
    since: before?.status === finding.status ? (before.since ?? before.at) : stamp.evaluatedAt,
    rules: rules.version,
    ...(facts === undefined ? {} : { facts }),
  };
}

/** An earlier scan under this version gave the same verdict, which was therefore not written again. */
function stillDecided(before: LastDecided | undefined, { version, firstScan }: Rules): LastDecided | undefined {
  return before === undefined || firstScan ? before : { ...before, rules: version };
}

function changeOf(
  stored: StoredFinding | undefined,
  finding: Finding,
  stamp: ScanStamp,
  rules: Rules,
  surroundings: Surroundings,
): Change | undefined {
  if (finding.status === 'UNKNOWN') return undefined;
  const before = stored?.lastDecided;
  const kind = kindOf(stored, finding);
  if (kind === undefined) return undefined;
  const closing = kind === 'closed';
  return {
    id: `${finding.id}.${stamp.runId}.${stamp.evaluatedAt}`,
    kind,
    from: before?.status ?? null,
    to: finding.status,
    at: stamp.evaluatedAt,
    runId: stamp.runId,
    severity: closing && before !== undefined ? before.severity : finding.severity,
    reason: finding.reason,
    message: finding.message,
    announced: isAnnounced(kind, before, finding),
    ...(isMadeByRules(stored, finding, kind, rules, surroundings) ? { cause: 'rules-changed' as const } : {}),
  };
}

/**
 * Whether the rules changed and the cluster did not: the first verdict of a control that is new in this version, or another verdict of the first
 * scan under it while the facts are the same. Coverage speaks of reads and exceptions of people: neither is a rule.
 */
function isMadeByRules(
  stored: StoredFinding | undefined,
  finding: Finding,
  kind: ChangeKind,
  { version, firstScan, factsOf }: Rules,
  { knownResource, changes }: Surroundings,
): boolean {
  if (finding.control === COVERAGE || kind === 'expired' || kind === 'accepted') return false;
  const before = stored?.lastDecided;
  // Unreadable in the first scan under this version: then the next verdict is the first one.
  const mayDiffer = firstScan || (before !== undefined && stored?.finding.status === 'UNKNOWN');
  if (!mayDiffer || before?.rules === version) return false;
  if (finding.reason === RESOURCE_GONE) return false;
  if (finding.reason === NOT_JUDGED) return true;
  if (finding.control === COMPOSITE)
    return changes.some(({ cause }) => cause !== undefined) && changes.every(({ cause }) => cause !== undefined);
  if (stored === undefined) return knownResource;
  const facts = factsOf(finding.id);
  if (facts !== undefined && facts === before?.facts) return true;
  return stateTheSame(stored.finding, finding);
}

function kindOf(stored: StoredFinding | undefined, finding: Finding): ChangeKind | undefined {
  const before = stored?.lastDecided;
  const fails = finding.status === 'FAIL';
  if (before === undefined) return fails ? 'opened' : undefined;
  if (before.status !== finding.status) return fails ? 'opened' : before.status === 'FAIL' ? 'closed' : 'altered';
  if (!fails) return undefined;
  const accepted = finding.exception !== undefined;
  if (before.accepted !== accepted) return accepted ? 'accepted' : wasOverruled(stored, finding) ? 'opened' : 'expired';
  return compareSeverity(finding.severity, before.severity) < 0 ? 'escalated' : undefined;
}

/** A composite is accepted through its causes: while their exceptions hold, it can only lose that by something else that fails. */
function wasOverruled(stored: StoredFinding | undefined, { control, evaluatedAt }: Finding): boolean {
  const expires = stored?.finding.exception?.expires;
  return control === COMPOSITE && expires !== undefined && evaluatedAt.slice(0, 10) <= expires;
}

/** What somebody accepted is not announced, nor that it is gone. */
function isAnnounced(kind: ChangeKind, before: LastDecided | undefined, finding: Finding): boolean {
  if (kind === 'closed') return before?.accepted !== true;
  return (kind === 'opened' || kind === 'escalated' || kind === 'expired') && finding.exception === undefined;
}

/** Equal but for the times of reading. */
function sameContent(a: Finding, b: Finding): boolean {
  return JSON.stringify(withoutTimes(a)) === JSON.stringify(withoutTimes(b));
}

function withoutTimes({ evaluatedAt: _at, proof, ...rest }: Finding): unknown {
  const facts = proof.map(({ source, ...fact }) =>
    sorted({ ...fact, ...(source === undefined ? {} : { api: source.api }) }),
  );
  return sorted({ ...rest, resource: sorted(rest.resource), proof: facts });
}

/** Keys in one order: a record that was stored and read again need not keep the order it had. */
function sorted(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
