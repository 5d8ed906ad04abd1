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
