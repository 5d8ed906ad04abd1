import type { Source } from '#domain/collected.ts';
import type { Control, Parameters } from '#domain/control.ts';
import type { EksCluster } from '#domain/evidence/eks.ts';
import { notApplicable, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { type Definition, defineControl, type Judging } from '../../shared/define-control.ts';
import { clusterFact } from './cluster.ts';

/** Configuration counts in these states; in any but the first the values may be old or not in effect, which the proof says. */
const JUDGED = ['ACTIVE', 'UPDATING', 'FAILED'];
const NOT_YET = ['CREATING', 'PENDING'];

/** A described cluster of EKS's own that can be judged, with everything that was read about it. */
export interface EksSubject<P extends Parameters = Record<never, never>> extends Judging<'eks', P> {
  readonly cluster: EksCluster;
  /** Where the cluster's own fields were read. */
  readonly source: Source;
}

/** Nothing is said about a cluster that was not read, that is none of EKS's own, that is not there yet or is being deleted. */
export function defineEksControl<const P extends Parameters = Record<never, never>>({
  evaluate,
  ...facts
}: Definition<EksSubject<P>, P>): Control<'eks', P> {
  return defineControl('eks', facts as Omit<Definition<EksSubject<P>, P>, 'evaluate'>, (judging) => {
    const { cluster } = judging.evidence;
    if (cluster.state === 'unavailable') return unknownBecause(cluster);
    const subject = { ...judging, cluster: cluster.value, source: cluster.source };
    return unjudgeable(subject.cluster) ?? marked(evaluate(subject), subject);
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
  if (status.value === 'DELETING') return notApplicable('deleting', 'the cluster is being deleted');
  if (NOT_YET.includes(status.value)) return unknown('transitional-state', `the cluster is ${status.value}`);
  if (!JUDGED.includes(status.value)) return unknown('unrecognised-value', `status ${status.value} is not known`);
  return undefined;
}

function marked(verdict: Verdict, subject: Pick<EksSubject, 'cluster' | 'source'>): Verdict {
  const { status } = subject.cluster;
  if (status.state !== 'given' || status.value === 'ACTIVE') return verdict;
  const { line, ...fact } = clusterFact(subject, 'status', status.value);
  const provisional = { ...fact, line: `${line}: the verdict is provisional` };
  // A verdict that was taken over from another control has the line already.
  return { ...verdict, proof: [...verdict.proof.filter((part) => part.line !== provisional.line), provisional] };
}
