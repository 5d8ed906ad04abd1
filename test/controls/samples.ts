import type { SubjectKind } from '#domain/evidence/index.ts';
import { aksSamples } from './aks/samples.ts';
import { eksSamples } from './eks/samples.ts';
import { iksSamples } from './iks/samples.ts';
import { kubernetesEvidence } from './kubernetes/evidence.ts';

/** Complete evidence of each kind of subject, for tests that hold for every control. */
export interface Sample {
  readonly kind: SubjectKind;
  readonly name: string;
  readonly evidence: unknown;
}

export const SAMPLES: readonly Sample[] = [
  ...aksSamples,
  ...eksSamples,
  ...iksSamples,
  { kind: 'kubernetes', name: 'a self-managed cluster that passes every control', evidence: kubernetesEvidence() },
];
