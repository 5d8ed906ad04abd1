import type { Collected, Field } from '#domain/collected.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { notApplicable, type Proof, type ProofValue, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { type HostKind, hostKind } from './host.ts';

export type ReadIks = Extract<Collected<IksCluster>, { state: 'collected' }>;

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

/** Hands the cluster to `judge`, or says why it cannot be judged yet. `early` may decide while the master is still coming up. */
export function withIks(
  { list, cluster }: IksEvidence,
  judge: (cluster: ReadIks) => Verdict,
  early?: (cluster: ReadIks) => Verdict | undefined,
): Verdict {
  if (list === 'satellite')
    return notApplicable('satellite', "a Satellite cluster: its master lives on the customer's own hosts");
  if (cluster.state === 'unavailable') return unknownBecause(cluster);
  const { state, masterState, provider } = cluster.value;
  if (provider.state === 'given' && provider.value === 'satellite')
    return notApplicable('satellite', "a Satellite cluster: its master lives on the customer's own hosts");
  if (state.state !== 'given')
    return unknown(state.state === 'absent' ? 'absent-field' : 'malformed-answer', 'the answer holds no state');
  // The master's own state counts as well: a cluster can be pending for its workers or for its master.
  const states = [state, masterState].flatMap((field) => (field.state === 'given' ? [plain(field.value)] : []));
  const proof = [iksFact(cluster, 'state', state.value)];
  const late = states.find((found) => NOT_YET.includes(found));
  if (late !== undefined)
    return early?.(cluster) ?? unknown('transitional-state', `the master is not deployed yet (${late})`, proof);
  const without = states.find((found) => NO_MASTER.includes(found));
  if (without !== undefined) return unknown('transitional-state', `there is no master (${without})`, proof);
  if (LEAVING.includes(plain(state.value))) return leaving(judge(cluster), proof);
  if (!JUDGED.includes(plain(state.value)))
    return unknown('unrecognised-value', `state ${state.value} is not known`, proof);
  return judge(cluster);
}

function leaving(verdict: Verdict, [state]: readonly Proof[]): Verdict {
  return {
    ...verdict,
    message: `${verdict.message} (the cluster is on its way out)`,
    proof: [...verdict.proof, ...(state === undefined ? [] : [state])],
  };
}

/** Where the workers stand, by the record's provider; old records have none, and then the list that named the cluster tells. */
export function infrastructureOf({ list, cluster }: IksEvidence): 'classic' | 'vpc' | 'conflict' | 'unrecognised' {
  const listed = list === 'vpc' ? 'vpc' : 'classic';
  const provider = cluster.state === 'collected' ? cluster.value.provider : undefined;
  if (provider?.state === 'malformed') return 'unrecognised';
  if (provider?.state !== 'given') return listed;
  const told = provider.value.startsWith('vpc') ? 'vpc' : provider.value;
  if (told !== 'vpc' && told !== 'classic') return 'unrecognised';
  return told === listed ? told : 'conflict';
}

export function isVpc(evidence: IksEvidence): boolean {
  return infrastructureOf(evidence) === 'vpc';
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

export interface Address {
  readonly url: string;
  /** `no-text`: the service sent something else in its place. */
  readonly kind: HostKind | 'no-text';
}

/** The addresses of one endpoint, from every place that may name it. Empty and `-` mean none; what is no text is kept, because it may be one. */
export function addressesOf(...fields: readonly Field<string>[]): readonly Address[] {
  return fields.flatMap((field): readonly Address[] => {
    if (field.state === 'absent') return [];
    if (field.state === 'malformed') return [{ url: field.raw, kind: 'no-text' }];
    const url = field.value.trim();
    return url === '' || url === '-' ? [] : [{ url, kind: hostKind(url) }];
  });
}

/** UNKNOWN for an address that tells neither private nor public. */
export function oddAddress(name: string, { url, kind }: Address): Verdict {
  const reason = kind === 'malformed' || kind === 'no-text' ? 'malformed-answer' : 'unrecognised-value';
  return unknown(reason, `${name} is ${url}, which no known form explains`);
}
