import type { Resource } from './resource.ts';
import type { Fix, Proof, Severity, Status } from './verdict.ts';

/** The control that gives a cluster its one verdict; the others are its parts. */
export const COMPOSITE = 'closed-network';

/** The control that every target has beside its resources: whether it was read. */
export const COVERAGE = 'coverage';

/** An accepted FAIL. Shown apart from PASS; alerts again when it expires. */
export interface Exception {
  readonly control: string;
  /** Resource uid or name; `*` as its last character matches a prefix. */
  readonly resource: string;
  readonly owner: string;
  readonly reason: string;
  /** ISO date (UTC); the exception holds until the end of that day. */
  readonly expires: string;
}

/** A verdict on (resource, control) in one run: the public shape of outputs and API answers. */
export interface Finding {
  /** URL-safe digest of resource uid and control; the same in CLI, store, API and alerts. */
  readonly id: string;
  readonly control: string;
  readonly title: string;
  readonly status: Status;
  readonly severity: Severity;
  readonly reason: string;
  readonly message: string;
  readonly resource: Resource;
  /** Id of the target whose scan made the finding. */
  readonly target: string;
  readonly proof: readonly Proof[];
  readonly remediation?: string;
  readonly fix?: Fix;
  readonly exception?: Exception;
  /** ISO 8601, UTC. */
  readonly evaluatedAt: string;
}
