import { CONTROLS } from '#controls/index.ts';
import { judge } from '#controls/judge.ts';
import type { Subject } from '#domain/collection.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';
import type { Verdict } from '#domain/verdict.ts';

/** What every control of the kind says of some evidence, by id: as `judge` gives it, with no configuration. */
export function verdictsOf(kind: SubjectKind, evidence: unknown): ReadonlyMap<string, Verdict> {
  const resource = { uid: 'u', type: 'target', provider: 'aws', account: '', region: '', name: 'n' } as const;
  const subject = { kind, resource, evidence } as unknown as Subject;
  const judged = judge(subject, CONTROLS, { profile: 'closed', controls: {} });
  return new Map(judged.map(({ control, verdict }) => [control.id, verdict]));
}

/** `STATUS reason` of one control. @public used by the tests that `npm run new-control` writes. */
export function outcomeOf(id: string, kind: SubjectKind, evidence: unknown): string {
  const verdict = verdictsOf(kind, evidence).get(id);
  if (verdict === undefined) throw new Error(`no control ${id}`);
  return `${verdict.status} ${verdict.reason}`;
}
