import { type Assessment, bad, good, undecided } from './assessment.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** An address that only processes of the same host reach. */
export function mustBeLoopback(value: unknown, where: string): Assessment {
  if (typeof value !== 'string' || value === '') return undecided('unrecognised-value', `${where} is not an address`);
  return LOOPBACK.includes(value) ? good(where) : bad('not-loopback', where);
}
