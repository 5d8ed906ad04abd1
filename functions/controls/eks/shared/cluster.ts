import type { Source } from '#domain/collected.ts';
import type { EksCluster } from '#domain/evidence/eks.ts';
import { type Proof, type ProofValue, unknown, type Verdict } from '#domain/verdict.ts';

/** The cluster's own fields and where they were read: what helpers need of a control's subject. */
export interface ReadCluster {
  readonly cluster: EksCluster;
  readonly source: Source;
}

/** One field of DescribeCluster as a line of proof. */
export function clusterFact({ source }: ReadCluster, field: string, value: ProofValue): Proof {
  const shown = Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
  return { kind: 'fact', line: `${field} = ${shown}`, field: `cluster.${field}`, value, source };
}

/** UNKNOWN for a field that is needed and was not sent, or not sent as documented. */
export function missingField(field: string, value: { readonly state: string; readonly raw?: string }): Verdict {
  return value.state === 'malformed'
    ? unknown('malformed-answer', `${field} is ${value.raw ?? 'of another type'}`)
    : unknown('absent-field', `the answer holds no ${field}`);
}
