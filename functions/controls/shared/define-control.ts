import type { DeclaredEgress } from '#domain/central-egress.ts';
import type { Control, ControlFacts, Parameters, ParameterValues } from '#domain/control.ts';
import type { EvidenceByKind, SubjectKind } from '#domain/evidence/index.ts';
import type { Profile, Settings } from '#domain/settings.ts';
import type { Verdict } from '#domain/verdict.ts';

/** What every control sees beside the evidence, on every platform. */
export interface Judging<K extends SubjectKind, P extends Parameters> {
  readonly evidence: EvidenceByKind[K];
  readonly profile: Profile;
  /** The values from ringfence.yaml, or the declared defaults. */
  readonly parameters: ParameterValues<P>;
  /** Another control's values, where this one takes over its statement: the two must not differ because only one of them is configured. */
  readonly parametersOf: <Q extends Parameters>(control: ControlFacts<Q>) => ParameterValues<Q>;
  /** Another control's verdict on the same evidence. */
  readonly verdictOf: (control: Control<K>) => Verdict;
  /** Where a way out leads that the role cannot see, by the networks that it leads through; `JudgeContext` says more. */
  readonly declaredEgress: (networks: readonly string[]) => DeclaredEgress;
}

export type Definition<Subject, P extends Parameters> = ControlFacts<P> & {
  readonly evaluate: (subject: Subject) => Verdict;
};

/**
 * What the doors of all platforms share. Controls do not come here: they go through the door of their platform, which adds what it read and says
 * once when there is nothing to judge.
 */
export function defineControl<const K extends SubjectKind, P extends Parameters>(
  subject: K,
  facts: ControlFacts<P>,
  judge: (judging: Judging<K, P>) => Verdict,
): Control<K, P> {
  return {
    ...facts,
    subject,
    evaluate: (evidence, context) =>
      judge({
        evidence,
        profile: context.profile,
        parameters: valuesOf(facts, context),
        parametersOf: (control) => valuesOf(control, context),
        verdictOf: (control) => control.evaluate(evidence, context),
        declaredEgress: (networks) => context.declaredEgress(networks, facts.id),
      }),
  };
}

/** The configuration was checked against the declaration, so its values have the declared kinds. */
function valuesOf<P extends Parameters>({ id, parameters }: ControlFacts<P>, { controls }: Settings) {
  const own = controls[id] ?? {};
  return Object.fromEntries(
    Object.entries(parameters ?? {}).map(([name, parameter]) => [name, own[name] ?? parameter.default]),
  ) as ParameterValues<P>;
}
