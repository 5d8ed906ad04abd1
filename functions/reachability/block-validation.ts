import { type AddressRange, parseRange } from '#domain/net/cidr.ts';
import type { ShapeError } from './shape.ts';

/** `prefix`: a block with its prefix length. `address`: a single address will do. */
type Form = 'prefix' | 'address';

/** Neither blanks around it nor a zone: the API takes a block as it stands. */
const FORMS: Readonly<Record<Form, RegExp>> = {
  prefix: /^[0-9a-fA-F.:]+\/\d{1,3}$/,
  address: /^[0-9a-fA-F.:]+(\/\d{1,3})?$/,
};

export function blockOf(value: unknown, form: Form): AddressRange | undefined {
  return typeof value === 'string' && FORMS[form].test(value) ? parseRange(value) : undefined;
}

export function blockErrors(value: unknown, field: string, form: Form): readonly ShapeError[] {
  return blockOf(value, form) === undefined ? [{ field, message: `"${String(value)}" is not a CIDR block` }] : [];
}
