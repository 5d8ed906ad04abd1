import type { Control, ControlFacts, Parameters } from '#domain/control.ts';
import { type Definition, defineControl, type Judging } from '../../shared/define-control.ts';

/** An account is judged as it was read: it has no state in which there is nothing to judge. */
export function defineIbmAccountControl<const P extends Parameters = Record<never, never>>({
  evaluate,
  ...facts
}: Definition<Judging<'ibm-account', P>, P>): Control<'ibm-account', P> {
  return defineControl('ibm-account', facts as ControlFacts<P>, evaluate);
}
