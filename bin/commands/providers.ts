import type { KubernetesOptions } from '#collectors/kubernetes/options.ts';
import type { KubesprayOptions } from '#collectors/kubespray/options.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { ProviderPort } from '#domain/collection.ts';
import { PROVIDERS, type Provider } from '#domain/target.ts';

/**
 * Makes the ports of the wanted providers. Each SDK is loaded only when its provider is scanned. Clusters can be configured and not wanted: then
 * they are there for the inventories that are held against them.
 */
export async function makeProviders(
  config: ResolvedConfig,
  wanted: readonly Provider[],
): Promise<Readonly<Partial<Record<Provider, ProviderPort>>>> {
  const made = await Promise.all(
    PROVIDERS.map(async (provider) => [provider, await MAKERS[provider](config, wanted)] as const),
  );
  return Object.fromEntries(made.filter(([, port]) => port !== undefined));
}

type Make = (config: ResolvedConfig, wanted: readonly Provider[]) => Promise<ProviderPort | undefined>;

const MAKERS: Readonly<Record<Provider, Make>> = {
  aws: async ({ aws }) => aws && (await import('#collectors/aws/index.ts')).createAwsProvider(aws),
  azure: async ({ azure }) => azure && (await import('#collectors/azure/index.ts')).createAzureProvider(azure),
  ibm: async ({ ibm }) => ibm && (await import('#collectors/ibm/index.ts')).createIbmProvider(ibm),
  kubernetes: async ({ kubernetes }, wanted) =>
    kubernetes !== undefined && wanted.includes('kubernetes')
      ? (await import('#collectors/kubernetes/index.ts')).createKubernetesProvider(kubernetes)
      : undefined,
  kubespray: async ({ kubespray, kubernetes }) => kubespray && inventories(kubespray, kubernetes),
};

async function inventories(
  options: KubesprayOptions,
  kubernetes: KubernetesOptions = { clusters: [] },
): Promise<ProviderPort> {
  const { createKubesprayProvider } = await import('#collectors/kubespray/index.ts');
  const { createLiveReader } = await import('#collectors/kubernetes/index.ts');
  return createKubesprayProvider(options, { readLive: createLiveReader(kubernetes) });
}
