import * as v from 'valibot';
import { type Field, fieldOf, given } from '#domain/collected.ts';
import { isRecord } from './trouble.ts';

/** Small readers from raw ARM JSON to `Field`s. */

type Json = Readonly<Record<string, unknown>>;

export const text = (raw: unknown): Field<string> => fieldOf(v.string(), raw);
export const flag = (raw: unknown): Field<boolean> => fieldOf(v.boolean(), raw);
export const texts = (raw: unknown): Field<string[]> => fieldOf(v.array(v.string()), raw);

/** An ARM id in lower case. An empty text, which ARM sends for "none", is absent. */
export function id(raw: unknown): Field<string> {
  const field = text(raw);
  if (field.state !== 'given') return field;
  return field.value === '' ? { state: 'absent' } : given(field.value.toLowerCase());
}

/** `{id}` of a sub-resource reference. */
export function reference(raw: unknown): Field<string> {
  const object = record(raw);
  if (object.state !== 'given') return object;
  const named = id(object.value['id']);
  return named.state === 'absent' ? { state: 'malformed', raw: JSON.stringify(raw).slice(0, 200) } : named;
}

export function record(raw: unknown): Field<Json> {
  if (raw === undefined || raw === null) return { state: 'absent' };
  return isRecord(raw) ? given(raw) : { state: 'malformed', raw: JSON.stringify(raw).slice(0, 200) };
}

/** A field that is an object: read by `read` when it is one. */
export function object<T>(raw: unknown, read: (value: Json) => T): Field<T> {
  const field = record(raw);
  return field.state === 'given' ? given(read(field.value)) : field;
}

/** A field that is a list of objects. One entry that is no object makes the list malformed: it may be the one that matters. */
export function objects<T>(raw: unknown, read: (value: Json) => T): Field<T[]> {
  if (raw === undefined || raw === null) return { state: 'absent' };
  if (!Array.isArray(raw) || !raw.every(isRecord))
    return { state: 'malformed', raw: JSON.stringify(raw).slice(0, 200) };
  return given(raw.map(read));
}

/** The value where one was sent with its documented type. */
export function value<T>(field: Field<T>): T | undefined {
  return field.state === 'given' ? field.value : undefined;
}

/**
 * The raw value at a path of objects. Where a step is neither an object nor absent, a value comes back that every reader above
 * calls malformed, so that nonsense half way is never taken for "not set".
 */
export function dig(raw: unknown, ...path: readonly string[]): unknown {
  let current = raw;
  for (const step of path) {
    if (current === undefined || current === null) return undefined;
    if (!isRecord(current)) return [String(current)];
    current = current[step];
  }
  return current;
}
