import type { Source } from '#domain/collected.ts';
import type { Control, Parameters } from '#domain/control.ts';
import type { EksCluster } from '#domain/evidence/eks.ts';
import { notApplicable, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { type Definition, defineControl, type Judging } from '../../shared/define-control.ts';

/** Configuration counts in these states; during an update values may be old, which the proof's status line tells. */
const JUDGED = ['ACTIVE', 'UPDATING', 'FAILED'];
const NOT_YET = ['CREATING', 'PENDING'];

/** A described cluster of EKS's own that can be judged, with everything that was read about it. */
export interface EksSubject<P extends Parameters = Record<never, never>> extends Judging<'eks', P> {
  readonly cluster: EksCluster;
  /** Where the cluster's own fields were read. */
  readonly source: Source;
}

/** Nothing is said about a cluster that was not read, that is none of EKS's own, or that is not there yet. */
export function defineEksControl<const P extends Parameters = Record<never, never>>({
  evaluate,
  ...facts
}: Definition<EksSubject<P>, P>): Control<'eks', P> {
  return defineControl('eks', facts as Omit<Definition<EksSubject<P>, P>, 'evaluate'>, (judging) => {
    const { cluster } = judging.evidence;
    if (cluster.state === 'unavailable') return unknownBecause(cluster);
    return unjudgeable(cluster.value) ?? evaluate({ ...judging, cluster: cluster.value, source: cluster.source });
  });
}

/** Source of the states: EKS API reference, Cluster.status. */
function unjudgeable({ kind, status }: EksCluster): Verdict | undefined {
  if (kind === 'connected')
    return notApplicable('connected-cluster', 'registered by EKS Connector: its control plane is elsewhere');
  if (kind === 'outposts')
    return notApplicable('outposts-local-cluster', 'a local cluster on Outposts has its own rules');
  if (status.state === 'absent') return unknown('absent-field', 'the answer holds no status');
  if (status.state === 'malformed') return unknown('malformed-answer', `status is ${status.raw}`);
  if (NOT_YET.includes(status.value)) return unknown('transitional-state', `the cluster is ${status.value}`);
  if (!JUDGED.includes(status.value)) return unknown('unrecognised-value', `status ${status.value} is not known`);
  return undefined;
}
