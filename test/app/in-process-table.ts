import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import dynalite from 'dynalite';
import { documentClient } from '#storage/client.ts';
import { createTable } from '../../bin/local/table.ts';

/** dynalite looks at the form of a signature and never verifies it. */
const FORM_OF_A_SIGNATURE = {
  authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
  'x-amz-date': '20261101T000000Z',
};
/** Parts of the client that speak to a network. The embedded table never throttles, so that nothing is tried again. */
const OF_THE_NETWORK = [
  'httpSigningMiddleware',
  'getUserAgentMiddleware',
  'hostHeaderMiddleware',
  'recursionDetectionMiddleware',
  'retryMiddleware',
];

type Listener = (request: object, response: object) => void;

/**
 * The embedded table in memory, and a client that hands it each request without a socket: more than half of what a small request costs is HTTP and
 * its signature. Both are tested with the local runtime.
 */
export async function inProcessTable() {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }) as Server;
  const [listener] = server.listeners('request') as Listener[];
  if (listener === undefined) throw new Error('the embedded table answers no requests');
  const client = documentClient('http://in-process.invalid');
  for (const name of OF_THE_NETWORK) client.middlewareStack.remove(name);
  client.config.requestHandler = {
    ...client.config.requestHandler,
    handle: async (request: HttpRequest) => ({ response: await answered(request, listener) }),
  };
  await createTable(client);
  return client;
}

function answered({ method, headers, body }: HttpRequest, listener: Listener): Promise<HttpResponse> {
  return new Promise((resolve) => {
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    const request = Object.assign(new EventEmitter(), {
      method,
      url: '/',
      headers: { ...Object.fromEntries(lower), ...FORM_OF_A_SIGNATURE },
    });
    const sent: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader: (name: string, value: unknown) => {
        sent[name.toLowerCase()] = String(value);
      },
      end: (text: string) =>
        resolve(new HttpResponse({ statusCode: response.statusCode, headers: sent, body: Buffer.from(text) })),
    };
    listener(request, response);
    // The client's own bytes complain when they are asked for a text, as the server does.
    request.emit('data', Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    request.emit('end');
  });
}
