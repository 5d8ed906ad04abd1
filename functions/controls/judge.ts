import * as v from 'valibot';
import { CENTRAL_EGRESS, centralEgressOf, type DeclaredEgress } from '#domain/central-egress.ts';
import type { Subject } from '#domain/collection.ts';
import type { Control, JudgeContext } from '#domain/control.ts';
import { EVIDENCE_SCHEMAS } from '#domain/evidence/index.ts';
import { EGRESS_CLOUDS } from '#domain/provider-facts.ts';
import type { Resource } from '#domain/resource.ts';
import type { Settings } from '#domain/settings.ts';
import { unknown, type Verdict } from '#domain/verdict.ts';

/** One control's verdict on one subject. */
export interface Judgement {
  readonly control: Control;
  readonly verdict: Verdict;
}

/**
 * Judges one subject by every enabled control of its kind.
 *
 * Evidence that does not have its documented shape is never shown to a control: with a part missing or of another type, "nothing found"
 * and "nothing looked at" cannot be told apart any more, so every verdict is UNKNOWN `malformed-answer`.
 */
export function judge(subject: Subject, controls: readonly Control[], settings: Settings): readonly Judgement[] {
  const applicable = controls.filter(
    (control) => control.subject === subject.kind && settings.controls[control.id]?.enabled !== false,
  );
  const shape = v.safeParse(EVIDENCE_SCHEMAS[subject.kind], subject.evidence, { abortEarly: true });
  if (!shape.success) {
    const issue = shape.issues[0];
    const verdict = unknown(
      'malformed-answer',
      `the evidence is incomplete at ${v.getDotPath(issue) ?? 'its top level'}: ${issue.message}`,
    );
    return applicable.map((control) => ({ control, verdict }));
  }
  return applicable.map((control) => ({ control, verdict: verdictOf(control, subject, settings) }));
}

/**
 * A control that throws has met evidence that nobody thought of, perhaps made to be so: its own verdict is lost, and neither the other
 * controls nor the other resources of the run.
 */
function verdictOf(control: Control, { evidence, resource }: Subject, settings: Settings): Verdict {
  try {
    return control.evaluate(evidence, contextOf(resource, settings));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return unknown('malformed-answer', `the control cannot judge what was read: ${message}`);
  }
}

function contextOf(resource: Resource, settings: Settings): JudgeContext {
  return {
    ...settings,
    declaredEgress: (networks, asking) => declaredEgress(resource, networks, asking, settings),
  };
}

/** The control's own parameter beats what is declared for all of them. */
function declaredEgress(
  resource: Resource,
  networks: readonly string[],
  control: string,
  { controls, centralEgress }: Settings,
): DeclaredEgress {
  const parameter = CENTRAL_EGRESS.find((value) => value === controls[control]?.['centralEgress']);
  const provider = EGRESS_CLOUDS.find((cloud) => cloud === resource.provider);
  if (parameter !== undefined || provider === undefined)
    return { value: parameter ?? 'none', key: `controls.${control}.centralEgress` };
  return centralEgressOf(provider, centralEgress?.[provider], { resource, networks });
}
