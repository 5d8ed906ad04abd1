import { Readable } from 'node:stream';
import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { LIMITS, readBytes } from './body.ts';
import { connectionRefusal } from './connection.ts';
import { type Refusal, refusalIn } from './refusal.ts';

/**
 * The HTTP client of the Azure SDKs, with every body read within the limit. The client's own way collects whatever comes; here it hands over the
 * decompressed stream.
 */
export function boundedHttpClient(limit: number, inner: HttpClient = createDefaultHttpClient()): HttpClient {
  return {
    async sendRequest(request) {
      const response = await inner.sendRequest({
        ...request,
        streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
      });
      const { readableStreamBody: stream, ...rest } = response;
      const body = stream ?? Readable.from([Buffer.from(response.bodyAsText ?? '')]);
      return { ...rest, bodyAsText: (await readBytes(body as AsyncIterable<Uint8Array>, limit)).toString('utf8') };
    },
  };
}

/**
 * A credential of @azure/identity that reads token endpoints within the limit. Its library turns whatever happened into an error of its own, so
 * what the token endpoint did is remembered here and reported instead.
 */
export function boundedCredential<C extends TokenCredential>(make: (httpClient: HttpClient) => C): C {
  const inner = boundedHttpClient(LIMITS.token);
  let refused: Refusal | undefined;
  const credential = make({
    async sendRequest(request) {
      try {
        const response = await inner.sendRequest(request);
        refused = undefined;
        return response;
      } catch (error) {
        const refusal = refusalIn(error) ?? connectionRefusal(error, { host: URL.parse(request.url)?.host });
        // A machine without a metadata service does not answer there: that is no identity, not a broken endpoint.
        if (refusal?.reason === 'tls' || refusal?.reason === 'malformed-answer') refused = refusal;
        throw error;
      }
    },
  });
  const getToken = credential.getToken.bind(credential);
  credential.getToken = async (scopes, options) => {
    try {
      return await getToken(scopes, options);
    } catch (error) {
      throw refused ?? error;
    }
  };
  return credential;
}
