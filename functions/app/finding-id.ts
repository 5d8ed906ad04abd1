import { createHash } from 'node:crypto';

/** URL-safe digest (22 characters, 128 bits) of resource uid and control: the same in CLI, store, API and alerts. */
export function findingId(resourceUid: string, control: string): string {
  return createHash('sha256').update(`${resourceUid}\n${control}`).digest().subarray(0, 16).toString('base64url');
}
