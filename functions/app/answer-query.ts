import type { Change, StoredFinding } from '#domain/change.ts';
import { COMPOSITE, type Exception, type Finding } from '#domain/finding.ts';
import type { Heartbeat } from '#domain/heartbeat.ts';
import { countStatuses, NO_COUNTS, type Run, type StatusCounts } from '#domain/run.ts';
import { PROVIDERS } from '#domain/target.ts';
import { SEVERITIES, type Severity, STATUSES, type Status } from '#domain/verdict.ts';

/** A request as the use case sees it: path below the host, and the query as it was sent. */
export interface QueryRequest {
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface QueryAnswer {
  readonly status: number;
  readonly contentType: 'application/json' | 'application/problem+json';
  readonly body: unknown;
}

type Position = Readonly<Record<string, unknown>>;

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: Position;
}

interface PageRequest {
  readonly limit: number;
  readonly from?: Position;
}

export interface QueryStore {
  readonly ofAccount: (account: string, page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly ofControl: (control: string, page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly ofResource: (uid: string, page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly open: (page: PageRequest) => Promise<Page<StoredFinding>>;
  readonly byId: (id: string) => Promise<StoredFinding | undefined>;
  readonly history: (id: string, page: PageRequest) => Promise<Page<Change>>;
  readonly heartbeats: () => Promise<readonly Heartbeat[]>;
  readonly runs: (limit: number) => Promise<readonly Run[]>;
}

export interface QueryPorts {
  readonly store: QueryStore;
  readonly controls: readonly {
    readonly id: string;
    readonly title: string;
    readonly severity: Severity;
    readonly provider: string;
  }[];
  readonly exceptions: () => Promise<readonly Exception[]>;
  /** Makes a position opaque and tamper-proof, bound to the request it came from; `open` gives undefined for anything else. */
  readonly seal: (position: Position, binding: string) => string;
  readonly unseal: (cursor: string, binding: string) => Position | undefined;
}

/** A mistake of the caller, told as problem+json. */
class Problem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const DEFAULT_LIMIT = 100;
const LONGEST_LIMIT = 500;
/** Index pages that one request reads at most while a filter throws rows away; the cursor goes on from there. */
const MOST_PAGES = 20;
/** Bytes of a text that becomes a key: DynamoDB refuses keys above 2,048, and no provider's id comes near. */
const LONGEST_KEY = 1_024;

type Route = (match: RegExpExecArray, query: Parameters, ports: QueryPorts) => Promise<unknown>;

const ROUTES: readonly (readonly [pattern: RegExp, allowed: readonly string[], route: Route])[] = [
  [/^\/v1\/summary$/, [], (_match, _query, ports) => summary(ports)],
  [
    /^\/v1\/findings$/,
    ['provider', 'account', 'region', 'status', 'severity', 'control', 'cluster', 'limit', 'cursor'],
    (_match, query, ports) => findings(query, ports),
  ],
  [
    /^\/v1\/findings\/([\w-]{22})\/history$/,
    ['limit', 'cursor'],
    (match, query, ports) => history(match[1] ?? '', query, ports),
  ],
  [/^\/v1\/clusters$/, ['limit', 'cursor'], (_match, query, ports) => clusters(query, ports)],
  [/^\/v1\/clusters\/(.+)$/, [], (match, _query, ports) => cluster(decode(match[1] ?? ''), ports)],
  [
    /^\/v1\/accounts$/,
    ['limit', 'cursor'],
    async (_match, query, ports) => listed('accounts', accountsOf(await ports.store.heartbeats()), query, ports),
  ],
  [
    /^\/v1\/targets$/,
    ['limit', 'cursor'],
    async (_match, query, ports) => listed('targets', (await ports.store.heartbeats()).map(toTarget), query, ports),
  ],
  [
    /^\/v1\/runs$/,
    ['limit', 'cursor'],
    async (_match, query, ports) => listed('runs', await ports.store.runs(LONGEST_LIMIT), query, ports),
  ],
  [
    /^\/v1\/controls$/,
    ['limit', 'cursor'],
    async (_match, query, ports) => listed('controls', ports.controls, query, ports),
  ],
  [
    /^\/v1\/exceptions$/,
    ['limit', 'cursor'],
    async (_match, query, ports) => listed('exceptions', await ports.exceptions(), query, ports),
  ],
];

/** Answers one GET of the query API (openapi.yaml). Never throws for what a caller may send. */
export async function answerQuery(request: QueryRequest, ports: QueryPorts): Promise<QueryAnswer> {
  try {
    for (const [pattern, allowed, route] of ROUTES) {
      const match = pattern.exec(request.path);
      if (match === null) continue;
      const names = [...request.query.keys()];
      const unknownName = names.find((name) => !allowed.includes(name));
      if (unknownName !== undefined)
        throw new Problem(
          400,
          `unknown parameter ${unknownName}${allowed.length > 0 ? `; ${request.path} knows ${allowed.join(', ')}` : ''}`,
        );
      const repeated = names.find((name, index) => names.indexOf(name) !== index);
      if (repeated !== undefined) throw new Problem(400, `${repeated} is given more than once`);
      const body = await route(match, new Parameters(request), ports);
      return { status: 200, contentType: 'application/json', body };
    }
    throw new Problem(404, `there is nothing at ${request.path}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const title = error.status === 404 ? 'Not found' : 'Bad request';
    return {
      status: error.status,
      contentType: 'application/problem+json',
      body: { type: 'about:blank', title, status: error.status, detail: error.message },
    };
  }
}

/** Reads and checks the query parameters of one request. */
class Parameters {
  readonly #request: QueryRequest;

  constructor(request: QueryRequest) {
    this.#request = request;
  }

  text(name: string): string | undefined {
    const value = this.#request.query.get(name) ?? undefined;
    if (value !== undefined && isTooLong(value)) throw new Problem(400, `${name} is longer than ${LONGEST_KEY} bytes`);
    return value;
  }

  oneOf<const T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!(values as readonly string[]).includes(value))
      throw new Problem(400, `${name} must be one of ${values.join(', ')}`);
    return value as T;
  }

  limit(): number {
    const value = this.text('limit');
    if (value === undefined) return DEFAULT_LIMIT;
    const limit = /^\d{1,4}$/.test(value) ? Number(value) : 0;
    if (limit < 1 || limit > LONGEST_LIMIT) throw new Problem(400, `limit must be a number from 1 to ${LONGEST_LIMIT}`);
    return limit;
  }

  /** A cursor belongs to its own path and filters: anywhere else it is refused. */
  binding(): string {
    const filters = [...this.#request.query].filter(([name]) => name !== 'cursor' && name !== 'limit').sort();
    return JSON.stringify([this.#request.path, filters]);
  }

  position(ports: QueryPorts): Position | undefined {
    const cursor = this.#request.query.get('cursor');
    if (cursor === null) return undefined;
    const position = ports.unseal(cursor, this.binding());
    if (position === undefined) throw new Problem(400, 'the cursor is not valid for this request');
    return position;
  }
}

function isTooLong(key: string): boolean {
  return new TextEncoder().encode(key).length > LONGEST_KEY;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem(400, 'the path is not percent-encoded properly');
  }
}

function listed<T>(name: string, items: readonly T[], query: Parameters, ports: QueryPorts): unknown {
  const limit = query.limit();
  const start = query.position(ports)?.['start'];
  const from = typeof start === 'number' ? start : 0;
  const next = from + limit < items.length ? { nextCursor: ports.seal({ start: from + limit }, query.binding()) } : {};
  return { [name]: items.slice(from, from + limit), ...next };
}

async function findings(query: Parameters, ports: QueryPorts): Promise<unknown> {
  const filter = {
    provider: query.oneOf('provider', PROVIDERS),
    account: query.text('account'),
    region: query.text('region'),
    status: query.oneOf('status', STATUSES),
    severity: query.oneOf('severity', SEVERITIES),
    control: query.text('control'),
    cluster: query.text('cluster'),
  };
  if (filter.control !== undefined && !ports.controls.some(({ id }) => id === filter.control))
    throw new Problem(400, `there is no control ${filter.control}`);
  const limit = query.limit();
  const heartbeats = new Map(
    (await ports.store.heartbeats()).map((heartbeat) => [heartbeat.report.target.id, heartbeat]),
  );
  const scan = scanOf(filter, ports);
  const found: unknown[] = [];
  let position = query.position(ports);
  for (let pages = 0; pages < MOST_PAGES && found.length < limit; pages += 1) {
    const page = await scan({ limit: limit - found.length, ...(position === undefined ? {} : { from: position }) });
    found.push(
      ...page.items.filter(({ finding }) => matches(finding, filter)).map((stored) => toFinding(stored, heartbeats)),
    );
    position = page.next;
    if (position === undefined) break;
  }
  return { findings: found, ...(position === undefined ? {} : { nextCursor: ports.seal(position, query.binding()) }) };
}

interface Filter {
  readonly provider: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly status: Status | undefined;
  readonly severity: Severity | undefined;
  readonly control: string | undefined;
  readonly cluster: string | undefined;
}

type Scan = (page: PageRequest) => Promise<Page<StoredFinding>>;

/** The index that leaves the fewest rows to be thrown away; without a filter the controls one after the other. */
function scanOf({ cluster: uid, account, control, status }: Filter, { store, controls }: QueryPorts): Scan {
  if (uid !== undefined) return (page) => store.ofResource(uid, page);
  if (control !== undefined) return (page) => store.ofControl(control, page);
  if (account !== undefined) return (page) => store.ofAccount(account, page);
  if (status === 'FAIL') return (page) => store.open(page);
  const ids = controls.map(({ id }) => id);
  return async ({ limit, from }) => {
    const at = typeof from?.['control'] === 'number' ? from['control'] : 0;
    const inside = from?.['inside'] as Position | undefined;
    const page = await store.ofControl(ids[at] ?? '', { limit, ...(inside === undefined ? {} : { from: inside }) });
    const next =
      page.next !== undefined
        ? { control: at, inside: page.next }
        : at + 1 < ids.length
          ? { control: at + 1 }
          : undefined;
    return { items: page.items, ...(next === undefined ? {} : { next }) };
  };
}

function matches(finding: Finding, filter: Filter): boolean {
  const { resource } = finding;
  const wanted: readonly (readonly [string | undefined, string])[] = [
    [filter.provider, resource.provider],
    [filter.account, resource.account],
    [filter.region, resource.region],
    [filter.status, finding.status],
    [filter.severity, finding.severity],
    [filter.control, finding.control],
    [filter.cluster, resource.uid],
  ];
  return wanted.every(([want, is]) => want === undefined || want === is);
}

/** A stored finding with its age: unchanged findings are not rewritten, so the target's heartbeat says when they were last looked at. */
function toFinding(stored: StoredFinding, heartbeats: ReadonlyMap<string, Heartbeat>): unknown {
  const { finding, firstSeen, lastDecided } = stored;
  return {
    ...finding,
    firstSeen,
    lastEvaluated: heartbeats.get(finding.target)?.evaluatedAt ?? finding.evaluatedAt,
    ...(lastDecided === undefined ? {} : { lastDecided: { status: lastDecided.status, at: lastDecided.at } }),
  };
}

async function history(id: string, query: Parameters, ports: QueryPorts): Promise<unknown> {
  if ((await ports.store.byId(id)) === undefined) throw new Problem(404, `there is no finding ${id}`);
  const from = query.position(ports);
  const page = await ports.store.history(id, { limit: query.limit(), ...(from === undefined ? {} : { from }) });
  return {
    history: page.items.map(({ at, from: before, to, reason, message, runId }) => ({
      at,
      from: before,
      to,
      reason,
      message,
      runId,
    })),
    ...(page.next === undefined ? {} : { nextCursor: ports.seal(page.next, query.binding()) }),
  };
}

const CLUSTER_STATE = { PASS: 'closed', FAIL: 'open', UNKNOWN: 'unknown', NOT_APPLICABLE: 'not-applicable' } as const;

async function clusters(query: Parameters, ports: QueryPorts): Promise<unknown> {
  const from = query.position(ports);
  const page = await ports.store.ofControl(COMPOSITE, {
    limit: query.limit(),
    ...(from === undefined ? {} : { from }),
  });
  return {
    clusters: page.items.map(({ finding }) => ({
      ...finding.resource,
      state: CLUSTER_STATE[finding.status],
      message: finding.message,
    })),
    ...(page.next === undefined ? {} : { nextCursor: ports.seal(page.next, query.binding()) }),
  };
}

async function cluster(uid: string, ports: QueryPorts): Promise<unknown> {
  if (isTooLong(uid)) throw new Problem(404, 'there is no cluster with so long a uid');
  const { items } = await ports.store.ofResource(uid, { limit: LONGEST_LIMIT });
  const [first] = items;
  if (first === undefined) throw new Problem(404, `there is no cluster ${uid}`);
  const heartbeats = new Map(
    (await ports.store.heartbeats()).map((heartbeat) => [heartbeat.report.target.id, heartbeat]),
  );
  const composite = items.find(({ finding }) => finding.control === COMPOSITE);
  return {
    ...first.finding.resource,
    state: composite === undefined ? 'not-applicable' : CLUSTER_STATE[composite.finding.status],
    message: composite?.finding.message ?? '',
    findings: items.map((stored) => toFinding(stored, heartbeats)),
  };
}

function toTarget({ report, evaluatedAt, runId, counts, lastCompleteAt }: Heartbeat) {
  const { target, status, reason, message, apiCalls, durationMs } = report;
  const { id, provider, account, region, name } = target;
  return {
    id,
    provider,
    account,
    ...(region === undefined ? {} : { region }),
    ...(name === undefined ? {} : { name }),
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    apiCalls,
    durationMs,
    runId,
    lastScannedAt: evaluatedAt,
    ...(lastCompleteAt === undefined ? {} : { lastCompleteAt }),
    counts,
  };
}

function accountsOf(heartbeats: readonly Heartbeat[]) {
  const groups = Map.groupBy(heartbeats, ({ report }) => `${report.target.provider} ${report.target.account}`);
  return [...groups.values()].map((group) => {
    const [first] = group;
    const name = group.map(({ report }) => report.target.name).find((found) => found !== undefined);
    return {
      account: first?.report.target.account ?? '',
      provider: first?.report.target.provider ?? '',
      ...(name === undefined ? {} : { name }),
      targets: group.length,
      incomplete: group.filter(({ report }) => report.status === 'failed' || report.status === 'partial').length,
      counts: group.map(({ counts }) => counts).reduce(add, NO_COUNTS),
    };
  });
}

function add(a: StatusCounts, b: StatusCounts): StatusCounts {
  return {
    PASS: a.PASS + b.PASS,
    FAIL: a.FAIL + b.FAIL,
    UNKNOWN: a.UNKNOWN + b.UNKNOWN,
    NOT_APPLICABLE: a.NOT_APPLICABLE + b.NOT_APPLICABLE,
  };
}

/** From the heartbeats alone: one query, whatever the number of findings. */
async function summary({ store }: QueryPorts): Promise<unknown> {
  const heartbeats = await store.heartbeats();
  const statuses = heartbeats.map(({ report }) => report.status);
  const composite = heartbeats
    .map(({ countsByControl }) => ({ ...NO_COUNTS, ...countsByControl[COMPOSITE] }))
    .reduce(add, NO_COUNTS);
  const count = (status: string) => statuses.filter((found) => found === status).length;
  const providers = Map.groupBy(heartbeats, ({ report }) => report.target.provider);
  return {
    findings: heartbeats.map(({ counts }) => counts).reduce(add, countStatuses([])),
    clusters: { closed: composite.PASS, open: composite.FAIL, unknown: composite.UNKNOWN },
    coverage: {
      targets: statuses.length,
      complete: count('complete'),
      partial: count('partial'),
      failed: count('failed'),
      skipped: count('skipped'),
    },
    byProvider: Object.fromEntries(
      [...providers].map(([provider, group]) => [provider, group.map(({ counts }) => counts).reduce(add, NO_COUNTS)]),
    ),
    asOf:
      heartbeats
        .map(({ evaluatedAt }) => evaluatedAt)
        .sort()
        .at(-1) ?? null,
  };
}
