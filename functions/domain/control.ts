import type { DeclaredEgress } from './central-egress.ts';
import type { EvidenceByKind, SubjectKind } from './evidence/index.ts';
import type { Settings } from './settings.ts';
import type { Severity, Verdict } from './verdict.ts';

/** The ways in which a cluster can be open. A control that decides about one of them says so, and the composite counts it there. */
export const DIMENSIONS = [
  'API exposure',
  'private API path',
  'node egress',
  'inbound exposure',
  'in-cluster isolation',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

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

export type Parameters = Readonly<Record<string, Parameter>>;

type Widened<T> = T extends boolean
  ? boolean
  : T extends number
    ? number
    : T extends string
      ? string
      : T extends readonly unknown[]
        ? readonly string[]
        : unknown;

/** The values of declared parameters: the kind of the default, or one of the texts that it may be. */
export type ParameterValues<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends { readonly oneOf: readonly (infer Text extends string)[] }
    ? Text
    : Widened<P[Name]['default']>;
};

/** What the provider's documentation says about a field that an answer leaves out. */
export interface DocumentedDefault {
  readonly value: string;
  readonly source: string;
}

/** What a control says of itself: everything but how it judges. */
export interface ControlFacts<P extends Parameters = Parameters> {
  /** Public interface: alerts, exceptions, queries and exports use it. Never renamed. */
  readonly id: string;
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
  readonly parameters?: P;
  /**
   * Fields of the evidence that the provider leaves out where a documented default holds, and which then may decide. Any other field that is
   * not there makes the control UNKNOWN. Written as a path without positions: `cluster.apiServer.enablePrivateCluster`.
   */
  readonly defaults?: Readonly<Record<string, DocumentedDefault>>;
  /** Where the control decides whether a cluster is closed. */
  readonly dimension?: Dimension | readonly Dimension[];
}

/** What a control may see beside the evidence: the settings, and what is declared for the cluster in question. */
export interface JudgeContext extends Settings {
  /**
   * Where a way out leads that the role cannot see, as it is declared for the cluster in question and the networks that the way leads through
   * (VPC ids, ids of virtual networks or of their subnets; none, where it leads through none). The key is the one that decided; where nothing is
   * declared it is the one that would, for the message to name. The control's own parameter `centralEgress` beats all declarations.
   */
  readonly declaredEgress: (networks: readonly string[], control: string) => DeclaredEgress;
}

/** A statement that must hold for every subject of its kind. */
export interface Control<K extends SubjectKind = SubjectKind, P extends Parameters = Parameters>
  extends ControlFacts<P> {
  readonly subject: K;
  /** Sees the evidence and the context: no clock, no network, no environment. A method on purpose: method parameters are compared bivariantly, so that controls of every kind fit into one catalogue. `judge` pairs kind and evidence. */
  evaluate(evidence: EvidenceByKind[K], context: JudgeContext): Verdict;
}
