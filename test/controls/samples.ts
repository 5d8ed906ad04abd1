import { globSync } from 'node:fs';
import { join } from 'node:path';
import { aksSamples } from './aks/samples.ts';
import { eksSamples } from './eks/samples.ts';
import { iksSamples } from './iks/samples.ts';
import { kubernetesSamples } from './kubernetes/samples.ts';
import type { Sample } from './sample.ts';

/** Evidence that one control brought with it: `<name>.example.ts` beside its test. */
const brought = await Promise.all(
  globSync('*/*.example.ts', { cwd: import.meta.dirname })
    .sort()
    .map(async (file) => ((await import(join(import.meta.dirname, file))) as { readonly default: Sample }).default),
);

export const SAMPLES: readonly Sample[] = [
  ...aksSamples,
  ...eksSamples,
  ...iksSamples,
  ...kubernetesSamples,
  ...brought,
];
