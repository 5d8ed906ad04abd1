import type { Control, ControlFacts, Parameters } from '#domain/control.ts';
import type { KubesprayHost } from '#domain/evidence/kubespray.ts';
import { unknownBecause } from '#domain/verdict.ts';
import { type Definition, defineControl, type Judging } from '../../shared/define-control.ts';

/** An inventory whose hosts were read. */
export interface KubespraySubject<P extends Parameters = Record<never, never>> extends Judging<'kubespray', P> {
  readonly hosts: readonly KubesprayHost[];
  /** The control's own statement. */
  readonly title: string;
}

/** Nothing is said about an inventory whose hosts could not be read. */
export function defineKubesprayControl<const P extends Parameters = Record<never, never>>({
  evaluate,
  ...facts
}: Definition<KubespraySubject<P>, P>): Control<'kubespray', P> {
  const { title } = facts;
  return defineControl('kubespray', facts as ControlFacts<P>, (judging) => {
    const { hosts } = judging.evidence;
    return hosts.state === 'unavailable' ? unknownBecause(hosts) : evaluate({ ...judging, hosts: hosts.value, title });
  });
}
