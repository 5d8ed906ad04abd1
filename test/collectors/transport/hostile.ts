import { createServer, request as forward, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** Bodies that no API sends, and that cost a reader without limits its memory. */
export const BODIES = {
  'an endless body': endless,
  'a gzip bomb of 3 MB': (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb()),
  'JSON of 2,000,000 levels': (response: ServerResponse) => response.end('{"a":'.repeat(2_000_000)),
  'lists of 2,000,000 levels': (response: ServerResponse) => response.end('['.repeat(2_000_000)),
  'XML of 2,000,000 levels': (response: ServerResponse) => response.end('<a>'.repeat(2_000_000)),
} as const;

export type Hostile = keyof typeof BODIES;
export const HOSTILE = Object.keys(BODIES) as readonly Hostile[];

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, ' ');
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

/** Members of 32 MB each, 3 MB together: 3 GB of blanks. */
function bomb(): Buffer {
  const member = gzipSync(Buffer.alloc(32 * 1024 * 1024, ' '), { level: 9 });
  return Buffer.concat(Array.from({ length: Math.ceil((3 * 1024 * 1024) / member.length) }, () => member));
}

export interface Proxy {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Passes everything on to a server on loopback, but for the requests that are answered here. `request` is method, path and body. */
export async function startProxy(
  upstream: string,
  own: (request: string) => ((response: ServerResponse) => unknown) | undefined,
): Promise<Proxy> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const answer = own(`${incoming.method} ${incoming.url} ${body.toString('utf8')}`);
      if (answer !== undefined) return void answer(response);
      const { method, headers } = incoming;
      const passed = forward(`${upstream}${incoming.url}`, { method, headers }, (answered) => {
        response.writeHead(answered.statusCode ?? 502, answered.headers);
        answered.pipe(response);
      });
      passed.on('error', () => response.destroy());
      passed.end(body);
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
