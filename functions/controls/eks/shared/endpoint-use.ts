import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksEndpoint, EksVpc } from '#domain/evidence/eks-network.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Fix } from '#domain/verdict.ts';
import type { NodeSubnets } from './node-subnets.ts';

/** What one endpoint is worth to the nodes. */
export type Usability =
  | { readonly kind: 'usable'; readonly line: string }
  | { readonly kind: 'defect'; readonly reason: string; readonly line: string; readonly fix: Fix }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly line: string }
  /** Listed, but no endpoint any more, or not one of this kind: as if it were not there. */
  | { readonly kind: 'absent' };

export const usable = (line: string): Usability => ({ kind: 'usable', line });
export const defect = (reason: string, line: string, fix: Fix): Usability => ({ kind: 'defect', reason, line, fix });
export const unknownUse = (reason: UnknownReason, line: string): Usability => ({ kind: 'unknown', reason, line });

/** Who calls: the nodes, on whatever interfaces answer. */
export interface CallContext {
  readonly evidence: EksEvidence;
  readonly nodes: NodeSubnets;
}

export interface EndpointContext extends CallContext {
  readonly vpc: EksVpc;
  readonly service: string;
}

/** Interfaces that answer on port 443: those of an endpoint, or of the control plane. */
export type Interfaces = Pick<EksEndpoint, 'id' | 'groupIds' | 'subnetIds' | 'addressType'>;
