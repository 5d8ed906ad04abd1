import { scanBatch } from '#app/scan-batch.ts';
import { credentialFor } from '#collectors/azure/credentials.ts';
import type { AzureTenantOptions } from '#collectors/azure/options.ts';
import { AKS_SCOPE, createKubernetesProvider, createLiveReader } from '#collectors/kubernetes/index.ts';
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
    provider: ({ kubernetes, kubespray, federatedTenant }): ProviderPort => {
      const clusters = kubernetes ?? { clusters: [] };
      const identity = federatedTenant === undefined ? {} : { entraToken: () => entraToken(federatedTenant) };
      const inside = createKubernetesProvider(clusters, identity);
      const inventories = createKubesprayProvider(kubespray ?? { inventories: [] }, {
        readLive: createLiveReader(clusters, identity),
      });
      return {
        ...inside,
        collect: (target, context) => (target.provider === 'kubespray' ? inventories : inside).collect(target, context),
      };
    },
  }),
);

/** AKS trusts the function's own identity by the same federation as the scan of its cloud does. */
async function entraToken(tenant: AzureTenantOptions): Promise<string> {
  const answer = await credentialFor(tenant, undefined).getToken(AKS_SCOPE);
  if (answer === null) throw new Error('the federated tenant gave no token');
  return answer.token;
}
