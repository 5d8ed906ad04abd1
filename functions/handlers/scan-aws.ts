import { scanBatch } from '#app/scan-batch.ts';
import { createAwsProvider } from '#collectors/aws/index.ts';
import { eksControls } from '#controls/eks/index.ts';
import { configFor, handlerOf } from './runtime.ts';
import { deployed } from './scan.ts';

const config = configFor(['aws']);

export const handler = handlerOf(
  scanBatch({
    ...deployed,
    config,
    controls: eksControls,
    provider: ({ aws }) => {
      if (aws === undefined) throw new Error('ringfence.yaml has no aws section');
      return createAwsProvider(aws);
    },
  }),
);
