import * as v from 'valibot';

export const IbmAccountEvidence = v.strictObject({});
export type IbmAccountEvidence = v.InferOutput<typeof IbmAccountEvidence>;

export const IksEvidence = v.strictObject({});
export type IksEvidence = v.InferOutput<typeof IksEvidence>;
