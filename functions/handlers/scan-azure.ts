import { scanBatch } from '#app/scan-batch.ts';
import { createAzureProvider } from '#collectors/azure/index.ts';
import { aksControls } from '#controls/aks/index.ts';
import { configFor, handlerOf } from './runtime.ts';
import { deployed } from './scan.ts';

const config = configFor(['azure']);

export const handler = handlerOf(
  scanBatch({
    ...deployed,
    config,
    controls: aksControls,
    provider: ({ azure }) => {
      if (azure === undefined) throw new Error('ringfence.yaml has no azure section');
      return createAzureProvider(azure);
    },
  }),
);
