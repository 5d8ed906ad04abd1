import type { Collection } from '#domain/collection.ts';
import { COVERAGE as COVERAGE_ID } from '#domain/finding.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { fail, notApplicable, type Proof, pass, type Verdict } from '#domain/verdict.ts';

/** The catalogue entry of the coverage finding, which is judged from the reading itself and not from evidence. */
export const COVERAGE = {
  id: COVERAGE_ID,
  title: 'The target was read completely in its last run',
  severity: 'HIGH',
  basis: 'Ringfence: what was not read is never PASS',
  reference: 'Ringfence catalogue, composite and coverage',
  remediation:
    'Grant the permission or fix the access that the message names, then scan again. `ringfence doctor` shows all of them at once.',
} as const;

const SHOWN = 20;

/** PASS only after every list was read to its last page and nothing was refused. */
export function judgeCoverage(planned: PlannedTarget, collection: Collection | undefined): Verdict {
  const { target, failure, skipped } = planned;
  if (skipped !== undefined) return notApplicable('skipped', skipped);
  if (failure !== undefined) {
    return fail(failure.reason, `${target.id} could not be read: ${failure.message}`, [
      { kind: 'fact', line: failure.message },
    ]);
  }
  if (collection === undefined) {
    return pass(`${target.id} can be listed`, [{ kind: 'fact', line: `${target.id} was listed` }]);
  }
  const [first] = collection.gaps;
  const proof: Proof[] = collection.gaps.slice(0, SHOWN).map(({ api, message, reason, resource }) => ({
    kind: 'fact',
    line: `${api}: ${message}${resource === undefined ? '' : ` (${resource})`}`,
    field: api,
    value: reason,
  }));
  if (first !== undefined) {
    const more = collection.gaps.length > 1 ? `, and ${collection.gaps.length - 1} more` : '';
    const extent = collection.inventoryComplete ? 'read in part' : 'not read completely';
    return fail(first.reason, `${target.id} was ${extent}: ${first.api}: ${first.message}${more}`, proof);
  }
  if (!collection.inventoryComplete) {
    return fail('truncated', `${target.id} was not read completely`, [
      { kind: 'fact', line: 'the list of clusters ended early' },
    ]);
  }
  const clusters = collection.subjects.length;
  return pass(`read completely: ${clusters} ${clusters === 1 ? 'resource' : 'resources'}`, [
    { kind: 'fact', line: 'every list was read to its last page, and nothing was refused' },
  ]);
}
