import { createHash } from 'node:crypto';
import type { Subject } from '#domain/collection.ts';

/**
 * Digest (22 characters, 128 bits) of everything that was read about a subject, but for the times of reading.
 *
 * It covers more than one control looks at: readings are shared between controls, so that nobody can say which control looked at what. A digest
 * that differs therefore does not prove that a control's own facts changed; one that is equal proves that they did not.
 */
export function factsDigest({ evidence }: Subject): string {
  const text = JSON.stringify(evidence, (key, value: unknown) => (key === 'source' ? undefined : value));
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}
