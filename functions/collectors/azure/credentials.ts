import type { AccessToken, TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
} from '@azure/identity';
import { boundedCredential } from '../transport/azure-http.ts';
import { AzureOptionsError } from './endpoint.ts';
import { awsAssertion, type GetAssertion } from './federation.ts';
import { type AzureTenantOptions, DEFAULT_AUDIENCE } from './options.ts';

export interface CredentialDeps {
  /** Makes the token that Entra exchanges; the Lambda's AWS identity unless told otherwise. */
  readonly assertionFor?: (audience: string) => GetAssertion;
}

/** The credential of one tenant. Each tenant has an own one: a token is good for the tenant that issued it only. */
export function credentialFor(
  tenant: AzureTenantOptions,
  authorityHost: string | undefined,
  deps: CredentialDeps = {},
): TokenCredential {
  const { credential } = tenant;
  return credential.type === 'access-token'
    ? new GivenToken(credential.token)
    : boundedCredential((httpClient) =>
        identityOf(
          tenant.id,
          credential,
          { httpClient, ...(authorityHost === undefined ? {} : { authorityHost }) },
          deps,
        ),
      );
}

function identityOf(
  id: string,
  credential: Exclude<AzureTenantOptions['credential'], { readonly type: 'access-token' }>,
  options: { readonly httpClient: HttpClient; readonly authorityHost?: string },
  deps: CredentialDeps,
): TokenCredential {
  switch (credential.type) {
    case 'default':
      return new DefaultAzureCredential({ tenantId: id, ...options });
    case 'federated': {
      const assertion = (deps.assertionFor ?? awsAssertion)(credential.audience ?? DEFAULT_AUDIENCE);
      return new ClientAssertionCredential(id, credential.clientId, assertion, options);
    }
    case 'secret':
      return new ClientSecretCredential(id, credential.clientId, credential.clientSecret, options);
    case 'certificate':
      return new ClientCertificateCredential(id, credential.clientId, { certificate: credential.certificate }, options);
  }
}

/** A token that somebody else fetched. It is sent as it is; when it has expired, ARM says so. */
class GivenToken implements TokenCredential {
  readonly #token: string;

  constructor(token: string) {
    if (token.trim() === '') throw new AzureOptionsError('the access token (AZURE_ACCESS_TOKEN) is empty');
    this.#token = token.trim();
  }

  getToken(): Promise<AccessToken> {
    return Promise.resolve({ token: this.#token, expiresOnTimestamp: Date.now() + 3_600_000 });
  }
}
