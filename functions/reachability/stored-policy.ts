import { isObject, type Json } from './shape.ts';

/** A policy as evidence keeps it: `spec` is the JSON text of `{spec}` or `{specs}` that the API server stores. */
export interface StoredPolicy {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty or absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
  readonly spec: string;
}

/** The document that the API server would serve. */
export function storedDocument({ apiVersion, kind, namespace = '', name, spec }: StoredPolicy): Json {
  const metadata = namespace === '' ? { name } : { name, namespace };
  return { apiVersion, kind, metadata, ...contentOf(spec) };
}

function contentOf(text: string): Json {
  try {
    const content: unknown = JSON.parse(text);
    return isObject(content) ? content : { spec: text };
  } catch {
    // Not JSON: a spec that is a text is refused by the strict decoding, and every control that needs the policies says so.
    return { spec: text };
  }
}
