import * as v from 'valibot';

export const EksEvidence = v.strictObject({});
export type EksEvidence = v.InferOutput<typeof EksEvidence>;
