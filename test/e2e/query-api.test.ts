import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '#app/catalogue.ts';
import { cursorSeal } from '#app/cursor.ts';
import { drift } from '#estate/demo.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { createLocalRuntime } from '../../bin/local/runtime.ts';
import { type LocalServer, serveQueries } from '../../bin/local/server.ts';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>;
  readonly components: object;
}

const api = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8')) as OpenApi;
const ajv = new Ajv2020({ strict: false, validateFormats: false });

let estate: Estate;
let runtime: Awaited<ReturnType<typeof createLocalRuntime>>;
let server: LocalServer;

beforeAll(async () => {
  estate = await startEstate(instructive());
  runtime = await createLocalRuntime({
    config: estate.config,
    providers: estate.providers,
    sleep: async () => undefined,
  });
  await runtime.scan();
  drift(estate.scenario);
  await runtime.scan();
  const { client, name } = runtime.table;
  const runs = new RunRepository(client, name);
  server = await serveQueries(
    {
      store: { ...new QueryRepository(client, name), heartbeats: runs.heartbeats, runs: runs.latest },
      controls: catalogue(),
      exceptions: async () => [
        { control: 'eks-endpoint-public', resource: 'x', owner: 'o', reason: 'r', expires: '2027-01-01' },
      ],
      ...cursorSeal('a test key'),
    },
    0,
  );
});

afterAll(async () => {
  await server.close();
  await runtime.close();
  await estate.stop();
});

/** Asks, and holds the answer against the description of its path. */
async function ask(
  path: string,
  described = path.replace(/\?.*/, ''),
): Promise<{ readonly status: number; readonly body: Record<string, never> }> {
  const answer = await fetch(`${server.url}${path}`);
  const body = (await answer.json()) as Record<string, never>;
  if (answer.status === 200) {
    const schema = api.paths[described]?.get.responses['200']?.content?.['application/json']?.schema;
    const validate = ajv.compile({ ...schema, components: api.components });
    validate(body);
    expect(validate.errors, path).toBeNull();
  }
  return { status: answer.status, body };
}

describe('every path answers as openapi.yaml says', () => {
  test.each([
    '/v1/summary',
    '/v1/findings',
    '/v1/clusters',
    '/v1/accounts',
    '/v1/targets',
    '/v1/controls',
    '/v1/runs',
    '/v1/exceptions',
  ])('%s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(200);
    expect(Object.keys(body).length).toBeGreaterThan(0);
  });

  test('one cluster by its uid', async () => {
    const { body } = await ask('/v1/clusters');
    const clusters = body['clusters'] as unknown as { uid: string; name: string; state: string }[];
    expect(clusters.find(({ name }) => name === 'payments-halves')?.state).toBe('open');
    const uid = clusters.find(({ name }) => name === 'payments-halves')?.uid ?? '';
    const detail = await ask(`/v1/clusters/${encodeURIComponent(uid)}`, '/v1/clusters/{uid}');
    expect((detail.body['findings'] as unknown as unknown[]).length).toBeGreaterThan(3);
  });

  test('the history of a finding that opened in the second run', async () => {
    const { body } = await ask('/v1/findings?control=eks-endpoint-public&status=FAIL&limit=500', '/v1/findings');
    const opened = (body['findings'] as unknown as { id: string; resource: { name: string } }[]).find(
      ({ resource }) => resource.name === 'payments-prod',
    );
    const history = await ask(`/v1/findings/${opened?.id}/history`, '/v1/findings/{id}/history');
    expect(history.body['history']).toMatchObject([{ from: 'PASS', to: 'FAIL', reason: 'public-open' }]);
  });
});

describe('filters and pages', () => {
  const all = async (
    query: string,
  ): Promise<
    readonly { id: string; status: string; severity: string; resource: Record<string, string>; control: string }[]
  > => {
    const found: { id: string; status: string; severity: string; resource: Record<string, string>; control: string }[] =
      [];
    let cursor: string | undefined;
    do {
      const path: string = `/v1/findings?${query}&limit=7${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const { body } = await ask(path, '/v1/findings');
      found.push(...(body['findings'] as unknown as typeof found));
      cursor = body['nextCursor'] as string | undefined;
    } while (cursor !== undefined);
    return found;
  };

  test('pages of seven together hold every finding once', async () => {
    const found = await all('provider=aws');
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    expect(found.length).toBeGreaterThan(40);
  });

  test.each([
    ['status=FAIL', (finding: { status: string }) => finding.status === 'FAIL'],
    ['severity=CRITICAL', (finding: { severity: string }) => finding.severity === 'CRITICAL'],
    [
      'account=222233334444&region=eu-central-1',
      (finding: { resource: Record<string, string> }) => finding.resource['region'] === 'eu-central-1',
    ],
    ['control=aks-outbound-type', (finding: { control: string }) => finding.control === 'aks-outbound-type'],
  ] as const)('%s', async (query, holds) => {
    const found = await all(query);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((finding) => !holds(finding as never))).toEqual([]);
  });
});

describe('mistakes', () => {
  test.each([
    ['an unknown path', '/v1/nothing', 404],
    ['an unknown cluster', '/v1/clusters/arn%3Anothing', 404],
    ['an unknown finding', '/v1/findings/AAAAAAAAAAAAAAAAAAAAAA/history', 404],
    ['an unknown parameter', '/v1/findings?colour=red', 400],
    ['a status that is none', '/v1/findings?status=fine', 400],
    ['a limit beyond the most', '/v1/findings?limit=501', 400],
    ['a limit that is no number', '/v1/runs?limit=many', 400],
    ['a control that is none', '/v1/findings?control=eks-nothing', 400],
    ['a cursor that was made up', '/v1/findings?cursor=eyJhIjoxfQ.AAAA', 400],
    ['a broken escape', '/v1/clusters/%E0%A4%A', 400],
    ['an account longer than any key of the table', `/v1/findings?account=${'x'.repeat(3_000)}`, 400],
    ['a cluster longer than any key of the table', `/v1/findings?cluster=${'%F0%9F%98%80'.repeat(600)}`, 400],
    ['a cluster path longer than any key of the table', `/v1/clusters/${'x'.repeat(3_000)}`, 404],
    ['a parameter given twice', '/v1/findings?status=FAIL&status=PASS', 400],
    ['a parameter of the language', '/v1/findings?__proto__=x', 400],
  ] as const)('%s', async (_case, path, status) => {
    const answer = await fetch(`${server.url}${path}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status, detail: expect.any(String) });
  });

  test('a cursor of another query is refused', async () => {
    const { body } = await ask('/v1/findings?provider=aws&limit=1', '/v1/findings');
    const stolen = await fetch(
      `${server.url}/v1/findings?provider=ibm&cursor=${encodeURIComponent(String(body['nextCursor']))}`,
    );
    expect(stolen.status).toBe(400);
  });

  test('anything but GET is refused', async () => {
    expect((await fetch(`${server.url}/v1/summary`, { method: 'POST' })).status).toBe(405);
  });
});
