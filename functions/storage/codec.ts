import type { NextFinding, StoredFinding } from '#domain/change.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { findingIndexKeys, keys } from './keys.ts';

/** How long history, messages and runs are kept. */
export const RETENTION_DAYS = 400;

/** How long notes are kept that only the run itself and its redrive need. */
export const DAYS_OF_NOTES = 30;

/**
 * How long a finding of a vanished resource is kept: every scan of its target reads it again, and clusters that are made for a day add up. Its
 * history stays longer.
 */
const DAYS_OF_GONE = 30;

export type Item = Record<string, unknown>;

export function expiry(at: string, days = RETENTION_DAYS): number {
  return Math.floor(Date.parse(at) / 1000) + days * 86_400;
}

export function findingItem(entry: NextFinding, revision: number): Item {
  return {
    ...keys.finding(entry.finding.target, entry.finding.id),
    ...findingIndexKeys(entry),
    kind: 'finding',
    ...entry,
    revision,
    ...(entry.goneAt === undefined ? {} : { ttl: expiry(entry.goneAt, DAYS_OF_GONE) }),
  };
}

/** Holds a place free; in no index and without an end, because a scan that was held up may write late. */
export function fenceItem(target: string, finding: string, revision: number): Item {
  return { ...keys.finding(target, finding), kind: 'fence', revision };
}

/** The caller knows the item's key, and only findings lie under it; the repository is the only writer. */
export function findingOf(item: Item): StoredFinding {
  const { finding, revision, firstSeen, runId, lastDecided, change, goneAt } = item as unknown as StoredFinding;
  return {
    finding,
    revision,
    firstSeen,
    runId,
    ...(lastDecided === undefined ? {} : { lastDecided }),
    ...(change === undefined ? {} : { change }),
    ...(goneAt === undefined ? {} : { goneAt }),
  };
}

export function heartbeatItem(heartbeat: Heartbeat): Item {
  const { id } = heartbeat.report.target;
  return { ...keys.heartbeat(id), targetKey: 'TARGET', targetSort: id, kind: 'heartbeat', ...heartbeat };
}

export function heartbeatOf(item: Item): Heartbeat {
  const { runId, evaluatedAt, revision, report, counts, countsByControl, pending, outbox, ...rest } =
    item as unknown as Heartbeat;
  const { remaining, rules, lastCompleteAt } = rest;
  return {
    runId,
    evaluatedAt,
    revision,
    report,
    counts,
    countsByControl,
    pending,
    outbox,
    ...(remaining === undefined ? {} : { remaining }),
    ...(rules === undefined ? {} : { rules }),
    ...(lastCompleteAt === undefined ? {} : { lastCompleteAt }),
  };
}
