import type { Run } from '#domain/run.ts';
import type { QueryApi, Target } from './api.ts';
import { arrangeTargets } from './arrange.ts';
import { Age, Read } from './parts.tsx';

const RUNS = 20;

export function CoveragePage({ api }: { readonly api: QueryApi }) {
  return (
    <Read from={async () => ({ targets: await api.targets(), runs: await api.runs() })}>
      {({ targets, runs }) => (
        <>
          <h1>Coverage</h1>
          <p class="dim">
            What was read, and what was not. A target that was not read keeps its findings, with their age.
          </p>
          <Targets targets={targets} />
          <h2>Runs</h2>
          <Runs runs={runs} />
        </>
      )}
    </Read>
  );
}

function Targets({ targets }: { readonly targets: readonly Target[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Target</th>
          <th scope="col">Last scan</th>
          <th scope="col">Last complete</th>
          <th scope="col">Calls</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {arrangeTargets(targets).map((target) => (
          <tr key={target.id}>
            <td>
              <span class={`badge ${target.status}`}>{target.status}</span>
            </td>
            <th scope="row">
              <code>{target.id}</code>
              {target.name !== undefined && <span class="dim"> {target.name}</span>}
            </th>
            <td data-label="last scan">
              <Age at={target.lastScannedAt} />
            </td>
            <td data-label="last complete">
              {target.lastCompleteAt === undefined ? 'never' : <Age at={target.lastCompleteAt} />}
            </td>
            <td data-label="calls">{target.apiCalls}</td>
            <td>{[target.reason, target.message].filter((part) => part !== undefined).join(': ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Started</th>
          <th scope="col">Targets</th>
          <th scope="col">Calls</th>
          <th scope="col">Run</th>
        </tr>
      </thead>
      <tbody>
        {runs.slice(0, RUNS).map(({ id, status, startedAt, targets, apiCalls }) => (
          <tr key={id}>
            <td>
              <span class={`badge ${status}`}>{status}</span>
            </td>
            <td data-label="started">
              <Age at={startedAt} />
            </td>
            <td data-label="targets">
              {targets.complete} of {targets.planned - targets.skipped} complete
            </td>
            <td data-label="calls">{apiCalls}</td>
            <td>
              <code>{id}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
