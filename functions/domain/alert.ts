import type { Change } from './change.ts';
import { COMPOSITE, type Finding } from './finding.ts';
import type { Resource } from './resource.ts';
import { RULES_VERSION } from './rules.ts';
import { compareSeverity, type Severity } from './verdict.ts';

/** One changed finding, ready to be announced. */
export interface AlertEntry {
  readonly findingId: string;
  readonly changeId: string;
  readonly control: string;
  readonly title: string;
  readonly kind: Change['kind'];
  readonly severity: Severity;
  readonly reason: string;
  readonly message: string;
  /** The proof's key line. */
  readonly proof?: string;
  readonly remediation?: string;
}

/** Everything that changed on one resource in one run: the unit of delivery. `id` is the same however often it is built. */
export interface AlertMessage {
  readonly schema: 'ringfence/alert/v1';
  readonly id: string;
  readonly runId: string;
  readonly target: string;
  readonly resource: Resource;
  readonly at: string;
  readonly severity: Severity;
  readonly entries: readonly AlertEntry[];
  /** Version of the rules that made these changes, where it was not the resource: part of a digest, never posted alone. */
  readonly rules?: string;
}

/** A stored change with the finding it belongs to, as it was at that change. */
export interface ChangedFinding {
  readonly finding: Finding;
  readonly change: Change;
}

/** Texts are cut to this, and shorter still where a message would not fit. */
const LONGEST_TEXT = 1_000;
/** SNS takes 256 KiB of message and attributes together, as UTF-8. */
const MOST_BYTES = 200_000;

/** One message per resource and cause, grave things first. Only what is to be announced. */
export function groupAlerts(
  target: string,
  runId: string,
  changed: readonly ChangedFinding[],
): readonly AlertMessage[] {
  const groups = Map.groupBy(
    changed.filter(({ change }) => change.announced),
    ({ finding, change }) => `${change.cause ?? ''} ${finding.resource.uid}`,
  );
  return [...groups.values()].map((entries) => toMessage(target, runId, entries));
}

function toMessage(target: string, runId: string, changed: readonly ChangedFinding[]): AlertMessage {
  let longest = LONGEST_TEXT;
  let message = messageOf(target, runId, changed, longest);
  // A character may take six bytes, so the number of characters says little: a provider's text may be of any script.
  while (new TextEncoder().encode(JSON.stringify(message)).length > MOST_BYTES && longest > 1) {
    longest = Math.floor(longest / 2);
    message = messageOf(target, runId, changed, longest);
  }
  return message;
}

function messageOf(target: string, runId: string, changed: readonly ChangedFinding[], longest: number): AlertMessage {
  const entries = changed.map((entry) => toEntry(entry, longest)).sort(byKindThenSeverity);
  const [first] = changed;
  const [gravest] = [...entries].sort((a, b) => compareSeverity(a.severity, b.severity));
  if (first === undefined || gravest === undefined) throw new Error('a message needs at least one change');
  return {
    schema: 'ringfence/alert/v1',
    // A change is announced with exactly one group, so its smallest change id names the group.
    id: entries.map(({ changeId }) => changeId).sort()[0] ?? first.change.id,
    runId,
    target,
    resource: first.finding.resource,
    at:
      changed
        .map(({ change }) => change.at)
        .sort()
        .at(-1) ?? first.change.at,
    severity: gravest.severity,
    entries,
    ...(first.change.cause === undefined ? {} : { rules: RULES_VERSION }),
  };
}

function toEntry({ finding, change }: ChangedFinding, longest: number): AlertEntry {
  const cut = (text: string) => text.slice(0, longest).toWellFormed();
  const key = finding.proof[0]?.line;
  return {
    findingId: finding.id,
    changeId: change.id,
    control: finding.control,
    title: finding.title,
    kind: change.kind,
    severity: change.severity,
    reason: change.reason,
    message: cut(change.message),
    ...(key === undefined ? {} : { proof: cut(key) }),
    ...(finding.remediation === undefined || change.kind === 'closed' ? {} : { remediation: cut(finding.remediation) }),
  };
}

function byKindThenSeverity(a: AlertEntry, b: AlertEntry): number {
  const closed = Number(a.kind === 'closed') - Number(b.kind === 'closed');
  const composite = Number(b.control === COMPOSITE) - Number(a.control === COMPOSITE);
  return closed || composite || compareSeverity(a.severity, b.severity) || (a.control < b.control ? -1 : 1);
}

/** Of what is wrong now: what was closed counts for who hears of a message, not for how bad things are. Undefined: all was closed. */
export function gravestOpened({ entries }: Pick<AlertMessage, 'entries'>): Severity | undefined {
  return entries
    .filter(({ kind }) => kind !== 'closed')
    .map(({ severity }) => severity)
    .sort(compareSeverity)[0];
}

/** What a channel gets of a run that would send too much, of its first run, or of changes that the rules made. */
export interface AlertDigest {
  readonly runId: string;
  readonly at: string;
  readonly opened: number;
  readonly closed: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** The resources with the gravest changes, worst first. */
  readonly worst: readonly {
    readonly resource: Resource;
    readonly severity: Severity;
    readonly opened: number;
    readonly key: string;
  }[];
  readonly resources: number;
  /** Version of the rules, where they made all of these changes. */
  readonly rules?: string;
}

const WORST_SHOWN = 10;

export function digestOf(runId: string, messages: readonly AlertMessage[]): AlertDigest {
  const entries = messages.flatMap((message) => message.entries);
  const rules = messages.every((message) => message.rules !== undefined) ? messages[0]?.rules : undefined;
  const opened = entries.filter(({ kind }) => kind !== 'closed');
  const bySeverity = { CRITICAL: 0, HIGH: 0, MEDIUM: 0, LOW: 0, INFORMATIONAL: 0 };
  for (const { severity } of opened) bySeverity[severity] += 1;
  const worst = messages
    .flatMap((message) => {
      const severity = gravestOpened(message);
      return severity === undefined ? [] : [{ message, severity }];
    })
    .sort(
      (a, b) =>
        compareSeverity(a.severity, b.severity) ||
        b.message.entries.length - a.message.entries.length ||
        (a.message.id < b.message.id ? -1 : 1),
    )
    .slice(0, WORST_SHOWN)
    .map(({ message, severity }) => {
      const worst = message.entries.filter(({ kind }) => kind !== 'closed');
      // The composite names the control that decided; the control says what is wrong.
      const key = worst.find(({ control }) => control !== COMPOSITE) ?? worst[0];
      return {
        resource: message.resource,
        severity,
        opened: worst.length,
        key: key?.message ?? '',
      };
    });
  return {
    runId,
    at:
      messages
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? '',
    opened: opened.length,
    closed: entries.length - opened.length,
    bySeverity,
    worst,
    resources: new Set(messages.map(({ resource }) => resource.uid)).size,
    ...(rules === undefined ? {} : { rules }),
  };
}

/** One post for one channel: what travels through the queue. Never holds the webhook's address. */
export type Delivery = { readonly channel: string; readonly id: string } & (
  | { readonly kind: 'alert'; readonly alert: AlertMessage }
  | { readonly kind: 'digest'; readonly digest: AlertDigest }
);
