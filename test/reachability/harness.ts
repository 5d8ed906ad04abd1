import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ReachabilityReport } from '#reachability/report.ts';
import { type ReachabilityArguments, runReachability } from '../../bin/commands/reachability.ts';

export type NetworkOptions = Pick<ReachabilityArguments, 'podCidr' | 'ipblock'>;

/** What the command printed for files with these texts. */
export async function reachabilityOf(
  files: Readonly<Record<string, string>>,
  options: NetworkOptions = {},
): Promise<{ readonly code: number; readonly report: ReachabilityReport; readonly stderr: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'reachability-'));
  const output = { stdout: '', stderr: '' };
  try {
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text)));
    const code = await runReachability({
      manifests: directory,
      format: 'json',
      ...options,
      stdout: (text) => {
        output.stdout += text;
      },
      stderr: (text) => {
        output.stderr += text;
      },
    });
    return { code, report: JSON.parse(output.stdout) as ReachabilityReport, stderr: output.stderr };
  } finally {
    await rm(directory, { recursive: true });
  }
}

export function manifests(documents: readonly unknown[]): string {
  return documents.map((document) => stringify(document)).join('---\n');
}

interface Container {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

export function deployment(
  namespace: string,
  name: string,
  labels: Readonly<Record<string, string>>,
  ports: readonly Container[] = [],
) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { template: { metadata: { labels }, spec: { containers: [{ name: 'main', ports }] } } },
  };
}

export function namespace(name: string, labels: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/**
 * The town in which every case plays: a shop of three workloads, and a bank whose ledger carries the same labels as the shop's web,
 * so that a selector that forgets its namespace is seen.
 */
export const TOWN = [
  namespace('shop', { team: 'shop', tier: 'retail' }),
  namespace('bank', { team: 'bank' }),
  deployment('shop', 'web', { app: 'web', tier: 'front' }, [{ name: 'http', containerPort: 8080 }]),
  deployment('shop', 'api', { app: 'api', tier: 'back' }, [
    { name: 'http', containerPort: 9000 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ]),
  deployment('shop', 'db', { app: 'db', tier: 'back' }, [{ name: 'pg', containerPort: 5432 }]),
  deployment('bank', 'ledger', { app: 'web', tier: 'front' }, [{ name: 'http', containerPort: 80 }]),
] as const;

const SHORT: Readonly<Record<string, string>> = {
  'shop/web[Deployment]': 'web',
  'shop/api[Deployment]': 'api',
  'shop/db[Deployment]': 'db',
  'bank/ledger[Deployment]': 'ledger',
};
const NAMES = ['web', 'api', 'db', 'ledger', 'world'] as const;

/** `*` all, `.` nothing, else the ports without blanks: `TCP80,UDP53`; for the world each block with its ports: `10.0.0.0/8:*`. */
function cell(report: ReachabilityReport, from: string, to: string): string {
  if (from === to) return '-';
  const text = (ports: 'all' | readonly string[]) => (ports === 'all' ? '*' : ports.join(',').replaceAll(' ', ''));
  const rows = report.connections.filter(
    ({ src, dst }) => (SHORT[src] ?? 'world') === from && (SHORT[dst] ?? 'world') === to,
  );
  const cells = rows.map(({ src, dst, ports }) => {
    const block = from === 'world' ? src : to === 'world' ? dst : '';
    return block === '' || block === '0.0.0.0/0' ? text(ports) : `${block}:${text(ports)}`;
  });
  return cells.length === 0 ? '.' : cells.join('+');
}

/** The report as the matrix in which the cases are written: a row per source, a column per destination. */
export function matrixOf(report: ReachabilityReport): string {
  const rows = [['from', ...NAMES], ...NAMES.map((from) => [from, ...NAMES.map((to) => cell(report, from, to))])];
  return rows.map((row) => row.join(' ')).join('\n');
}

/** A matrix as written by hand, blanks aside. */
export function normalized(matrix: string): string {
  return matrix
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join(' '))
    .join('\n');
}
