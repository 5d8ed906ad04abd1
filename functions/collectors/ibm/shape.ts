import { Refusal } from '../transport/refusal.ts';

/** A JSON object, and nothing that only looks like one. */
export function asRecord(raw: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : undefined;
}

/** By id, because a service may list the same things in another order each time, and the same state has to read the same. */
export function byId<T extends { readonly id: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** A list of objects, whatever their order. One entry that is something else could be the one that matters. */
export function recordsOf(body: unknown, what: string): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(body)) throw new Refusal('malformed-answer', `expected a list of ${what}`);
  return body.map((entry: unknown) => {
    const record = asRecord(entry);
    if (record === undefined) throw new Refusal('malformed-answer', `a broken entry in the list of ${what}`);
    return record;
  });
}
