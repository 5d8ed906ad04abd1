import type { TokenCredential } from '@azure/core-auth';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { ClientSecretCredential } from '@azure/identity';
import { afterEach, expect, test } from 'vitest';
import { boundedCredential } from '#collectors/transport/azure-http.ts';
import { BODIES, startProxy } from './hostile.ts';

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function endpoint(answer: Parameters<typeof startProxy>[1]): Promise<string> {
  const server = await startProxy('http://127.0.0.1:1', answer);
  open.push(server);
  return server.url;
}

test('a token endpoint that does not use TLS is tls, whatever its library makes of it', async () => {
  const { host } = new URL(await endpoint(() => (response) => response.end('x')));
  const credential = boundedCredential(
    (httpClient) =>
      new ClientSecretCredential('33333333-3333-3333-3333-333333333333', 'client', 'secret', {
        authorityHost: `https://${host}`,
        disableInstanceDiscovery: true,
        httpClient,
      }),
  );
  await expect(credential.getToken('scope/.default')).rejects.toMatchObject({
    reason: 'tls',
    message: `${host}: the server does not use TLS, but its address is https`,
  });
});

test.each([
  ['an endless body', 'the response is larger than 1 MB'],
  ['a gzip bomb of 3 MB', 'the response is larger than 1 MB'],
] as const)(
  '%s of a token endpoint is malformed, and an endpoint that recovers is believed',
  async (hostile, message) => {
    let isSound = false;
    const url = await endpoint(() => (isSound ? (response) => response.end('{}') : BODIES[hostile]));
    const credential = boundedCredential(
      (httpClient): TokenCredential => ({
        getToken: async () => {
          const request = createPipelineRequest({ url, allowInsecureConnection: true });
          await httpClient.sendRequest(request).catch(() => undefined);
          throw new Error('no token');
        },
      }),
    );
    await expect(credential.getToken('scope')).rejects.toMatchObject({ reason: 'malformed-answer', message });
    isSound = true;
    await expect(credential.getToken('scope')).rejects.toThrow('no token');
  },
);
