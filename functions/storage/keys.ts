import type { StoredFinding } from '#domain/change.ts';

/** Every key of the table is made here. A partition holds one target with its findings, one finding's history, one run's alerts, ... */

export const HEARTBEAT = 'HEARTBEAT';
export const FINDING_PREFIX = 'FINDING#';

export const keys = {
  target: (target: string) => `TARGET#${target}`,
  heartbeat: (target: string) => ({ pk: `TARGET#${target}`, sk: HEARTBEAT }),
  finding: (target: string, finding: string) => ({ pk: `TARGET#${target}`, sk: `${FINDING_PREFIX}${finding}` }),
  history: (finding: string, at: string, change: string) => ({ pk: `HISTORY#${finding}`, sk: `${at}#${change}` }),
  run: (startedAt: string, run: string) => ({ pk: 'RUN', sk: `${startedAt}#${run}` }),
  alert: (run: string, message: string) => ({ pk: `ALERT#${run}`, sk: message }),
  announced: (run: string, target: string) => ({ pk: `ANNOUNCED#${run}`, sk: target }),
  digest: (list: string, part: number) => ({ pk: `DIGEST#${list}`, sk: String(part).padStart(9, '0') }),
  delivery: (channel: string, delivery: string) => ({ pk: `DELIVERY#${channel}`, sk: delivery }),
  dispatch: (run: string, channel: string) => ({ pk: `DISPATCH#${run}`, sk: channel }),
  channel: (channel: string) => ({ pk: 'CHANNEL', sk: channel }),
} as const;

/**
 * Index keys of a finding. No list is ordered by what a later scan may change, so that a reader who turns its pages meanwhile neither misses a finding nor
 * meets it twice. Vanished resources have none but the id, so that no list meets them and their history stays reachable.
 */
export function findingIndexKeys({
  finding,
  goneAt,
  lastDecided,
}: Omit<StoredFinding, 'revision'>): Record<string, string> {
  const byId = { idKey: `FINDING#${finding.id}`, idSort: 'FINDING' };
  if (goneAt !== undefined) return byId;
  return {
    ...byId,
    accountKey: `ACCOUNT#${finding.resource.account}`,
    accountSort: finding.id,
    resourceKey: `RESOURCE#${finding.resource.uid}`,
    resourceSort: finding.control,
    controlKey: `CONTROL#${finding.control}`,
    controlSort: finding.id,
    ...(lastDecided?.status === 'FAIL'
      ? { openKey: 'OPEN', openSort: `${lastDecided.since ?? lastDecided.at}#${finding.id}` }
      : {}),
  };
}
