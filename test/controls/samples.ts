import { aksSamples } from './aks/samples.ts';
import { eksSamples } from './eks/samples.ts';
import { iksSamples } from './iks/samples.ts';
import { kubernetesEvidence } from './kubernetes/evidence.ts';
import type { Sample } from './sample.ts';

export const SAMPLES: readonly Sample[] = [
  ...aksSamples,
  ...eksSamples,
  ...iksSamples,
  { kind: 'kubernetes', name: 'a self-managed cluster that passes every control', evidence: kubernetesEvidence() },
];
