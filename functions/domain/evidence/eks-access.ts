import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';

const text = v.string();

/** An IAM principal that may enter the cluster, with the access policies that were given to it. */
export const EksAccessEntry = v.strictObject({
  principal: text,
  policies: collectedSchema(v.array(v.strictObject({ name: text, scope: fieldSchema(text) }))),
});
export type EksAccessEntry = v.InferOutput<typeof EksAccessEntry>;

/** A fault that EKS itself reports about a cluster or a node group. */
export const EksHealthIssue = v.strictObject({ code: text, message: text, resourceIds: v.array(text) });
export type EksHealthIssue = v.InferOutput<typeof EksHealthIssue>;
