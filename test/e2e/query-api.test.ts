import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '#app/catalogue.ts';
import { cursorSeal } from '#app/cursor.ts';
import { drift } from '#estate/demo.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { ScanRepository } from '#storage/scan-repository.ts';
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
      store: { ...new QueryRepository(client, name), heartbeats: runs.heartbeats },
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

const validators = new Map<string, ValidateFunction>();

/** Of an answer 200 to the path; compiled once, as it takes longer than the answer. */
function validatorOf(described: string): ValidateFunction {
  const known = validators.get(described);
  if (known !== undefined) return known;
  const schema = api.paths[described]?.get.responses['200']?.content?.['application/json']?.schema;
  const validate = ajv.compile({ ...schema, components: api.components });
  validators.set(described, validate);
  return validate;
}

/** Asks, and holds the answer against the description of its path. */
async function ask(
  path: string,
  described = path.replace(/\?.*/, ''),
): Promise<{ readonly status: number; readonly body: Record<string, never> }> {
  const answer = await fetch(`${server.url}${path}`);
  const body = (await answer.json()) as Record<string, never>;
  if (answer.status === 200) {
    const validate = validatorOf(described);
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

  test.each(['as it is', 'in upper case', 'unencoded'])('an Azure cluster by its id, %s', async (how) => {
    const { body } = await ask('/v1/clusters?limit=500', '/v1/clusters');
    const clusters = body['clusters'] as unknown as { uid: string; type: string }[];
    const uid = clusters.find(({ type }) => type === 'azure.aks.cluster')?.uid ?? '';
    expect(uid).toMatch(/^\/subscriptions\/.*\/managedclusters\//);
    const asked = how === 'in upper case' ? uid.toUpperCase() : uid;
    const path = how === 'unencoded' ? uid : encodeURIComponent(asked);
    const { status, body: detail } = await ask(`/v1/clusters/${path}`, '/v1/clusters/{uid}');
    expect([status, detail['uid']]).toEqual([200, uid]);
    const listed = await ask(`/v1/findings?cluster=${encodeURIComponent(asked)}&limit=500`, '/v1/findings');
    expect((listed.body['findings'] as unknown as unknown[]).length).toBe(
      (detail['findings'] as unknown as unknown[]).length,
    );
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
    [
      'provider=aws&status=FAIL&severity=HIGH',
      (finding: { status: string; severity: string; resource: Record<string, string> }) =>
        finding.status === 'FAIL' && finding.severity === 'HIGH' && finding.resource['provider'] === 'aws',
    ],
    [
      'control=eks-endpoint-public&account=222233334444&status=FAIL',
      (finding: { control: string; resource: Record<string, string> }) =>
        finding.control === 'eks-endpoint-public' && finding.resource['account'] === '222233334444',
    ],
    ['control=aks-outbound-type', (finding: { control: string }) => finding.control === 'aks-outbound-type'],
  ] as const)('%s', async (query, holds) => {
    const found = await all(query);
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((finding) => !holds(finding as never))).toEqual([]);
  });
});

