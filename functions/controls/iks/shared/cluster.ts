import type { Field, Source } from '#domain/collected.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { type Proof, type ProofValue, unknown, type Verdict } from '#domain/verdict.ts';
import { type HostKind, hostKind } from './host.ts';

/** The cluster's own fields and where they were read: what helpers need of a control's subject. */
export interface ReadCluster {
  readonly cluster: IksCluster;
  readonly source: Source;
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

export function iksFact({ source }: ReadCluster, field: string, value: ProofValue): Proof {
  return {
    kind: 'fact',
    line: `${field} = ${value === '' ? '(empty)' : String(value)}`,
    field,
    value,
    source,
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
