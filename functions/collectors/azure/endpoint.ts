import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';

/** Where Azure Resource Manager is, and which token opens it. */
export interface ArmEndpoint {
  /** Always https: on loopback `httpClient` changes the scheme on the way out, so that the client's own code path stays the same. */
  readonly url: string;
  readonly host: string;
  readonly scope: string;
  readonly loopback: boolean;
}

/** Names of one and the same machine: a server on one of them may call itself by another. */
export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Thrown for a setting that no run can work with; the message is for the person who wrote it. */
export class AzureOptionsError extends Error {
  override readonly name = 'AzureOptionsError';
}

/**
 * Sovereign clouds differ in the endpoint and in the token's scope (`https://management.chinacloudapi.cn`,
 * `https://management.usgovcloudapi.net`): the SDK's own setting changes the endpoint only, so both are derived here.
 */
export function armEndpoint(configured: string): ArmEndpoint {
  if (!URL.canParse(configured)) throw new AzureOptionsError(`azure.endpoint is not a URL: ${configured}`);
  const url = new URL(configured);
  const loopback = LOOPBACK.has(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    throw new AzureOptionsError(
      'azure.endpoint must be https; http is accepted for 127.0.0.1, localhost and [::1] only',
    );
  }
  const plain = url.protocol === 'http:';
  const path = url.pathname.replace(/\/+$/, '');
  // A URL without a port means 80 under http and 443 under https: name it, or the change of scheme would move the port.
  const host = plain && url.port === '' ? `${url.hostname}:80` : url.host;
  return {
    url: `https://${host}${path}`,
    host,
    scope: loopback ? 'https://management.azure.com/.default' : `https://${url.host}/.default`,
    loopback: plain,
  };
}

/** Sends https requests for the loopback endpoint over plain http. For every other host the request passes unchanged. */
export function loopbackHttpClient(endpoint: ArmEndpoint, inner: HttpClient = createDefaultHttpClient()): HttpClient {
  if (!endpoint.loopback) return inner;
  return {
    sendRequest(request) {
      if (!request.url.startsWith(endpoint.url)) return inner.sendRequest(request);
      // A copy: the pipeline sends the same request again on a repeat, and must find https there.
      return inner.sendRequest({
        ...request,
        url: request.url.replace(/^https:/, 'http:'),
        allowInsecureConnection: true,
      });
    },
  };
}
