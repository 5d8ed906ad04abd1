import { PROVIDER_FACTS } from '#domain/provider-facts.ts';

/** The server application of every AKS cluster with managed Entra integration. Reference: learn.microsoft.com, kubelogin authentication. */
const AKS_SERVER = '6dae42f8-4368-4678-94ff-3960e28e3630';
export const AKS_SCOPE = `${AKS_SERVER}/.default`;

/** Whether a uid is that of an AKS cluster, `/subscriptions/<id>/.../managedclusters/<name>`. */
export function isAks(uid: string): boolean {
  return PROVIDER_FACTS.azure.clusterOf(uid) !== undefined;
}

/** Whether a kubeconfig's `kubelogin` asks for a token of that application. */
export function asksAksServer(args: readonly string[]): boolean {
  const at = args.indexOf('--server-id');
  return at === -1 ? args.includes(`--server-id=${AKS_SERVER}`) : args[at + 1] === AKS_SERVER;
}

/** How long the chain of identities may look for one. */
const PATIENCE = 15_000;

/** A token of the identity at hand: environment, workload or managed identity, Azure CLI. */
export async function defaultEntraToken(): Promise<string> {
  // Loaded on demand: only AKS clusters without a token of their own need it.
  const { DefaultAzureCredential } = await import('@azure/identity');
  const { boundedCredential } = await import('../transport/azure-http.ts');
  const granted = await boundedCredential((httpClient) => new DefaultAzureCredential({ httpClient })).getToken(
    AKS_SCOPE,
    {
      abortSignal: AbortSignal.timeout(PATIENCE),
    },
  );
  return granted?.token ?? '';
}
