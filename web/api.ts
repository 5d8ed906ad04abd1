import type { Finding } from '#domain/finding.ts';
import type { Resource } from '#domain/resource.ts';
import type { Run, StatusCounts, TargetStatus } from '#domain/run.ts';
import type { Provider } from '#domain/target.ts';

/** Answers of the query API (openapi.yaml), as the dashboard reads them. */

export interface Summary {
  readonly findings: StatusCounts;
  readonly clusters: { readonly closed: number; readonly open: number; readonly unknown: number };
  readonly coverage: Readonly<Record<'targets' | TargetStatus, number>>;
  readonly byProvider: Readonly<Partial<Record<Provider, StatusCounts>>>;
  readonly asOf: string | null;
}

export type ClusterState = 'closed' | 'open' | 'unknown' | 'not-applicable';

export interface Cluster extends Resource {
  readonly state: ClusterState;
  readonly message: string;
}

export interface DatedFinding extends Finding {
  readonly firstSeen: string;
  readonly lastEvaluated: string;
}

export interface ClusterDetail extends Cluster {
  readonly findings: readonly DatedFinding[];
}

export interface Target {
  readonly id: string;
  readonly provider: Provider;
  readonly account: string;
  readonly region?: string;
  readonly name?: string;
  readonly status: TargetStatus;
  readonly reason?: string;
  readonly message?: string;
  readonly apiCalls: number;
  readonly durationMs: number;
  readonly lastScannedAt: string;
  readonly lastCompleteAt?: string;
}

export interface HistoryEntry {
  readonly at: string;
  readonly from: string | null;
  readonly to: string;
  readonly reason: string;
  readonly message: string;
  readonly runId: string;
}

const PAGE = 500;
const TIMEOUT_MS = 30_000;

export type Fetch = (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;

/** Reads the query API. An answer that is not a 2xx is an error with the problem's own words. */
export function queryApi(fetchAnswer: Fetch) {
  async function read<T>(path: string): Promise<T> {
    const response = await fetchAnswer(path, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return (await response.json()) as T;
    const problem = (await response.json().catch(() => ({}))) as { readonly detail?: string; readonly title?: string };
    throw new Error(`${path}: ${problem.detail ?? problem.title ?? `HTTP ${response.status}`}`);
  }

  /** Every page of a list, following its cursors. */
  async function readAll<T>(
    path: string,
    name: string,
    filter: Readonly<Record<string, string>> = {},
  ): Promise<readonly T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({
        ...filter,
        limit: String(PAGE),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const page = await read<Record<string, unknown>>(`${path}?${query}`);
      items.push(...(page[name] as readonly T[]));
      cursor = page['nextCursor'] as string | undefined;
    } while (cursor !== undefined);
    return items;
  }

  return {
    summary: () => read<Summary>('/v1/summary'),
    clusters: () => readAll<Cluster>('/v1/clusters', 'clusters'),
    cluster: (uid: string) => read<ClusterDetail>(`/v1/clusters/${encodeURIComponent(uid)}`),
    failures: () => readAll<DatedFinding>('/v1/findings', 'findings', { status: 'FAIL' }),
    targets: () => readAll<Target>('/v1/targets', 'targets'),
    runs: () => readAll<Run>('/v1/runs', 'runs'),
    history: (id: string) => readAll<HistoryEntry>(`/v1/findings/${id}/history`, 'history'),
  };
}

export type QueryApi = ReturnType<typeof queryApi>;
