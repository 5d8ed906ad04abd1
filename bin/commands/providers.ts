import type { KubernetesOptions } from '#collectors/kubernetes/options.ts';
import type { KubesprayOptions } from '#collectors/kubespray/options.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { ProviderPort } from '#domain/collection.ts';
import type { Provider } from '#domain/target.ts';

/**
 * Makes the ports of the wanted providers. Each SDK is loaded only when its provider is scanned. Clusters can be configured and not wanted: then
 * they are there for the inventories that are held against them.
 */
export async function makeProviders(
  { aws, azure, ibm, kubernetes, kubespray }: ResolvedConfig,
  wanted: readonly Provider[],
): Promise<Readonly<Partial<Record<Provider, ProviderPort>>>> {
  return {
    ...(aws === undefined ? {} : { aws: (await import('#collectors/aws/index.ts')).createAwsProvider(aws) }),
    ...(azure === undefined ? {} : { azure: (await import('#collectors/azure/index.ts')).createAzureProvider(azure) }),
    ...(ibm === undefined ? {} : { ibm: (await import('#collectors/ibm/index.ts')).createIbmProvider(ibm) }),
    ...(kubernetes === undefined || !wanted.includes('kubernetes')
      ? {}
      : { kubernetes: (await import('#collectors/kubernetes/index.ts')).createKubernetesProvider(kubernetes) }),
    ...(kubespray === undefined ? {} : { kubespray: await inventories(kubespray, kubernetes) }),
  };
}

async function inventories(
  options: KubesprayOptions,
  kubernetes: KubernetesOptions = { clusters: [] },
): Promise<ProviderPort> {
  const { createKubesprayProvider } = await import('#collectors/kubespray/index.ts');
  const { createLiveReader } = await import('#collectors/kubernetes/index.ts');
  return createKubesprayProvider(options, { readLive: createLiveReader(kubernetes) });
}
