import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface LoopbackRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** `undefined`: no answer ever. */
export type LoopbackAnswer =
  | {
      readonly status?: number;
      readonly body: unknown;
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | undefined;

/** A JSON server on 127.0.0.1 at a port of the system's choice. */
export async function startJson(
  answer: (request: LoopbackRequest) => Promise<LoopbackAnswer>,
): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
      answer({
        method: request.method ?? 'GET',
        url,
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }).then(
        (answered) => {
          if (answered === undefined) return;
          response.writeHead(answered.status ?? 200, { 'content-type': 'application/json', ...answered.headers });
          response.end(answered.text ?? JSON.stringify(answered.body));
        },
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
