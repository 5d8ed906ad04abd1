import { catalogue } from '#app/catalogue.ts';
import type { Finding } from '#domain/finding.ts';
import { documentClient } from '#storage/client.ts';
import { QueryRepository } from '#storage/query-repository.ts';
import { RunRepository } from '#storage/run-repository.ts';
import { CannotRun } from '../cannot-run.ts';
import { sortFindings } from '../local/runtime.ts';
import { holdsState, LOCAL_TABLE, startLocalTable } from '../local/table.ts';

export interface Stored {
  readonly queries: QueryRepository;
  readonly runs: RunRepository;
}

/** Opens a state directory for reading, and closes it again. */
export async function withStore<T>(directory: string, work: (stored: Stored) => Promise<T>): Promise<T> {
  if (!holdsState(directory))
    throw new CannotRun([`${directory} holds no state: scan with --store ${directory} first`]);
  const table = await startLocalTable(directory);
  const client = documentClient(table.endpoint);
  try {
    return await work({
      queries: new QueryRepository(client, LOCAL_TABLE),
      runs: new RunRepository(client, LOCAL_TABLE),
    });
  } finally {
    client.destroy();
    await table.close();
  }
}

/** Every stored finding, control by control. */
export async function allFindings({ queries }: Stored): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id } of catalogue()) findings.push(...(await findingsOf(queries, id)));
  return sortFindings(findings);
}

/** Every stored finding of one control, page by page. */
export async function findingsOf(queries: QueryRepository, control: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await queries.ofControl(control, { limit: 500, ...(from === undefined ? {} : { from }) });
    findings.push(...page.items.map(({ finding }) => finding));
    from = page.next;
  } while (from !== undefined);
  return findings;
}
