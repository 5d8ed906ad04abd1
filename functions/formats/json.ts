import type { Finding } from '#domain/finding.ts';
import { clusterCounts, findingCounts, type ScanOutput } from './result.ts';

/** The public JSON (schema `ringfence/v1`). */
export function toJson({ run, targets, findings }: ScanOutput): string {
  const document = {
    schema: 'ringfence/v1',
    run: { id: run.id, startedAt: run.startedAt, endedAt: run.endedAt, status: run.status },
    targets: targets.map(({ target, status, reason, message, apiCalls, durationMs }) => ({
      id: target.id,
      provider: target.provider,
      account: target.account,
      ...(target.region === undefined ? {} : { region: target.region }),
      ...(target.name === undefined ? {} : { name: target.name }),
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      apiCalls,
      durationMs,
    })),
    findings: findings.map(toFindingJson),
    summary: {
      findings: findingCounts(findings),
      clusters: clusterCounts(findings),
      coverage: {
        planned: run.targets.planned,
        complete: run.targets.complete,
        partial: run.targets.partial,
        failed: run.targets.failed,
        skipped: run.targets.skipped,
      },
      apiCalls: run.apiCalls,
    },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

export function toFindingJson(finding: Finding) {
  const {
    id,
    control,
    title,
    status,
    severity,
    reason,
    message,
    resource,
    proof,
    remediation,
    fix,
    exception,
    evaluatedAt,
  } = finding;
  return {
    id,
    control,
    title,
    status,
    severity,
    reason,
    message,
    resource,
    proof,
    ...(remediation === undefined ? {} : { remediation }),
    ...(fix === undefined ? {} : { fix }),
    ...(exception === undefined ? {} : { exception }),
    evaluatedAt,
  };
}
