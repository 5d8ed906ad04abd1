import { COMPOSITE, type Finding } from '#domain/finding.ts';
import { compareSeverity, SEVERITIES, type Status } from '#domain/verdict.ts';

const STATUS_ORDER: readonly Status[] = ['FAIL', 'UNKNOWN', 'PASS', 'NOT_APPLICABLE'];

/** The findings of one resource: its one verdict first, where it has one, then grave things first. */
export interface ResourceFindings {
  readonly composite: Finding | undefined;
  readonly findings: readonly Finding[];
}

/** By resource, for people: open clusters first, then what is not decided, each by its gravest failure. */
export function byResource(findings: readonly Finding[]): readonly ResourceFindings[] {
  return [...Map.groupBy(findings, ({ resource }) => resource.uid)]
    .map(([uid, group]) => ({
      uid,
      composite: group.find(({ control }) => control === COMPOSITE),
      findings: group.toSorted(byGravity),
    }))
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) ||
        gravity(a) - gravity(b) ||
        failures(b) - failures(a) ||
        (a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0),
    );
}

function byGravity(a: Finding, b: Finding): number {
  return (
    Number(b.control === COMPOSITE) - Number(a.control === COMPOSITE) ||
    STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) ||
    compareSeverity(a.severity, b.severity) ||
    (a.control < b.control ? -1 : a.control > b.control ? 1 : 0)
  );
}

/** An account has no verdict of its own: whatever fails there stands with the open clusters. */
function rank({ composite, findings }: ResourceFindings): number {
  if (composite !== undefined) return STATUS_ORDER.indexOf(composite.status);
  return Math.min(...findings.map(({ status }) => STATUS_ORDER.indexOf(status)));
}

function gravity({ findings }: ResourceFindings): number {
  return Math.min(
    ...findings.map(({ status, severity }) =>
      status === 'FAIL' ? SEVERITIES.indexOf(severity) : SEVERITIES.length + STATUS_ORDER.indexOf(status),
    ),
  );
}

function failures({ findings }: ResourceFindings): number {
  return findings.filter(({ status }) => status === 'FAIL').length;
}
