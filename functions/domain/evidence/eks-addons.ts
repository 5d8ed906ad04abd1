import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';

const text = v.string();

/** One add-on as EKS describes it: its version, and by which way its pods get a role. */
export const EksAddon = v.strictObject({
  name: text,
  description: collectedSchema(
    v.strictObject({
      version: fieldSchema(text),
      /** By IAM roles for service accounts. */
      roleArn: fieldSchema(text),
      /** By Pod Identity. */
      podIdentities: v.array(text),
    }),
  ),
});
export type EksAddon = v.InferOutput<typeof EksAddon>;

/** A service account that Pod Identity gives a role. */
export const EksPodIdentity = v.strictObject({ namespace: text, serviceAccount: text });
export type EksPodIdentity = v.InferOutput<typeof EksPodIdentity>;
