import type { Source } from '#domain/collected.ts';
import type { Control, Parameters } from '#domain/control.ts';
import type { AksCluster } from '#domain/evidence/aks.ts';
import { notApplicable, type Proof, unknown, unknownBecause } from '#domain/verdict.ts';
import { type Definition, defineControl, type Judging } from '../../shared/define-control.ts';
import { fact, judged, required, same } from './cluster.ts';

/** A cluster whose own answer was read, with everything that was read about it. */
export interface AksSubject<P extends Parameters = Record<never, never>> extends Judging<'aks', P> {
  readonly cluster: AksCluster;
  /** Where the cluster's own fields were read. */
  readonly source: Source;
}

/**
 * Nothing is said about a cluster that was not read; one that is being deleted is left alone, one that is still being created has no settings
 * yet, and any state but Succeeded marks the verdict as provisional, because the body then shows the goal and not the fact.
 */
export function defineAksControl<const P extends Parameters = Record<never, never>>({
  evaluate,
  ...facts
}: Definition<AksSubject<P>, P>): Control<'aks', P> {
  return defineControl('aks', facts as Omit<Definition<AksSubject<P>, P>, 'evaluate'>, (judging) => {
    const part = judging.evidence.cluster;
    if (part.state === 'unavailable') return unknownBecause(part);
    const { value: cluster, source } = part;
    return judged(() => {
      const state = required(cluster.provisioningState, 'provisioningState');
      const provisional = stateProof(state, source);
      if (same(state, 'Deleting')) return notApplicable('deleting', 'the cluster is being deleted', [provisional]);
      if (same(state, 'Creating') && isEmpty(cluster)) {
        return unknown('transitional-state', 'the cluster is being created and shows no settings yet', [provisional]);
      }
      const verdict = judged(() => evaluate({ ...judging, cluster, source }));
      if (same(state, 'Succeeded')) return verdict;
      // A verdict that was taken over from another control has the line already.
      return { ...verdict, proof: [...verdict.proof.filter(({ line }) => line !== provisional.line), provisional] };
    });
  });
}

function isEmpty({ apiServer, network, pools }: AksCluster): boolean {
  return [apiServer, network, pools].some(({ state }) => state === 'absent');
}

function stateProof(state: string, source: Source): Proof {
  return fact(
    `provisioningState is ${state}: the verdict is provisional`,
    'properties.provisioningState',
    state,
    source,
  );
}
