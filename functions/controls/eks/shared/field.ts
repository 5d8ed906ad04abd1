import type { Field } from '#domain/collected.ts';
import type { Proof, Verdict } from '#domain/verdict.ts';
import { clusterFact, missingField, type ReadCluster } from './cluster.ts';

/** Hands a field that was sent to `judge`, with its line of proof; otherwise says which way it is missing. */
export function withField<T extends string | boolean | readonly string[]>(
  subject: ReadCluster,
  name: string,
  field: Field<T>,
  judge: (value: T, proof: readonly Proof[]) => Verdict,
): Verdict {
  return field.state === 'given'
    ? judge(field.value, [clusterFact(subject, name, field.value)])
    : missingField(name, field);
}
