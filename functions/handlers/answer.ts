import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerQuery, type QueryPorts } from '#app/answer-query.ts';

/** HTTP API v2 in, HTTP API v2 out; the local server speaks the same shapes. */
export async function answerEvent(
  event: APIGatewayProxyEventV2,
  ports: QueryPorts,
): Promise<APIGatewayProxyStructuredResultV2> {
  const method = event.requestContext.http.method;
  const answer =
    method === 'GET'
      ? // The raw query string: API Gateway joins repeated parameters by commas, which a value may hold too.
        await answerQuery({ path: event.rawPath, query: new URLSearchParams(event.rawQueryString) }, ports)
      : {
          status: 405,
          contentType: 'application/problem+json',
          body: { type: 'about:blank', title: 'Method not allowed', status: 405, detail: `${method} is not allowed` },
        };
  return {
    statusCode: answer.status,
    headers: { 'content-type': answer.contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    body: JSON.stringify(answer.body),
  };
}
