import * as v from 'valibot';

export const KubesprayEvidence = v.strictObject({});
export type KubesprayEvidence = v.InferOutput<typeof KubesprayEvidence>;
