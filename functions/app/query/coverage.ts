import { COMPOSITE } from '#domain/finding.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { NO_COUNTS, type StatusCounts } from '#domain/run.ts';

/** What the heartbeats alone tell: the state of targets, accounts and the whole, at one query whatever the number of findings. */

export function toTarget({ report, evaluatedAt, runId, counts, lastCompleteAt }: Heartbeat) {
  const { target, status, reason, message, apiCalls, durationMs } = report;
  const { id, provider, account, region, name } = target;
  return {
    id,
    provider,
    account,
    ...(region === undefined ? {} : { region }),
    ...(name === undefined ? {} : { name }),
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    apiCalls,
    durationMs,
    runId,
    lastScannedAt: evaluatedAt,
    ...(lastCompleteAt === undefined ? {} : { lastCompleteAt }),
    counts,
  };
}

export function accountsOf(heartbeats: readonly Heartbeat[]) {
  const groups = Map.groupBy(heartbeats, ({ report }) => `${report.target.provider} ${report.target.account}`);
  return [...groups.values()].map((group) => {
    const [first] = group;
    const name = group.map(({ report }) => report.target.name).find((found) => found !== undefined);
    return {
      account: first?.report.target.account ?? '',
      provider: first?.report.target.provider ?? '',
      ...(name === undefined ? {} : { name }),
      targets: group.length,
      incomplete: group.filter(({ report }) => report.status === 'failed' || report.status === 'partial').length,
      counts: totalOf(group),
    };
  });
}

export function summaryOf(heartbeats: readonly Heartbeat[]) {
  const statuses = Map.groupBy(heartbeats, ({ report }) => report.status);
  const count = (status: Heartbeat['report']['status']) => statuses.get(status)?.length ?? 0;
  const composite = heartbeats
    .map(({ countsByControl }) => ({ ...NO_COUNTS, ...countsByControl[COMPOSITE] }))
    .reduce(add, NO_COUNTS);
  const providers = Map.groupBy(heartbeats, ({ report }) => report.target.provider);
  const times = heartbeats.map(({ evaluatedAt }) => evaluatedAt).sort();
  return {
    findings: totalOf(heartbeats),
    clusters: { closed: composite.PASS, open: composite.FAIL, unknown: composite.UNKNOWN },
    coverage: {
      targets: heartbeats.length,
      complete: count('complete'),
      partial: count('partial'),
      failed: count('failed'),
      skipped: count('skipped'),
    },
    byProvider: Object.fromEntries([...providers].map(([provider, group]) => [provider, totalOf(group)])),
    asOf: times.at(-1) ?? null,
  };
}

function totalOf(heartbeats: readonly Heartbeat[]): StatusCounts {
  return heartbeats.map(({ counts }) => counts).reduce(add, NO_COUNTS);
}

function add(a: StatusCounts, b: StatusCounts): StatusCounts {
  return {
    PASS: a.PASS + b.PASS,
    FAIL: a.FAIL + b.FAIL,
    UNKNOWN: a.UNKNOWN + b.UNKNOWN,
    NOT_APPLICABLE: a.NOT_APPLICABLE + b.NOT_APPLICABLE,
  };
}
