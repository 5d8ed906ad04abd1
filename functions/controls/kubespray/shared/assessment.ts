import type { KubesprayHost, KubesprayVariable } from '#domain/evidence/kubespray.ts';
import type { KubesprayVersion } from '#domain/kubespray/version.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Severity } from '#domain/verdict.ts';
import type { Setting } from './read-variable.ts';

/** What one host's settings, or one static pod's flags, say about the statement. */
export type Assessment = {
  readonly note: string;
  /** The value that was judged, in one spelling for both sides; what is left out has none. */
  readonly measured?: string;
  /** Where the value stands: file and line, or that it is a default. */
  readonly where?: string;
  /** The lines that repair it, where they are not those of the control's main variable. */
  readonly set?: string;
} & (
  | { readonly state: 'good' }
  | { readonly state: 'bad'; readonly reason: string; readonly severity?: Severity }
  | { readonly state: 'undecided'; readonly reason: UnknownReason }
  | { readonly state: 'void' }
);

export const good = (note: string): Assessment => ({ state: 'good', note });
export const bad = (reason: string, note: string, severity?: Severity): Assessment =>
  severity === undefined ? { state: 'bad', reason, note } : { state: 'bad', reason, note, severity };
export const undecided = (reason: UnknownReason, note: string): Assessment => ({ state: 'undecided', reason, note });

export const RANK = { bad: 0, undecided: 1, good: 2, void: 3 } as const;

/** The worst of several assessments; of equal ones the first. */
export function worstOf(first: Assessment, ...others: readonly Assessment[]): Assessment {
  return others.reduce((worst, assessment) => (RANK[assessment.state] < RANK[worst.state] ? assessment : worst), first);
}

export interface HostView {
  readonly host: KubesprayHost;
  readonly version: KubesprayVersion | undefined;
  readonly read: (variable: KubesprayVariable) => Setting;
  /** The same for an override, which a vaulted file is not supposed to hold, declared or not. */
  readonly readOverride: (variable: KubesprayVariable) => Setting;
}

export type HostGroup = 'kube_control_plane' | 'kube_node' | 'etcd' | 'k8s_cluster';
export type Component = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'etcd';

export interface LiveRule {
  readonly components: readonly Component[];
  readonly flag: string;
  /** `value` is undefined when the flag is not on the command line; `other` gives further flags of the same one. */
  readonly judge: (value: string | undefined, other: (flag: string) => string | undefined) => Assessment;
}
