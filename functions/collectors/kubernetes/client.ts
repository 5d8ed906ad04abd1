import { lookup } from 'node:dns/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isWithinPrivate } from '#domain/net/cidr.ts';
import { decoded, LIMITS, parseJson, readBytes } from '../transport/body.ts';
import { connectionRefusal } from '../transport/connection.ts';
import { Refusal, timeIsOver } from '../transport/refusal.ts';
import { repeat, type Sleep } from '../transport/retry.ts';
import { retryAfterOf } from '../transport/retry-after.ts';
import type { Connection } from './connection.ts';
import { statusFailure } from './failure.ts';

export interface ClientDeps {
  readonly sleep: Sleep;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
}

export interface Client {
  /** The parsed JSON of the answer. Throws a Refusal. */
  readonly get: (path: string) => Promise<unknown>;
  readonly post: (path: string, body: unknown) => Promise<unknown>;
  /** Aborts when the time of the cluster is over. */
  readonly signal: AbortSignal;
  /** Requests sent, repeats included. */
  readonly calls: () => number;
  readonly close: () => void;
}

const PATIENCE = { attempts: 4, attemptsAfterTimeout: 1, backoff: (attempt: number) => 2 ** attempt * 100 };

/**
 * A thin client of the Kubernetes API: JSON over HTTPS with the cluster's own certificate authority. 429 and 5xx are repeated after
 * `Retry-After` or a growing pause; redirects are never followed, so that a token stays with its host.
 */
export function createClient(connection: Connection, signal: AbortSignal, deps: ClientDeps): Client {
  let calls = 0;
  const agent =
    connection.server.protocol === 'https:'
      ? new Agent({
          keepAlive: true,
          maxSockets: 1,
          ca: connection.ca,
          cert: connection.clientCertificate,
          key: connection.clientKey,
        })
      : undefined;

  const call = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> =>
    repeat(
      async () => {
        calls += 1;
        const { status, text, retryAfter } = await send(connection, agent, { method, path, body }, signal, deps);
        if (status < 200 || status >= 300)
          throw statusFailure(status, path, withoutToken(text, connection), {
            retryAfter: retryAfterOf(retryAfter, Date.now()),
          });
        const parsed = parseJson(text);
        if (parsed === undefined)
          throw new Refusal('malformed-answer', `${path}: the response is not JSON`, { status });
        return parsed;
      },
      { patience: PATIENCE, sleep: deps.sleep, signal },
    );

  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    signal,
    calls: () => calls,
    close: () => agent?.destroy(),
  };
}

/** A server, or what stands before it, may repeat what it was sent; messages end in findings and alerts. */
function withoutToken(text: string, { token }: Connection): string {
  return token === undefined || token === '' ? text : text.replaceAll(token, '(secret)');
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

async function send(
  connection: Connection,
  agent: Agent | undefined,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: unknown },
  signal: AbortSignal,
  deps: ClientDeps,
): Promise<Answer> {
  const { server, token } = connection;
  const base = server.href.replace(/\/$/, '');
  const options = {
    method,
    agent,
    // A stuck server is given up long before the target's own deadline.
    signal: AbortSignal.any([signal, AbortSignal.timeout(deps.requestTimeout)]),
    headers: {
      accept: 'application/json',
      'user-agent': 'ringfence',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const start = server.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = start(`${base}${path}`, options, resolve);
      limitConnecting(request, deps.connectTimeout);
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
    const { 'content-encoding': encoding, 'retry-after': retryAfter } = response.headers;
    const bytes = await readBytes(decoded(response, encoding, options.signal), LIMITS.answer);
    return { status: response.statusCode ?? 0, text: bytes.toString('utf8'), retryAfter };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (signal.aborted) throw timeIsOver(error);
    const peer = { host: server.host, isPrivate: await leadsInside(server.hostname) };
    throw (
      connectionRefusal(error, peer) ??
      new Refusal('unreachable', `${server.host}: no connection (${String(error)})`, { cause: error })
    );
  }
}

/** A private endpoint does not refuse, it stays silent: the time for the connection alone is short. */
function limitConnecting(request: ClientRequest, milliseconds: number): void {
  request.on('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => request.destroy(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' })),
      milliseconds,
    );
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
  });
}

/** Whether the name resolves to private addresses only, as that of a private endpoint does. */
async function leadsInside(hostname: string): Promise<boolean> {
  try {
    const found = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true });
    return found.length > 0 && found.every(({ address }) => isWithinPrivate(address));
  } catch {
    // A name that does not resolve is reported by the connection's own error.
    return false;
  }
}
