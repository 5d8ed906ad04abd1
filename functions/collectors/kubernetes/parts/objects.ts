import * as v from 'valibot';
import { type Field, fieldOf } from '#domain/collected.ts';

const Labels = v.nullish(v.record(v.string(), v.string()));

export const Metadata = v.object({
  name: v.string(),
  namespace: v.nullish(v.string()),
  labels: Labels,
  annotations: Labels,
  ownerReferences: v.nullish(
    v.array(v.object({ kind: v.string(), name: v.string(), controller: v.nullish(v.boolean()) })),
  ),
});

export type Metadata = v.InferOutput<typeof Metadata>;

export const textField = (raw: unknown): Field<string> => fieldOf(v.string(), raw);

/** The annotations whose keys begin with one of the prefixes: others can hold anything. */
export function annotationsOf({ annotations }: Metadata, prefixes: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix))),
  );
}
