import { useState } from 'preact/hooks';
import { PROVIDERS } from '#domain/target.ts';
import type { Cluster, QueryApi, Summary } from './api.ts';
import { arrangeClusters, type ClusterFilter, place } from './arrange.ts';
import { Age, CountsBar, Read, StateBadge } from './parts.tsx';

/** Rows shown at once: thousands of them make a page slow and nobody reads them. */
const ROWS = 200;

export function Overview({ api }: { readonly api: QueryApi }) {
  return (
    <Read from={async () => ({ summary: await api.summary(), clusters: await api.clusters() })}>
      {({ summary, clusters }) => (
        <>
          <Totals summary={summary} />
          <Clusters clusters={clusters} />
          <p class="dim">
            Accounts, inventories and clusters that no cloud knows have no verdict of the whole:{' '}
            <a href="#/failures">failures of everything</a>
          </p>
        </>
      )}
    </Read>
  );
}

function Totals({ summary: { clusters, coverage, byProvider, asOf } }: { readonly summary: Summary }) {
  const unread = coverage.partial + coverage.failed;
  return (
    <section aria-label="Summary">
      <div class="totals">
        <p class="open">
          <b>{clusters.open}</b> open
        </p>
        <p class="unknown">
          <b>{clusters.unknown}</b> not decided
        </p>
        <p class="closed">
          <b>{clusters.closed}</b> closed
        </p>
        <p class={unread > 0 ? 'unknown' : ''}>
          <b>
            {coverage.complete}/{coverage.targets - coverage.skipped}
          </b>{' '}
          targets read completely
        </p>
      </div>
      {unread > 0 && (
        <p class="notice">
          {unread} {unread === 1 ? 'target was' : 'targets were'} not read completely: what is shown proves nothing
          about the rest. <a href="#/coverage">Which, and why</a>
        </p>
      )}
      <dl class="providers">
        {PROVIDERS.flatMap((provider) => {
          const counts = byProvider[provider];
          if (counts === undefined) return [];
          return (
            <div key={provider}>
              <dt>{provider}</dt>
              <dd>
                <CountsBar counts={counts} />
              </dd>
            </div>
          );
        })}
      </dl>
      <p class="dim">
        {asOf === null ? (
          'nothing was scanned yet'
        ) : (
          <>
            last reading <Age at={asOf} />
          </>
        )}
      </p>
    </section>
  );
}

function Clusters({ clusters }: { readonly clusters: readonly Cluster[] }) {
  const [filter, setFilter] = useState<ClusterFilter>({ state: 'all', provider: 'all', text: '' });
  const shown = arrangeClusters(clusters, filter);
  const choose = (change: Partial<ClusterFilter>) => setFilter({ ...filter, ...change });
  return (
    <section aria-label="Clusters">
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label>
          State{' '}
          <select
            value={filter.state}
            onChange={({ currentTarget }) => choose({ state: currentTarget.value as ClusterFilter['state'] })}
          >
            <option value="all">all</option>
            <option value="open">open</option>
            <option value="unknown">not decided</option>
            <option value="closed">closed</option>
          </select>
        </label>
        <label>
          Provider{' '}
          <select value={filter.provider} onChange={({ currentTarget }) => choose({ provider: currentTarget.value })}>
            <option value="all">all</option>
            {PROVIDERS.filter((provider) => clusters.some((cluster) => cluster.provider === provider)).map(
              (provider) => (
                <option key={provider} value={provider}>
                  {provider}
                </option>
              ),
            )}
          </select>
        </label>
        <label class="search">
          Search{' '}
          <input
            type="search"
            placeholder="name, account, region, message"
            value={filter.text}
            onInput={({ currentTarget }) => choose({ text: currentTarget.value })}
          />
        </label>
      </form>
      <table>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Cluster</th>
            <th scope="col">Where</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(0, ROWS).map((cluster) => (
            <tr key={cluster.uid}>
              <td>
                <StateBadge state={cluster.state} />
              </td>
              <th scope="row">
                <a href={`#/clusters/${encodeURIComponent(cluster.uid)}`}>{cluster.name}</a>
              </th>
              <td class="where">{place(cluster)}</td>
              <td>{cluster.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && (
        <p class="dim">{clusters.length === 0 ? 'no cluster is known' : 'no cluster fits the filter'}</p>
      )}
      {shown.length > ROWS && (
        <p class="dim">
          {ROWS} of {shown.length} clusters are shown; narrow the filter to see the others
        </p>
      )}
    </section>
  );
}
