import * as v from 'valibot';
import { type UnknownReason, UnknownReasonSchema } from './reason.ts';

/**
 * Missing knowledge has a type.
 *
 * `Collected<T>` is the answer to one question put to a provider: the value with its source, or the reason why there is none.
 * `Field<T>` is one field inside an answer that did arrive: sent, not sent, or sent with a type that the provider never documented.
 *
 * Neither `null` nor an absent key ever means something in evidence. A key that is missing there is a broken record, and the schema
 * of the evidence refuses it, so that losing a part of the evidence can never turn into a PASS.
 */

/** Where a value was read. `api` is the call as its permission is spelled (`eks:DescribeCluster`), `at` an ISO 8601 time in UTC. */
export interface Source {
  readonly api: string;
  readonly at: string;
}

export interface Unavailable {
  readonly state: 'unavailable';
  readonly reason: UnknownReason;
  /** For people: what was refused or broken, without secrets. */
  readonly message: string;
  /** The call that would have answered, where one is known. */
  readonly api: string;
}

export type Collected<T> = { readonly state: 'collected'; readonly value: T; readonly source: Source } | Unavailable;

export type Field<T> =
  | { readonly state: 'given'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'malformed'; readonly raw: string };

export function collected<T>(value: T, source: Source): Collected<T> {
  return { state: 'collected', value, source };
}

export function unavailable(reason: UnknownReason, message: string, api: string): Unavailable {
  return { state: 'unavailable', reason, message, api };
}

export function given<T>(value: T): Field<T> {
  return { state: 'given', value };
}

export const ABSENT = { state: 'absent' } as const;

/**
 * Reads one field of a provider's answer. `undefined` and `null` are "absent" (JSON providers send both for "not set");
 * a value of another type is "malformed" and keeps a short rendering of what arrived.
 */
export function fieldOf<const S extends v.GenericSchema>(schema: S, raw: unknown): Field<v.InferOutput<S>> {
  if (raw === undefined || raw === null) return ABSENT;
  const parsed = v.safeParse(schema, raw);
  if (parsed.success) return given(parsed.output);
  return { state: 'malformed', raw: (JSON.stringify(raw) ?? String(raw)).slice(0, 200) };
}

const SourceSchema = v.strictObject({ api: v.string(), at: v.string() });

const UnavailableSchema = v.strictObject({
  state: v.literal('unavailable'),
  reason: UnknownReasonSchema,
  message: v.string(),
  api: v.string(),
});

/** The schema of `Collected<T>`, for evidence types. */
export function collectedSchema<const S extends v.GenericSchema>(value: S) {
  return v.variant('state', [
    v.strictObject({ state: v.literal('collected'), value, source: SourceSchema }),
    UnavailableSchema,
  ]);
}

/** The schema of `Field<T>`, for evidence types. */
export function fieldSchema<const S extends v.GenericSchema>(value: S) {
  return v.variant('state', [
    v.strictObject({ state: v.literal('given'), value }),
    v.strictObject({ state: v.literal('absent') }),
    v.strictObject({ state: v.literal('malformed'), raw: v.string() }),
  ]);
}
