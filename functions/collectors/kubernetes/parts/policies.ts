import * as v from 'valibot';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { Metadata } from './objects.ts';

type Policy = Extract<KubernetesEvidence['networkPolicies'], { state: 'collected' }>['value'][number];

const Document = v.object({
  metadata: Metadata,
  spec: v.nullish(v.record(v.string(), v.unknown())),
  specs: v.nullish(v.array(v.unknown())),
});

/** Reads a policy of any kind; lists do not repeat `apiVersion` and `kind` in their items. */
export function readPolicy(apiVersion: string, kind: string): (item: unknown) => Policy[] {
  return (item) => {
    const { metadata, spec, specs } = v.parse(Document, item);
    const content = { ...(spec ? { spec } : {}), ...(specs ? { specs } : {}) };
    return [
      { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name, spec: JSON.stringify(content) },
    ];
  };
}
