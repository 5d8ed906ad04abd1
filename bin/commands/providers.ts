import type { ResolvedConfig } from '#config/resolved.ts';
import type { ProviderPort } from '#domain/collection.ts';
import type { Provider } from '#domain/target.ts';

/** Makes the ports of the configured providers. Each SDK is loaded only when its provider is scanned. */
export async function makeProviders(
  config: ResolvedConfig,
): Promise<Readonly<Partial<Record<Provider, ProviderPort>>>> {
  const { aws, azure, ibm, kubernetes, kubespray } = config;
  return {
    ...(aws === undefined ? {} : { aws: (await import('#collectors/aws/index.ts')).createAwsProvider(aws) }),
    ...(azure === undefined ? {} : { azure: (await import('#collectors/azure/index.ts')).createAzureProvider(azure) }),
    ...(ibm === undefined ? {} : { ibm: (await import('#collectors/ibm/index.ts')).createIbmProvider(ibm) }),
    ...(kubernetes === undefined
      ? {}
      : { kubernetes: (await import('#collectors/kubernetes/index.ts')).createKubernetesProvider(kubernetes) }),
    ...(kubespray === undefined
      ? {}
      : { kubespray: (await import('#collectors/kubespray/index.ts')).createKubesprayProvider(kubespray) }),
  };
}
