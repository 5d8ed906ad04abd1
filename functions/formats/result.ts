import { COMPOSITE, type Finding } from '#domain/finding.ts';
import { countStatuses, type Run, type StatusCounts, type TargetReport } from '#domain/run.ts';

/** One scan as every format sees it: sorted, so that two scans of the same state differ in times and ids only. */
export interface ScanOutput {
  readonly run: Run;
  readonly targets: readonly TargetReport[];
  readonly findings: readonly Finding[];
}

/** closed, open or unknown, by the composite. */
export function clusterCounts(findings: readonly Finding[]): {
  readonly closed: number;
  readonly open: number;
  readonly unknown: number;
} {
  const composite = findings.filter(({ control }) => control === COMPOSITE);
  const count = (status: string) => composite.filter((finding) => finding.status === status).length;
  return { closed: count('PASS'), open: count('FAIL'), unknown: count('UNKNOWN') };
}

export function findingCounts(findings: readonly Finding[]): StatusCounts {
  return countStatuses(findings.map(({ status }) => status));
}

/** How much was read of what was to be read: a skipped target (a suspended account) was not. */
export function readOf(targets: readonly TargetReport[]): string {
  const asked = targets.filter(({ status }) => status !== 'skipped');
  return `${asked.filter(({ status }) => status === 'complete').length} of ${asked.length} targets read completely`;
}
