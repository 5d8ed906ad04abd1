import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { QueryPorts } from '#app/answer-query.ts';
import { isAllowedUrl } from '#config/schema.ts';
import { answerEvent } from '#handlers/answer.ts';
import { CannotRun } from '../cannot-run.ts';
import { type Assets, CONTENT_SECURITY_POLICY } from './dashboard.ts';

export interface LocalServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The query API on loopback, with the dashboard's pages: requests become the events that HTTP API sends to the same handler code. */
export async function serveQueries(ports: QueryPorts, port: number, assets: Assets = new Map()): Promise<LocalServer> {
  const server = createServer((request, response) => {
    // A page whose name was pointed at 127.0.0.1 is of the same origin for the browser: only loopback's own names are answered.
    if (!isAllowedUrl(`http://${request.headers.host}`)) {
      response
        .writeHead(421, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify({ type: 'about:blank', title: 'Misdirected request', status: 421 }));
      return;
    }
    const asset = assets.get((request.url ?? '/').split('?')[0] ?? '/');
    if (asset !== undefined && request.method === 'GET') {
      response
        .writeHead(200, {
          'content-type': asset.type,
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
        })
        .end(asset.body);
      return;
    }
    void answerEvent(
      toEvent(request),
      async () => ports,
      (error) =>
        process.stderr.write(
          `ringfence: ${request.url ?? ''}: ${error instanceof Error ? error.message : String(error)}\n`,
        ),
    ).then(({ statusCode = 500, headers = {}, body = '' }) => {
      response.writeHead(statusCode, headers as Record<string, string>).end(body);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new CannotRun([`port ${port} is in use: name another with --port`]) : error;
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function toEvent(request: IncomingMessage): APIGatewayProxyEventV2 {
  const [rawPath = '/', rawQueryString = ''] = (request.url ?? '/').split('?');
  const time = new Date();
  return {
    version: '2.0',
    routeKey: 'GET /v1/{proxy+}',
    rawPath,
    rawQueryString,
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: '',
      },
      requestId: 'local',
      routeKey: 'GET /v1/{proxy+}',
      stage: '$default',
      time: time.toISOString(),
      timeEpoch: time.getTime(),
    },
  };
}
