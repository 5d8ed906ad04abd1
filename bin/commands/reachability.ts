import { readManifests } from '#collectors/kubernetes/manifests.ts';
import { parseRange } from '#domain/net/cidr.ts';
import { reachabilityTables } from '#formats/reachability.ts';
import { type DocumentsReading, readDocuments } from '#reachability/documents.ts';
import { type Reachability, reachability } from '#reachability/reachability.ts';
import { connectionsOf, exposureList, type ReachabilityReport, report, sortedByPlace } from '#reachability/report.ts';
import { serviceRows } from '#reachability/service-exposure.ts';

export interface ReachabilityArguments {
  /** Directory, or one file. */
  readonly manifests: string;
  readonly format: 'json' | 'table';
  /** Where the pods' addresses lie; left out: not known. */
  readonly podCidr?: readonly string[];
  /** How the network plugin reads an `ipBlock`; left out: as the manifests show, else as including pods. */
  readonly ipblock?: 'including-pods' | 'outside-only';
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/**
 * `ringfence reachability --manifests DIR`: who may talk to whom according to plain manifests, with no cluster.
 * Exit code: 0 everything was evaluated; 3 some policy or document was refused, so the picture is incomplete; 1 nothing could be read.
 */
export async function runReachability({
  manifests,
  format,
  podCidr = [],
  ipblock,
  stdout,
  stderr,
}: ReachabilityArguments): Promise<number> {
  let read: Awaited<ReturnType<typeof readManifests>>;
  try {
    read = await readManifests(manifests);
  } catch (error) {
    stderr(
      `ringfence: cannot read the manifests below ${manifests}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  }
  const reading = readDocuments(read.documents, {
    podRanges: podCidr.flatMap((block) => parseRange(block) ?? []),
    ...(ipblock === undefined ? {} : { blocksAreOutside: ipblock === 'outside-only' }),
  });
  const reach = reachability(reading.input);
  const problems = [...read.errors, ...reading.errors];
  if (format === 'json') printJson(reach, { ...reading, errors: problems }, stdout);
  else stdout(reachabilityTables(report(reach, { ...reading, errors: problems })));
  if (reach.classes.length === 0) stderr(`ringfence: no workload below ${manifests}\n`);
  if (reading.notes.length > 0)
    stderr(`ringfence: ${reading.notes.length} warning(s): what was assumed, or has no effect where it stands\n`);
  if (problems.length === 0) return 0;
  stderr(`ringfence: ${problems.length} problem(s) in the manifests: what they concern is not part of the picture\n`);
  return 3;
}

const CHUNK = 1000;

/** One entry per line, printed as they are found: a large cluster has more connections than one text can hold. */
function printJson(
  reach: Reachability,
  { services, notes, errors }: Pick<DocumentsReading, 'services' | 'notes' | 'errors'>,
  stdout: ReachabilityArguments['stdout'],
): void {
  const parts: readonly (readonly [name: keyof ReachabilityReport, entries: Iterable<unknown>])[] = [
    ['connections', connectionsOf(reach)],
    ['exposure', exposureList(reach)],
    ['services', serviceRows(reach, services)],
    ['warnings', sortedByPlace(notes)],
    ['errors', sortedByPlace(errors)],
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
