import type { UnknownReason } from './reason.ts';

export const PROVIDERS = ['aws', 'azure', 'ibm', 'kubernetes', 'kubespray'] as const;
export type Provider = (typeof PROVIDERS)[number];

/**
 * The unit of scanning and of coverage.
 *
 * Ids: `aws:<account>:<region>`, `aws:<account>` (an account whose regions could not be listed), `aws:organization`,
 * `azure:<subscription>`, `azure:tenant:<tenant>`, `ibm:<account>`, `ibm:enterprise:<id>`, `kubespray:<inventory>`, `kubernetes:<name>`.
 */
export interface Target {
  readonly id: string;
  readonly provider: Provider;
  /** AWS account id, Azure subscription id, IBM account id, inventory or cluster name. */
  readonly account: string;
  readonly region?: string;
  /** The name people know, where the listing carries one. */
  readonly name?: string;
  /** Non-secret facts that the collector needs again (partition, tenant, ...). Travels through S3 between plan and scan. */
  readonly details?: Readonly<Record<string, string>>;
}

/** A target that planning already knows about more than its name: it cannot be read, or it is left out on purpose. */
export interface PlannedTarget {
  readonly target: Target;
  /** Expected, but not even listable: becomes a coverage FAIL without any further call. */
  readonly failure?: {
    readonly reason: UnknownReason;
    readonly message: string;
    /** The call that was refused, where one is known. */
    readonly api?: string;
  };
  /** Rightly not scanned (suspended account, disabled subscription): coverage NOT_APPLICABLE with this text. */
  readonly skipped?: string;
  /** Only its being listable was in question (an account whose regions could not be listed in an earlier run, and can be again). */
  readonly listedOnly?: boolean;
}
