import * as v from 'valibot';

/** Why a verdict could not be reached. Public interface: alerts, queries and exports use these codes. */
export const UNKNOWN_REASONS = [
  'denied',
  'denied-by-policy',
  'credentials',
  'throttled',
  'timeout',
  'unreachable',
  'region-disabled',
  'malformed-answer',
  'not-found',
  'absent-field',
  'conflicting-fields',
  'unrecognised-value',
  'transitional-state',
  'truncated',
  'tls',
  'not-scanned',
  'undecidable',
  'host-only',
  'template-unresolved',
  'vaulted',
  'version-unknown',
] as const;

export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

export const UnknownReasonSchema = v.picklist(UNKNOWN_REASONS);
