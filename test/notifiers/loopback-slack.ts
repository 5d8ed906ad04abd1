import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (response: ServerResponse) => void;

export const ok: Answer = (response) => response.end('ok');

/** A receiver on loopback: answers the posts in turn as told, and `ok` from then on. */
export async function loopbackSlack(...answers: readonly Answer[]) {
  const posts: { readonly text: string; readonly blocks: readonly unknown[] }[] = [];
  const left = [...answers];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    posts.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    (left.shift() ?? ok)(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    posts,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/secret`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
