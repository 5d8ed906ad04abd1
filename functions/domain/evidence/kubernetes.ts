import * as v from 'valibot';

export const KubernetesEvidence = v.strictObject({});
export type KubernetesEvidence = v.InferOutput<typeof KubernetesEvidence>;
