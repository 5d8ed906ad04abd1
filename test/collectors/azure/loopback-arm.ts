import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An ARM on 127.0.0.1 that knows the public REST description and nothing of this project. */
export interface LoopbackArm {
  readonly url: string;
  /** `METHOD path?query` of every request, in order. */
  readonly requests: readonly string[];
  /** Every Authorization header seen. */
  readonly authorizations: ReadonlySet<string>;
  readonly close: () => Promise<void>;
}

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never answers, or never ends what it began to answer. */
  readonly hang?: true | 'body';
}

export interface ArmRequest {
  readonly method: string;
  readonly path: string;
  readonly search: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly origin: string;
  /** How many requests this path has had before. */
  readonly earlier: number;
}

export async function startArm(answer: (request: ArmRequest) => Answer): Promise<LoopbackArm> {
  const requests: string[] = [];
  const authorizations = new Set<string>();
  const counts = new Map<string, number>();
  const server = createServer((incoming, response) => {
    let text = '';
    incoming.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    incoming.on('end', () => {
      requests.push(`${incoming.method} ${incoming.url}`);
      authorizations.add(incoming.headers.authorization ?? '');
      const url = new URL(incoming.url ?? '/', origin());
      const earlier = counts.get(url.href) ?? 0;
      counts.set(url.href, earlier + 1);
      send(response, answer(requestOf(incoming, url, text, earlier, origin())));
    });
  });
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: origin(),
    requests,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function requestOf(incoming: IncomingMessage, url: URL, text: string, earlier: number, origin: string): ArmRequest {
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { method: incoming.method ?? '', path: url.pathname, search: url.searchParams, body, origin, earlier };
}

function send(response: ServerResponse, { status = 200, body, text, headers = {}, hang }: Answer): void {
  if (hang === true) return;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  if (hang === 'body') {
    response.write('{"value":[');
    return;
  }
  response.end(text ?? JSON.stringify(body));
}
