import { scanBatch } from '#app/scan-batch.ts';
import { createKubernetesProvider, createLiveReader } from '#collectors/kubernetes/index.ts';
import { createKubesprayProvider } from '#collectors/kubespray/index.ts';
import { kubernetesControls } from '#controls/kubernetes/index.ts';
import { kubesprayControls } from '#controls/kubespray/index.ts';
import type { ProviderPort } from '#domain/collection.ts';
import { configFor, handlerOf } from './runtime.ts';
import { deployed } from './scan.ts';

const config = configFor(['kubernetes', 'kubespray']);

/** Clusters from inside, and inventories: both are configured and not discovered. */
export const handler = handlerOf(
  scanBatch({
    ...deployed,
    config,
    controls: [...kubernetesControls, ...kubesprayControls],
    provider: ({ kubernetes, kubespray }): ProviderPort => {
      const clusters = kubernetes ?? { clusters: [] };
      const inside = createKubernetesProvider(clusters);
      const inventories = createKubesprayProvider(kubespray ?? { inventories: [] }, {
        readLive: createLiveReader(clusters),
      });
      return {
        ...inside,
        collect: (target, context) => (target.provider === 'kubespray' ? inventories : inside).collect(target, context),
      };
    },
  }),
);
