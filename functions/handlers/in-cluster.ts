import type { ResolvedConfig } from '#config/resolved.ts';
import type { Part } from '#controls/closed-network.ts';
import type { QueryRepository } from '#storage/query-repository.ts';

/** Verdicts from inside the clusters that are configured kubernetes targets too. */
export async function inClusterVerdicts(
  { readInside }: Pick<ResolvedConfig, 'readInside'>,
  uids: readonly string[],
  repository: Pick<QueryRepository, 'findingsOfResource'>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, Part>>> {
  const configured = new Set(readInside);
  const entries = await Promise.all(
    uids
      .filter((uid) => configured.has(uid))
      .map(async (uid) => {
        const findings = await repository.findingsOfResource(uid);
        const inside = findings.filter(({ finding }) => finding.control.startsWith('kubernetes-'));
        return [
          uid,
          new Map(inside.map(({ finding }) => [finding.control, { status: finding.status, reason: finding.reason }])),
        ] as const;
      }),
  );
  return new Map(entries);
}
