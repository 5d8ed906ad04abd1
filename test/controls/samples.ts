import { aksSamples } from './aks/samples.ts';
import { eksSamples } from './eks/samples.ts';
import { iksSamples } from './iks/samples.ts';
import { kubernetesSamples } from './kubernetes/samples.ts';
import type { Sample } from './sample.ts';

export const SAMPLES: readonly Sample[] = [...aksSamples, ...eksSamples, ...iksSamples, ...kubernetesSamples];
