import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerQuery, type QueryPorts } from '#app/answer-query.ts';
import { problem, type QueryAnswer } from '#app/query/problem.ts';

/** HTTP API v2 in, HTTP API v2 out; the local server speaks the same shapes. */
export async function answerEvent(
  event: APIGatewayProxyEventV2,
  ports: () => Promise<QueryPorts>,
  onFailure: (error: unknown) => void,
): Promise<APIGatewayProxyStructuredResultV2> {
  const answer = await answered(event, ports).catch((error: unknown) => {
    onFailure(error);
    return problem(500, 'the answer could not be made; the log says why');
  });
  return {
    statusCode: answer.status,
    headers: {
      'content-type': answer.contentType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(answer.status === 405 ? { allow: 'GET' } : {}),
    },
    body: JSON.stringify(answer.body),
  };
}

async function answered(event: APIGatewayProxyEventV2, ports: () => Promise<QueryPorts>): Promise<QueryAnswer> {
  const { method } = event.requestContext.http;
  if (method !== 'GET') return problem(405, `${method} is not allowed`);
  // The raw query string: API Gateway joins repeated parameters by commas, which a value may hold too.
  return answerQuery({ path: event.rawPath, query: new URLSearchParams(event.rawQueryString) }, await ports());
}
