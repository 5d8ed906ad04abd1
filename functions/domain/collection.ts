import type { EvidenceByKind, SubjectKind } from './evidence/index.ts';
import type { UnknownReason } from './reason.ts';
import type { Resource } from './resource.ts';
import type { PlannedTarget, Target } from './target.ts';

/** A thing to be judged, with the facts about it. */
export interface Subject<K extends SubjectKind = SubjectKind> {
  readonly kind: K;
  readonly resource: Resource;
  readonly evidence: EvidenceByKind[K];
}

/** Something the target should have told and did not. Every gap costs the target its coverage. */
export interface Gap {
  readonly reason: UnknownReason;
  /** What was refused or broken, with the call and the resource. */
  readonly message: string;
  /** The call as its permission is spelled. */
  readonly api: string;
  /** Uid of the resource that stays unjudged or half judged, where the gap concerns one. */
  readonly resource?: string;
}

/**
 * Reads run side by side and fail in any order. The first gap is the one that coverage tells, so the same state has to give the same one: by the
 * collector's order of permissions.
 */
export function gapsInOrder(gaps: readonly Gap[], permissions: readonly string[]): readonly Gap[] {
  const key = ({ api, resource = '', message }: Gap) => `${resource}\n${api}\n${message}`;
  const place = ({ api }: Gap) => permissions.indexOf(api);
  return gaps.toSorted((a, b) => place(a) - place(b) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** Everything one target told in one reading. */
export interface Collection {
  readonly subjects: readonly Subject[];
  /** The subjects are only named, so that their controls can say UNKNOWN: nothing of the target was read. */
  readonly nothingRead?: boolean;
  /** True only when every list of clusters was read to its last page: only then may vanished resources be closed. */
  readonly inventoryComplete: boolean;
  readonly gaps: readonly Gap[];
  /** Requests sent for this target, repeats included. */
  readonly apiCalls: number;
}

export interface CollectContext {
  /** Aborts when the target's deadline has passed. What was read until then is returned, the rest becomes gaps. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** Reads one target. Never throws for what a provider may answer: refusals, time-outs and nonsense become gaps and `unavailable` parts. */
export type Collect = (target: Target, context: CollectContext) => Promise<Collection>;

/** Lists the targets of one provider. A scope that cannot be listed is a target with a `failure`. */
export type Plan = (context: CollectContext) => Promise<Planned>;

export interface Planned {
  readonly targets: readonly PlannedTarget[];
  readonly apiCalls: number;
  /**
   * What became of a target of an earlier run that these do not hold: its failure, where the configuration still asks for it. Left out by providers whose
   * targets all stand in the configuration. `holdsResources`: findings of its resources are stored.
   */
  readonly missing?: (target: Target, holdsResources: boolean) => PlannedTarget | undefined;
}

/** One line of `ringfence doctor`: one permission, tried in one scope. */
export interface DoctorRow {
  readonly provider: string;
  readonly account: string;
  readonly region?: string;
  /** The call as its permission is spelled. */
  readonly permission: string;
  readonly outcome: 'allowed' | 'denied' | 'failed' | 'untried';
  readonly detail: string;
}

/** What one provider's collector package offers. Each `functions/collectors/<provider>/index.ts` makes one from its options. */
export interface ProviderPort {
  readonly plan: Plan;
  readonly collect: Collect;
  /** Tries every permission in every scope. */
  readonly doctor: (context: CollectContext) => Promise<readonly DoctorRow[]>;
}
