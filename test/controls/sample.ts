import type { SubjectKind } from '#domain/evidence/index.ts';

/** Complete evidence of one kind of subject, for tests that hold for every control. */
export interface Sample {
  readonly kind: SubjectKind;
  readonly name: string;
  readonly evidence: unknown;
}
