import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CatalogueEntry } from '#app/catalogue.ts';
import { cursorSeal } from '#app/cursor.ts';
import { once } from '#app/once.ts';
import { environment } from '#config/environment.ts';
import { documentClient } from '#storage/client.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { answerEvent } from './answer.ts';
import { configFor, handlerOf, logger, shipped } from './runtime.ts';
import { readSecret } from './secrets.ts';

const config = configFor([]);

const ports = once(async () => {
  const client = documentClient();
  const table = environment('RINGFENCE_TABLE');
  const queries = new QueryRepository(client, table);
  const runs = new RunRepository(client, table);
  return {
    store: { ...queries, heartbeats: runs.heartbeats },
    controls: shipped('catalogue.json') as readonly CatalogueEntry[],
    exceptions: async () => (await config()).exceptions,
    ...cursorSeal(await readSecret(environment('RINGFENCE_CURSOR_SECRET_ARN'))),
  };
});

export const handler = handlerOf(async (event: APIGatewayProxyEventV2) =>
  answerEvent(event, ports, (error) =>
    logger.error('a request was not answered', { error: error instanceof Error ? error : String(error) }),
  ),
);
