/** The audience that Entra expects in a federated credential, unless the credential was made with another. */
export const DEFAULT_AUDIENCE = 'api://AzureADTokenExchange';

export type AzureCredentialOptions =
  | { readonly type: 'default' }
  | { readonly type: 'federated'; readonly clientId: string; readonly audience?: string }
  | { readonly type: 'secret'; readonly clientId: string; readonly clientSecret: string }
  | { readonly type: 'certificate'; readonly clientId: string; readonly certificate: string }
  /** The token itself comes from the environment (AZURE_ACCESS_TOKEN) and is put here by the caller. */
  | { readonly type: 'access-token'; readonly token: string };

export interface AzureTenantOptions {
  readonly id: string;
  readonly subscriptions: 'all' | readonly string[];
  /** Subscriptions that must be visible; their absence is a coverage FAIL. */
  readonly expected?: readonly string[];
  readonly credential: AzureCredentialOptions;
}

/** The `azure:` section of ringfence.yaml after secrets were resolved. */
export interface AzureOptions {
  readonly tenants: readonly AzureTenantOptions[];
  /** Resource Manager, e.g. https://management.azure.com; http only on loopback. */
  readonly endpoint: string;
  /** Entra authority of sovereign clouds. */
  readonly authorityHost?: string;
}
