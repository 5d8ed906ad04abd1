import { Refusal } from '../transport/refusal.ts';

/**
 * The query of the next page; undefined at the end. Only the query is taken from the response: the token goes to the configured host and to no
 * other.
 */
export function nextQuery(next: unknown): string | undefined {
  if (next === undefined || next === null || next === '') return undefined;
  const query = typeof next === 'string' ? URL.parse(next, 'https://unused.invalid')?.search : undefined;
  if (query === undefined || query === '')
    throw new Refusal('malformed-answer', 'the link to the next page has no query');
  return query;
}
