import type { Collected } from '#domain/collected.ts';
import type { EksCluster, EksEvidence } from '#domain/evidence/eks.ts';
import { notApplicable, type Proof, type ProofValue, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';

/** Configuration counts in these states; during an update values may be old, which the proof's status line tells. */
const JUDGED = ['ACTIVE', 'UPDATING', 'FAILED'];
const NOT_YET = ['CREATING', 'PENDING'];

export type ReadCluster = Extract<Collected<EksCluster>, { state: 'collected' }>;

/**
 * Hands the described cluster to `judge`, or says why there is nothing to judge.
 * Source of the states: EKS API reference, Cluster.status.
 */
export function withCluster({ cluster }: EksEvidence, judge: (cluster: ReadCluster) => Verdict): Verdict {
  if (cluster.state === 'unavailable') return unknownBecause(cluster);
  const { kind, status } = cluster.value;
  if (kind === 'connected')
    return notApplicable('connected-cluster', 'registered by EKS Connector: its control plane is elsewhere');
  if (kind === 'outposts')
    return notApplicable('outposts-local-cluster', 'a local cluster on Outposts has its own rules');
  if (status.state === 'absent') return unknown('absent-field', 'the answer holds no status');
  if (status.state === 'malformed') return unknown('malformed-answer', `status is ${status.raw}`);
  if (NOT_YET.includes(status.value)) return unknown('transitional-state', `the cluster is ${status.value}`);
  if (!JUDGED.includes(status.value)) return unknown('unrecognised-value', `status ${status.value} is not known`);
  return judge(cluster);
}

/** One field of DescribeCluster as a line of proof. */
export function clusterFact(cluster: ReadCluster, field: string, value: ProofValue): Proof {
  const shown = Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
  return { kind: 'fact', line: `${field} = ${shown}`, field: `cluster.${field}`, value, source: cluster.source };
}

/** UNKNOWN for a field that is needed and was not sent, or not sent as documented. */
export function missingField(field: string, value: { readonly state: string; readonly raw?: string }): Verdict {
  return value.state === 'malformed'
    ? unknown('malformed-answer', `${field} is ${value.raw ?? 'of another type'}`)
    : unknown('absent-field', `the answer holds no ${field}`);
}
