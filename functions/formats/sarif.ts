import type { Finding } from '#domain/finding.ts';
import type { Run, TargetReport } from '#domain/run.ts';
import type { Severity } from '#domain/verdict.ts';
import { citationsOf } from '#frameworks/index.ts';
import type { ScanOutput } from './result.ts';

const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  INFORMATIONAL: 'note',
};
const KIND = { FAIL: 'fail', PASS: 'pass', UNKNOWN: 'review', NOT_APPLICABLE: 'notApplicable' } as const;

/** SARIF 2.1.0. A cluster is no file: the location is logical, and the finding's id is the fingerprint. */
export function toSarif({ run, targets, findings }: ScanOutput): string {
  const rules = [...new Map(findings.map((finding) => [finding.control, finding])).values()].map(
    ({ control, title, severity }) => ({
      id: control,
      shortDescription: { text: title },
      defaultConfiguration: { level: LEVEL[severity] },
      ...tagged(control),
    }),
  );
  const index = new Map(rules.map(({ id }, position) => [id, position]));
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Ringfence', rules } },
        invocations: [invocation(run, targets)],
        results: findings.map((finding) => toResult(finding, index)),
      },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function tagged(control: string): { readonly properties?: { readonly tags: readonly string[] } } {
  const tags = citationsOf(control);
  return tags.length === 0 ? {} : { properties: { tags } };
}

/** A reader must not take the absence of results from an unread target for good news. */
function invocation(run: Run, targets: readonly TargetReport[]) {
  const unread = targets.filter(({ status }) => status === 'failed' || status === 'partial');
  return {
    executionSuccessful: run.status === 'complete',
    startTimeUtc: run.startedAt,
    ...(run.endedAt === undefined ? {} : { endTimeUtc: run.endedAt }),
    toolExecutionNotifications: unread.map(({ target, status, reason, message }) => ({
      level: 'error',
      message: { text: plain(`${target.id}: ${status} (${reason ?? 'no reason'}): ${message ?? ''}`) },
    })),
  };
}

/** `[text](target)` is a link in a message (3.11.6): what a provider sent makes none. A backslash would not do: one in the text would undo it. */
function plain(text: string): string {
  return text.replaceAll('](', '] (');
}

function toResult(
  { id, control, status, severity, message, resource, proof, exception }: Finding,
  index: ReadonlyMap<string, number>,
) {
  return {
    ruleId: control,
    ruleIndex: index.get(control) ?? -1,
    kind: KIND[status],
    // The standard wants level none for everything that is no failure.
    level: status === 'FAIL' ? LEVEL[severity] : 'none',
    message: { text: plain([message, ...proof.map(({ line }) => line)].join('\n')) },
    locations: [{ logicalLocations: [{ name: resource.name, fullyQualifiedName: resource.uid, kind: 'resource' }] }],
    partialFingerprints: { 'ringfence/v1': id },
    ...(exception === undefined
      ? {}
      : {
          suppressions: [
            { kind: 'external', justification: `${exception.owner}: ${exception.reason} (until ${exception.expires})` },
          ],
        }),
  };
}
