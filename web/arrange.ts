import type { Finding } from '#domain/finding.ts';
import type { Resource } from '#domain/resource.ts';
import { compareSeverity, type Status } from '#domain/verdict.ts';
import type { Cluster, ClusterState, Target } from './api.ts';

/** What is shown first, and what a filter leaves: nothing here knows of a page. */

export interface ClusterFilter {
  readonly state: ClusterState | 'all';
  readonly provider: string;
  readonly text: string;
}

const STATE_ORDER: readonly ClusterState[] = ['open', 'unknown', 'closed', 'not-applicable'];
const STATUS_ORDER: readonly Status[] = ['FAIL', 'UNKNOWN', 'PASS', 'NOT_APPLICABLE'];
const TARGET_ORDER: readonly Target['status'][] = ['failed', 'partial', 'complete', 'skipped'];

/** Open clusters first, then what nobody could decide: neither may hide behind the closed ones. */
export function arrangeClusters(clusters: readonly Cluster[], filter: ClusterFilter): readonly Cluster[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return clusters
    .filter(({ state }) => filter.state === 'all' || filter.state === state)
    .filter(({ provider }) => filter.provider === 'all' || filter.provider === provider)
    .filter((cluster) => {
      const text =
        `${cluster.name} ${cluster.uid} ${cluster.account} ${cluster.region} ${cluster.message}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .toSorted(
      (a, b) =>
        STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) ||
        compareText(a.name, b.name) ||
        compareText(a.uid, b.uid),
    );
}

export function arrangeFindings<T extends Finding>(findings: readonly T[]): readonly T[] {
  return findings.toSorted(
    (a, b) =>
      STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) ||
      compareSeverity(a.severity, b.severity) ||
      compareText(a.control, b.control),
  );
}

export interface FailingResource<T extends Finding> {
  readonly resource: Resource;
  readonly findings: readonly T[];
}

/** Failures by what they are about: the resource with the gravest first, then the one with the most. */
export function groupFailures<T extends Finding>(failures: readonly T[]): readonly FailingResource<T>[] {
  const groups = [...Map.groupBy(arrangeFindings(failures), ({ resource }) => resource.uid).values()];
  return groups
    .flatMap((findings) => (findings[0] === undefined ? [] : [{ resource: findings[0].resource, findings }]))
    .toSorted(
      (a, b) =>
        compareGravest(a.findings, b.findings) ||
        b.findings.length - a.findings.length ||
        compareText(a.resource.uid, b.resource.uid),
    );
}

/** Both in the order of `arrangeFindings`. */
function compareGravest([a]: readonly Finding[], [b]: readonly Finding[]): number {
  return a === undefined || b === undefined ? 0 : compareSeverity(a.severity, b.severity);
}

/** Where a resource is: provider, region and account, as far as they are known. */
export function place({ provider, region, account }: Pick<Resource, 'provider' | 'region' | 'account'>): string {
  return [provider, region, account].filter((part) => part !== '').join(' · ');
}

/** What was not read first: it is what the page is for. */
export function arrangeTargets(targets: readonly Target[]): readonly Target[] {
  return targets.toSorted(
    (a, b) => TARGET_ORDER.indexOf(a.status) - TARGET_ORDER.indexOf(b.status) || compareText(a.id, b.id),
  );
}

/** ARM ids and ARNs by their last part; the whole id stays within reach. */
export function shortName(hop: string): string {
  if (hop.startsWith('/subscriptions/') || hop.startsWith('arn:')) return hop.slice(hop.lastIndexOf('/') + 1);
  return hop;
}

/** "3 min ago": how old a reading is, in its largest unit. */
export function age(at: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - new Date(at).getTime()) / 1000));
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
  ] as const)
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  return 'just now';
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
