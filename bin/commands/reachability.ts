import { readManifests } from '#collectors/kubernetes/manifests.ts';
import { reachabilityTables } from '#formats/reachability.ts';
import { readDocuments } from '#reachability/documents.ts';
import { type Reachability, reachability } from '#reachability/reachability.ts';
import { connectionsOf, errorRows, exposureList, type ReachabilityReport, report } from '#reachability/report.ts';

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
    stderr(
      `ringfence: cannot read the manifests below ${manifests}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  }
  const { input, errors } = readDocuments(read.documents);
  const reach = reachability(input);
  const problems = [...read.errors, ...errors];
  if (format === 'json') printJson(reach, problems, stdout);
  else stdout(reachabilityTables(report(reach, problems)));
  if (reach.classes.length === 0) stderr(`ringfence: no workload below ${manifests}\n`);
  if (problems.length === 0) return 0;
  stderr(`ringfence: ${problems.length} problem(s) in the manifests: what they concern is not part of the picture\n`);
  return 3;
}

const CHUNK = 1000;

/** One entry per line, printed as they are found: a large cluster has more connections than one text can hold. */
function printJson(
  reach: Reachability,
  problems: Parameters<typeof errorRows>[0],
  stdout: ReachabilityArguments['stdout'],
): void {
  const parts: readonly (readonly [name: keyof ReachabilityReport, entries: Iterable<unknown>])[] = [
    ['connections', connectionsOf(reach)],
    ['exposure', exposureList(reach)],
    ['errors', errorRows(problems)],
  ];
  for (const [index, [name, entries]] of parts.entries()) {
    stdout(`${index === 0 ? '{' : ','}\n  ${JSON.stringify(name)}: [`);
    let lines: string[] = [];
    let printed = 0;
    for (const entry of entries) {
      lines.push(`${printed === 0 ? '' : ','}\n    ${JSON.stringify(entry)}`);
      printed += 1;
      if (lines.length < CHUNK) continue;
      stdout(lines.join(''));
      lines = [];
    }
    stdout(`${lines.join('')}${printed === 0 ? '' : '\n  '}]`);
  }
  stdout('\n}\n');
}
