import type { StoredFinding } from '#domain/change.ts';
import type { Finding } from '#domain/finding.ts';
import type { Page, PageRequest, Position } from '#domain/page.ts';
import { normalUid } from '#domain/provider-facts.ts';
import { PROVIDERS } from '#domain/target.ts';
import { SEVERITIES, type Severity, STATUSES, type Status } from '#domain/verdict.ts';
import type { Parameters } from './parameters.ts';
import { Problem } from './problem.ts';
import type { QueryStore } from './store.ts';

/** What one request reads at most while a filter throws rows away; the cursor goes on from there. */
const MOST_PAGES = 150;
const MOST_ROWS = 5_000;
/** Rows that are read at once where few are wanted: with a filter most of them may not be. */
const ROWS_AT_ONCE = 200;

interface Filter {
  readonly provider: string | undefined;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly status: Status | undefined;
  readonly severity: Severity | undefined;
  readonly control: string | undefined;
  readonly cluster: string | undefined;
}

export async function findings(
  query: Parameters,
  store: QueryStore,
  controls: readonly { readonly id: string }[],
): Promise<unknown> {
  const ids = controls.map(({ id }) => id);
  const filter = filterOf(query, ids);
  const { limit, from } = query.page();
  const { found, next } = await collect(scanOf(filter, store, ids), filter, limit, from);
  return { findings: await shown(found, store), ...query.nextCursor(next) };
}

function filterOf(query: Parameters, ids: readonly string[]): Filter {
  const control = query.text('control');
  if (control !== undefined && !ids.includes(control)) throw new Problem(400, `there is no control ${control}`);
  const cluster = query.text('cluster');
  return {
    provider: query.oneOf('provider', PROVIDERS),
    account: query.text('account'),
    region: query.text('region'),
    status: query.oneOf('status', STATUSES),
    severity: query.oneOf('severity', SEVERITIES),
    control,
    cluster: cluster === undefined ? undefined : normalUid(cluster),
  };
}

type Scan = (page: PageRequest) => Promise<Page<StoredFinding>>;

/** The index that leaves the fewest rows to be thrown away; without a filter the controls one after the other. */
function scanOf({ cluster: uid, account, control, status }: Filter, store: QueryStore, ids: readonly string[]): Scan {
  if (uid !== undefined) return (page) => store.ofResource(uid, page);
  if (control !== undefined) return (page) => store.ofControl(control, page);
  if (account !== undefined) return (page) => store.ofAccount(account, page);
  if (status === 'FAIL') return (page) => store.open(page);
  return async ({ limit, from }) => {
    const at = typeof from?.['control'] === 'number' ? from['control'] : 0;
    const inside = from?.['inside'] as Position | undefined;
    const page = await store.ofControl(ids[at] ?? '', { limit, ...(inside === undefined ? {} : { from: inside }) });
    const following = at + 1 < ids.length ? { control: at + 1 } : undefined;
    const next = page.next === undefined ? following : { control: at, inside: page.next };
    return {
      items: page.items,
      after: page.after.map((position) => ({ control: at, inside: position })),
      ...(next === undefined ? {} : { next }),
    };
  };
}

async function collect(
  scan: Scan,
  filter: Filter,
  limit: number,
  start: Position | undefined,
): Promise<{ readonly found: readonly StoredFinding[]; readonly next: Position | undefined }> {
  const found: StoredFinding[] = [];
  let position = start;
  let rows = 0;
  for (let pages = 0; pages < MOST_PAGES && rows < MOST_ROWS; pages += 1) {
    const page: Page<StoredFinding> = await scan({
      limit: Math.max(limit - found.length, ROWS_AT_ONCE),
      ...(position === undefined ? {} : { from: position }),
    });
    for (const [index, stored] of page.items.entries()) {
      if (!matches(stored.finding, filter)) continue;
      found.push(stored);
      if (found.length < limit) continue;
      const isLast = index === page.items.length - 1;
      return { found, next: isLast ? page.next : page.after[index] };
    }
    rows += page.items.length;
    position = page.next;
    if (position === undefined) break;
  }
  return { found, next: position };
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

/** Findings with their age: unchanged ones are not rewritten, so the target's heartbeat says when they were last looked at. */
export async function shown(found: readonly StoredFinding[], store: QueryStore): Promise<readonly unknown[]> {
  const scans = await store.lastScans([...new Set(found.map(({ finding }) => finding.target))]);
  return found.map(({ finding, firstSeen, lastDecided }) => ({
    ...finding,
    firstSeen,
    lastEvaluated: scans.get(finding.target) ?? finding.evaluatedAt,
    ...(lastDecided === undefined ? {} : { lastDecided: { status: lastDecided.status, at: lastDecided.at } }),
  }));
}

export async function history(id: string, query: Parameters, store: QueryStore): Promise<unknown> {
  const page = query.page();
  const { items, next } = await store.history(id, page);
  // History outlives the finding of a resource that vanished.
  if (items.length === 0 && page.from === undefined && (await store.byId(id)) === undefined)
    throw new Problem(404, `there is no finding ${id}`);
  return {
    history: items.map(({ at, from, to, reason, message, runId, cause }) => ({
      at,
      from,
      to,
      reason,
      message,
      runId,
      ...(cause === undefined ? {} : { cause }),
    })),
    ...query.nextCursor(next),
  };
}