describe('pages stay whole', () => {
  const pages = async (
    path: string,
    name: string,
    between: (page: number) => Promise<void> = async () => undefined,
  ) => {
    const entries: Record<string, unknown>[] = [];
    const sizes: number[] = [];
    let cursor: string | undefined;
    do {
      const next: string = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await ask(`${path}${path.includes('?') ? '&' : '?'}limit=2${next}`, path.replace(/\?.*/, ''));
      const found = body[name] as unknown as Record<string, unknown>[];
      entries.push(...found);
      sizes.push(found.length);
      cursor = body['nextCursor'] as string | undefined;
      await between(sizes.length);
    } while (cursor !== undefined);
    return { entries, sizes };
  };

  test.each([
    ['/v1/clusters', 'clusters', 'uid'],
    ['/v1/targets', 'targets', 'id'],
    ['/v1/runs', 'runs', 'id'],
    ['/v1/accounts', 'accounts', 'account'],
    ['/v1/controls', 'controls', 'id'],
    ['/v1/findings?provider=ibm', 'findings', 'id'],
    ['/v1/findings?status=FAIL', 'findings', 'id'],
  ])('%s by twos is the whole list, every entry once, and every page full', async (path, name, key) => {
    const { body } = await ask(`${path}${path.includes('?') ? '&' : '?'}limit=500`, path.replace(/\?.*/, ''));
    const whole = (body[name] as unknown as Record<string, unknown>[]).map((entry) => entry[key]);
    const { entries, sizes } = await pages(path, name);
    expect(entries.map((entry) => entry[key])).toEqual(whole);
    expect(whole.length).toBeGreaterThan(1);
    expect(sizes.slice(0, -1).filter((size) => size !== 2)).toEqual([]);
  });

  test.each(['/v1/findings?account=222233334444', '/v1/findings?control=closed-network', '/v1/findings?provider=aws'])(
    '%s meets every finding once, while every status changes between the pages',
    async (path) => {
      const { client, name } = runtime.table;
      const scans = new ScanRepository(client, name);
      const { entries: before } = await pages(path, 'findings');
      const { entries } = await pages(path, 'findings', async (page) => {
        if (page !== 3) return;
        for (const target of new Set(before.map((entry) => String(entry['target'])))) {
          for (const { revision, ...stored } of (await scans.readTarget(target)).findings) {
            if (stored.goneAt !== undefined) continue;
            const status = stored.finding.status === 'FAIL' ? 'UNKNOWN' : 'FAIL';
            const finding = { ...stored.finding, status } as const;
            expect(await scans.writeFinding({ ...stored, finding }, revision)).toBe(true);
          }
        }
      });
      expect(entries.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      expect(before.length).toBeGreaterThan(6);
    },
  );
});

describe('mistakes', () => {
  test.each([
    ['an unknown path', '/v1/nothing', 404],
    ['an unknown cluster', '/v1/clusters/arn%3Anothing', 404],
    ['an unknown finding', '/v1/findings/AAAAAAAAAAAAAAAAAAAAAA/history', 404],
    ['an unknown parameter', '/v1/findings?colour=red', 400],
    ['a status that is none', '/v1/findings?status=fine', 400],
    ['a limit beyond the most', '/v1/findings?limit=501', 400],
    ['a limit of nothing', '/v1/findings?limit=0', 400],
    ['a limit that is negative', '/v1/targets?limit=-1', 400],
    ['an empty limit', '/v1/runs?limit=', 400],
    ['an empty cursor', '/v1/findings?cursor=', 400],
    ['a severity in lower case', '/v1/findings?severity=high', 400],
    ['a target, which is no cluster', '/v1/clusters/aws%3Aorganization', 404],
    ['an id that is none', '/v1/findings/short/history', 404],
    ['a limit that is not a number', '/v1/runs?limit=many', 400],
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

  test.each([
    ['another list', (cursor: string) => `/v1/targets?cursor=${cursor}`],
    ['one filter more', (cursor: string) => `/v1/findings?provider=aws&status=FAIL&cursor=${cursor}`],
    ['one filter less', (cursor: string) => `/v1/findings?cursor=${cursor}`],
    ['a changed position', (cursor: string) => `/v1/findings?provider=aws&cursor=X${cursor}`],
    ['a changed signature', (cursor: string) => `/v1/findings?provider=aws&cursor=${cursor.slice(0, -4)}AAAA`],
    ['a second part', (cursor: string) => `/v1/findings?provider=aws&cursor=${cursor}.AAAA`],
  ])('a cursor with %s is refused', async (_case, path) => {
    const { body } = await ask('/v1/findings?provider=aws&limit=1', '/v1/findings');
    const cursor = encodeURIComponent(String(body['nextCursor']));
    expect((await ask(`/v1/findings?provider=aws&limit=9&cursor=${cursor}`, '/v1/findings')).status).toBe(200);
    expect((await fetch(`${server.url}${path(cursor)}`)).status).toBe(400);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s is refused, with the method that is not',
    async (method) => {
      const answer = await fetch(`${server.url}/v1/summary`, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
      expect(await answer.json()).toMatchObject({ status: 405, title: 'Method not allowed' });
    },
  );
});
