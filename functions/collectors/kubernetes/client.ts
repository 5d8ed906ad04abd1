import { lookup } from 'node:dns/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { isWithinPrivate } from '#domain/net/cidr.ts';
import type { Connection } from './connection.ts';
import { ApiFailure, connectionFailure, statusFailure } from './failure.ts';

export interface ClientDeps {
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
}

export interface Client {
  /** The parsed JSON of the answer. Throws an ApiFailure. */
  readonly get: (path: string) => Promise<unknown>;
  readonly post: (path: string, body: unknown) => Promise<unknown>;
  /** Requests sent, repeats included. */
  readonly calls: () => number;
  readonly close: () => void;
}

const ATTEMPTS = 4;
/** A page holds at most 500 objects; what is larger than this is no answer of an API server. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

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

  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    for (let attempt = 1; ; attempt += 1) {
      calls += 1;
      const answer = await send(connection, agent, { method, path, body }, signal, deps);
      if (answer.status >= 200 && answer.status < 300) return parse(answer.text, path);
      const retriable = answer.status === 429 || answer.status >= 500;
      if (!retriable || attempt === ATTEMPTS)
        throw statusFailure(answer.status, path, withoutToken(answer.text, connection));
      await deps.sleep(pause(answer.retryAfter, attempt), signal);
    }
  };

  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    calls: () => calls,
    close: () => agent?.destroy(),
  };
}

/** A server, or what stands before it, may repeat what it was sent; messages end in findings and alerts. */
function withoutToken(text: string, { token }: Connection): string {
  return token === undefined || token === '' ? text : text.replaceAll(token, '(secret)');
}

/** Seconds, as API Priority and Fairness sends them; at most half a minute is waited for. */
function pause(retryAfter: string | undefined, attempt: number): number {
  const seconds = Number(retryAfter);
  return Number.isFinite(seconds) && seconds >= 0 && retryAfter !== undefined
    ? Math.min(seconds, 30) * 1000
    : 2 ** attempt * 100;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiFailure('malformed-answer', `${path}: the answer is not JSON`, 200, { cause: error });
  }
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
  if (signal.aborted) throw new ApiFailure('timeout', 'the time for this cluster is over');
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
    return await new Promise<Answer>((resolve, reject) => {
      const start = server.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = start(`${base}${path}`, options, (response) => receive(response, resolve, reject));
      limitConnecting(request, deps.connectTimeout);
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  } catch (error) {
    if (error instanceof ApiFailure) throw error;
    if (signal.aborted)
      throw new ApiFailure('timeout', 'the time for this cluster is over', undefined, { cause: error });
    const broken = error instanceof Error ? error : new Error(String(error));
    throw connectionFailure(broken, server.host, await leadsInside(server.hostname));
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

function receive(response: IncomingMessage, resolve: (answer: Answer) => void, reject: (error: Error) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LARGEST_ANSWER) response.destroy(new ApiFailure('malformed-answer', 'the answer is too large'));
    else chunks.push(chunk);
  });
  response.on('error', reject);
  response.on('end', () => {
    const retryAfter = response.headers['retry-after'];
    resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), retryAfter });
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
