import Table from 'cli-table3';
import { readManifests } from '#collectors/kubernetes/manifests.ts';
import { readDocuments } from '#domain/reachability/documents.ts';
import { reachability } from '#domain/reachability/reachability.ts';
import { type ReachabilityReport, report } from '#domain/reachability/report.ts';

export interface ReachabilityArguments {
  /** Directory, or one file. */
  readonly manifests: string;
  readonly format: 'json' | 'table';
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/**
 * `ringfence reachability --manifests DIR`: who may talk to whom according to plain manifests, with no cluster.
 * Exit code: 0 everything was evaluated; 3 some policy or document was refused, so the picture is incomplete; 1 nothing could be read.
 */
export async function runReachability({ manifests, format, stdout, stderr }: ReachabilityArguments): Promise<number> {
  let read: Awaited<ReturnType<typeof readManifests>>;
  try {
    read = await readManifests(manifests);
  } catch (error) {
    stderr(`cannot read the manifests below ${manifests}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const { input, errors } = readDocuments(read.documents);
  const result = report(reachability(input), [...read.errors, ...errors]);
  stdout(format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : tables(result));
  if (result.errors.length === 0) return 0;
  stderr(`${result.errors.length} problem(s) in the manifests: what they concern is not part of the picture\n`);
  return 3;
}

function tables({ connections, exposure, errors }: ReachabilityReport): string {
  const text = (ports: 'all' | readonly string[]) => (ports === 'all' ? 'all' : ports.join(', '));
  const parts = [
    table(
      ['From', 'To', 'Ports'],
      connections.map(({ src, dst, ports }) => [src, dst, text(ports)]),
    ),
    table(
      ['Workload', 'Direction', 'Isolated', 'Open to', 'Ports'],
      exposure.flatMap(({ workload, ingress, egress }) => [
        ...exposureRows(workload, 'ingress', ingress.isolated, ingress.from, text),
        ...exposureRows(workload, 'egress', egress.isolated, egress.to, text),
      ]),
    ),
    ...(errors.length === 0
      ? []
      : [
          table(
            ['File', 'Resource', 'Field', 'Problem'],
            errors.map(({ file, resource, field, message }) => [file, resource, field, message]),
          ),
        ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function exposureRows(
  workload: string,
  direction: string,
  isolated: boolean,
  peers: ReachabilityReport['exposure'][number]['ingress']['from'],
  text: (ports: 'all' | readonly string[]) => string,
): readonly string[][] {
  const state = isolated ? 'yes' : 'no';
  return peers.length === 0
    ? [[workload, direction, state, 'nobody', '']]
    : peers.map(({ peer, ports }) => [workload, direction, state, peer, text(ports)]);
}

function table(head: string[], rows: readonly string[][]): string {
  const result = new Table({ head, style: { head: [], border: [] } });
  result.push(...rows);
  return result.toString();
}
