import type { Source } from '#domain/collected.ts';
import type { Control, ControlFacts, Parameters } from '#domain/control.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { notApplicable, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { type Definition, defineControl, type Judging } from '../../shared/define-control.ts';
import { iksFact, type ReadCluster } from './cluster.ts';

/** A cluster whose record was read and that can be judged, with everything that was read about it. */
export interface IksSubject<P extends Parameters = Record<never, never>> extends Judging<'iks', P> {
  readonly cluster: IksCluster;
  /** Where the cluster's own fields were read. */
  readonly source: Source;
}

type IksDefinition<P extends Parameters> =
  | (Definition<IksSubject<P>, P> & {
      /** A FAIL counts already while the master is still coming up: bad news at once, good news not yet. */
      readonly failsEarly?: true;
    })
  /** Made of other controls' verdicts, which say themselves when there is nothing to judge. */
  | (ControlFacts<P> & { readonly combine: (judging: Judging<'iks', P>) => Verdict });

/** Health is not isolation: these are judged as they are. Source: OpenShift on IBM Cloud, cluster states. */
const JUDGED = [
  'normal',
  'warning',
  'critical',
  'updating',
  'unsupported',
  'pending',
  'update_failed',
  'update_cancelled',
  'scaled_down',
];
/** Judged, and marked: the master may live on for a while, after a failed deletion for long. */
const LEAVING = ['deleting', 'aborted', 'delete_failed'];
const NOT_YET = ['requested', 'deploying'];
const NO_MASTER = ['deploy_failed', 'create_failed'];

/** The API writes `deploy_failed`, the documentation also `update failed` and `canceled`. */
function plain(state: string): string {
  return state
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
    .replace('canceled', 'cancelled');
}

/** Nothing is said about a cluster of Satellite, or one that was not read, was deleted or has no master yet. */
export function defineIksControl<const P extends Parameters = Record<never, never>>(
  definition: IksDefinition<P>,
): Control<'iks', P> {
  if ('combine' in definition) {
    const { combine, ...facts } = definition;
    return defineControl('iks', facts as ControlFacts<P>, (judging) => {
      const { cluster } = judging.evidence;
      const gone = notThere(judging.evidence);
      if (gone !== undefined || cluster.state === 'unavailable') return gone ?? combine(judging);
      return markedIfLeaving(combine(judging), { cluster: cluster.value, source: cluster.source });
    });
  }
  const { evaluate, failsEarly = false, ...facts } = definition;
  return defineControl('iks', facts as ControlFacts<P>, (judging) => {
    const { cluster } = judging.evidence;
    const gone = notThere(judging.evidence);
    if (gone !== undefined) return gone;
    if (cluster.state === 'unavailable') return unknownBecause(cluster);
    const subject = { ...judging, cluster: cluster.value, source: cluster.source };
    return byState(subject, () => evaluate(subject), failsEarly);
  });
}

const SATELLITE = notApplicable('satellite', "a Satellite cluster: its master lives on the customer's own hosts");

/** There is no master of IBM's own to judge, by the list that named the cluster or by its record. */
function notThere({ list, cluster: part }: IksEvidence): Verdict | undefined {
  if (list === 'satellite') return SATELLITE;
  if (part.state === 'unavailable') return undefined;
  const { value: cluster, source } = part;
  const { state, provider } = cluster;
  if (provider.state === 'given' && provider.value === 'satellite') return SATELLITE;
  return state.state === 'given' && plain(state.value) === 'deleted'
    ? notApplicable('deleted', 'the cluster was deleted', [iksFact({ cluster, source }, 'state', state.value)])
    : undefined;
}

function byState(subject: IksSubject, judge: () => Verdict, failsEarly: boolean): Verdict {
  const { state, masterState } = subject.cluster;
  if (state.state !== 'given')
    return unknown(state.state === 'absent' ? 'absent-field' : 'malformed-answer', 'the answer holds no state');
  // The master's own state counts as well: a cluster can be pending for its workers or for its master.
  const states = [state, masterState].flatMap((field) => (field.state === 'given' ? [plain(field.value)] : []));
  const proof = [iksFact(subject, 'state', state.value)];
  const late = states.find((found) => NOT_YET.includes(found));
  if (late !== undefined) {
    const early = failsEarly ? judge() : undefined;
    if (early?.status === 'FAIL') return early;
    return unknown('transitional-state', `the master is not deployed yet (${late})`, proof);
  }
  const without = states.find((found) => NO_MASTER.includes(found));
  if (without !== undefined) return unknown('transitional-state', `there is no master (${without})`, proof);
  if (masterState.state === 'malformed') return unknown('malformed-answer', `masterState is ${masterState.raw}`, proof);
  if (masterState.state === 'absent') return unknown('absent-field', 'the answer holds no masterState', proof);
  if (![...JUDGED, ...LEAVING].includes(plain(state.value)))
    return unknown('unrecognised-value', `state ${state.value} is not known`, proof);
  return markedIfLeaving(judge(), subject);
}

function markedIfLeaving(verdict: Verdict, subject: ReadCluster): Verdict {
  const { state } = subject.cluster;
  if (state.state !== 'given' || !LEAVING.includes(plain(state.value))) return verdict;
  const mark = '(the cluster is being deleted)';
  const { message, proof } = verdict;
  return {
    ...verdict,
    // A combined verdict may have the words of its parts already.
    message: message.includes(mark) ? message : `${message} ${mark}`,
    proof: [...proof, iksFact(subject, 'state', state.value)],
  };
}
