import { parseRange } from '../net/cidr.ts';
import type { ShapeError } from './shape.ts';

/** `prefix`: a block with its prefix length. `address`: a single address will do. */
export function blockErrors(value: unknown, field: string, form: 'prefix' | 'address'): readonly ShapeError[] {
  const readable =
    typeof value === 'string' && parseRange(value) !== undefined && (form === 'address' || value.includes('/'));
  return readable ? [] : [{ field, message: `"${String(value)}" is not a CIDR block` }];
}
