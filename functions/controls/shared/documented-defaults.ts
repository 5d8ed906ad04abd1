import type { DocumentedDefault } from '#domain/control.ts';

/** Picks the defaults that one control declares out of those of its platform. */
export function pickDefaults<const D extends Readonly<Record<string, DocumentedDefault>>>(all: D) {
  return (...fields: readonly (keyof D & string)[]): Readonly<Record<string, DocumentedDefault>> =>
    Object.fromEntries(fields.map((field) => [field, all[field] as DocumentedDefault]));
}
