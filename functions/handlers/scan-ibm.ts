import { scanBatch } from '#app/scan-batch.ts';
import { createIbmProvider } from '#collectors/ibm/index.ts';
import { iksControls } from '#controls/iks/index.ts';
import { configFor, handlerOf } from './runtime.ts';
import { deployed } from './scan.ts';

const config = configFor(['ibm']);

export const handler = handlerOf(
  scanBatch({
    ...deployed,
    config,
    controls: iksControls,
    provider: ({ ibm }) => {
      if (ibm === undefined) throw new Error('ringfence.yaml has no ibm section');
      return createIbmProvider(ibm);
    },
  }),
);
