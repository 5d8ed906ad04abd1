import type { Control, ControlFacts, Parameters } from '#domain/control.ts';
import { type Definition, defineControl, type Judging } from '../../shared/define-control.ts';

/** What was read inside the cluster, part by part; each control says which parts it cannot do without. */
export type KubernetesSubject<P extends Parameters = Record<never, never>> = Judging<'kubernetes', P>;

/** The API server answers or it does not: a cluster seen from inside has no state of its own in which there is nothing to judge. */
export function defineKubernetesControl<const P extends Parameters = Record<never, never>>({
  evaluate,
  ...facts
}: Definition<KubernetesSubject<P>, P>): Control<'kubernetes', P> {
  return defineControl('kubernetes', facts as ControlFacts<P>, evaluate);
}
