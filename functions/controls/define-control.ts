import type { Control } from '#domain/control.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';

/** Gives a control its types. The registry in `index.ts` and its tests do the rest. */
export function defineControl<const K extends SubjectKind>(control: Control<K>): Control<K> {
  return control;
}
