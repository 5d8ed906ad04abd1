import type { Collected, Field } from '#domain/collected.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { notApplicable, type Proof, type ProofValue, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';

export type ReadIks = Extract<Collected<IksCluster>, { state: 'collected' }>;

/** Health is not isolation: these are judged as they are. Source: OpenShift on IBM Cloud, cluster states. */
const JUDGED = [
  'normal',
  'warning',
  'critical',
  'updating',
  'unsupported',
  'pending',
  'update failed',
  'update canceled',
  'update_failed',
  'update_cancelled',
  'scaled down',
  'deleting',
  'aborted',
  'delete_failed',
];
const NOT_YET = ['requested', 'deploying'];
const NO_MASTER = ['deploy_failed', 'create failed', 'create_failed'];

/** Hands the cluster to `judge`, or says why it cannot be judged yet. `early` may decide while the master is still coming up. */
export function withIks(
  { list, cluster }: IksEvidence,
  judge: (cluster: ReadIks) => Verdict,
  early?: (cluster: ReadIks) => Verdict | undefined,
): Verdict {
  if (list === 'satellite')
    return notApplicable('satellite', "a Satellite cluster: its master lives on the customer's own hosts");
  if (cluster.state === 'unavailable') return unknownBecause(cluster);
  const { state, provider } = cluster.value;
  if (provider.state === 'given' && provider.value === 'satellite')
    return notApplicable('satellite', "a Satellite cluster: its master lives on the customer's own hosts");
  if (state.state !== 'given')
    return unknown(state.state === 'absent' ? 'absent-field' : 'malformed-answer', 'the answer holds no state');
  if (NOT_YET.includes(state.value))
    return early?.(cluster) ?? unknown('transitional-state', `the master is not deployed yet (${state.value})`);
  if (NO_MASTER.includes(state.value)) return unknown('transitional-state', `there is no master (${state.value})`);
  if (!JUDGED.includes(state.value)) return unknown('unrecognised-value', `state ${state.value} is not known`);
  return judge(cluster);
}

export function isVpc({ list, cluster }: IksEvidence): boolean {
  if (cluster.state === 'collected' && cluster.value.provider.state === 'given')
    return cluster.value.provider.value.startsWith('vpc');
  return list === 'vpc';
}

export function iksFact(cluster: ReadIks, field: string, value: ProofValue): Proof {
  return {
    kind: 'fact',
    line: `${field} = ${value === '' ? '(empty)' : String(value)}`,
    field,
    value,
    source: cluster.source,
  };
}

/** One fact that the service sends in two places, depending on the provider. Both present and different is no answer. */
export function either<T>(
  nested: Field<T>,
  flat: Field<T>,
): Field<T> | { readonly state: 'conflict'; readonly nested: T; readonly flat: T } {
  if (nested.state === 'given' && flat.state === 'given' && nested.value !== flat.value)
    return { state: 'conflict', nested: nested.value, flat: flat.value };
  if (nested.state === 'malformed' || flat.state === 'malformed') return nested.state === 'malformed' ? nested : flat;
  return nested.state === 'given' ? nested : flat;
}

export type Either<T> = ReturnType<typeof either<T>>;

/** UNKNOWN for a flag that is missing, of another type, or sent twice with two values. */
export function unreadFlag(name: string, flag: Exclude<Either<boolean>, { state: 'given' }>): Verdict {
  if (flag.state === 'conflict')
    return unknown('conflicting-fields', `serviceEndpoints.${name} is ${flag.nested}, and ${name} is ${flag.flat}`);
  if (flag.state === 'malformed') return unknown('malformed-answer', `${name} is ${flag.raw}`);
  return unknown('absent-field', `the answer holds no ${name}`);
}

/** The address of an endpoint; `-` and empty mean none. */
export function urlOf(nested: Field<string>, flat: Field<string>): string {
  const found = [nested, flat]
    .flatMap((field) => (field.state === 'given' ? [field.value.trim()] : []))
    .find((value) => value !== '' && value !== '-');
  return found ?? '';
}
