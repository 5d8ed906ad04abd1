import * as v from 'valibot';
import { fieldSchema } from '../collected.ts';

const text = v.string();

/** One EC2 instance that carries the cluster's tag, whoever started it: a managed group, Karpenter, Auto Mode or a group of one's own. */
export const EksInstance = v.strictObject({
  id: text,
  /** `pending`, `running`, `stopping` or `stopped`. */
  status: fieldSchema(text),
  /** The managed group that it belongs to. */
  nodeGroup: fieldSchema(text),
  /** The node pool of Karpenter or Auto Mode that started it. */
  nodePool: fieldSchema(text),
  subnetId: text,
  groupIds: v.array(text),
  /** On whichever of its interfaces and addresses. */
  publicAddress: v.boolean(),
  /** All interfaces, the first one among them. The VPC CNI gives pods addresses of the others. */
  interfaces: v.array(v.strictObject({ subnetId: text, index: fieldSchema(v.number()), groupIds: v.array(text) })),
});
export type EksInstance = v.InferOutput<typeof EksInstance>;
