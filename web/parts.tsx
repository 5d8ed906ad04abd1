import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Finding } from '#domain/finding.ts';
import type { StatusCounts } from '#domain/run.ts';
import { STATUSES, type Status } from '#domain/verdict.ts';
import type { ClusterState } from './api.ts';
import { age } from './arrange.ts';

const STATE_NAME: Readonly<Record<ClusterState, string>> = {
  open: 'open',
  unknown: 'not decided',
  closed: 'closed',
  'not-applicable': 'not applicable',
};

export function StateBadge({ state }: { readonly state: ClusterState }) {
  return <span class={`badge ${state}`}>{STATE_NAME[state]}</span>;
}

const STATUS_NAME: Readonly<Record<Status, string>> = {
  PASS: 'pass',
  FAIL: 'fail',
  UNKNOWN: 'unknown',
  NOT_APPLICABLE: 'not applicable',
};

export function FindingBadge({ status, severity }: Pick<Finding, 'status' | 'severity'>) {
  return <span class={`badge ${status}`}>{status === 'FAIL' ? severity.toLowerCase() : STATUS_NAME[status]}</span>;
}

/** How the findings divide, as one bar; the numbers stand beside it for those who cannot see colours. */
export function CountsBar({ counts }: { readonly counts: StatusCounts }) {
  return (
    <div class="counts">
      <div class="bar" aria-hidden="true">
        {(['FAIL', 'UNKNOWN', 'PASS', 'NOT_APPLICABLE'] as const).map((status) => (
          <span key={status} class={status} style={{ flexGrow: counts[status] }} />
        ))}
      </div>
      <span class="dim">
        {STATUSES.filter((status) => counts[status] > 0)
          .map((status) => `${counts[status]} ${STATUS_NAME[status]}`)
          .join(' · ')}
      </span>
    </div>
  );
}

export function Age({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={at}>
      {age(at, new Date())}
    </time>
  );
}

type Reading<T> =
  | { readonly state: 'reading' }
  | { readonly state: 'read'; readonly value: T }
  | { readonly state: 'failed'; readonly message: string };

/** Reads once when it is first shown; says so when it could not. */
export function Read<T>({
  from,
  children,
}: {
  readonly from: () => Promise<T>;
  readonly children: (value: T) => ComponentChildren;
}) {
  const [reading, setReading] = useState<Reading<T>>({ state: 'reading' });
  useEffect(() => {
    from().then(
      (value) => setReading({ state: 'read', value }),
      (error: unknown) =>
        setReading({ state: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
  }, []);
  if (reading.state === 'reading') return <p class="dim">reading…</p>;
  if (reading.state === 'failed')
    return (
      <p class="problem" role="alert">
        Nothing is shown, because it could not be read: {reading.message}
      </p>
    );
  return <>{children(reading.value)}</>;
}
