import { findingId } from '#app/finding-id.ts';
import type { StoredItem } from '#app/handle-stream.ts';
import type { ScanResult, ScanStore } from '#app/record-scan.ts';
import type { AlertSettings } from '#domain/alerting.ts';
import type { Finding } from '#domain/finding.ts';
import type { ScanStamp } from '#domain/run.ts';
import type { Status } from '#domain/verdict.ts';

export const TARGET = 'aws:111111111111:eu-central-1';

/** A failing finding of one cluster; a test states only what differs. */
export function finding(changes: Partial<Finding> & { readonly cluster?: string } = {}): Finding {
  const { cluster = 'shop', ...rest } = changes;
  const control = rest.control ?? 'eks-endpoint-public';
  const uid = `arn:aws:eks:eu-central-1:111111111111:cluster/${cluster}`;
  return {
    id: findingId(uid, control),
    control,
    title: 'The public endpoint of the API is off',
    status: 'FAIL',
    severity: 'HIGH',
    reason: 'public-open',
    message: 'the API answers the whole internet',
    resource: {
      uid,
      type: 'aws.eks.cluster',
      provider: 'aws',
      account: '111111111111',
      region: 'eu-central-1',
      name: cluster,
    },
    target: TARGET,
    proof: [{ kind: 'fact', line: 'endpointPublicAccess is true', field: 'endpointPublicAccess', value: true }],
    remediation: 'Switch the public endpoint off.',
    evaluatedAt: '2026-11-01T00:00:00.000Z',
    ...rest,
  };
}

/** `minute` orders scans in time; the run is named after it unless said otherwise. */
export function stamp(minute: number, runId = `run-${minute}`): ScanStamp {
  return { runId, evaluatedAt: new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString() };
}

/** A reading in which each cluster has the status given. */
export function reading(
  statuses: Readonly<Record<string, Status>>,
  at: ScanStamp,
  options: { readonly inventoryComplete?: boolean; readonly target?: string } = {},
): ScanResult {
  const { inventoryComplete = true, target = TARGET } = options;
  return {
    report: {
      target: { id: target, provider: 'aws', account: '111111111111', region: 'eu-central-1' },
      status: inventoryComplete ? 'complete' : 'partial',
      apiCalls: 1,
      durationMs: 5,
    },
    findings: Object.entries(statuses).map(([cluster, status]) =>
      finding({
        cluster,
        status,
        target,
        evaluatedAt: at.evaluatedAt,
        ...(status === 'FAIL' ? {} : { reason: status === 'UNKNOWN' ? 'denied' : 'holds' }),
      }),
    ),
    inventoryComplete,
  };
}

export function alertSettings(changes: Partial<AlertSettings> = {}): AlertSettings {
  return {
    minimumSeverity: 'MEDIUM',
    firstScan: 'each',
    slack: [{ name: 'platform', webhook: 'https://hooks.example/secret' }],
    ...changes,
  };
}

/** The store, which notes its writes as the stream would bring them. */
export function recording(store: ScanStore, records: StoredItem[]): ScanStore {
  return {
    ...store,
    writeHeartbeat: async (heartbeat) => {
      records.push({ kind: 'heartbeat', heartbeat });
      return store.writeHeartbeat(heartbeat);
    },
    writeFinding: async (next, revision) => {
      records.push({ kind: 'finding', finding: { ...next, revision: revision + 1 } });
      return store.writeFinding(next, revision);
    },
  };
}
