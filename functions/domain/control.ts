import type { EvidenceByKind, SubjectKind } from './evidence/index.ts';
import type { Profile } from './settings.ts';
import type { Severity, Verdict } from './verdict.ts';

/** What a control may see beside the evidence. No clock, no network, no environment. */
export interface JudgeContext {
  readonly profile: Profile;
  /**
   * The parameter's configured value. The configuration was validated, so its type is the control's own. `of` names another control, where
   * this one takes over its verdict: the two must not differ because only one of them is configured.
   */
  readonly parameter: <T>(name: string, fallback: T, of?: string) => T;
}

/** A parameter of a control, set under `controls:` in ringfence.yaml. The kind of its default is the kind that every value must have. */
export interface Parameter {
  readonly describe: string;
  readonly default: unknown;
  /** The only texts that it may be. Without this, a misspelled one would count as whichever the control does not ask for. */
  readonly oneOf?: readonly string[];
  /** What the texts of its list are, where they are not free. */
  readonly each?: 'range' | 'address';
  /** Bounds of a whole number. */
  readonly from?: number;
  readonly to?: number;
}

/** What a value of it may be, in words; nothing where everything of its kind may. `quoted` marks the texts up. */
export function limitsOf({ oneOf, from, to }: Parameter, quoted = (text: string) => text): string {
  if (oneOf !== undefined) return oneOf.map(quoted).join(', ');
  if (from === undefined) return '';
  return to === undefined ? `at least ${from}` : `${from} to ${to}`;
}

/** A statement that must hold for every subject of its kind. */
export interface Control<K extends SubjectKind = SubjectKind> {
  /** Public interface: alerts, exceptions, queries and exports use it. Never renamed. */
  readonly id: string;
  readonly subject: K;
  /** A sentence that is true when the control passes. */
  readonly title: string;
  /** Of the FAIL; a verdict may override it. */
  readonly severity: Severity;
  /** The seed article or reference that the statement comes from. */
  readonly basis: string;
  /** The section of the reference that decides every case. */
  readonly reference: string;
  /** General remedy; a verdict may carry its own. */
  readonly remediation: string;
  /** Permissions without which this control is UNKNOWN, as the collectors spell them. */
  readonly needs: readonly string[];
  /** Names and meanings of the parameters under `controls:` in ringfence.yaml. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** A method on purpose: method parameters are compared bivariantly, so that controls of every kind fit into one catalogue. `judge` pairs kind and evidence. */
  evaluate(evidence: EvidenceByKind[K], context: JudgeContext): Verdict;
}
