import type { Exception } from '#domain/finding.ts';
import type { Severity } from '#domain/verdict.ts';
import { cluster, clusters } from './query/clusters.ts';
import { accountsOf, summaryOf, toTarget } from './query/coverage.ts';
import { findings, history } from './query/findings.ts';
import { type CursorSeal, Parameters, type QueryRequest } from './query/parameters.ts';
import { Problem, problem, type QueryAnswer } from './query/problem.ts';
import type { QueryStore } from './query/store.ts';

export interface QueryPorts extends CursorSeal {
  readonly store: QueryStore;
  readonly controls: readonly {
    readonly id: string;
    readonly title: string;
    readonly severity: Severity;
    readonly provider: string;
  }[];
  readonly exceptions: () => Promise<readonly Exception[]>;
}

type Route = (match: readonly string[], query: Parameters, ports: QueryPorts) => unknown;

const PAGED = ['limit', 'cursor'];

const ROUTES: readonly (readonly [pattern: RegExp, allowed: readonly string[], route: Route])[] = [
  [/^\/v1\/summary$/, [], async (_match, _query, { store }) => summaryOf(await store.heartbeats())],
  [
    /^\/v1\/findings$/,
    ['provider', 'account', 'region', 'status', 'severity', 'control', 'cluster', ...PAGED],
    (_match, query, { store, controls }) => findings(query, store, controls),
  ],
  [/^\/v1\/findings\/([\w-]{22})\/history$/, PAGED, ([, id = ''], query, { store }) => history(id, query, store)],
  [/^\/v1\/clusters$/, PAGED, (_match, query, { store }) => clusters(query, store)],
  [/^\/v1\/clusters\/(.+)$/, [], ([, uid = ''], _query, { store }) => cluster(uid, store)],
  [
    /^\/v1\/accounts$/,
    PAGED,
    async (_match, query, { store }) =>
      query.slice('accounts', accountsOf(await store.heartbeats()), (entry) => `${entry.provider} ${entry.account}`),
  ],
  [/^\/v1\/targets$/, PAGED, (_match, query, { store }) => query.list('targets', store.targets, toTarget)],
  [/^\/v1\/runs$/, PAGED, (_match, query, { store }) => query.list('runs', store.runs, (run) => run)],
  [/^\/v1\/controls$/, PAGED, (_match, query, { controls }) => query.slice('controls', controls, ({ id }) => id)],
  [
    /^\/v1\/exceptions$/,
    PAGED,
    async (_match, query, { exceptions }) =>
      query.slice('exceptions', await exceptions(), (entry) => JSON.stringify(entry)),
  ],
];

/** Answers one GET of the query API (openapi.yaml). Never throws for what a caller may send. */
export async function answerQuery(request: QueryRequest, ports: QueryPorts): Promise<QueryAnswer> {
  try {
    for (const [pattern, allowed, route] of ROUTES) {
      const match = pattern.exec(request.path);
      if (match === null) continue;
      const body = await route(match, new Parameters(request, allowed, ports), ports);
      return { status: 200, contentType: 'application/json', body };
    }
    throw new Problem(404, `there is nothing at ${request.path}`);
  } catch (error) {
    if (error instanceof Problem) return problem(error.status, error.message);
    throw error;
  }
}
