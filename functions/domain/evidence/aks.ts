import * as v from 'valibot';

export const AksEvidence = v.strictObject({});
export type AksEvidence = v.InferOutput<typeof AksEvidence>;
